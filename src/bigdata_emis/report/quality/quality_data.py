"""Data quality of a day in numbers: completeness by feed and hour, faults by reason, instruments to visit.

Belongs here: counting hourly rows and quarantined readings. Does not: wording (quality_sheet), or judging a day
(publish/gate).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.codes import Flag, Imputation
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store

LEAST_LOST_HOURS = 6
"""Hours of a day, missing or doubted, from which on an instrument is worth a visit. A choice of this project."""
MOST_VISITS = 50
OF_INSTRUMENTS = {"power": "meter_id", "cems": "stack_id", "traffic": "link_id", "air_quality": "station_id"}
"""Feeds whose source is a thing that somebody can go to, and the identifier by which it is found."""


@dataclass(frozen=True)
class Visit:
    """An instrument to visit: how many hours of the day it measured, and how many are missing or doubted, and why."""

    feed: str
    source: str
    measured_hours: int
    lost_hours: int
    reasons: tuple[tuple[str, int], ...]


@dataclass
class FeedQuality:
    """One feed on one day.

    measured, expected: by local hour, hours of sources with a usable reading, and hours of all sources that the day
    holds; no hour is expected of what only passes (is_sparse), as trucks at a gate. reasons: quarantined readings by
    reason. marks: hours by flag. has_version: whether the day was cleaned.
    """

    feed: str
    has_version: bool = False
    measured: Counter[int] = field(default_factory=Counter)
    expected: Counter[int] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    visits: list[Visit] = field(default_factory=list)

    @property
    def complete_share(self) -> float | None:
        """Measured hours over expected ones; None where nothing is expected."""
        expected = self.expected.total()
        return self.measured.total() / expected if expected else None


def gather_quality(region: Region, store: Store, day: date) -> list[FeedQuality]:
    """The quality of every feed of the region that is cleaned into hours."""
    feeds = [feed for feed in sorted(region.feeds) if f"{feed}_hourly" in schema.tables()]
    return [_describe_feed(feed, region, store, day) for feed in feeds]


def _describe_feed(feed: str, region: Region, store: Store, day: date) -> FeedQuality:
    hourly, quarantine = f"{feed}_hourly", f"{feed}_quarantine"
    quality = FeedQuality(feed, has_version=bool(store.versions(hourly, [day])))
    hours = _read(store, hourly, day, ["hour_utc", "reading_count", "imputation_code", "is_valid", "flag_codes"])
    quarantined = _read(store, quarantine, day, ["reason_codes"]) if quarantine in schema.tables() else []
    for row in quarantined:
        quality.reasons.update(row["reason_codes"])
    zone, source_hours = ZoneInfo(region.time_zone), defaultdict[tuple[str, ...], set[datetime]](set)
    for row in hours:
        source_hours[_source(row, hourly)].add(row["hour_utc"])
    every_hour = sorted(set().union(*source_hours.values())) if source_hours else []
    is_expected = not schema.table(hourly).is_sparse
    for hour in every_hour if is_expected else ():
        quality.expected[hour.astimezone(zone).hour] += len(source_hours)
    for row in hours:
        quality.measured[row["hour_utc"].astimezone(zone).hour] += _is_measured(row)
        quality.marks.update(row["flag_codes"])
    if feed in OF_INSTRUMENTS:
        quality.visits = _list_visits(feed, hours, quarantined, hour_count=len(every_hour))
    return quality


def _list_visits(
    feed: str, hours: list[dict[str, Any]], quarantined: list[dict[str, Any]], *, hour_count: int
) -> list[Visit]:
    """Instruments with many lost hours, those with most first."""
    name = OF_INSTRUMENTS[feed]
    sound, given, lost = (defaultdict[str, set[datetime]](set) for _ in range(3))
    why = defaultdict[str, Counter[str]](Counter)
    for row in hours:
        is_sound = _is_measured(row) and not set(row["flag_codes"]) - {Flag.ZERO}
        given[row[name]].add(row["hour_utc"])
        (sound if is_sound else lost)[row[name]].add(row["hour_utc"])
        why[row[name]].update(row["flag_codes"])
    for row in quarantined:
        why[row[name]].update(row["reason_codes"])
    visits = []
    for source, hours_given in given.items():
        lost_hours = len(lost[source]) + hour_count - len(hours_given)
        if lost_hours >= LEAST_LOST_HOURS:
            measured = len(sound[source] - lost[source])
            visits.append(Visit(feed, source, measured, lost_hours, tuple(why[source].most_common(3))))
    return sorted(visits, key=lambda visit: (-visit.lost_hours, visit.source))[:MOST_VISITS]


def _is_measured(row: dict[str, Any]) -> bool:
    if row.get("is_valid") is not None:
        return bool(row["is_valid"])
    if row.get("reading_count") is not None:
        return bool(row["reading_count"] > 0)
    return row.get("imputation_code", Imputation.NONE) in (None, Imputation.NONE, Imputation.SCALED)


def _source(row: dict[str, Any], table_name: str) -> tuple[str, ...]:
    declared = schema.table(table_name)
    return tuple(str(row[name]) for name in declared.key if name != declared.time)


def _read(store: Store, table_name: str, day: date, names: list[str]) -> list[dict[str, Any]]:
    """The rows of a day with its key and those of these columns that it has."""
    declared = schema.table(table_name)
    wanted = [name for name in declared.names if name in {*declared.key, *names}]
    rows: pa.Table = store.read(table_name, [day], columns=wanted)
    return list(rows.to_pylist())
