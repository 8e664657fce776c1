"""Whether an answer means what it seems to: units in headings, merged cells, zones in columns, identifiers."""
