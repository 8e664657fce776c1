"""What persons decided about items of earlier versions of an emergency list, and where it applies again."""
