"""How the weather of a day moves the emission of area sources."""
