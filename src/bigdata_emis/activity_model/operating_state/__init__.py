"""operating_state."""
