"""The legal series of stack monitors: gaps, capture, and what is substituted."""
