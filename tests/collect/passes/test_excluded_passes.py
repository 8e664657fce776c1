"""Which passes of a feed and landing day a person has excluded."""

import datetime as dt

from bigdata_emis.collect.passes.excluded_passes import read_excluded, write_excluded
from tests.collect.feed_builders import DAY, lake

RECORD = {"actor": "李", "role": "data officer", "reason": "damaged"}


def test_what_is_recorded_is_read_for_its_feed_and_day_alone(home):
    store = lake(home)
    assert read_excluded(store, "power", DAY) == {}
    write_excluded(store, "power", DAY, {2: RECORD, 10: RECORD})
    assert read_excluded(store, "power", DAY) == {2: RECORD, 10: RECORD}
    assert read_excluded(store, "power", DAY + dt.timedelta(days=1)) == {}
    assert read_excluded(store, "cems", DAY) == {}
    write_excluded(store, "power", DAY, {})
    assert read_excluded(store, "power", DAY) == {}
