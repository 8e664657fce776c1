"""How whole a published day is: mass by sector and method, hours that are missing, and what each feed brought.

Belongs here: the part of the manifest by which a person sees that a day is partial, and a later day is compared. Does
not: files and versions (manifest.py), judging (gate/).
"""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import flow, schema
from bigdata_emis.context import Context
from bigdata_emis.publish.gate.day_facts import completeness, feed_facts, newest_utc, sector_kg, static_profile_share
from bigdata_emis.publish.gate.unverified_factors import AREA_COLUMNS, unverified_factors
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import day_window

HOUR_S = 3600
SHOWN_HOURS = 6
INVENTORY, COUNTED = "emission_hourly", "counted_emission"
FACTS = ("source_id", "sector_code", "pollutant_code", "hour_utc", "emission_g", "method_code")


def describe_day(store: Store, day: date, context: Context) -> dict[str, Any]:
    """Mass, completeness and feeds of a day; `partial_reasons` has a sentence for each thing that is missing."""
    inventory = store.read(INVENTORY, [day], columns=list(FACTS))
    counted = store.read(COUNTED, [day], columns=list(AREA_COLUMNS))
    sectors = sector_kg(inventory)
    complete = completeness(inventory, day_window(day, context.region.time_zone).hours)
    feeds = _feeds(store, day, context)
    reasons = _missing_hours(complete) + _missing_readings(feeds)
    return {
        "total_kg": _total_kg(sectors),
        "sector_kg": sectors,
        "completeness": complete,
        "static_profile_share": static_profile_share(complete["mass_share_by_method"]),
        "unverified_factors": unverified_factors(inventory, counted),
        "feeds": feeds,
        "is_partial": bool(reasons),
        "partial_reasons": reasons,
    }


def read_partial_reasons(store: Store, day: date) -> list[str]:
    """Why the published day is partial, from its manifest; empty when it is whole or not published."""
    content = store.read_document(f"manifest/day={day}.json", tree="published")
    return list(json.loads(content).get("partial_reasons", [])) if content is not None else []


def _total_kg(sectors: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Mass by pollutant, added in the order of sectors, so that its last digit is the same in every run."""
    totals: dict[str, float] = {}
    for pollutants in sectors.values():
        for pollutant, kg in pollutants.items():
            totals[pollutant] = totals.get(pollutant, 0.0) + kg
    return dict(sorted(totals.items()))


def share_text(share: float) -> str:
    """A share in percent with one decimal, rounded down: what is not whole never reads as 100 %."""
    return f"{math.floor(share * 1000) / 10:.1f}%"


def _missing_hours(complete: Mapping[str, Any]) -> list[str]:
    hours, expected = complete["hours"], complete["hours_expected"]
    if hours < expected:
        return [f"inventory: {hours} of {expected} hours"]
    if complete["source_hours_share"] < 1:
        return [f"inventory: {share_text(complete['source_hours_share'])} of the source-hours"]
    return []


def _missing_readings(feeds: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A sentence for each feed that brought nothing, or nothing for whole hours."""
    reasons = []
    for name, facts in feeds.items():
        if not facts["rows"]:
            reasons.append(f"feed {name}: no reading of this day")
        elif facts["missing_hours"]:
            missing = facts["missing_hours"]
            shown = missing if len(missing) <= SHOWN_HOURS else [*missing[:SHOWN_HOURS], "…"]
            reasons.append(f"feed {name}: no reading in {len(missing)} hours ({', '.join(shown)})")
    return reasons


def _feeds(store: Store, day: date, context: Context) -> dict[str, dict[str, Any]]:
    """How fresh and how complete each feed of the region is for that day."""
    tables = {s.feed: s.writes[0] for s in flow.STAGES if s.feed}
    return {feed: _feed(store, day, tables[feed], context) for feed in sorted(context.region.feeds) if feed in tables}


def _feed(store: Store, day: date, table_name: str, context: Context) -> dict[str, Any]:
    declared = schema.table(table_name)
    readings = store.read(table_name, [day])
    latest = newest_utc(readings, declared)
    hourly = _hourly_table(table_name)
    cleaned = store.versions(hourly or table_name, [day])
    return {
        "table": table_name,
        "rows": readings.num_rows,
        "items": feed_facts(readings, declared),
        "latest_utc": latest.isoformat() if latest else None,
        "age_h": round((context.known_utc - latest).total_seconds() / HOUR_S, 3) if latest else None,
        "missing_hours": _missing_hours_of_feed(store, readings[declared.time], hourly, day, context) if hourly else [],
        "complete_share": cleaned[-1].complete_share if cleaned else None if readings.num_rows else 0.0,
    }


def _hourly_table(table_name: str) -> str | None:
    """The table into which the readings of a feed are cleaned; None for a feed that is used as received."""
    return next((s.writes[0] for s in flow.STAGES if s.rows_balance and s.reads[0] == table_name), None)


def _missing_hours_of_feed(
    store: Store, reading_times: pa.ChunkedArray, hourly: str, day: date, context: Context
) -> list[str]:
    """Local hours of the day in which no station, meter or link of the feed has a reading.

    A feed that the inventory does not need may be cleaned after the day is published: then the readings as received
    count, or the same day would be partial or whole by who came first. Where rows say that something passed, no hour is
    missing: gates have quiet nights.
    """
    if schema.table(hourly).is_sparse:
        return []
    hours = list(day_window(day, context.region.time_zone).hour_starts_utc())
    zone = ZoneInfo(context.region.time_zone)
    if store.versions(hourly, [day]):
        with_reading = _hours_with_reading(store, hourly, day)
    else:
        times: list[datetime] = pc.unique(reading_times.drop_null()).to_pylist()
        with_reading = {time.replace(minute=0, second=0, microsecond=0) for time in times}
    return [hour.astimezone(zone).strftime("%H:%M") for hour in hours if hour not in with_reading]


def _hours_with_reading(store: Store, hourly: str, day: date) -> set[datetime]:
    time = schema.table(hourly).time
    rows = store.read(hourly, [day], columns=[time, "reading_count"])
    return set(pc.unique(rows.filter(pc.greater(rows["reading_count"], 0))[time]).to_pylist())
