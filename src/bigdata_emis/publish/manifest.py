"""The manifest of a published day, and the list of what is published.

Belongs here: which files, rows, checksums, units, versions, feeds and rules a published day stands on. Does not: checks (gate.py).
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import __version__, flow, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.reference.aqi import standard_on
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, Version

HOUR_S = 3600
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
GRAMS_PER_KG = 1000


def publish_days(table_names: tuple[str, ...], context: Context) -> pa.Table:
    """Put the newest version of each table at its published path, day by day, and last the manifest that names them.

    Raises InputError when a table has no version of a day.
    """
    store = Store(settings().lake, context.region.region_id, context.region.time_zone)
    rows: list[pa.Table] = []
    for day in context.window.days(context.region.time_zone):
        versions = [_newest(store, name, day) for name in table_names]
        files = [describe(version, store.publish(version), store.address(version)) for version in versions]
        write_manifest(store, day, files, context)
        rows.append(published_rows(store, versions))
    return pa.concat_tables(rows)


def write_manifest(store: Store, day: date, files: list[dict[str, Any]], context: Context) -> str:
    """Write the manifest of a day and return its path. Readers that begin with it never meet a mixture of versions."""
    region = context.region
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
        "input_versions": _inputs(store, day),
        "files": files,
        "total_kg": _total_kg(store, day),
        "feeds": _feeds(store, day, context),
    }
    content = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return store.write_document(f"manifest/day={day}.json", content.encode(), tree="published")


def describe(version: Version, path: str, version_path: str) -> dict[str, Any]:
    """One file of a manifest: where it lies, what is in it, and the units of its columns."""
    declared = schema.table(version.table)
    return {
        "table": version.table,
        "title_en": declared.title_en,
        "title_zh": declared.title_zh,
        "grain": declared.grain,
        "key": list(declared.key),
        "path": path,
        "version_path": version_path,
        "version": version.version,
        "known_utc": version.known_utc,
        "run": version.run_id,
        "rows": version.rows,
        "sha256": version.sha256,
        "complete_share": version.complete_share,
        "units": {f.name: f.unit or "none" for f in declared.fields},
    }


def published_rows(store: Store, versions: Iterable[Version], *, scenario_id: str | None = None) -> pa.Table:
    """Versions as rows of published_version, each with the file that never changes; those of a scenario name it."""
    rows = [
        {
            "table_name": v.table,
            "day": date.fromisoformat(v.day),
            "version": v.version,
            "known_utc": datetime.fromisoformat(v.known_utc),
            "path": store.address(v),
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
    """What is published of a region, or of all, now or as it was known at a time."""
    rows = database.query("published_as_of", region_id=region_id, known_utc=as_of or FOREVER).to_pylist()
    return {
        "versions": [
            {
                "region": row["region_id"],
                "table": row["table_name"],
                "day": row["day"].isoformat(),
                "version": row["version"],
                "known_utc": row["known_utc"].isoformat(),
                "path": row["path"],
                "rows": row["row_count"],
                "complete_share": row["complete_share"],
                "sha256": row["sha256"],
                "run": row["run_id"],
                "scenario": row["scenario_id"],
            }
            for row in rows
        ]
    }


def _newest(store: Store, table_name: str, day: date) -> Version:
    versions = store.versions(table_name, [day])
    if not versions:
        raise InputError(f"table {table_name} has no version of {day}", "run the stage that writes it")
    return versions[-1]


def _inputs(store: Store, day: date) -> dict[str, str]:
    """The version of every lake table of that day, by which the day can be made again."""
    names = sorted(name for name, declared in schema.tables().items() if declared.layer == "lake")
    return {name: found[-1].version for name in names if (found := store.versions(name, [day]))}


def _rules(day: date, context: Context) -> dict[str, str]:
    """The rules that the region chose, and the air quality standard in force on the day."""
    return {**context.region.rules, "aqi": standard_on(day, region_folder=context.region.folder).rule_version}


def _models(store: Store, day: date) -> list[str]:
    used = store.read("activity_hourly", [day], columns=["model_version_id"])["model_version_id"]
    return sorted(name for name in pc.unique(used).to_pylist() if name)


def _total_kg(store: Store, day: date) -> dict[str, float]:
    frame = store.read("emission_hourly", [day], columns=["pollutant_code", "emission_g"])
    sums = frame.group_by("pollutant_code").aggregate([("emission_g", "sum")]).sort_by("pollutant_code").to_pylist()
    return {row["pollutant_code"]: row["emission_g_sum"] / GRAMS_PER_KG for row in sums}


def _feeds(store: Store, day: date, context: Context) -> dict[str, dict[str, Any]]:
    """How fresh and how complete each feed of the region is for that day."""
    collects = {s.feed: s.writes[0] for s in flow.STAGES if s.feed}
    return {
        feed: _feed(store, day, collects[feed], context) for feed in sorted(context.region.feeds) if feed in collects
    }


def _feed(store: Store, day: date, table_name: str, context: Context) -> dict[str, Any]:
    time = schema.table(table_name).time
    column = store.read(table_name, [day], columns=[time])[time]
    latest: datetime | None = pc.max(column).as_py()
    judged = store.versions(_cleaned(table_name), [day])
    return {
        "table": table_name,
        "rows": len(column),
        "latest_utc": latest.isoformat() if latest else None,
        "age_h": round((context.known_utc - latest).total_seconds() / HOUR_S, 3) if latest else None,
        "complete_share": judged[-1].complete_share if judged else 0.0,
    }


def _cleaned(table_name: str) -> str:
    """What the readings of a feed are cleaned into; a feed that is used as it comes is judged by itself."""
    return next((s.writes[0] for s in flow.STAGES if s.rows_balance and s.reads[0] == table_name), table_name)
