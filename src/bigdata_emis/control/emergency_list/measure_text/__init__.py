"""Text measures of an emergency list as structured ones: patterns, formulas of the shares, context of a plant."""
