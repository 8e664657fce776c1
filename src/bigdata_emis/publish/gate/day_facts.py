"""Facts about one day that its manifest keeps and later days are compared with.

Belongs here: mass by sector, method and hour, and volume, mean and gaps of each feed. Does not: judging them
(history_checks), the manifest (manifest.py).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypedDict

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.codes import Method
from bigdata_emis.schema import Field, Table
from bigdata_emis.schema.mass_units import G_PER_KG

PLACES = ("pollutant_code",)
NOT_VALUES = ("record_number", "interval_min")


class ItemFacts(TypedDict):
    """One value column of a feed, for one pollutant where the feed has several."""

    rows: int
    mean: float | None
    null_share: float


class Completeness(TypedDict):
    """Which hours of the day the inventory has, and which share of the mass of each pollutant came by which method."""

    hours: int
    hours_expected: int
    source_hours_share: float
    mass_share_by_method: dict[str, dict[str, float]]


def sector_kg(emission_hourly: pa.Table) -> dict[str, dict[str, float]]:
    """Mass of the day by sector and pollutant in kg."""
    sums = _sums(emission_hourly, ("sector_code", "pollutant_code"))
    found: dict[str, dict[str, float]] = {}
    for row in sums:
        found.setdefault(row["sector_code"], {})[row["pollutant_code"]] = row["emission_g_sum"] / G_PER_KG
    return found


def completeness(emission_hourly: pa.Table, hours_expected: int) -> Completeness:
    """Hours with emission, source-hours that are present, and mass by method.

    A source that has any row of the day is expected in every hour of it.
    """
    hours = len(pc.unique(emission_hourly["hour_utc"]))
    pairs = emission_hourly.group_by(["source_id", "hour_utc"], use_threads=False).aggregate([]).num_rows
    expected = len(pc.unique(emission_hourly["source_id"])) * hours_expected
    return {
        "hours": hours,
        "hours_expected": hours_expected,
        "source_hours_share": pairs / expected if expected else 0.0,
        "mass_share_by_method": _method_shares(emission_hourly),
    }


def feed_facts(readings: pa.Table, table: Table) -> dict[str, ItemFacts]:
    """Rows, mean and share of missing values of each quantity of a feed; items are `field` or `field@pollutant`.

    Only quantities that cannot be negative: a ratio of temperatures means nothing.
    """
    values = [f.name for f in table.fields if _is_quantity(f) and f.name not in (*table.key, *NOT_VALUES)]
    place = next((name for name in PLACES if name in table.names), None)
    facts: dict[str, ItemFacts] = {}
    for name in values:
        if place is None:
            facts[name] = _item(readings[name])
            continue
        for code in sorted(code for code in pc.unique(readings[place]).to_pylist() if code):
            facts[f"{name}@{code}"] = _item(readings.filter(pc.equal(readings[place], code))[name])
    return facts


def newest_utc(readings: pa.Table, table: Table) -> datetime | None:
    """The time of the newest reading; None without readings."""
    latest: datetime | None = pc.max(readings[table.time]).as_py()
    return latest


def _is_quantity(declared: Field) -> bool:
    return declared.kind == "number" and declared.minimum is not None and declared.minimum >= 0


def _item(values: pa.ChunkedArray) -> ItemFacts:
    finite = values.filter(pc.fill_null(pc.is_finite(values), False))
    rows = len(values)
    return {
        "rows": rows,
        "mean": pc.mean(finite).as_py() if len(finite) else None,
        "null_share": 1 - len(finite) / rows if rows else 1.0,
    }


def static_profile_share(mass_share_by_method: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The share of each pollutant that is a static profile: no reading of the day moved it."""
    return {code: methods.get(Method.PROFILE, 0.0) for code, methods in sorted(mass_share_by_method.items())}


def _method_shares(emission_hourly: pa.Table) -> dict[str, dict[str, float]]:
    sums = _sums(emission_hourly, ("pollutant_code", "method_code"))
    totals: dict[str, float] = {}
    for row in sums:
        totals[row["pollutant_code"]] = totals.get(row["pollutant_code"], 0.0) + row["emission_g_sum"]
    shares: dict[str, dict[str, float]] = {}
    for row in sums:
        total = totals[row["pollutant_code"]]
        share = row["emission_g_sum"] / total if total > 0 else 0.0
        shares.setdefault(row["pollutant_code"], {})[row["method_code"]] = share
    return shares


def _sums(frame: pa.Table, keys: Iterable[str]) -> list[dict[str, Any]]:
    """Sums in one thread, so that the last digit is the same in every run."""
    keys = list(keys)
    sums = frame.group_by(keys, use_threads=False).aggregate([("emission_g", "sum")])
    return list(sums.sort_by([(name, "ascending") for name in keys]).to_pylist())
