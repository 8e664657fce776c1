"""Sequences of stages: the flow of a day, and the restatement of a month in a draft of the lake."""
