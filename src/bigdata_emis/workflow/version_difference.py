"""What a new version of a day changed, and by how much: masses by sector and pollutant, sources, hours, and inputs.

Belongs here: comparing two versions of the inventory of a day. Does not: making one (backfill, restatement).
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.storage.lake import Store

INVENTORY = "emission_hourly"
COLUMNS = ["source_id", "sector_code", "pollutant_code", "hour_utc", "emission_g"]
KINDS = {"emission_g": "float64", "hour_utc": "datetime64[us, UTC]"}
LEAST_SHARE = 1e-9
"""Relative differences below this are rounding."""
SHOWN_SOURCES = 10


def describe_difference(
    store: Store, day: date, *, before: Mapping[str, str], after: Mapping[str, str]
) -> dict[str, Any]:
    """The difference between two versions of a day, each as its version of every table; an absent one is 0 kg.

    totals: by sector and pollutant what changed. sources: those that changed most, by the sum over hours of what each
    changed. inputs: tables of another version.
    """
    frames = {name: _read(store, day, versions.get(INVENTORY)) for name, versions in (("old", before), ("new", after))}
    key = ["source_id", "sector_code", "pollutant_code", "hour_utc"]
    joined = frames["old"].merge(frames["new"], on=key, how="outer", suffixes=("_old", "_new"))
    old, new = (joined[f"emission_g_{name}"].fillna(0.0) / G_PER_KG for name in ("old", "new"))
    rows = joined[key].assign(old_kg=old, new_kg=new, changed_kg=(new - old).abs())
    is_changed = rows["changed_kg"] > LEAST_SHARE * rows[["old_kg", "new_kg"]].max(axis=1)
    masses = ["old_kg", "new_kg"]
    totals = rows.groupby(["sector_code", "pollutant_code"], as_index=False)[masses].sum()
    differs = (totals["new_kg"] - totals["old_kg"]).abs() > LEAST_SHARE * totals[masses].max(axis=1)
    sources = rows[is_changed].groupby(["source_id", "pollutant_code"], as_index=False)[[*masses, "changed_kg"]].sum()
    most = sources.sort_values("changed_kg", ascending=False, kind="stable").head(SHOWN_SOURCES)
    return {
        "day": day.isoformat(),
        "old_version": before.get(INVENTORY),
        "new_version": after.get(INVENTORY),
        "is_changed": bool(is_changed.any()),
        "changed_rows": int(is_changed.sum()),
        "changed_hours": int(rows.loc[is_changed, "hour_utc"].nunique()),
        "totals": [_with_share(row) for row in totals[differs].to_dict("records")],
        "sources": most.to_dict("records"),
        "inputs": sorted(name for name in {*before, *after} if before.get(name) != after.get(name)),
    }


def store_difference(store: Store, difference: Mapping[str, Any]) -> str | None:
    """Store a difference beside the lake, under its day and both versions; None where nothing changed."""
    if difference["old_version"] == difference["new_version"]:
        return None
    name = f"difference/day={difference['day']}/{difference['old_version']}-{difference['new_version']}.json"
    return store.write_document(name, json.dumps(difference, ensure_ascii=False, indent=1).encode())


def _read(store: Store, day: date, version: str | None) -> pd.DataFrame:
    found = [one for one in store.versions(INVENTORY, [day]) if one.version == version]
    if not found:
        return pd.DataFrame(
            {name: pd.Series(dtype="float64" if name == "emission_g" else "object") for name in COLUMNS}
        )
    frame: pd.DataFrame = store.read_version(found[-1], columns=COLUMNS).to_pandas()
    return frame.astype({name: KINDS.get(name, "object") for name in COLUMNS})


def _with_share(row: dict[Any, Any]) -> dict[str, Any]:
    """A total with the part by which it changed; None where it was nothing before."""
    share = row["new_kg"] / row["old_kg"] - 1 if row["old_kg"] else None
    return {str(name): value for name, value in row.items()} | {"changed_share": share}
