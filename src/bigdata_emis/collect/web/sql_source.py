"""Rows of a database as an answer: the query of a feed with the window as its parameters.

Belongs here: asking a database. Does not: what its columns mean (values), or how answers land (collect_feeds).

The window is asked for anew each time, with the hours before it in which rows may come late, and no cursor moves: what
was received lands before anything depends on it, and a collection that was killed asks again.
"""

import io
import os
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.errors import FeedError, shorten
from bigdata_emis.window import Window

ROWS_A_FETCH = 10_000
PARQUET = "parquet"


def fetch_rows(feed: Feed, window: Window, limits: Limits) -> tuple[str, bytes]:
    """The name and the Parquet bytes of the rows of a window; the same rows give the same bytes.

    `query_sql` has the parameters :from and :to, as times of `query_zone` without offset.

    Raises:
        FeedError: the database cannot be reached or refuses the query, or the rows are too many.
    """
    where = f"feed {feed.feed_id}, database {feed.database_secret}"
    zone = ZoneInfo(feed.query_zone or "UTC")
    first, end = (at.astimezone(zone).replace(tzinfo=None) for at in (window.from_utc, window.to_utc))
    bounds = {"from": first, "to": end}
    records: list[dict[str, Any]] = []
    engine = _engine(feed, where)
    try:
        with engine.connect() as connection:
            result = connection.execution_options(stream_results=True).execute(sa.text(feed.query_sql), bounds)
            names = list(result.keys())
            for part in result.mappings().partitions(ROWS_A_FETCH):
                records += [{name: _plain(row[name]) for name in names} for row in part]
                limits.check_rows(len(records), where)
    except sa.exc.SQLAlchemyError as problem:
        # The text of the driver may hold the address; the first line of its cause does not.
        cause = shorten(str(getattr(problem, "orig", None) or type(problem).__name__).splitlines()[0])
        raise FeedError(f"{where}: {cause}", "correct query_sql in feeds.toml, or ask whoever runs it") from None
    finally:
        engine.dispose()
    return f"sql-{window.from_utc:%Y%m%dT%H}-{window.to_utc:%Y%m%dT%H}", _encode(records, names)


def _engine(feed: Feed, where: str) -> sa.Engine:
    address = os.environ.get(feed.database_secret, "")
    if not address:
        what = f"feed {feed.feed_id}: the environment variable {feed.database_secret} is not set"
        raise FeedError(what, "put the SQLAlchemy address there, such as postgresql+psycopg://name:password@host/base")
    try:
        return sa.create_engine(address, poolclass=sa.NullPool)
    except (sa.exc.SQLAlchemyError, ImportError, ValueError):
        what = f"{where}: its address names no database that can be opened here"
        raise FeedError(what, "write an address of SQLAlchemy, and install the driver that it names") from None


def _plain(value: Any) -> Any:
    """A value as Parquet holds it: numbers as floats, instants in UTC, days and clock times as texts."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat(sep=" ")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _encode(records: list[dict[str, Any]], names: list[str]) -> bytes:
    columns = {}
    for name in names:
        values = [record[name] for record in records]
        try:
            columns[name] = pa.array(values)
        except (pa.ArrowException, OverflowError):
            columns[name] = pa.array([None if value is None else str(value) for value in values], pa.string())
        if pa.types.is_null(columns[name].type):
            columns[name] = columns[name].cast(pa.string())
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, compression="zstd")
    return target.getvalue()
