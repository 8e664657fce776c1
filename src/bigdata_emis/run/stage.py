"""Running one stage over one window: read its tables, call it, check and balance its results, write them.

Belongs here: the one way in which every stage is run. Does not: anything about a particular stage.
"""

import importlib
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis import flow, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError, SchemaError
from bigdata_emis.flow import Stage
from bigdata_emis.region import Region
from bigdata_emis.run.inputs import Inputs, is_lake_table, read_inputs
from bigdata_emis.run.late_days import find_newest, list_reopened_days, select_covered_days
from bigdata_emis.run.receipt import (
    Receipt,
    close_balance,
    complete_share_by_day,
    count_reasons,
    count_received,
    count_unchanged,
    least_complete_share,
)
from bigdata_emis.run.run_record import Clock, record_run, wall_clock
from bigdata_emis.schema import Table
from bigdata_emis.schema.arrow import conform
from bigdata_emis.schema.row_times import select_between
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import CLOCK_TOLERANCE, ReadRecord, Store, Version, open_lake
from bigdata_emis.storage.registries.validity import count_valid, keep_closed
from bigdata_emis.storage.temporary_files import temporary_folder
from bigdata_emis.window import Window

Frames = dict[str, pa.Table]
TRANSFER_OPTIONS = {"compression": "snappy", "dictionary_enabled": "false", "statistics_enabled": "none"}
"""For files that are read once and deleted: half the CPU seconds of the usual options."""
SCHEDULES_BY_DAY = ("day", "month", "alert")


def context_for(
    region: Region, window: Window, known_utc: datetime, run_id: str, *, store: Store | None = None
) -> Context:
    """The context of a run, with the window widened to whole local days; by default with the lake of the region."""
    whole = window.whole_days(region.time_zone)
    return Context(region, whole, known_utc, run_id, store or open_lake(region), asked_window=window)


def run_stage(name: str, context: Context, *, clock: Clock = wall_clock) -> Receipt:
    """Run one stage over the whole local days of the window, write its results and record the run.

    From reading to writing it locks its tables: a process that would write what this stage reads, or read or write what
    it writes, waits. A stage that collects locks its table only to write.

    Raises whatever the stage raises, InputError when the known time is in the future, SchemaError when a result does
    not fit its declared table, and RefusedError when a needed table has no version of a day or the receipt does not
    close; in each case nothing of this run becomes visible.
    """
    stage = flow.stage(name)
    context = replace(context, lookback_days=stage.lookback_days)
    _refuse_known_time_ahead(context, clock())
    with record_run(stage.name, context, clock=clock) as entry:
        entry.receipt = receipt = _run_locked(stage, context)
    return receipt


def _refuse_known_time_ahead(context: Context, now_utc: datetime) -> None:
    if context.known_utc > now_utc + CLOCK_TOLERANCE:
        raise InputError(
            f"run {context.run_id}: known time {context.known_utc.isoformat()} is later than the clock of this machine,"
            f" {now_utc.isoformat()}",
            "set the clock, and run again",
        )


def _run_locked(stage: Stage, context: Context) -> Receipt:
    days = context.window.days(context.region.time_zone)
    if not stage.feed:
        with _lock_tables(stage, context.store, days):
            return _check_and_write(stage, context, days, *_compute(stage, context, days))
    return _collect(stage, context, first_asked=days[0])


def _collect(stage: Stage, context: Context, *, first_asked: date) -> Receipt:
    """Run a stage that collects, over the days of its window and those before it whose rows may come late."""
    module, table_name = importlib.import_module(stage.module), stage.writes[0]
    context = replace(context, window=module.collection_window(stage.feed, table_name, context))
    days = context.window.days(context.region.time_zone)
    # Whoever collects the same feed and days waits; whoever reads the table does not wait for the provider.
    with context.store.lock_ingest(stage.feed, days):
        inputs, results = _compute(stage, context, days)
        covered = select_covered_days(days, results)
        late = [day for day in covered if day < first_asked]
        with _lock_tables(stage, context.store, covered):
            before = find_newest(context.store, table_name, late)
            receipt = _check_and_write(stage, context, covered, inputs, results)
            after = find_newest(context.store, table_name, late)
    return replace(receipt, reopened_days=list_reopened_days(before, after, context.region, table_name))


def _lock_tables(stage: Stage, store: Store, days: list[date]) -> AbstractContextManager[None]:
    """Lock what a stage reads and writes on these days.

    A stage without days (setup, training) locks only what it writes, but for every day: a training takes hours, and
    would stop the days whose rows it learns from.
    """
    if stage.schedule not in SCHEDULES_BY_DAY:
        return store.lock_tables((), writes=stage.writes)
    return store.lock_tables(days, reads=[name for name in stage.reads if is_lake_table(name)], writes=stage.writes)


def _compute(stage: Stage, context: Context, days: list[date]) -> tuple[Inputs, Frames]:
    """Read the inputs of a stage and call it."""
    with temporary_folder() as folder:
        inputs = read_inputs(stage, context, days, folder)
        return inputs, _call_stage(stage, inputs.frames, context)


def _call_stage(stage: Stage, frames: Mapping[str, Any], context: Context) -> Frames:
    function = _function_of_stage(stage)
    takes_context = "context" in inspect.signature(function).parameters
    result = function(*(frames[table] for table in stage.reads), **({"context": context} if takes_context else {}))
    results = result if isinstance(result, dict) else {stage.writes[0]: result}
    if set(results) != set(stage.writes):
        raise SchemaError(f"stage {stage.name} returned {sorted(results)}", f"it must return {sorted(stage.writes)}")
    return {table: collect_rows(results[table], schema.table(table)) for table in stage.writes}


def _function_of_stage(stage: Stage) -> Callable[..., Any]:
    """The function to call; all stages that collect share one, which takes the feed and its table."""
    module = importlib.import_module(stage.module)
    if stage.feed:
        return partial(module.collect_feed, stage.feed, stage.writes[0])
    function: Callable[..., Any] = getattr(module, stage.name)
    return function


def collect_rows(frame: Any, table: Table) -> pa.Table:
    """The rows of a result. Through Parquet an engine on this machine is five times faster than through a stream."""
    if isinstance(frame, pa.Table):
        return frame
    if settings().engine.startswith("sc://"):
        return frame.toArrow()
    with temporary_folder() as folder:
        frame.write.mode("overwrite").options(**TRANSFER_OPTIONS).parquet(str(folder))
        if any(folder.glob("*.parquet")):
            texts = [f.name for f in table.fields if f.kind == "string"]
            return pq.read_table(folder, partitioning=None, read_dictionary=texts)
    # An engine may write no file at all when there are no rows.
    return frame.toArrow()


def _check_and_write(stage: Stage, context: Context, days: list[date], inputs: Inputs, results: Frames) -> Receipt:
    """Conform and balance the results of a stage, write them, and give the receipt."""
    received, set_aside = count_received(results)
    conformed = {name: conform(frame, schema.table(name)) for name, frame in results.items()}
    trimmed = {name: _trim_to_window(frame, name, context, stage) for name, frame in conformed.items()}
    balance = close_balance(stage, context.store, days, trimmed)
    written = _write(trimmed, context, days, inputs)
    _record_reads(written, context.store, inputs)
    return Receipt(
        stage=stage.name,
        rows_in=inputs.row_count + received,
        rows_out=sum(frame.num_rows for name, frame in trimmed.items() if not name.endswith("_quarantine")),
        quarantined=count_reasons(trimmed) | set_aside,
        balance=balance,
        inputs=inputs.versions,
        outputs={name: [v.version for v in versions] for name, versions in written.items()},
        complete_share=least_complete_share(trimmed, written),
        unchanged_answers=count_unchanged(results),
    )


def _trim_to_window(frame: pa.Table, table_name: str, context: Context, stage: Stage) -> pa.Table:
    """Rows of the window's days only, and no hour that has not ended at the known time.

    The days that a stage looked back on are not written again.
    """
    declared = schema.table(table_name)
    if declared.layer == "registry":
        return frame
    window = context.window.whole_days(context.region.time_zone)
    until_utc = min(window.to_utc, context.known_hour_utc) if _holds_hours(declared, stage) else window.to_utc
    return select_between(frame, declared.time, window.from_utc, until_utc)


def _holds_hours(declared: Table, stage: Stage) -> bool:
    """Whether the rows of a table state what was in an hour, which nobody knows before it has ended."""
    is_of_hours = declared.time == "hour_utc" and not declared.name.endswith("_quarantine")
    return is_of_hours and stage.verb != "collect" and stage.schedule in SCHEDULES_BY_DAY


def _write(results: Frames, context: Context, days: list[date], inputs: Inputs) -> dict[str, list[Version]]:
    """Write registry tables in one transaction, then each table of the lake; returns the versions of the latter."""
    registry = {name: frame for name, frame in results.items() if schema.table(name).layer == "registry"}
    if registry:
        known_on = context.known_utc.astimezone(ZoneInfo(context.region.time_zone)).date()
        kept = keep_closed(registry, context.region.region_id, known_on)
        database.replace(kept, context.region.region_id)
    written: dict[str, list[Version]] = {}
    for name in (name for name in results if name not in registry):
        written[name] = _write_lake_table(name, results[name], context, days, inputs)
    return written


def _record_reads(written: dict[str, list[Version]], store: Store, inputs: Inputs) -> None:
    """Record beside each version what the stage read for it, but not what it replaced itself."""
    if not inputs.versions:
        return
    days = {version.day for versions in written.values() for version in versions}
    reads = {
        name: {day: version for day, version in by_day.items() if name not in written or day not in days}
        for name, by_day in inputs.versions.items()
    }
    for day in days:
        of_day = [version for versions in written.values() for version in versions if version.day == day]
        names = {version.table: version.version for version in of_day}
        for version in of_day:
            store.note_reads(version, ReadRecord(first_day=str(inputs.first_day), reads=reads, written=names))


def _write_lake_table(name: str, frame: pa.Table, context: Context, days: list[date], inputs: Inputs) -> list[Version]:
    expected = schema.table(name).expected
    entity_counts = count_valid(expected, context.region.region_id, days) if expected else {}
    shares = complete_share_by_day(
        name, frame, days, context.region.time_zone, inputs.complete_shares, entity_counts=entity_counts
    )
    return context.store.write(
        name, frame, days, known_utc=context.known_utc, run_id=context.run_id, complete_shares=shares
    )
