"""What a scenario moves, as tables: by source and hour, and by what becomes of it.

Belongs here: rows and sums of moved emission. Does not: how it is computed (rebound, detour), when (moving).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.codes import MovedKind, MovedOutcome
from bigdata_emis.control.documents import MovedRow
from bigdata_emis.control.moved.detour import DetourDay
from bigdata_emis.control.moved.moved_options import OUTSIDE, Detour
from bigdata_emis.control.moved.rebound import ReboundEmission
from bigdata_emis.control.moved.rebound_basis import ReboundBasis
from bigdata_emis.schema.arrow import conform
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.window import HOUR_US, MICROSECONDS_PER_S, Window

HOURLY, SUMS = "control_moved_hourly", "control_moved"


@dataclass(frozen=True)
class MovedKindSums:
    """The emission that an option moves, by outcome, (pollutants,) each, and the hours to which it moves it."""

    window: Window
    by_outcome_g: Mapping[MovedOutcome, Floats]


@dataclass(frozen=True)
class MovedEmission:
    """All that a scenario moves; empty without options.

    hourly: rows of control_moved_hourly; detour_added_g: added to links of the region by instant, (pollutants,).
    """

    hourly: pa.Table | None = None
    kinds: Mapping[MovedKind, MovedKindSums] = field(default_factory=dict)
    detour_added_g: Mapping[int, Floats] = field(default_factory=dict)

    def days(self, time_zone: str) -> list[date]:
        """The local days to which emission is moved."""
        instants = [] if self.hourly is None else self.hourly["hour_utc"].unique().to_pylist()
        return sorted({instant.astimezone(ZoneInfo(time_zone)).date() for instant in instants})

    def added_in(self, from_utc: datetime, to_utc: datetime) -> dict[str, float] | None:
        """What a detour adds to the region in some hours, by pollutant; None without a detour that adds any."""
        if not self.detour_added_g:
            return None
        start, end = (int(instant.timestamp()) * MICROSECONDS_PER_S for instant in (from_utc, to_utc))
        within = [grams for at, grams in sorted(self.detour_added_g.items()) if start <= at < end]
        added = np.sum(within, axis=0) if within else np.zeros(len(schema.codes()["pollutant"]))
        return dict(zip(schema.codes()["pollutant"], added.tolist(), strict=True))


NOTHING_IS_MOVED = MovedEmission()


def moved_table(moved: MovedEmission, scenario_id: str, from_utc: datetime) -> pa.Table:
    """Table control_moved of a scenario that begins at an instant."""
    declared = schema.table(SUMS)
    rows = [
        {
            "scenario_id": scenario_id,
            "moved_kind_code": kind,
            "moved_outcome_code": outcome,
            "pollutant_code": code,
            "from_utc": from_utc,
            "moved_from_utc": sums.window.from_utc,
            "moved_to_utc": sums.window.to_utc,
            "moved_emission_g": grams,
        }
        for kind, sums in moved.kinds.items()
        for outcome, by_pollutant in sums.by_outcome_g.items()
        for code, grams in zip(schema.codes()["pollutant"], by_pollutant.tolist(), strict=True)
        if grams > 0
    ]
    return conform(pa.table({name: [row[name] for row in rows] for name in declared.names}), declared)


def describe_moved(table: pa.Table) -> list[MovedRow]:
    """The rows of control_moved as the command prints them, in the order of the code lists."""
    order = {
        (kind, outcome, code): place
        for place, (kind, outcome, code) in enumerate(
            (kind, outcome, code)
            for kind in schema.codes()["moved_kind"]
            for outcome in schema.codes()["moved_outcome"]
            for code in schema.codes()["pollutant"]
        )
    }
    rows: list[MovedRow] = [
        {
            "kind": row["moved_kind_code"],
            "outcome": row["moved_outcome_code"],
            "pollutant": row["pollutant_code"],
            "from_utc": row["moved_from_utc"].isoformat(),
            "to_utc": row["moved_to_utc"].isoformat(),
            "moved_kg": row["moved_emission_g"] / G_PER_KG,
        }
        for row in table.to_pylist()
    ]
    return sorted(rows, key=lambda row: order[row["kind"], row["outcome"], row["pollutant"]])


def rebound_rows(basis: ReboundBasis, made_up: ReboundEmission, scenario_id: str) -> pa.Table:
    """Rows of control_moved_hourly of a rebound."""
    line, pollutant, hour = np.nonzero(made_up.added_g)
    start_us = int(basis.window.from_utc.timestamp()) * MICROSECONDS_PER_S
    grams = made_up.added_g[line, pollutant, hour]
    return _rows(MovedKind.REBOUND, scenario_id, (basis.line_ids, line), pollutant, start_us + hour * HOUR_US, grams)


def detour_rows(detour: Detour, days: Sequence[DetourDay], scenario_id: str) -> Iterator[pa.Table]:
    """Rows of control_moved_hourly of a detour, by day; none of traffic that leaves the region."""
    if detour.links is None or detour.destination == OUTSIDE:
        return
    links = sorted({link for taking in detour.links.receivers for link in taking})
    parts = np.zeros((len(links), len(detour.links.receivers)))
    for group, taking in enumerate(detour.links.receivers):
        for link, part in taking.items():
            parts[links.index(link), group] = part
    for day in days:
        added = np.tensordot(parts, day.moved_g, axes=1)
        link_row, pollutant, hour = np.nonzero(added)
        grams = added[link_row, pollutant, hour]
        yield _rows(MovedKind.DETOUR, scenario_id, (links, link_row), pollutant, day.start_us + hour * HOUR_US, grams)


def detour_sums(detour: Detour, days: Sequence[DetourDay], window: Window) -> tuple[MovedKindSums, dict[int, Floats]]:
    """The emission that a detour moves by outcome, and what it adds to the region by instant."""
    receivers = [{}] if detour.links is None else detour.links.receivers
    is_placed = np.array([bool(taking) for taking in receivers])
    moved = np.sum([day.moved_g.sum(axis=2) for day in days], axis=0)
    if detour.destination == OUTSIDE:
        return MovedKindSums(window, {MovedOutcome.OUTSIDE: moved.sum(axis=0)}), {}
    outcomes = {
        MovedOutcome.ADDED: moved[is_placed].sum(axis=0),
        MovedOutcome.NO_OPEN_LINK: moved[~is_placed].sum(axis=0),
    }
    added = {
        day.start_us + hour * HOUR_US: day.moved_g[is_placed, :, hour].sum(axis=0)
        for day in days
        for hour in range(day.moved_g.shape[2])
    }
    return MovedKindSums(window, outcomes), added


def join_rows(parts: Sequence[pa.Table]) -> pa.Table:
    """All rows in order of key."""
    declared = schema.table(HOURLY)
    whole = pa.concat_tables(parts) if parts else pa.table({name: [] for name in declared.names})
    return conform(whole.sort_by([(name, "ascending") for name in declared.key]), declared)


def _rows(
    kind: MovedKind,
    scenario_id: str,
    sources: tuple[Sequence[str], Positions],
    pollutant: Positions,
    instant_us: Positions,
    added_g: Floats,
) -> pa.Table:
    count, codes = len(added_g), list(schema.codes()["pollutant"])
    return pa.table(
        {
            "scenario_id": pa.array([scenario_id] * count, pa.string()),
            "moved_kind_code": pa.array([str(kind)] * count, pa.string()),
            "source_id": pa.array(list(sources[0]), pa.string()).take(pa.array(sources[1])),
            "pollutant_code": pa.array(codes, pa.string()).take(pa.array(pollutant)),
            "hour_utc": pa.array(instant_us, pa.timestamp("us", "UTC")),
            "added_emission_g": pa.array(added_g),
        }
    )
