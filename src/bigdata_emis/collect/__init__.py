"""What moves with emissions, as received: fetch (world) and parse (pure)."""
