"""Times that mark the end of an interval, moved to its start, which is what an instant of ours means.

Belongs here: start and end of intervals. Does not: how times are written (instants).
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.shapes.instants import ReadTimes
from bigdata_emis.collect.shapes.time_spelling import UnreadTimesError
from bigdata_emis.schema.arrow import TYPES

HOUR_MIN = 60
US_PER_MIN = 60_000_000
START, END = "start", "end"


def start_of_intervals(read: ReadTimes, interval_min: Any, feed: Feed) -> tuple[Any, str]:
    """The starts of the intervals of readings, and what their times mark: start or end.

    Where the feed does not say it, times mark starts; a column in which midnight is 24:00 and never 00:00 marks ends.

    Raises:
        UnreadTimesError: midnight is written both ways, or 24:00 only here and there, and the feed does not say what is
            meant, or the length of an interval is not known.
    """
    mark: str = feed.time_mark
    if not mark and read.has_midnight_24 and read.has_midnight_0:
        what = "midnight is written as 24:00 and as 00:00, so it is not clear whether times mark starts or ends"
        raise UnreadTimesError(what, 'write time_mark = "start" or "end"')
    if not mark and read.has_midnight_24 and not read.is_24_usual:
        what = "24:00 is written in few rows, which does not show whether times mark starts or ends"
        raise UnreadTimesError(what, 'write time_mark = "start" or "end"')
    if not mark:
        mark = END if read.has_midnight_24 else START
    if mark == START:
        return read.instants, START
    lengths = _lengths_min(len(read.instants), interval_min, feed)
    shifted = read.instants.cast(pa.int64()).to_numpy(zero_copy_only=False) - lengths * US_PER_MIN
    starts = pa.array(np.nan_to_num(shifted).astype(np.int64), mask=np.isnan(shifted)).cast(TYPES["instant"])
    return starts, END


def _lengths_min(count: int, interval_min: Any, feed: Feed) -> Any:
    if interval_min is not None and interval_min.null_count < count:
        return np.asarray(pc.fill_null(interval_min, np.nan), dtype=np.float64)
    if schema.table(feed.table_name).time == "hour_utc":
        return np.full(count, float(HOUR_MIN))
    if isinstance(feed.cadence_min, int | float):
        return np.full(count, float(feed.cadence_min))
    what = "times mark ends of intervals (24:00 is written), and the length of an interval is not known"
    raise UnreadTimesError(what, "write it, such as cadence_min = 5")
