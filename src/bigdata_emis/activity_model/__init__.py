"""Power as a proxy of activity: the hours of one line, the forms of its model, their choice and their intervals.

Belongs here: what training, estimating and validating share about one production line. Does not: stages, registry, files.
"""
