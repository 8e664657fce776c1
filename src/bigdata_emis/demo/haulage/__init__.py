"""Simulated trucks: their positions on roads, and their records at the gates of plants."""
