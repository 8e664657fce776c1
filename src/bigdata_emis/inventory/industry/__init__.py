"""Emission factors of production lines, and the hours in which their abatement is off."""
