"""The instants of rows: their Arrow type, and the rows of a half-open interval.

Belongs here: how an Arrow table is asked about time. Does not: local days (window), times in the text of providers
(collect/shapes/instants).
"""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.schema.arrow import TYPES

INSTANT = TYPES["instant"]


def select_between(rows: pa.Table, time: str, from_utc: datetime, to_utc: datetime) -> pa.Table:
    """The rows whose time, in the column of that name, is in [from_utc, to_utc)."""
    start, end = (pa.scalar(instant, INSTANT) for instant in (from_utc, to_utc))
    return rows.filter(pc.and_(pc.greater_equal(rows[time], start), pc.less(rows[time], end)))
