"""From measures to cuts: which share of which source, hour and road link, and the ledger of a scenario."""
