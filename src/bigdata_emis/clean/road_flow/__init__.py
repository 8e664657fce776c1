"""The flow of road links where nobody counts: at free speed, and as phones moving near them say."""
