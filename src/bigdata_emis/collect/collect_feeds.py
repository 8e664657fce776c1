"""Every feed's collection: fetch the window, keep the bytes, then read all that was ever received for its days.

Belongs here: the one mechanism, and a stage for each feed. Feeds differ only in their table and in feeds.toml.
Does not: HTTP and files (client), raw files (landing), formats (decode), types (values).
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.collect.decode import Columns, decode
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.collect.http_client import Answer, fetch_drop, fetch_http
from bigdata_emis.collect.raw_archive import Raw, first_arrivals, land_answers, local_days, period_of, read_raw
from bigdata_emis.collect.values import NOT_A_NUMBER, read_values
from bigdata_emis.context import Context
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.settings import settings
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window, day_window

log = logging.getLogger(__name__)

Decoded = dict[tuple[bytes, str], tuple[Columns, int]]
"""What answers of these bytes and this format were decoded to, so that bytes are parsed once."""


def collect_power(*, context: Context) -> pa.Table:
    """Energy readings of enterprises' meters."""
    return collect_feed("power", "power_reading", context)


def collect_district_energy(*, context: Context) -> pa.Table:
    """The power bureau's totals by district and industry."""
    return collect_feed("district_energy", "district_energy_reading", context)


def collect_measured_activity(*, context: Context) -> pa.Table:
    """Activity where it is metered."""
    return collect_feed("measured_activity", "measured_activity_reading", context)


def collect_cems(*, context: Context) -> pa.Table:
    """Readings of stack monitors."""
    return collect_feed("cems", "cems_reading", context)


def collect_signalling(*, context: Context) -> pa.Table:
    """Phone counts by cell; a count below the anonymity threshold does not get beyond the raw bytes."""
    least_count = context.region.anonymity_count
    return suppress_small_counts(collect_feed("signalling", "signalling_reading", context), least_count)


def collect_traffic(*, context: Context) -> pa.Table:
    """Speeds and flows of road links."""
    return collect_feed("traffic", "traffic_reading", context)


def collect_area_activity(*, context: Context) -> pa.Table:
    """Activity indices of areas."""
    return collect_feed("area_activity", "area_activity_reading", context)


def collect_air_quality(*, context: Context) -> pa.Table:
    """Station air quality."""
    return collect_feed("air_quality", "air_quality_reading", context)


def collect_weather(*, context: Context) -> pa.Table:
    """Station weather."""
    return collect_feed("weather", "weather_reading", context)


def collect_forecast(*, context: Context) -> pa.Table:
    """Forecasts of air quality; of a value restated for the same issue the latest counts, one out of bounds is emptied."""
    return latest_issue(collect_feed("forecast", "air_quality_forecast", context))


def collect_feed(feed_id: str, table_name: str, context: Context) -> pa.Table:
    """The readings of the window's local days from all that was received for them, after asking for what is new.

    The table's metadata count what cannot be in it: `received`, and `set_aside` by reason.

    Raises FeedError when the feed is down or is not what it declares; what was received before stays.
    """
    feed = read_feed(context.region, feed_id, table_name)
    zone = context.region.time_zone
    store = Store(settings().lake, context.region.region_id, zone)
    groups: dict[date, list[date]] = {}
    for day in context.window.days(zone):
        groups.setdefault(period_of(feed, day).landing_day, []).append(day)
    parts, set_aside = [], {"out_of_window": 0, "no_time": 0}
    for landing_day, days in groups.items():
        known: Decoded = {}
        land_answers(store, feed_id, landing_day, _answers(feed, days[0], context, known), context.known_utc)
        rows, beside = parse(read_raw(store, feed_id, landing_day), feed, days, zone, known=known)
        parts.append(rows)
        set_aside = {reason: count + beside[reason] for reason, count in set_aside.items()}
    return _counted(pa.concat_tables(parts), set_aside, feed_id)


def parse(
    files: list[Raw], feed: Feed, days: list[date], time_zone: str, *, known: Decoded | None = None
) -> tuple[pa.Table, dict[str, int]]:
    """The rows of the days from raw files in order of arrival, and how many have no time or lie outside the files' period.

    `known` holds what answers of these bytes were decoded to when they were checked.
    """
    parts, passes = [], []
    for file in files:
        where = f"feed {feed.feed_id}, raw file {file.name}"
        names = tuple(feed.provider_name(name) for name in feed.wanted)
        columns, count = (known or {}).get((file.payload, file.suffix)) or decode(
            file.payload, file.suffix, feed_id=feed.feed_id, where=where, names=names
        )
        parts.append(read_values(columns, count, feed, where))
        passes += [file.pass_id] * count
    table = schema.table(feed.table_name)
    if not parts:
        return arrow_schema(table).empty_table(), {"out_of_window": 0, "no_time": 0}
    rows = first_arrivals(pa.concat_tables(parts, promote_options="permissive"), passes)
    day_number, beside = local_days(rows[table.time], days, period_of(feed, days[0]), time_zone)
    kept = np.flatnonzero(day_number >= 0)
    return _shape(rows.take(pa.array(kept)), day_number[kept], feed.table_name), beside


def suppress_small_counts(readings: pa.Table, least_count: int) -> pa.Table:
    """Counts below the threshold emptied and flagged, in the first table in which anybody can read them."""
    small = np.zeros(readings.num_rows, dtype=bool)
    for name in ("present_device_count", "moving_device_count"):
        below = pc.fill_null(pc.and_(pc.less(readings[name], least_count), pc.greater_equal(readings[name], 0)), False)
        small |= np.asarray(below)
        readings = _replace(readings, name, pc.if_else(below, pa.scalar(None, pa.int64()), readings[name]))
    return _flag(readings, small, "privacy")


def latest_issue(forecast: pa.Table) -> pa.Table:
    """One row a key: the latest that arrived. A value outside the bounds of its field is emptied and flagged."""
    field = schema.field("concentration_ug_per_m3")
    values = forecast[field.name]
    outside = pc.fill_null(pc.or_(pc.less(values, field.minimum), pc.greater(values, field.maximum)), False)
    emptied = pc.if_else(outside, pa.scalar(None, pa.float64()), values)
    mended = _flag(_replace(forecast, field.name, emptied), outside, "out_of_bounds")
    key = list(schema.table("air_quality_forecast").key)
    placed = mended.append_column("position", pa.array(np.arange(mended.num_rows)))
    last = placed.group_by(key, use_threads=False).aggregate([("position", "max")])["position_max"]
    return mended.take(pa.array(np.sort(last.to_numpy())))


def _replace(rows: pa.Table, name: str, column: Any) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, column)


def _flag(rows: pa.Table, hit: Any, flag: str) -> pa.Table:
    flags = [
        [*given, flag] if bad else given
        for given, bad in zip(rows["flag_codes"].to_pylist(), np.asarray(hit), strict=True)
    ]
    return _replace(rows, "flag_codes", pa.array(flags, pa.list_(pa.string())))


def _answers(feed: Feed, day: date, context: Context, known: Decoded) -> Iterator[Answer]:
    for answer in _fetched(feed, day, context):
        known[answer.payload, answer.suffix] = _decoded(answer, feed)
        yield replace(answer, told=None)


def _fetched(feed: Feed, day: date, context: Context) -> Iterable[Answer]:
    if not feed.comes_by_http(day):
        return [fetch_drop(feed, day)]
    whole = day_window(day, context.region.time_zone)
    start = max(whole.from_utc, context.window.from_utc - timedelta(hours=float(feed.late_h)))
    return fetch_http(feed, Window(start, min(whole.to_utc, context.window.to_utc)))


def _decoded(answer: Answer, feed: Feed) -> tuple[Columns, int]:
    """The columns of an answer, checked. An answer that cannot be read must not be kept: raw is never changed, so it would spoil its day for good."""
    where = f"feed {feed.feed_id}, {answer.name}.{answer.suffix}"
    names = tuple(feed.provider_name(name) for name in feed.wanted)
    columns, count = decode(
        answer.payload, answer.suffix, feed_id=feed.feed_id, where=where, names=names, told=answer.told
    )
    read_values({name: column.slice(0, 1) for name, column in columns.items()}, min(count, 1), feed, where)
    return columns, count


def _shape(rows: pa.Table, day_number: Any, table_name: str) -> pa.Table:
    table = schema.table(table_name)
    columns: dict[str, Any] = {name: rows[name] for name in rows.column_names}
    for name in table.key:
        if name in columns and pa.types.is_string(columns[name].type):
            columns[name] = pc.fill_null(columns[name], "")
    hits = np.asarray(rows["is_unreadable"], dtype=bool)
    offsets = pa.array(np.concatenate([[0], np.cumsum(hits)]), pa.int32())
    columns["flag_codes"] = pa.ListArray.from_arrays(offsets, pa.array([NOT_A_NUMBER] * int(hits.sum()), pa.string()))
    columns["record_number"] = pa.array(_numbers(day_number))
    return pa.table({name: columns[name] for name in table.names})


def _numbers(day_number: Any) -> Any:
    """Order of arrival within each day, from 1."""
    numbers = np.empty(len(day_number), dtype=np.int64)
    for day in np.unique(day_number):
        of_day = day_number == day
        numbers[of_day] = np.arange(1, of_day.sum() + 1)
    return numbers


def _counted(rows: pa.Table, set_aside: dict[str, int], feed_id: str) -> pa.Table:
    beside = {reason: count for reason, count in set_aside.items() if count}
    if beside:
        log.warning(
            "feed %s: rows that no day can hold: %s",
            feed_id,
            ", ".join(f"{n} {reason}" for reason, n in beside.items()),
        )
    received = rows.num_rows + sum(beside.values())
    return rows.replace_schema_metadata({"received": str(received), "set_aside": json.dumps(beside)})
