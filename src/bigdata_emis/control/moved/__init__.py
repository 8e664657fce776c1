"""Emission that the orders of a scenario move: production made up later, traffic that drives on other links."""
