"""gridding."""
