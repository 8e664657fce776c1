"""Standing alerts: acts of people, signed and recorded."""
