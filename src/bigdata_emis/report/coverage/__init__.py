"""What an inventory covers of a day or of a window, in words."""
