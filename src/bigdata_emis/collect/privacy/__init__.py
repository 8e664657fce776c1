"""What must not be stored of the answers of a feed: counts of devices by which a person could be recognised."""
