"""Emission factors of US power units, for plants left out of the fit and for later periods."""
