"""One answer of a feed, read and explained: what each column became, and what would be refused. Nothing is stored.

Belongs here: the document of `emis feed check`, and a declaration that would read what the given one does not. Does
not: collecting (collect_feeds), or printing (cli).
"""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.codes import EdgeFault
from bigdata_emis.collect.answer_checks import check_interval_marks, check_readable
from bigdata_emis.collect.decode import CSV, FORMATS, DecodedAnswer
from bigdata_emis.collect.doubts.answer_doubts import check_answer, check_rows
from bigdata_emis.collect.edge.edge_tables import PRIVATE_FIELDS
from bigdata_emis.collect.edge.reductions import reduction_of
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.collect.formats.archives import unpack
from bigdata_emis.collect.formats.delimited import likely_header
from bigdata_emis.collect.http_client import Answer, feed_limits, fetch_drop, fetch_http, locate_drop
from bigdata_emis.collect.passes.parsed_passes import read_answer
from bigdata_emis.collect.passes.time_steps import check_steps
from bigdata_emis.collect.privacy.device_counts import DEVICE_COUNTS, PRIVATE_MARK, suppress_small_counts
from bigdata_emis.collect.privacy.device_counts import TABLE as REDUCED_TABLE
from bigdata_emis.collect.raw_archive import covered_period, period_bounds
from bigdata_emis.collect.redaction import redact, redacted_errors
from bigdata_emis.collect.register import read_registry_table
from bigdata_emis.collect.registry.meter_intervals import registered_intervals
from bigdata_emis.collect.registry.usual_energy import usual_energies
from bigdata_emis.collect.shapes.declared_shape import likely_value_field
from bigdata_emis.collect.shapes.likely_declaration import likely_keys
from bigdata_emis.collect.shapes.register_increments import check_no_counter, read_increments
from bigdata_emis.collect.shapes.reshape import value_columns
from bigdata_emis.collect.values import ValueCounts, read_values
from bigdata_emis.collect.web.sql_source import PARQUET, fetch_rows
from bigdata_emis.errors import FeedError, InputError, shorten
from bigdata_emis.flow import REGISTRY_FILES
from bigdata_emis.region import Region
from bigdata_emis.window import Window, day_window

NOT_SHOWN = "(not shown)"
ROWS_SHOWN, IDS_SHOWN, ATTEMPTS = 5, 5, 6
ASKED_HOUR = timedelta(hours=12)
REPAIR = re.compile(r"(decimal|thousands|time_mark|records|sheet) = \"([^\"]*)\"")
CUMULATIVE_REPAIR = re.compile(r"cumulative = \[\"(\w+)\"\]")
CO_REPAIR = 'CO = "mg/m3"'


@dataclass(frozen=True)
class _Reading:
    """One answer as far as it could be read."""

    decoded: DecodedAnswer
    rows: pa.Table
    counts: ValueCounts


def check_feed(region: Region, feed_id: str, table_name: str, *, day: date, file: Path | None = None) -> dict[str, Any]:
    """What an answer of a feed becomes: the file of a day, one hour of a provider, or any file.

    The document has `refused`: the line that would refuse the answer, empty when it is taken; `suggested`: keys of
    feeds.toml that would read an answer that is refused, as far as they can be found; and `remaining`: what would
    refuse it also with these.

    Raises:
        InputError: the feed is not declared as it must be.
        FeedError: there is no answer.
    """
    feed = read_feed(region, feed_id, table_name)
    bounds = period_bounds(covered_period(feed, day), region.time_zone)
    limits = bounds if file is None and covered_period(feed, day).is_day else None
    document: dict[str, Any] = {"feed": feed_id, "table": table_name, "answer": str(file or day)}
    with redacted_errors(feed):
        return document | _check(feed, region, day, file, limits)


def _check(feed: Feed, region: Region, day: date, file: Path | None, limits: tuple[Any, Any] | None) -> dict[str, Any]:
    try:
        answer = _fetch(feed, region, day, file)
    except FeedError as problem:
        changed = _repair(str(problem))
        if "records" not in changed:
            raise
        answer = _fetch(feed.model_copy(update=changed), region, day, file)
        return {"refused": redact(str(problem), feed)} | _suggest(answer, feed, limits, changed)
    name = {"answer": f"{answer.name}.{answer.suffix}"}
    try:
        reading = _read(answer, feed, limits)
    except (FeedError, InputError) as problem:
        return name | {"refused": redact(str(problem), feed)} | _suggest(answer, feed, limits, {})
    if feed.table_name == REDUCED_TABLE:
        reading = _without_small_counts(reading, feed, region.anonymity_count)
    return name | {"refused": "", "suggested": {}, "remaining": ""} | _explain(reading, feed, region)


def _fetch(feed: Feed, region: Region, day: date, file: Path | None) -> Answer:
    if file is not None:
        return fetch_drop(feed.model_copy(update={"drop": str(file.absolute())}), day)
    if feed.comes_by_http(day):
        start = day_window(day, region.time_zone).from_utc + ASKED_HOUR
        if feed.database_secret:
            found = fetch_rows(feed, Window(start, start + timedelta(hours=1)), feed_limits(feed))
            return Answer(found.name, found.payload, PARQUET)
        return next(iter(fetch_http(feed, Window(start, start + timedelta(hours=1)))))
    return fetch_drop(feed, day)


def newest_dropped_day(feed: Feed, before: date, days: int = 400) -> date | None:
    """The last day, up to a day, of which a file was dropped; None when there is none in so many days."""
    candidates = (before - timedelta(days=number) for number in range(days))
    return next((day for day in candidates if locate_drop(feed, day).byte_count is not None), None)


def _read(answer: Answer, feed: Feed, bounds: tuple[Any, Any] | None) -> _Reading:
    counts, where = ValueCounts(), _place(answer, feed)
    decoded = read_answer(answer, feed, where)
    check_answer(decoded, feed, where)
    rows = read_values(decoded.columns, decoded.row_count, feed, where, counts)
    rows = read_increments(rows, feed)
    times = rows[schema.table(feed.table_name).time]
    check_readable(times, counts, feed, where)
    if bounds and not feed.is_reduced:
        check_interval_marks(times, *bounds, feed, where, mark_starts=lambda: False)
    check_no_counter(rows, feed, where, usual_kwh=usual_energies(feed, feed.folder.name))
    check_rows(rows, feed, where, feed.folder.name)
    check_steps(rows, feed, where, registered_min=registered_intervals(feed, feed.folder.name))
    return _Reading(decoded, rows, counts)


def _without_small_counts(reading: _Reading, feed: Feed, least_count: int) -> _Reading:
    """The reading without counts of fewer devices than are stored, neither as they were sent nor as they became."""
    marked = suppress_small_counts(reading.rows, feed, least_count=least_count)
    is_kept = pc.invert(marked[PRIVATE_MARK])
    columns = dict(reading.decoded.columns)
    for name in DEVICE_COUNTS:
        column = feed.provider_column(name)
        if column in columns:
            columns[column] = columns[column].filter(is_kept)
    return _Reading(replace(reading.decoded, columns=columns), marked.drop_columns([PRIVATE_MARK]), reading.counts)


def _explain(reading: _Reading, feed: Feed, region: Region) -> dict[str, Any]:
    rows, time = reading.rows, schema.table(feed.table_name).time
    instants = [at for at in (pc.min(rows[time]).as_py(), pc.max(rows[time]).as_py()) if at]
    used = {feed.provider_column(name) for name in feed.received_fields} | {feed.status_column, feed.unit_column}
    wide = value_columns(reading.decoded.names, feed) if feed.wide else {}
    return {
        "rows": rows.num_rows,
        "written_as": reading.decoded.written_as,
        "columns": [_explain_column(name, reading, feed) for name in feed.received_fields],
        "constants": feed.constants,
        "unused_columns": [n for n in reading.decoded.names if n not in used | set(feed.time_columns) | wide.keys()],
        "times": reading.counts.times,
        "first_utc": instants[0].isoformat() if instants else None,
        "last_utc": instants[-1].isoformat() if instants else None,
        "unknown": _unknown_ids(rows, region),
        **_first_rows(rows, feed, region),
    }


def _first_rows(rows: pa.Table, feed: Feed, region: Region) -> dict[str, Any]:
    """The first rows as they were read; of a feed that is stored reduced, those of the reduction, and how many.

    uncounted: of positions, how many are not counted for each reason. Rows that hold only those are not shown.
    """
    reduction = reduction_of(feed, region)
    if not feed.is_reduced or reduction is None:
        return {"first_rows": rows.slice(0, ROWS_SHOWN).select(list(feed.received_fields)).to_pylist()}
    reduced = reduction.reduce(rows)
    names = [name for name in schema.table(feed.stored_table).names if name in reduced.column_names]
    uncounted, counted = {}, reduced
    if "edge_fault_code" in names:
        is_counted = pc.equal(reduced["edge_fault_code"], str(EdgeFault.NONE))
        faults = (
            reduced.filter(pc.invert(is_counted)).group_by("edge_fault_code").aggregate([("position_count", "sum")])
        )
        uncounted = dict(sorted(zip(*(faults[name].to_pylist() for name in faults.column_names), strict=True)))
        counted = reduced.filter(is_counted)
    first = counted.select(names).slice(0, ROWS_SHOWN).to_pylist()
    return {"reduced_rows": reduced.num_rows, "uncounted": uncounted, "first_rows": first}


def _explain_column(name: str, reading: _Reading, feed: Feed) -> dict[str, Any]:
    declared, column = schema.field(name), feed.provider_column(name)
    values, sent = reading.rows[name], reading.decoded.columns.get(column)
    is_number = declared.kind in ("number", "integer")
    outside = 0
    if is_number:
        numbers = np.asarray(pc.drop_null(values), dtype=np.float64)
        low = -np.inf if declared.minimum is None else declared.minimum
        high = np.inf if declared.maximum is None else declared.maximum
        outside = int(((numbers < low) | (numbers > high)).sum())
    return {
        "column": column if sent is not None else None,
        "field": name,
        "unit": _unit_text(name, feed, declared.unit or ""),
        "values": len(values) - values.null_count,
        "unreadable": reading.counts.unreadable[name],
        "missing": values.null_count - reading.counts.unreadable[name],
        "out_of_bounds": outside,
        "sent": NOT_SHOWN if name in PRIVATE_FIELDS else _example(sent),
        "became": NOT_SHOWN if name in PRIVATE_FIELDS else _example(values),
    }


def _unit_text(name: str, feed: Feed, ours: str) -> str:
    given = feed.units.get(name, "")
    if name.startswith("concentration_") and (feed.pollutant_units or feed.unit_column):
        by_pollutant = [f"{pollutant} {unit}" for pollutant, unit in feed.pollutant_units.items()]
        given = ", ".join([*by_pollutant, *([f"by {feed.unit_column}"] if feed.unit_column else [])])
    factor = f" × {feed.factors[name]:g}" if name in feed.factors else ""
    return f"{given}{factor} → {ours}" if given or factor else ours


def _example(values: Any) -> str:
    if values is None:
        return ""
    given = pc.drop_null(values)
    return shorten(str(given[0].as_py())) if len(given) else ""


def _unknown_ids(rows: pa.Table, region: Region) -> dict[str, dict[str, Any]]:
    """By identifier the values that are not in the registry of the region, or no code of ours."""
    unknown = {}
    for name in rows.column_names:
        known = _known_values(name, region)
        if known is None:
            continue
        strange = sorted(set(pc.unique(rows[name]).to_pylist()) - known - {None})
        if strange:
            count = int(pc.sum(pc.is_in(rows[name], pa.array(strange))).as_py() or 0)
            unknown[name] = {"rows": count, "count": len(strange), "first": [shorten(v) for v in strange[:IDS_SHOWN]]}
    return unknown


def _known_values(name: str, region: Region) -> set[Any] | None:
    table = name.removesuffix("_id")
    if name.endswith("_id") and table in REGISTRY_FILES:
        return set(read_registry_table(region.folder / "registry", table)[name].to_pylist())
    if name.endswith("_code") and schema.field(name).code_list:
        return set(schema.codes()[schema.field(name).code_list])
    return None


def _place(answer: Answer, feed: Feed) -> str:
    return f"feed {feed.feed_id}, {answer.name}.{answer.suffix}"


def _repair(problem: str) -> dict[str, Any]:
    """The key that a refusal says to write; empty when it says none that can be tried."""
    match = REPAIR.search(problem)
    return {match[1]: match[2]} if match else {}


def _suggest(answer: Answer, feed: Feed, bounds: tuple[Any, Any] | None, changed: dict[str, Any]) -> dict[str, Any]:
    """The keys that would read an answer, found by trying them, and what remains to be declared by hand.

    Keys that leave the refusal as it was are none.
    """
    answer, problems = Answer(answer.name, answer.payload, answer.suffix), list[str]()
    for _ in range(ATTEMPTS):
        candidate = _changed_feed(feed, changed)
        try:
            _read(answer, candidate, bounds)
        except (FeedError, InputError, ValueError) as problem:
            problems.append(redact(str(problem), feed))
            more = _next_keys_of_readable(answer, candidate, str(problem))
            if all(changed.get(key) == value for key, value in more.items()):
                break
            changed = changed | more
        else:
            return {"suggested": changed, "remaining": ""}
    is_further = problems[-1] != problems[0]
    return {"suggested": changed, "remaining": problems[-1]} if is_further else {"suggested": {}, "remaining": ""}


def _changed_feed(feed: Feed, changed: dict[str, Any]) -> Feed:
    if "wide" in changed and not feed.wide_value:
        changed = changed | {"wide_value": likely_value_field(feed.table_name)}
    return Feed.model_validate({"time_zone": feed.time_zone} | feed.model_dump(exclude_unset=True) | changed)


def _next_keys_of_readable(answer: Answer, feed: Feed, problem: str) -> dict[str, Any]:
    """The keys to try next; none where not even the names of the columns can be read."""
    try:
        return _next_keys(answer, feed, problem)
    except FeedError:
        return {}


def _next_keys(answer: Answer, feed: Feed, problem: str) -> dict[str, Any]:
    where = _place(answer, feed)
    if repair := _repair(problem):
        return repair
    if repaired := CUMULATIVE_REPAIR.search(problem):
        return {"cumulative": [repaired[1]]}
    if CO_REPAIR in problem:
        return {"pollutant_units": feed.pollutant_units | {"CO": "mg/m3"}}
    content, kind = unpack(answer.payload, answer.suffix, where, feed_limits(feed))
    kind = FORMATS.get(kind, kind)
    if kind == CSV and feed.skip_rows == 0 and feed.header_rows == 1:
        skip_rows, header_rows = likely_header(content, feed.layout, where)
        if (skip_rows, header_rows) != (0, 1):
            return {"skip_rows": skip_rows, "header_rows": header_rows}
    return likely_keys(_all_names(answer, feed, where), feed)


def _all_names(answer: Answer, feed: Feed, where: str) -> tuple[str, ...]:
    plain = feed.model_copy(update={"wide": "", "time_columns": [], "ignored": {}, "only": {}, "codes": {}})
    return read_answer(answer, plain, where).names
