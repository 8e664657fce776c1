"""The measured region nys of the demonstration: how its folder was built, and how its day is run and scored."""
