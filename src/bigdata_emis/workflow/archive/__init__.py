"""What a person decides about the raw archive."""
