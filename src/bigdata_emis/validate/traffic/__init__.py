"""Speed of links without a reading and hourly volume of weeks without counts, judged on measured traffic."""
