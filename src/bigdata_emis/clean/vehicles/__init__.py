"""Cleaning of vehicles that are counted by others than road detectors: truck positions and gates of plants."""
