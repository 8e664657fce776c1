"""Names for readers in place of codes: counties, plants and lines, feeds, measures, pollutants, rules."""
