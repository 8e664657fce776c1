"""The energy that the line of each meter uses, as registered: by which amounts differ from readings of counters.

Belongs here: looking it up. Does not: judging readings by it (register_increments), or registering (register).
"""

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.storage import database


def usual_energies(feed: Feed, region_id: str) -> dict[str, float]:
    """By meter the energy that its line uses in an hour; empty for other feeds, and where nothing is registered."""
    if feed.table_name != "power_reading" or not database.can_be_read():
        return {}
    lines = database.read("production_line", region_id)
    usual = dict(zip(lines["production_line_id"].to_pylist(), lines["reference_energy_kwh"].to_pylist(), strict=True))
    meters = database.read("meter", region_id)
    pairs = zip(meters["meter_id"].to_pylist(), meters["production_line_id"].to_pylist(), strict=True)
    return {meter: usual[line] for meter, line in pairs if usual.get(line)}
