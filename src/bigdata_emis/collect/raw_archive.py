"""How answers are kept as received and found again in the order in which they came.

Belongs here: names of raw files, and which rows of overlapping answers are the same row. Does not: fetching or parsing.

Answers to one question (all its pages) are a pass. Passes overlap, since a window is asked for again when rows come late. A row
that every pass sends is one row; a row that one pass sends twice was sent twice.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.http_client import Answer
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import day_window

STAMP = "%Y%m%dT%H%M%SZ"
PASS_LENGTH = 12


@dataclass(frozen=True)
class Raw:
    """One raw file: the pass that it belongs to, its bytes, and the suffix that tells its format."""

    name: str
    pass_id: str
    payload: bytes
    suffix: str


def land_answers(store: Store, feed_id: str, day: date, answers: Iterable[Answer], known_utc: datetime) -> None:
    """Keep the answers of one pass. Content that is there already is not kept again.

    Raises FeedError of the provider, after what had been received was kept.
    """
    received: list[Answer] = []
    try:
        for answer in answers:
            received.append(answer)
    finally:
        _land(store, feed_id, day, received, known_utc)


def _land(store: Store, feed_id: str, day: date, received: list[Answer], known_utc: datetime) -> None:
    digest = hashlib.sha256()
    for answer in received:
        digest.update(hashlib.sha256(answer.payload).digest())
    pass_hash = digest.hexdigest()[:PASS_LENGTH]
    stamps = {raw.pass_id.partition("-")[2]: raw.pass_id.partition("-")[0] for raw in read_raw(store, feed_id, day)}
    stamp = stamps.get(pass_hash, known_utc.astimezone(UTC).strftime(STAMP))
    for answer in received:
        store.land(feed_id, day, f"{stamp}-{pass_hash}-{answer.name}", answer.payload, answer.suffix)


def read_raw(store: Store, feed_id: str, day: date) -> list[Raw]:
    """Every raw file of a feed and day, in the order in which they came."""
    return [_raw(name, payload) for name, payload in store.raw(feed_id, day)]


def _raw(name: str, payload: bytes) -> Raw:
    stamp, pass_hash, rest = name.split("-", 2)
    suffix = rest.partition(".")[2] if "." in rest else ""
    return Raw(name, f"{stamp}-{pass_hash}", payload, suffix)


def first_arrivals(rows: pa.Table, passes: list[str]) -> pa.Table:
    """The rows without those that a later pass only repeats; a row sent n times by one pass stays n times."""
    if len(set(passes)) <= 1:
        return rows
    frame = rows.to_pandas()
    same = frame.groupby(list(rows.column_names), dropna=False, sort=False).ngroup().to_numpy()
    turn = _turns(same, np.unique(np.asarray(passes), return_inverse=True)[1])
    _, first = np.unique(np.stack([same, turn]), axis=1, return_index=True)
    return rows.take(pa.array(np.sort(first)))


def _turns(same: Any, number: Any) -> Any:
    """How often the same row was sent before within its pass."""
    order = np.lexsort((np.arange(len(same)), same, number))
    ordered = same[order] + number[order] * (same.max(initial=0) + 1)
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[starts, len(ordered)])
    turns = np.empty(len(same), dtype=np.int64)
    turns[order] = np.arange(len(ordered)) - np.repeat(starts, lengths)
    return turns


ALL_DAYS = (date(1970, 1, 1), date(2200, 1, 1))


@dataclass(frozen=True)
class Period:
    """The local days from `first` to before `end` that a file covers; its bytes are kept with the first of them."""

    first: date
    end: date

    @property
    def landing_day(self) -> date:
        """The day with which the raw bytes are kept."""
        return self.first


def period_of(feed: Feed, day: date) -> Period:
    """A day for HTTP and for files named by day, a year for files named by year, else all days."""
    if feed.comes_by_http(day) or "{day}" in feed.drop:
        return Period(day, day + timedelta(days=1))
    if "{year}" in feed.drop:
        return Period(date(day.year, 1, 1), date(day.year + 1, 1, 1))
    return Period(*ALL_DAYS)


def local_days(times: Any, days: list[date], period: Period, time_zone: str) -> tuple[Any, dict[str, int]]:
    """For each row the number of its day among `days`, or −1; and the rows without time or outside the file's period."""
    instants = times.to_numpy().astype("datetime64[us]")
    missing = np.isnat(instants)
    starts = np.array([_naive(day_window(day, time_zone).from_utc) for day in days], dtype="datetime64[us]")
    ends = np.array([_naive(day_window(day, time_zone).to_utc) for day in days], dtype="datetime64[us]")
    number = np.searchsorted(starts, instants, side="right") - 1
    number[missing] = -1
    number[(number >= 0) & (instants >= ends[np.maximum(number, 0)])] = -1
    first = np.datetime64(_naive(day_window(period.first, time_zone).from_utc))
    end = np.datetime64(_naive(day_window(period.end, time_zone).from_utc))
    outside = ~missing & ((instants < first) | (instants >= end))
    number[outside] = -1
    return number, {"out_of_window": int(outside.sum()), "no_time": int(missing.sum())}


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
