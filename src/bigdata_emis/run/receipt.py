"""The receipt of a run: rows in against rows out, mass before against mass after, and how complete a day is.

Belongs here: what is checked of every stage alike. Does not: checks of one table (schema), or before publishing
(publish).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.errors import RefusedError
from bigdata_emis.flow import Stage
from bigdata_emis.schema.row_times import select_between
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.window import day_window

MASS_TOLERANCE = 1e-9
SOURCE_HOUR = ("source_id", "pollutant_code", "hour_utc")
"""Largest accepted difference of mass in and mass out, relative to the larger of both."""


@dataclass(frozen=True)
class Receipt:
    """What one run of one stage read, wrote and quarantined, and how well it balances.

    complete_share: completeness of the least complete day that was written or published, in 0–1 (see
    `complete_share_by_day`); None where it is not known.
    inputs: by table and day the version that was read, also of the days that the stage looked back on.
    reopened_days: of a collection, the days before its window that late rows have changed.
    unchanged_answers: of a collection, the answers of which the provider only said that they have not changed.
    """

    stage: str
    rows_in: int
    rows_out: int
    quarantined: dict[str, int]
    balance: float
    inputs: dict[str, dict[str, str]] = field(default_factory=dict)
    outputs: dict[str, list[str]] = field(default_factory=dict)
    complete_share: float | None = None
    reopened_days: list[str] = field(default_factory=list)
    unchanged_answers: int = 0


def close_balance(stage: Stage, store: Store, days: list[date], results: dict[str, pa.Table]) -> float:
    """The relative difference between what a stage read and wrote; 0 for a stage that declares no balance.

    Raises RefusedError when rows differ at all, or mass by more than MASS_TOLERANCE.
    """
    if stage.rows_balance:
        return _close_rows(stage, store, days, results)
    return _close_mass(stage, store, days, results) if stage.mass_balance else 0.0


def _close_rows(stage: Stage, store: Store, days: list[date], results: dict[str, pa.Table]) -> float:
    """Every reading is either used or quarantined."""
    received = store.read(stage.reads[0], days, columns=[schema.table(stage.reads[0]).time]).num_rows
    used = pc.sum(results[stage.writes[0]]["reading_count"]).as_py() or 0
    quarantined = results[stage.writes[1]].num_rows
    if received != used + quarantined:
        raise RefusedError(
            f"stage {stage.name}: {received} rows came in, {used} were used and {quarantined} quarantined",
            "a row was lost or duplicated; this is a fault of the stage, and nothing was written",
        )
    return 0.0


def _close_mass(stage: Stage, store: Store, days: list[date], results: dict[str, pa.Table]) -> float:
    """Emission by pollutant is the same in all tables read together as in the table written."""
    before: dict[str, float] = {}
    for name in stage.reads:
        if name in schema.tables() and "emission_g" in schema.table(name).names:
            frame = store.read(name, days, columns=["pollutant_code", "emission_g"])
            for pollutant, mass_g in mass_by_pollutant(frame).items():
                before[pollutant] = before.get(pollutant, 0.0) + mass_g
    after = mass_by_pollutant(results[stage.writes[0]])
    pollutants = before.keys() | after.keys()
    worst = max((_relative_difference(before.get(p, 0.0), after.get(p, 0.0)) for p in pollutants), default=0.0)
    if worst > MASS_TOLERANCE:
        raise RefusedError(
            f"stage {stage.name}: mass in and mass out differ by {worst:.3g} of the mass",
            "mass was lost or added in the stage, and nothing was written",
        )
    return worst


def mass_by_pollutant(frame: pa.Table) -> dict[str, float]:
    """Total emission_g by pollutant."""
    sums = frame.group_by("pollutant_code").aggregate([("emission_g", "sum")])
    return dict(zip(sums["pollutant_code"].to_pylist(), sums["emission_g_sum"].to_pylist(), strict=True))


def _relative_difference(first: float, second: float) -> float:
    largest = max(abs(first), abs(second))
    return abs(first - second) / largest if largest else 0.0


def count_reasons(results: dict[str, pa.Table]) -> dict[str, int]:
    """How many rows were quarantined, by reason; a row with two reasons counts under both."""
    counts: dict[str, int] = {}
    for frame in results.values():
        if "reason_codes" in frame.column_names:
            for pair in pc.value_counts(pc.list_flatten(frame["reason_codes"])).to_pylist():
                counts[pair["values"]] = counts.get(pair["values"], 0) + pair["counts"]
    return dict(sorted(counts.items()))


def count_received(results: dict[str, pa.Table]) -> tuple[int, dict[str, int]]:
    """How many rows a collection received, and how many of them no day can hold, by reason.

    A stage that collects says so in the metadata of its table; for any other stage both are empty.
    """
    received, set_aside = 0, dict[str, int]()
    for frame in results.values():
        metadata = frame.schema.metadata or {}
        received += int(metadata.get(b"received", b"0"))
        set_aside |= json.loads(metadata.get(b"set_aside", b"{}"))
    return received, set_aside


def count_unchanged(results: dict[str, pa.Table]) -> int:
    """How many answers a collection did not receive again, as they were unchanged."""
    return sum(int((frame.schema.metadata or {}).get(b"unchanged_answers", b"0")) for frame in results.values())


def least_complete_share(results: dict[str, pa.Table], written: Mapping[str, list[Version]]) -> float | None:
    """Completeness of the least complete day among versions written and rows of published versions."""
    shares = [version.complete_share for versions in written.values() for version in versions]
    for frame in results.values():
        if "complete_share" in frame.column_names:
            shares += frame["complete_share"].to_pylist()
    return min((share for share in shares if share is not None), default=None)


def complete_share_by_day(
    table_name: str,
    frame: pa.Table,
    days: list[date],
    time_zone: str,
    input_shares: dict[date, float],
    *,
    entity_counts: Mapping[date, int],
) -> dict[date, float | None]:
    """By day, how complete a table is, in 0–1.

    Readings brought to the hour: the share of the expected rows that have at least one reading, the capture rate of
    the feed. Expected are `entity_counts` × hours of the day (× pollutants in the frame); without a count, the rows
    that exist. Emission by source: the share of the source-hours that exist, whatever method they come from. Any other
    table is as complete as its least complete input (`input_shares`).
    """
    declared = schema.table(table_name)
    if set(SOURCE_HOUR) <= set(declared.key):
        return {day: _source_hour_share(_rows_of(frame, declared.time, day, time_zone), day, time_zone) for day in days}
    if "reading_count" not in declared.names:
        return {day: input_shares.get(day) for day in days}
    pollutants = len(pc.unique(frame["pollutant_code"])) if "pollutant_code" in declared.names else 1
    shares: dict[date, float | None] = {}
    for day in days:
        counts = _rows_of(frame, declared.time, day, time_zone)["reading_count"]
        hours = day_window(day, time_zone).hours
        entity_count = entity_counts.get(day)
        expected = entity_count * hours * max(pollutants, 1) if entity_count else len(counts)
        with_reading = pc.sum(pc.greater(counts, 0)).as_py() or 0
        shares[day] = min(1.0, with_reading / expected) if expected else 0.0
    return shares


def _source_hour_share(rows: pa.Table, day: date, time_zone: str) -> float:
    """Rows ÷ (sources and pollutants met × hours of the day): a source that is met at all is expected in every hour."""
    met = rows.group_by(["source_id", "pollutant_code"]).aggregate([]).num_rows
    return rows.num_rows / (met * day_window(day, time_zone).hours) if met else 0.0


def _rows_of(frame: pa.Table, time: str, day: date, time_zone: str) -> pa.Table:
    window = day_window(day, time_zone)
    return select_between(frame, time, window.from_utc, window.to_utc)
