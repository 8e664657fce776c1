"""Hourly emission by source from activity, factors and monitors, benchmarked to audits and allocated to the grid."""
