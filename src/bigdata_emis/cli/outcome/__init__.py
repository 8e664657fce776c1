"""Commands about the outcome of an alert: achieved cut, compliance cases."""
