"""The review of an alert that is over."""
