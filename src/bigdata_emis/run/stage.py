"""Run one stage over one window: read its tables, call it, conform and balance what it yields, write.

Belongs here: the one way in which every stage is run. Does not: anything about a particular stage.
"""

import importlib
import inspect
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bigdata_emis import __version__, flow, reference, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import SchemaError
from bigdata_emis.flow import Stage
from bigdata_emis.region import Region
from bigdata_emis.run.receipt import close_balance, count_reasons, count_received, share_complete
from bigdata_emis.schema import Table
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.window import Window

Frames = dict[str, pa.Table]
OF_DAYS = ("day", "month")
MESSAGE_BYTES = 8_000_000
"""Larger frames are handed to an engine on this machine as a file; one message to it holds some ten times as much."""


@dataclass(frozen=True)
class Receipt:
    """What one run of one stage took in, gave out and set aside, and how well it balances."""

    stage: str
    rows_in: int
    rows_out: int
    quarantined: dict[str, int]
    balance: float
    inputs: dict[str, list[str]] = field(default_factory=dict)
    outputs: dict[str, list[str]] = field(default_factory=dict)


def lake(region: Region) -> Store:
    """The lake of a region at the place that the settings name."""
    return Store(settings().lake, region.region_id, region.time_zone)


def run_stage(name: str, context: Context, *, store: Store | None = None) -> Receipt:
    """Run one stage over the whole local days that the window touches, and keep its receipt. Reads and writes the region's lake, or `store`.

    From reading to writing it has its turn at its tables: who would change what it reads, or read or write what it writes, waits. Collecting has it only
    to write.

    Raises what the stage raises, SchemaError when a result does not fit its declaration, and RefusedError when the
    receipt does not close; in each case nothing that this run made becomes visible.
    """
    stage = flow.stage(name)
    store = store or lake(context.region)
    days = context.window.days(context.region.time_zone)
    if stage.feed:  # Who collects the same feed and days waits; who reads the table does not wait for its provider.
        with store.arrival(stage.feed, days):
            made = _made(stage, context, store, days)
            with _turn(stage, store, days):
                receipt = _kept(stage, context, store, days, made)
    else:
        with _turn(stage, store, days):
            receipt = _kept(stage, context, store, days, _made(stage, context, store, days))
    remember(receipt, context)
    return receipt


def _turn(stage: Stage, store: Store, days: list[date]) -> AbstractContextManager[None]:
    """A stage of a day holds these days of what it reads and writes.

    One of no day (setup, training) holds what it writes alone: a training of hours would stop the days whose rows it learns from.
    """
    if stage.schedule not in OF_DAYS:
        return store.turn((), writes=stage.writes)
    return store.turn(
        days,
        reads=[name for name in stage.reads if name in schema.tables() and schema.table(name).layer == "lake"],
        writes=stage.writes,
    )


def _made(stage: Stage, context: Context, store: Store, days: list[date]) -> "tuple[_Inputs, Frames]":
    """What a stage reads, and what it makes of it."""
    with tempfile.TemporaryDirectory(prefix="emis-") as folder:
        inputs = _inputs(stage, context, store, days, Path(folder))
        return inputs, _call(stage, inputs.frames, context)


def _kept(stage: Stage, context: Context, store: Store, days: list[date], made: "tuple[_Inputs, Frames]") -> Receipt:
    """Conform, balance and write what a stage made, and say so."""
    inputs, results = made
    received, beside = count_received(results)
    kept = {table: _cut(conform(frame, schema.table(table)), table, context) for table, frame in results.items()}
    balance = close_balance(stage, store, days, kept)
    written = _write(kept, context, store, days, inputs)
    rows_out = sum(frame.num_rows for table, frame in kept.items() if not table.endswith("_quarantine"))
    return Receipt(
        stage.name,
        inputs.rows + received,
        rows_out,
        count_reasons(kept) | beside,
        balance,
        inputs.versions,
        {table: [v.version for v in versions] for table, versions in written.items()},
    )


@dataclass(frozen=True)
class _Inputs:
    frames: dict[str, Any]
    rows: int
    versions: dict[str, list[str]]
    complete: dict[date, float]


def _inputs(stage: Stage, context: Context, store: Store, days: list[date], folder: Path) -> _Inputs:
    reach = context.window.widened(days_before=stage.lookback_days, time_zone=context.region.time_zone)
    read_days = reach.days(context.region.time_zone)
    frames: dict[str, Any] = {}
    versions: dict[str, list[str]] = {}
    complete: dict[date, float] = {}
    rows = 0
    for name in stage.reads:
        frames[name], count = _read(name, stage, context, store, read_days, folder)
        rows += count
        if name in schema.tables() and schema.table(name).layer == "lake":
            latest = {v.day: v for v in store.versions(name, read_days)}
            versions[name] = [v.version for v in latest.values()]
            for day in days:
                share = latest[day.isoformat()].complete_share if day.isoformat() in latest else None
                if share is not None:
                    complete[day] = min(share, complete.get(day, 1.0))
    return _Inputs(frames, rows, versions, complete)


def _read(name: str, stage: Stage, context: Context, store: Store, days: list[date], folder: Path) -> tuple[Any, int]:
    declared = schema.tables().get(name)
    if declared is not None and declared.layer == "lake" and stage.frame == "spark":
        paths = store.paths(name, days)
        rows = sum(pq.read_metadata(path).num_rows for path in paths) if paths and "://" not in paths[0] else 0
        return (_spark_files(paths, declared.names) if paths else _spark(arrow_schema(declared).empty_table())), rows
    if declared is None:
        frame = reference.read(name, context.region.folder)
    elif declared.layer == "registry":
        frame = database.read(name, context.region.region_id, known_utc=context.known_utc)
    else:
        frame = store.read(name, days)
    if stage.frame != "spark":
        return frame, frame.num_rows
    is_long = frame.nbytes > MESSAGE_BYTES and not settings().engine.startswith("sc://")
    return (_spark_by_file(frame, folder / f"{name}.parquet") if is_long else _spark(frame)), frame.num_rows


def _spark(frame: pa.Table) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    from bigdata_emis.engine.spark_session import session

    if not frame.num_rows:  # PySpark reads a type from an empty table only when told
        return session().createDataFrame([], schema=from_arrow_schema(frame.schema))
    return session().createDataFrame(frame)


def _spark_by_file(frame: pa.Table, path: Path) -> Any:
    """A registry table as long as ten thousand models does not fit into a message to the engine."""
    pq.write_table(frame, path)
    return _spark_files([str(path)], tuple(frame.column_names))


def _spark_files(paths: list[str], names: tuple[str, ...]) -> Any:
    from bigdata_emis.engine.spark_session import session

    return session().read.parquet(*paths).select(*names)


def _call(stage: Stage, frames: Mapping[str, Any], context: Context) -> Frames:
    function: Callable[..., Any] = getattr(importlib.import_module(stage.module), stage.name)
    told = {"context": context} if "context" in inspect.signature(function).parameters else {}
    result = function(*(frames[table] for table in stage.reads), **told)
    results = result if isinstance(result, dict) else {stage.writes[0]: result}
    if set(results) != set(stage.writes):
        raise SchemaError(f"stage {stage.name} yielded {sorted(results)}", f"it must yield {sorted(stage.writes)}")
    return {table: _arrow(results[table], schema.table(table)) for table in stage.writes}


def _arrow(frame: Any, table: Table) -> pa.Table:
    """The rows of a result. An engine on this machine writes them to Parquet: five times faster than sending them as a stream."""
    if isinstance(frame, pa.Table):
        return frame
    if settings().engine.startswith("sc://"):
        return frame.toArrow()
    with tempfile.TemporaryDirectory(prefix="emis-") as folder:
        frame.write.mode("overwrite").parquet(folder)
        if any(Path(folder).glob("*.parquet")):
            texts = [f.name for f in table.fields if f.kind == "string"]
            return pq.read_table(folder, partitioning=None, read_dictionary=texts)
    # An engine may write no file at all for no rows.
    return frame.toArrow()


def _cut(frame: pa.Table, table_name: str, context: Context) -> pa.Table:
    """Rows of the window's days only: what a stage looked back on is not written again."""
    declared = schema.table(table_name)
    if declared.layer == "registry":
        return frame
    window = context.window.whole_days(context.region.time_zone)
    start, end = (pa.scalar(t, pa.timestamp("us", tz="UTC")) for t in (window.from_utc, window.to_utc))
    time = frame[declared.time]
    return frame.filter(pc.and_(pc.greater_equal(time, start), pc.less(time, end)))


def _write(kept: Frames, context: Context, store: Store, days: list[date], inputs: _Inputs) -> dict[str, list[Version]]:
    registry = {name: frame for name, frame in kept.items() if schema.table(name).layer == "registry"}
    if registry:
        database.replace(registry, context.region.region_id)
    written: dict[str, list[Version]] = {}
    for name, frame in kept.items():
        if name in registry:
            continue
        listed = schema.table(name).expected
        entities = database.read(listed, context.region.region_id).num_rows if listed else None
        shares = share_complete(name, frame, days, context.region.time_zone, inputs.complete, entities=entities)
        written[name] = store.write(
            name, frame, days, known_utc=context.known_utc, run_id=context.run_id, complete_shares=shares
        )
    return written


def remember(receipt: Receipt, context: Context) -> None:
    """Keep the receipt in the table of runs."""
    row = {
        "run_id": f"{context.run_id}/{receipt.stage}",
        "stage_name": receipt.stage,
        "from_utc": context.window.from_utc,
        "to_utc": context.window.to_utc,
        "started_utc": context.known_utc,
        "ended_utc": None,
        "status": "done",
        "code_version": __version__,
        "receipt_json": json.dumps(asdict(receipt), sort_keys=True),
    }
    database.upsert("run", context.region.region_id, pa.Table.from_pylist([row], arrow_schema(schema.table("run"))))


def context_for(region: Region, window: Window, known_utc: datetime, run_id: str) -> Context:
    """The circumstances of a run, with the window widened to whole local days."""
    return Context(region, window.whole_days(region.time_zone), known_utc, run_id)
