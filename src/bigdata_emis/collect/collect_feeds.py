"""Collect a feed: fetch its window, keep the answers as received, and read all that was ever received for the days.

Belongs here: the one way in which every feed is collected, and the last step of the feed that needs one. Feeds
differ in their table and in feeds.toml. Does not: HTTP and files (http_client), raw files (raw_archive), formats
(decode), types (values).
"""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pyarrow as pa

from bigdata_emis import flow, reference, schema
from bigdata_emis.codes import Flag
from bigdata_emis.collect import answer_checks
from bigdata_emis.collect.asking.forecast_issues import quarantine_unknown_pollutants, select_latest_issue
from bigdata_emis.collect.asking.landings import WATCHED_DROP_DAYS, Landing, changed_drop_days, plan_landings
from bigdata_emis.collect.asking.received_readings import as_readings, is_early
from bigdata_emis.collect.asking.released_rows import mark_released
from bigdata_emis.collect.doubts.answer_doubts import check_rows
from bigdata_emis.collect.edge.reductions import reduction_of
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.collect.formats.limits import TooLargeError
from bigdata_emis.collect.http_client import Answer, feed_limits, fetch_drop, fetch_http
from bigdata_emis.collect.merged_rows import merge_passes
from bigdata_emis.collect.passes.parsed_passes import Parsed, Step, parse_answer, parse_pass
from bigdata_emis.collect.passes.time_steps import check_steps
from bigdata_emis.collect.privacy.device_counts import TABLE as SIGNALLING
from bigdata_emis.collect.privacy.device_counts import rows_as_answer
from bigdata_emis.collect.raw_archive import (
    Arrival,
    Pass,
    RawArchive,
    content_digest,
    covered_period,
    number_local_days,
    period_bounds,
)
from bigdata_emis.collect.redaction import redact, redacted_errors
from bigdata_emis.collect.registry.meter_intervals import registered_intervals
from bigdata_emis.collect.registry.usual_energy import usual_energies
from bigdata_emis.collect.shapes.register_increments import check_no_counter, read_increments
from bigdata_emis.collect.values import ValueCounts
from bigdata_emis.collect.web.sql_source import PARQUET, fetch_rows, query_digest
from bigdata_emis.context import Context
from bigdata_emis.errors import FeedError
from bigdata_emis.reference.air_bounds import highest_concentrations
from bigdata_emis.region import Region
from bigdata_emis.window import Window, day_window

log = logging.getLogger(__name__)

RELEASING_FEEDS = frozenset(stage.feed for stage in flow.STAGES if stage.feed) - {"forecast"}
"""The feeds with a quarantine."""


def collection_window(feed_id: str, table_name: str, context: Context) -> Window:
    """The window that a collection asks for: that of the run, and the hours around it.

    Those before it, in which rows may come late, and from a day before whose dropped file has changed since it was
    read. Those ahead of it that a forecast reaches.
    """
    feed = read_feed(context.region, feed_id, table_name)
    asked = context.asked_window or context.window
    late = (asked.from_utc - timedelta(hours=float(feed.late_h))).replace(minute=0)
    first = min(late, context.window.from_utc)
    for day in changed_drop_days(feed, context):
        first = min(first, day_window(day, context.region.time_zone).from_utc)
    return Window(first, context.window.to_utc + timedelta(hours=float(feed.ahead_h)))


def collect_feed(feed_id: str, table_name: str, *, context: Context) -> pa.Table:
    """The readings of the window's local days, after asking the provider for what is new.

    They are read from all that was ever received for these days. The metadata of the table count the rows that it
    cannot hold: `received` rows in all, and `set_aside` of them by reason. `left_out_days` are days before the window
    that was asked for, of which nothing was received yet; `parsed_bytes` are the bytes that had to be parsed.

    Raises:
        InputError: the feed is not declared as it must be, or the region allows too little anonymity.
        FeedError: the feed is down or is not what it declares; what was received before stays.
    """
    finish = LAST_STEPS[feed_id](context.region) if feed_id in LAST_STEPS else None
    feed = read_feed(context.region, feed_id, table_name)
    with redacted_errors(feed):
        readings = _collect_days(feed, context)
    return finish(readings) if finish else readings


def _collect_days(feed: Feed, context: Context) -> pa.Table:
    zone = context.region.time_zone
    asked = (context.asked_window or context.window).days(zone)
    window_days, covered = context.window.days(zone), set[date]()
    parts, excluded = list[pa.Table](), {Flag.OUT_OF_WINDOW: 0, Flag.NO_TIME: 0}
    parsed = Parsed(reduction_of(feed, context.region))
    for landing in plan_landings(feed, window_days, asked):
        archive = RawArchive(context.store, feed.feed_id, landing.landing_day)
        if landing.is_asked or landing.may_be_ahead(feed) or (archive.passes() and not landing.is_issue):
            _receive(feed, landing, context, archive, parsed)
        archive.warn_of_unread_files()
        passes = archive.passes()
        if not passes:
            continue
        merged = merge_passes(
            passes,
            partial(parse_pass, archive=archive, feed=feed, parsed=parsed),
            store=context.store,
            feed=feed,
            landing_day=landing.landing_day,
        )
        rows, excluded_now = _select_days(merged, passes, feed, landing, zone)
        parts.append(rows)
        covered |= set(landing.days)
        excluded = {reason: count + excluded_now[reason] for reason, count in excluded.items()}
    left_out = [day for day in window_days if day not in covered]
    readings = pa.concat_tables(parts)
    if feed.feed_id in RELEASING_FEEDS:
        readings = mark_released(readings, context.store, feed.feed_id, window_days)
    return _with_counts(readings, excluded, left_out, parsed, feed.feed_id)


def _receive(feed: Feed, landing: Landing, context: Context, archive: RawArchive, parsed: Parsed) -> None:
    """Ask for a pass, store its answers, and keep what was parsed of them.

    A day outside the window that was asked for is only asked about late rows, or about hours ahead: if that fails, what
    it had before stays.
    """
    try:
        _receive_pass(feed, landing, context, archive, parsed)
    except FeedError as problem:
        if landing.is_asked:
            raise
        kind = "rows ahead" if landing.is_ahead else "late rows"
        log.warning("%s of %s could not be collected: %s", kind, landing.about, redact(str(problem), feed))


def _receive_pass(feed: Feed, landing: Landing, context: Context, archive: RawArchive, parsed: Parsed) -> None:
    zone, counts = context.region.time_zone, ValueCounts()
    period, where = covered_period(feed, landing.about), f"feed {feed.feed_id}, {landing.about}"
    with archive.landing(context.known_utc) as arrival:
        name, received = _receive_answers(feed, landing, context, archive, parsed, counts, arrival)
        rows = received = read_increments(received, feed)
        if parsed.reduction and parsed.reduction.is_of_pass:
            rows = parsed.reduction.reduce(received)
            arrival.add(rows_as_answer(name, rows))
        times = rows[schema.table(feed.stored_table).time]
        _check_not_emptied(rows, feed, landing, archive, parsed)
        answer_checks.check_readable(received[schema.table(feed.table_name).time], counts, feed, where)
        _, excluded = number_local_days(times, landing.days, period, zone)
        answer_checks.check_period(rows.num_rows, sum(excluded.values()), feed, where, str(landing.about))
        if period.is_day and not feed.is_reduced:
            mark_starts = partial(_mark_starts, feed, landing.about, context)
            answer_checks.check_interval_marks(
                times, *period_bounds(period, zone), feed, where, mark_starts=mark_starts
            )
        check_no_counter(received, feed, where, usual_kwh=usual_energies(feed, context.region.region_id))
        check_rows(received, feed, where, context.region.region_id)
        check_steps(rows, feed, where, registered_min=registered_intervals(feed, context.region.region_id))
    parsed.rows[content_digest(arrival.answers)] = rows


def _receive_answers(
    feed: Feed,
    landing: Landing,
    context: Context,
    archive: RawArchive,
    parsed: Parsed,
    counts: ValueCounts,
    arrival: Arrival,
) -> tuple[str, pa.Table]:
    """The name of the first answer of a pass, and the rows of all; they are stored unless the pass is reduced whole."""
    name, parts, byte_count = "", list[pa.Table](), 0
    reduction, where = parsed.reduction, f"feed {feed.feed_id}, {landing.about}"
    # What is only stored reduced cannot be taken for an answer again.
    for answer in _fetch(feed, landing.about, context, None if reduction else archive):
        byte_count += len(answer.payload)
        parsed.unchanged_count += answer.is_unchanged
        parts.append(parse_answer(answer, feed, counts, is_new=True))
        if reduction and not reduction.is_of_pass:
            parts[-1] = reduction.reduce(parts[-1])
            answer = rows_as_answer(answer.name, parts[-1])
        _check_pass_size(feed, byte_count, sum(part.num_rows for part in parts), where)
        name = name or answer.name
        if not (reduction and reduction.is_of_pass):
            arrival.add(replace(answer, envelope=None))
    parsed.byte_count += byte_count
    return name, pa.concat_tables(parts, promote_options="permissive")


def _check_not_emptied(rows: pa.Table, feed: Feed, landing: Landing, archive: RawArchive, parsed: Parsed) -> None:
    if not rows.num_rows and feed.drop_rows == "whole" and not feed.comes_by_http(landing.about):
        before = (parse_pass(earlier, archive=archive, feed=feed, parsed=parsed) for earlier in archive.passes())
        answer_checks.check_not_emptied(sum(earlier.num_rows for earlier in before), feed, str(landing.about))


def _mark_starts(feed: Feed, day: date, context: Context) -> bool:
    """Whether times mark starts of intervals: a file of one of the days before has one at the start of its day.

    An answer over HTTP is of the hours that were asked for, whose first may be any. Of counts that are stored reduced
    nothing says how their times were written.
    """
    if feed.comes_by_http(day):
        return True
    as_sent = feed.model_copy(update={"time_mark": "start"})
    for number in () if feed.table_name == SIGNALLING else range(1, WATCHED_DROP_DAYS + 1):
        archive = RawArchive(context.store, feed.feed_id, day - timedelta(days=number))
        first, _ = period_bounds(covered_period(feed, day - timedelta(days=number)), context.region.time_zone)
        for received in archive.passes():
            rows = parse_pass(received, archive=archive, feed=as_sent, parsed=Parsed())
            times = rows[schema.table(feed.table_name).time]
            if first in times.to_numpy().astype("datetime64[us]"):
                return True
    return False


def _check_pass_size(feed: Feed, byte_count: int, row_count: int, where: str) -> None:
    if byte_count > feed.largest_pass_bytes:
        remedy = "ask the provider for less, or set largest_pass_bytes in feeds.toml if that is right"
        raise TooLargeError(f"{where}: more than {feed.largest_pass_bytes} bytes on all pages", remedy)
    feed_limits(feed).check_rows(row_count, where)


def _select_days(
    merged: pa.Table, passes: list[Pass], feed: Feed, landing: Landing, time_zone: str
) -> tuple[pa.Table, dict[Flag, int]]:
    """The readings of the days, and excluded rows by reason: without a time, or outside the period of their file."""
    times = merged[schema.table(feed.stored_table).time]
    day_number, excluded = number_local_days(times, landing.days, covered_period(feed, landing.about), time_zone)
    of_days = np.flatnonzero(day_number >= 0)
    rows = merged.take(pa.array(of_days))
    return as_readings(rows, day_number[of_days], is_early(rows, passes, feed), feed.stored_table), excluded


def _issue_selection_of(region: Region) -> Step:
    bounds = highest_concentrations(reference.read("station_rule", region.folder))
    return lambda forecast: select_latest_issue(quarantine_unknown_pollutants(forecast), bounds)


LAST_STEPS: dict[str, Callable[[Region], Step]] = {"forecast": _issue_selection_of}
"""The last step of a feed, built before the provider is asked, so that a bad option of the region is refused first."""


def _fetch(feed: Feed, day: date, context: Context, archive: RawArchive | None) -> Iterable[Answer]:
    if not feed.comes_by_http(day):
        return [fetch_drop(feed, day)]
    local_day = day_window(day, context.region.time_zone)
    start = max(local_day.from_utc, context.window.from_utc)
    window = Window(start, min(local_day.to_utc, context.window.to_utc))
    if feed.database_secret:
        return [_ask_database(feed, window, archive)]
    return fetch_http(feed, window, find_unchanged=archive.find_unchanged if archive else lambda _: None)


def _ask_database(feed: Feed, window: Window, archive: RawArchive | None) -> Answer:
    """The rows of a window: those that changed since the last ones that were stored, where the feed has a cursor."""
    request = query_digest(feed)
    since = archive.newest_cursor(request) if archive and feed.cursor_column else ""
    found = fetch_rows(feed, window, feed_limits(feed), since=since)
    if not feed.cursor_column:
        return Answer(found.name, found.payload, PARQUET)
    return Answer(found.name, found.payload, PARQUET, request=request, cursor=found.cursor or since)


def _with_counts(
    rows: pa.Table, excluded: dict[Flag, int], left_out: list[date], parsed: Parsed, feed_id: str
) -> pa.Table:
    counts = {reason: count for reason, count in excluded.items() if count}
    if counts:
        listed = ", ".join(f"{count} {reason}" for reason, count in counts.items())
        log.warning("feed %s: rows that belong to no day of the window's files: %s", feed_id, listed)
    metadata = {
        "received": str(rows.num_rows + sum(counts.values())),
        "set_aside": json.dumps(counts),
        "left_out_days": json.dumps([day.isoformat() for day in left_out]),
        "parsed_bytes": str(parsed.byte_count),
        "unchanged_answers": str(parsed.unchanged_count),
    }
    if parsed.unchanged_count:
        log.info("feed %s: %d answers were not sent again, as they are unchanged", feed_id, parsed.unchanged_count)
    return rows.replace_schema_metadata(metadata)
