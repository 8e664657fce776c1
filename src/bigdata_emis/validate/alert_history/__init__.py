"""Alerts of observed years, beside those that were issued."""
