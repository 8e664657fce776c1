"""The answers of one pass: parsed, compared with what the feed declares, and excluded when they cannot be read."""
