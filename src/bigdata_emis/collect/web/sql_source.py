"""Rows of a database as an answer: the query of a feed with the window as its parameters.

Belongs here: asking a database. Does not: what its columns mean (values), or how answers land (collect_feeds).

The window is asked for anew each time, with the hours before it in which rows may come late. With `cursor_column` only
the rows of the window are asked for that changed since: after the largest value of that column among the answers that
are stored for the day. It is read from these answers, so it never moves before they have landed, and a collection that
was killed asks again.
"""

import hashlib
import io
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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


@dataclass(frozen=True)
class FoundRows:
    """The rows of a window as Parquet bytes, the name of the answer, and the largest value of the cursor in them."""

    name: str
    payload: bytes
    cursor: str = ""


def query_digest(feed: Feed) -> str:
    """A digest of what is asked for: a cursor holds for the query that gave it."""
    return hashlib.sha256(f"{feed.query_sql}\n{feed.cursor_column}".encode()).hexdigest()[:16]


def fetch_rows(feed: Feed, window: Window, limits: Limits, *, since: str = "") -> FoundRows:
    """The rows of a window; the same rows give the same bytes.

    `query_sql` has the parameters :from and :to, as times of `query_zone` without offset.
    since: the cursor of the rows that were received before; times are taken `cursor_overlap_s` earlier, for rows that
    were written before it and committed after.

    Raises:
        FeedError: the database cannot be reached or refuses the query, or the rows are too many.
    """
    where = f"feed {feed.feed_id}, database {feed.database_secret}"
    zone = ZoneInfo(feed.query_zone or "UTC")
    first, end = (at.astimezone(zone).replace(tzinfo=None) for at in (window.from_utc, window.to_utc))
    bounds: dict[str, Any] = {"from": first, "to": end}
    records, names = _read(feed, bounds, limits, since, where)
    if feed.cursor_column and feed.cursor_column not in names:
        what = f"{where}: no column '{feed.cursor_column}' in the answer, but {', '.join(names)[:200]}"
        raise FeedError(what, "let query_sql select it, or correct cursor_column in feeds.toml")
    cursor = _largest(records, feed.cursor_column, where) if feed.cursor_column else ""
    name = f"sql-{window.from_utc:%Y%m%dT%H}-{window.to_utc:%Y%m%dT%H}"
    return FoundRows(name, _encode(records, names), cursor)


def _read(
    feed: Feed, bounds: dict[str, Any], limits: Limits, since: str, where: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows, and the names of their columns."""
    records: list[dict[str, Any]] = []
    engine = _engine(feed, where)
    try:
        with engine.connect() as connection:
            query = feed.query_sql
            if since:
                query = _only_since(query, connection.dialect.identifier_preparer.quote(feed.cursor_column))
                bounds["since"] = _cursor_value(since, feed.cursor_overlap_s)
            result = connection.execution_options(stream_results=True).execute(sa.text(query), bounds)
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
    return records, names


def _only_since(query: str, column: str) -> str:
    """The query of the region, whose author writes it in full, with one condition more; the column is quoted."""
    return f"select * from ({query.strip().rstrip(';')}) as feed_rows where {column} >= :since"  # noqa: S608


def _largest(records: list[dict[str, Any]], column: str, where: str) -> str:
    """The largest cursor as text: a number, or a time or text in quotes."""
    values = [record[column] for record in records if record[column] is not None]
    if not values:
        return ""
    if len({isinstance(value, str) for value in values}) > 1 or any(isinstance(value, bool) for value in values):
        what = f"{where}: '{column}' is neither a number nor a time in every row"
        raise FeedError(what, "correct cursor_column in feeds.toml")
    return json.dumps(max(values))


def _cursor_value(since: str, overlap_s: float) -> Any:
    """The cursor as a parameter: a time as it was written, so many seconds earlier; a number as it is."""
    value = json.loads(since)
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None:
        return value
    earlier = at - timedelta(seconds=overlap_s)
    if at.tzinfo:
        return earlier
    return earlier if "." in value else earlier.replace(microsecond=0)


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
