"""Receipts that close: rows in against rows out, mass before against mass after, and how complete a day is.

Belongs here: what run.py checks of every stage alike. Does not: checks of one table (schema) or before publishing (publish).
"""

import json
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.errors import RefusedError
from bigdata_emis.flow import Stage
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import day_window

MASS_TOLERANCE = 1e-9


def close_balance(stage: Stage, store: Store, days: list[date], kept: dict[str, pa.Table]) -> float:
    """The relative difference between what went in and what came out; 0 for a stage that keeps no account.

    Raises RefusedError when it does not close.
    """
    if stage.rows_balance:
        return _close_rows(stage, store, days, kept)
    return _close_mass(stage, store, days, kept) if stage.mass_balance else 0.0


def _close_rows(stage: Stage, store: Store, days: list[date], kept: dict[str, pa.Table]) -> float:
    received = store.read(stage.reads[0], days, columns=[schema.table(stage.reads[0]).time]).num_rows
    used = pc.sum(kept[stage.writes[0]]["reading_count"]).as_py() or 0
    set_aside = kept[stage.writes[1]].num_rows
    if received != used + set_aside:
        raise RefusedError(
            f"stage {stage.name}: {received} rows came in, {used} were used and {set_aside} set aside",
            "a row was lost or made twice; this is a fault of the stage, nothing was written",
        )
    return 0.0


def _close_mass(stage: Stage, store: Store, days: list[date], kept: dict[str, pa.Table]) -> float:
    before: dict[str, float] = {}
    for name in stage.reads:
        if name in schema.tables() and "emission_g" in schema.table(name).names:
            for pollutant, mass in mass_by_pollutant(
                store.read(name, days, columns=["pollutant_code", "emission_g"])
            ).items():
                before[pollutant] = before.get(pollutant, 0.0) + mass
    after = mass_by_pollutant(kept[stage.writes[0]])
    worst = max((_relative(before.get(p, 0.0), after.get(p, 0.0)) for p in before.keys() | after.keys()), default=0.0)
    if worst > MASS_TOLERANCE:
        raise RefusedError(
            f"stage {stage.name}: mass in and mass out differ by {worst:.3g} of the mass",
            "mass was lost or made in the stage, nothing was written",
        )
    return worst


def mass_by_pollutant(frame: pa.Table) -> dict[str, float]:
    """Total emission_g by pollutant."""
    sums = frame.group_by("pollutant_code").aggregate([("emission_g", "sum")])
    return dict(zip(sums["pollutant_code"].to_pylist(), sums["emission_g_sum"].to_pylist(), strict=True))


def _relative(one: float, other: float) -> float:
    largest = max(abs(one), abs(other))
    return abs(one - other) / largest if largest else 0.0


def count_reasons(kept: dict[str, pa.Table]) -> dict[str, int]:
    """How many rows were set aside, by reason; a row with two reasons counts under both."""
    counts: dict[str, int] = {}
    for frame in kept.values():
        if "reason_codes" in frame.column_names:
            for pair in pc.value_counts(pc.list_flatten(frame["reason_codes"])).to_pylist():
                counts[pair["values"]] = counts.get(pair["values"], 0) + pair["counts"]
    return dict(sorted(counts.items()))


def count_received(results: dict[str, pa.Table]) -> tuple[int, dict[str, int]]:
    """What a collection received, and what of it no day can hold, by reason: collecting says so in its table's metadata."""
    received, beside = 0, dict[str, int]()
    for frame in results.values():
        told = frame.schema.metadata or {}
        received += int(told.get(b"received", b"0"))
        beside |= json.loads(told.get(b"set_aside", b"{}"))
    return received, beside


def share_complete(
    table_name: str,
    frame: pa.Table,
    days: list[date],
    time_zone: str,
    inputs: dict[date, float],
    *,
    entities: int | None,
) -> dict[date, float | None]:
    """By day: the share of the expected rows that rest on at least one reading, else the share of the least complete input.

    Expected are `entities` times the hours of the day (times the pollutants met); without a count, the rows that are there.
    """
    declared = schema.table(table_name)
    if "reading_count" not in declared.names:
        return {day: inputs.get(day) for day in days}
    variants = len(pc.unique(frame["pollutant_code"])) if "pollutant_code" in declared.names else 1
    shares: dict[date, float | None] = {}
    for day in days:
        window = day_window(day, time_zone)
        start, end = (pa.scalar(t, pa.timestamp("us", tz="UTC")) for t in (window.from_utc, window.to_utc))
        time = frame[declared.time]
        counts = frame["reading_count"].filter(pc.and_(pc.greater_equal(time, start), pc.less(time, end)))
        expected = entities * window.hours * max(variants, 1) if entities else len(counts)
        read = pc.sum(pc.greater(counts, 0)).as_py() or 0
        shares[day] = min(1.0, read / expected) if expected else 0.0
    return shares
