"""Counts of phones that are too small to be stored, emptied before an answer lands in the raw archive.

Belongs here: which counts of an answer are suppressed, and the rows that are stored in place of its bytes. Does not:
hours that are suppressed because of others (clean/readings/anonymity).

The threshold counts devices, so it applies before the factor with which a feed scales them. Both counts of a row are
emptied together: of phones present and moving, each says much about the other.
"""

import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.http_client import Answer
from bigdata_emis.collect.shapes.units import conversion

TABLE = "signalling_reading"
DEVICE_COUNTS = ("present_device_count", "moving_device_count")
PRIVATE_MARK = "is_private"
ROWS_SUFFIX = "rows.parquet"
"""Suffix of an answer of which only rows without small counts are stored."""


def suppress_small_counts(rows: pa.Table, feed: Feed, *, least_count: int) -> pa.Table:
    """Rows with both counts emptied where one is of fewer than `least_count` devices, and a mark on these rows.

    A negative count is a fault and no count; it stays, to be quarantined.
    """
    is_small = np.zeros(rows.num_rows, dtype=bool)
    for name in DEVICE_COUNTS:
        least = least_count * scale_of(name, feed)
        below = pc.and_(pc.less(rows[name], least), pc.greater_equal(rows[name], 0))
        is_small |= np.asarray(pc.fill_null(below, False), dtype=bool)
    mark = pa.array(is_small)
    for name in DEVICE_COUNTS:
        column = rows[name]
        emptied = pc.if_else(mark, pa.scalar(None, column.type), column)
        rows = rows.set_column(rows.column_names.index(name), name, emptied)
    return rows.append_column(PRIVATE_MARK, mark)


def scale_of(name: str, feed: Feed) -> float:
    """How many of our units one device of the feed is."""
    unit = feed.units.get(name)
    return float(feed.factors.get(name, 1)) * (conversion(unit, name).factor if unit else 1.0)


def rows_as_answer(name: str, rows: pa.Table) -> Answer:
    """The answer that is stored in place of the provider's bytes: its rows as they were read."""
    target = io.BytesIO()
    pq.write_table(rows, target, compression="zstd")
    return Answer(name, target.getvalue(), ROWS_SUFFIX)


def read_rows(payload: bytes) -> pa.Table:
    """The rows that were stored by `rows_as_answer`."""
    return pq.read_table(io.BytesIO(payload))
