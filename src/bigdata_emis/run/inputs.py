"""The tables that a stage reads, as frames of the engine or as Arrow tables, with their versions and completeness.

Belongs here: reading the lake, the registry and the reference tables for a stage. Does not: calling it, or writing
(stage).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis import flow, reference, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import RefusedError
from bigdata_emis.flow import Stage
from bigdata_emis.schema import Table
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Version
from bigdata_emis.storage.registries.validity import select_valid

MESSAGE_BYTES = 8_000_000
"""Larger frames are handed to an engine on this machine as a file; one message can hold about ten times as much."""


@dataclass(frozen=True)
class Inputs:
    """What a stage reads: frames by table, their rows in total, and the least completeness by day.

    versions: by table and day the version that was read (by day and scenario, of a table of scenarios). first_day: the
    first day of which tables of the lake were read.
    """

    frames: dict[str, Any]
    row_count: int
    versions: dict[str, dict[str, str]]
    first_day: date
    complete_shares: dict[date, float]


def read_inputs(stage: Stage, context: Context, days: list[date], folder: Path) -> Inputs:
    """Read the tables of a stage for these days and for the days that it looks back on.

    A large frame is handed to the engine as a file in `folder`, which has to exist until the stage has ended.

    Raises RefusedError when a table that the stage needs has no version of a day, or nothing of the region is
    registered: an empty input would pass every balance.
    """
    reach = context.window.widened(days_before=stage.lookback_days, time_zone=context.region.time_zone)
    read_days = reach.days(context.region.time_zone)
    lake_tables = [name for name in stage.reads if is_lake_table(name)]
    newest = {name: {v.day: v for v in context.store.versions(name, read_days)} for name in lake_tables}
    _require_versions(stage, days, newest)
    # A file of a version never changes: what is recorded is what is read, whatever becomes current in the meantime.
    paths = {name: context.store.paths(name, read_days) for name in lake_tables}
    frames: dict[str, Any] = {}
    row_counts: dict[str, int] = {}
    for name in stage.reads:
        frames[name], row_counts[name] = _read_table(name, stage, context, paths.get(name, []), folder)
    _require_registered(stage, context.region.region_id, row_counts)
    versions = {name: _versions_by_day(name, of_table) for name, of_table in paths.items()}
    shares = _least_complete_shares(days, newest)
    return Inputs(frames, sum(row_counts.values()), versions, read_days[0], shares)


def _versions_by_day(table_name: str, paths: list[str]) -> dict[str, str]:
    """The version in each of these paths, …/TABLE/day=DAY[/scenario_id=ID]/VERSION.parquet, by day (and scenario)."""
    named: dict[str, str] = {}
    for path in paths:
        day, _, version = path.rpartition(f"/{table_name}/day=")[2].rpartition("/")
        named[day] = version.removesuffix(".parquet")
    return named


def is_lake_table(name: str) -> bool:
    """Whether a name is that of a table of the lake (else of the registry, or of a reference table)."""
    return name in schema.tables() and schema.table(name).layer == "lake"


def _require_versions(stage: Stage, days: list[date], newest: Mapping[str, Mapping[str, Version]]) -> None:
    """Refuse a stage when a table that it needs has no version of a day of the window.

    A stage of a week or a month learns from the days that there are: it needs one of them.
    """
    for name, by_day in newest.items():
        missing = [day for day in days if day.isoformat() not in by_day]
        is_enough = not missing or (stage.schedule != "day" and len(missing) < len(days))
        if name not in stage.optional and not is_enough:
            span = f"{missing[0]}" + (f" (and {len(missing) - 1} more days)" if len(missing) > 1 else "")
            writer = next((f"stage {s.name}" for s in flow.STAGES if name in s.writes), "emis recalc")
            raise RefusedError(f"stage {stage.name}: table {name} has no version of {span}", f"run {writer} first")


def _require_registered(stage: Stage, region_id: str, row_counts: Mapping[str, int]) -> None:
    """Refuse a stage of the day in a region whose registry is empty: all readings would be of unknown sources."""
    needed = [name for name in stage.reads if name in flow.REGISTRY_FILES and name not in stage.optional]
    is_empty = needed and not any(row_counts[name] for name in needed)
    if stage.schedule == "day" and is_empty and not _is_registered(region_id):
        raise RefusedError(
            f"stage {stage.name}: nothing is registered in region {region_id}, expected rows in {', '.join(needed)}",
            "run stage register first",
        )


def _is_registered(region_id: str) -> bool:
    return any(database.read(name, region_id).num_rows for name in flow.REGISTRY_FILES)


def _least_complete_shares(days: list[date], newest: Mapping[str, Mapping[str, Version]]) -> dict[date, float]:
    """By day, the completeness of the least complete input; a day without any such input is not listed."""
    shares: dict[date, float] = {}
    for by_day in newest.values():
        for day in days:
            share = by_day[day.isoformat()].complete_share if day.isoformat() in by_day else None
            if share is not None:
                shares[day] = min(share, shares.get(day, 1.0))
    return shares


def _read_table(name: str, stage: Stage, context: Context, paths: list[str], folder: Path) -> tuple[Any, int]:
    """The frame of one table, and its number of rows (0 for files of an object store, whose rows are not counted).

    paths: its files, of a table of the lake.
    """
    declared = schema.tables().get(name)
    if declared is not None and declared.layer == "lake" and stage.frame == "spark":
        return _spark_lake_frame(declared, paths, lambda: context.store.read_paths(name, paths), folder)
    if declared is None:
        frame = reference.read(name, context.region.folder)
    elif declared.layer == "registry":
        stored = database.read(name, context.region.region_id, known_utc=context.known_utc)
        own_days = context.window.days(context.region.time_zone)
        frame = select_valid(name, stored, own_days, region_id=context.region.region_id)
    else:
        frame = context.store.read_paths(name, paths)
    if stage.frame != "spark":
        return frame, frame.num_rows
    is_long = frame.nbytes > MESSAGE_BYTES and not settings().engine.startswith("sc://")
    spark_frame = _spark_frame_by_file(frame, folder / f"{name}.parquet") if is_long else _spark_frame(frame)
    return spark_frame, frame.num_rows


def _spark_lake_frame(declared: Table, paths: list[str], read: Callable[[], pa.Table], folder: Path) -> tuple[Any, int]:
    """The days as a frame; where a local file was written before a column was declared, that column is null."""
    if not paths:
        return _spark_frame(arrow_schema(declared).empty_table()), 0
    if "://" in paths[0]:
        return _spark_frame_of_files(paths, declared.names), 0
    files = [pq.read_metadata(path) for path in paths]
    if all(set(declared.names) <= set(file.schema.to_arrow_schema().names) for file in files):
        return _spark_frame_of_files(paths, declared.names), sum(file.num_rows for file in files)
    frame = read()
    return _spark_frame_by_file(frame, folder / f"{declared.name}.parquet"), frame.num_rows


def _spark_frame(frame: pa.Table) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    from bigdata_emis.engine.spark_session import session

    if not frame.num_rows:  # PySpark takes the types of an empty table only from an explicit schema
        return session().createDataFrame([], schema=from_arrow_schema(frame.schema))
    return session().createDataFrame(frame)


def _spark_frame_by_file(frame: pa.Table, path: Path) -> Any:
    """A registry table with ten thousand models does not fit into a message to the engine."""
    pq.write_table(frame, path)
    return _spark_frame_of_files([str(path)], tuple(frame.column_names))


def _spark_frame_of_files(paths: list[str], names: tuple[str, ...]) -> Any:
    from bigdata_emis.engine.spark_session import session

    return session().read.parquet(*paths).select(*names)
