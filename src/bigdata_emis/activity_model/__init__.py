"""Models that turn the electricity of a production line into its activity.

Belongs here: what training, estimation and validation share about one line. Does not: stages, the registry, files.
"""
