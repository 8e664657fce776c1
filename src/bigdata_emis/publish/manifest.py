"""The manifest of a published day, and the list of what is published.

Belongs here: which files, rows, checksums, units, versions, feeds and rules a published day rests on. Does not: checks
(publish.py, gate/).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import __version__, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.publish.day_quality import describe_day
from bigdata_emis.publish.read_versions import rested_on
from bigdata_emis.publish.reader_files.published_files import (
    column_titles,
    column_units,
    conventions_of,
    write_day_files,
    write_region_files,
)
from bigdata_emis.reference.aqi import standard_on
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.files import Files
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.storage.layout import HISTORY
from bigdata_emis.window import END_OF_TIME_UTC


def publish_days(table_names: tuple[str, ...], context: Context, *, alarms: Sequence[str] = ()) -> pa.Table:
    """Publish the newest version of each table with the manifest that names them, day by day, each day in one step.

    The rows of published_version are written first: what a manifest names is listed, also after a crash in between.
    alarms: what the gate noticed without refusing the day.
    Raises InputError when a table has no version of a day, ChangedFileError when a file is not what was recorded.
    """
    store = context.store
    rows: list[pa.Table] = []
    region_files = write_region_files(context)
    for day in context.window.days(context.region.time_zone):
        versions = [_newest(store, name, day) for name in table_names]
        day_files, documents = write_day_files(context, day)
        readers = {"region_files": region_files, "day_files": day_files}
        manifest = manifest_of_day(versions, day, context, alarms=alarms, readers=readers)
        rows.append(published_rows(store, versions))
        database.upsert("published_version", context.region.region_id, rows[-1])
        store.publish_set(f"day={day}", versions, {**documents, f"manifest/day={day}.json": manifest})
    return pa.concat_tables(rows)


def manifest_of_day(
    versions: Sequence[Version],
    day: date,
    context: Context,
    *,
    alarms: Sequence[str] = (),
    readers: Mapping[str, list[dict[str, Any]]],
) -> bytes:
    """The manifest of a day, as JSON. Its paths are relative to the root of the lake, wherever that lies.

    readers: the files beside the tables, of the region and of the day.
    """
    region, store = context.region, context.store
    files = [describe(store, version) for version in versions]
    document = {
        "region": region.region_id,
        "name_en": region.name_en,
        "name_zh": region.name_zh,
        "time_zone": region.time_zone,
        "day": day.isoformat(),
        "simulated": region.is_simulated,
        "known_utc": context.known_utc.isoformat(),
        "run": context.run_id,
        "code_version": __version__,
        "rule_versions": _rules(day, context),
        "model_versions": _models(store, day),
        **rested_on(store, versions, day),
        "files": files,
        **readers,
        "conventions": conventions_of({name: schema.table(name) for name in (file["table"] for file in files)}),
        "alarms": list(alarms),
        "not_covered": _not_covered(),
        **describe_day(store, day, context),
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _not_covered() -> list[dict[str, str]]:
    """What has no factor with a source, and is in no number of the inventory."""
    return [
        {"not_covered_code": code, "title_en": member.title_en, "title_zh": member.title_zh, "reason": member.note}
        for code, member in schema.codes()["not_covered"].items()
    ]


def describe(store: Store, version: Version) -> dict[str, Any]:
    """One file of a manifest: where it lies below the lake, what is in it, and the units of its columns."""
    declared = schema.table(version.table)
    return {
        "table": version.table,
        "title_en": declared.title_en,
        "title_zh": declared.title_zh,
        "grain": declared.grain,
        "key": list(declared.key),
        "path": store.layout.relative(store.published_path(version)),
        "version_path": store.layout.relative(version.path),
        "version": version.version,
        "known_utc": version.known_utc,
        "run": version.run_id,
        "rows": version.rows,
        "sha256": version.sha256,
        "complete_share": version.complete_share,
        "units": column_units(declared),
        "columns": column_titles(declared),
    }


def published_rows(store: Store, versions: Iterable[Version], *, scenario_id: str | None = None) -> pa.Table:
    """Versions as rows of published_version, each with the file that never changes; those of a scenario name it."""
    rows = [
        {
            "table_name": v.table,
            "day": date.fromisoformat(v.day),
            "version": v.version,
            "known_utc": datetime.fromisoformat(v.known_utc),
            "path": store.layout.relative(v.path),
            "row_count": v.rows,
            "sha256": v.sha256,
            "complete_share": v.complete_share,
            "run_id": v.run_id,
            "scenario_id": scenario_id,
        }
        for v in versions
    ]
    return pa.Table.from_pylist(rows, arrow_schema(schema.table("published_version")))


def published(region_id: str = "", *, as_of: datetime | None = None) -> dict[str, list[dict[str, Any]]]:
    """What is published of a region, or of all, now or as it was known at a time.

    path: where the file of the version lies now, wherever the lake has been moved to; relative_path: below the lake.
    """
    if not database.can_be_read():
        return {"versions": []}
    files = Files(settings().lake)
    rows = database.query("published_as_of", region_id=region_id, known_utc=as_of or END_OF_TIME_UTC).to_pylist()
    return {
        "versions": [
            {
                "region": row["region_id"],
                "table": row["table_name"],
                "day": row["day"].isoformat(),
                "version": row["version"],
                "known_utc": row["known_utc"].isoformat(),
                "path": files.address(f"{files.base}/{_relative_path(row['path'])}"),
                "relative_path": _relative_path(row["path"]),
                "rows": row["row_count"],
                "complete_share": row["complete_share"],
                "sha256": row["sha256"],
                "run": row["run_id"],
                "scenario": row["scenario_id"],
                "pruned_utc": row["pruned_utc"].isoformat() if row["pruned_utc"] else None,
            }
            for row in rows
        ]
    }


def _relative_path(path: str) -> str:
    """The path of a version below the lake; rows of earlier releases hold where the lake lay then."""
    return path if path.startswith(f"{HISTORY}/") else f"{HISTORY}/{path.rpartition(f'/{HISTORY}/')[2]}"


def _newest(store: Store, table_name: str, day: date) -> Version:
    versions = store.versions(table_name, [day])
    if not versions:
        raise InputError(f"table {table_name} has no version of {day}", "run the stage that writes it")
    store.verify(versions[-1])
    return versions[-1]


def _rules(day: date, context: Context) -> dict[str, str]:
    """The rules that the region chose, and the air quality standard in force on the day."""
    return {**context.region.rules, "aqi": standard_on(day, region_folder=context.region.folder).rule_version}


def _models(store: Store, day: date) -> list[str]:
    used = store.read("activity_hourly", [day], columns=["model_version_id"])["model_version_id"]
    return sorted(name for name in pc.unique(used).to_pylist() if name)
