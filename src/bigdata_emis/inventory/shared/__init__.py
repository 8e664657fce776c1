"""What several stages of the inventory use: size fractions, measured pollutants under audits, error correlation."""
