"""From a forecast to an alert level: index series, conditions, episode and reason."""
