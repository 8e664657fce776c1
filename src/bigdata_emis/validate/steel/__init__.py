"""steel."""
