"""How indicators move with emission and air quality, and the models that turn a proxy into an activity."""
