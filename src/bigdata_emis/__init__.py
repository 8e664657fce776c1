"""A near-real-time emission inventory for a city or a region, and the decision support that stands on it."""

__version__ = "0.1.0"
