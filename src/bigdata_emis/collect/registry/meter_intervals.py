"""The interval of the readings of each meter, as registered: what the times of a feed are compared with.

Belongs here: looking it up. Does not: judging times by it (passes.time_steps), or registering (register).
"""

from collections.abc import Mapping

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.storage import database


def registered_intervals(feed: Feed, region_id: str) -> Mapping[str, float]:
    """By meter its interval in minutes; empty for other feeds, and where nothing is registered."""
    if feed.table_name != "power_reading" or not database.can_be_read():
        return {}
    meters = database.read("meter", region_id)
    return dict(zip(meters["meter_id"].to_pylist(), meters["interval_min"].to_pylist(), strict=True))
