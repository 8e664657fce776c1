"""Simulated data providers: their feeds, the transmission faults, and a server that replays them."""
