"""What a retention policy allows to delete, and its deletion."""
