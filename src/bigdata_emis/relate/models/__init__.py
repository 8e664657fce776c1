"""The life cycle of activity models: training, model card, challenger test, drift verdict."""
