"""A column beside the times that says in which zone they are, where feeds.toml does not.

Belongs here: zones and offsets in a column of their own. Does not: offsets within a time (time_spelling).
"""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.collect.decode import Columns
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.shapes.time_spelling import UnreadTimesError
from bigdata_emis.errors import shorten

WORDS = ("utc offset", "gmt offset", "tz offset", "timezone offset", "time zone", "timezone", "tz", "tzid")
JOINED = {joined for words in WORDS for joined in (words, words.replace(" ", "_"), words.replace(" ", ""))}
CAMEL = ("utcOffset", "gmtOffset", "tzOffset", "timezoneOffset", "timeZone")
ZONE_COLUMNS = (
    *sorted({f(name) for name in JOINED for f in (str, str.upper, str.capitalize, str.title)}),
    *CAMEL,
    "时区",
)
"""How a column of zones or offsets is called; only columns of these names are read."""
OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-]\d{1,2})(?::?(\d{2}))?", re.IGNORECASE | re.ASCII)
NUMBER = re.compile(r"-?\d{1,6}(?:\.\d+)?", re.ASCII)
FORTNIGHT, A_YEAR = timedelta(days=14), timedelta(days=366)
UTC_NAMES = ("utc", "gmt", "z")
MOST_HOURS, MOST_MINUTES = 14, 840
"""A number up to the first is hours, up to the second minutes, else seconds."""


def check_zone(columns: Columns, instants: pa.Array, feed: Feed) -> None:
    """Refuse times without offset beside a column that says another zone than the one they were read in.

    A zone that feeds.toml declares for the feed holds, whatever such a column says.

    Raises:
        UnreadTimesError: with the zone to declare.
    """
    name = next((name for name in ZONE_COLUMNS if name in columns), "")
    given = pc.min_max(instants).as_py()
    if (
        not name
        or "time_zone" in feed.model_fields_set
        or given["min"] is None
        or pa.types.is_nested(columns[name].type)
    ):
        return
    moments = _moments(given["min"], given["max"])
    ours = {_offset_of(feed.time_zone, at) for at in moments}
    for value in pc.unique(columns[name]).to_pylist():
        said = {_offset_of(str(value).strip(), at) for at in moments} if value is not None else {None}
        if None not in said and not said <= ours:
            what = f"'{name}' says {shorten(str(value))}, and times without offset are local times of {feed.time_zone}"
            raise UnreadTimesError(what, _remedy(str(value).strip(), said, feed))


def _moments(first: datetime, last: datetime) -> list[datetime]:
    """Moments at which the offsets of a span are looked at: its ends, and at most 14 days apart in its last year."""
    start = max(first, last - A_YEAR)
    return [first, last, *(start + n * FORTNIGHT for n in range((last - start) // FORTNIGHT + 1))]


def _remedy(text: str, said: set[Any], feed: Feed) -> str:
    offset = min(said)
    hours = offset / timedelta(hours=1)
    zone = text if _zone(text) else "UTC" if not hours else f"Etc/GMT{-hours:+.0f}" if hours.is_integer() else "…"
    ours = f'(or "{feed.time_zone}", if the column does not say how the times are written)'
    return f'write time_zone = "{zone}" {ours} below [{feed.feed_id}] in feeds.toml'


def _offset_of(text: str, at: datetime) -> timedelta | None:
    """The offset that a text says at an instant; None where it says none that is known."""
    if text.lower() in UTC_NAMES:
        return timedelta(0)
    if match := OFFSET.fullmatch(text):
        hours = int(match[1])
        minutes = int(match[2] or 0)
        return timedelta(hours=hours, minutes=-minutes if match[1].startswith("-") else minutes)
    if NUMBER.fullmatch(text):
        return _offset_of_number(float(text))
    zone = _zone(text)
    return at.astimezone(zone).utcoffset() if zone else None


def _offset_of_number(number: float) -> timedelta:
    if abs(number) <= MOST_HOURS:
        return timedelta(hours=number)
    return timedelta(minutes=number) if abs(number) <= MOST_MINUTES else timedelta(seconds=number)


def _zone(text: str) -> ZoneInfo | None:
    if "/" not in text:
        return None
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
