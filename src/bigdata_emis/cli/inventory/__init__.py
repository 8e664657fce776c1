"""Commands about the inventory as a whole."""
