"""What a rebound rests on: the emission of each line for a unit of activity, and its inventory after the event.

Belongs here: what is read of lines. Does not: how much is made up (rebound).
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers, Positions
from bigdata_emis.control.inventory_versions import INVENTORY, InventoryVersions
from bigdata_emis.control.moved.moved_options import Rebound
from bigdata_emis.control.projection.projected_lake import ProjectedLake
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import HOUR_US, MICROSECONDS_PER_S, Window, day_window

ACTIVITY = "activity_hourly"
RATE_DAYS = 3
"""Published days, the newest ones, over which emission and activity of a line are summed."""
COLUMNS = ["source_id", "pollutant_code", "hour_utc", "emission_g"]


@dataclass(frozen=True)
class ReboundBasis:
    """Lines with what they could make up in the hours after an event.

    capacity_per_h: (lines,), not a number where unknown; emission_factor_g_per_unit: (lines, pollutants), not a number
    where unknown; emission_g: after the event, (lines, pollutants, hours), not a number where the inventory has none;
    is_free: hours in which no other order is in force.
    """

    line_ids: list[str]
    window: Window
    capacity_per_h: Floats
    emission_factor_g_per_unit: Floats
    emission_g: Floats
    is_free: Flags

    def digest(self) -> str:
        """A digest of all of it, for the name of the scenario."""
        content = hashlib.sha256("\n".join(self.line_ids).encode())
        for values in (self.capacity_per_h, self.emission_factor_g_per_unit, self.emission_g, self.is_free):
            content.update(np.ascontiguousarray(values).data)
        return content.hexdigest()


def window_after(event: Window, rebound: Rebound) -> Window:
    """The hours after an event in which production is made up."""
    return Window(event.to_utc, event.to_utc + timedelta(hours=rebound.hours))


def read_basis(
    rebound: Rebound,
    store: Store,
    during: InventoryVersions,
    after: tuple[Window, InventoryVersions],
    held: Sequence[Window],
) -> ReboundBasis:
    """The basis from the versions of an event, and of the hours after it; held: hours of other orders in force.

    Raises:
        ChangedFileError: an inventory is not what was recorded.
    """
    window, versions = after
    line_ids = sorted(rebound.capacity_per_h)
    capacity = [rebound.capacity_per_h[line] for line in line_ids]
    held_hours = [any(one.from_utc <= hour < one.to_utc for one in held) for hour in window.hour_starts_utc()]
    return ReboundBasis(
        line_ids,
        window,
        np.array([np.nan if value is None else value for value in capacity], dtype=float),
        _emission_factors(line_ids, store, during),
        _emission_after(line_ids, store, versions, window),
        ~np.array(held_hours, dtype=bool),
    )


def _emission_factors(line_ids: list[str], store: Store, during: InventoryVersions) -> Floats:
    """Emission ÷ activity of each line and pollutant over the newest published days, in hours that have both."""
    inputs = during.inputs()
    lake = ScenarioStore(store, "", inputs)
    days = sorted(map(date.fromisoformat, inputs[INVENTORY]))[-RATE_DAYS:]
    emission, activity = np.zeros((len(line_ids), len(_pollutants()))), np.zeros(len(line_ids))
    has_row = np.zeros(emission.shape, dtype=bool)
    for day in days:
        lake.verify(inputs[INVENTORY][str(day)])
        whole_day = day_window(day, store.time_zone)
        of_day = _activity_of(line_ids, store, day, whole_day)
        is_known = np.isfinite(of_day)
        activity += np.where(is_known, of_day, 0.0).sum(axis=1)
        for line, pollutant, hour, grams in _rows_of_lines(line_ids, lake, day, whole_day):
            is_used = is_known[line, hour]
            np.add.at(emission, (line[is_used], pollutant[is_used]), grams[is_used])
            has_row[line[is_used], pollutant[is_used]] = True
    is_known_factor = has_row & (activity > 0)[:, None]
    factors = np.full(emission.shape, np.nan)
    np.divide(emission, activity[:, None], out=factors, where=is_known_factor)
    return factors


def _emission_after(line_ids: list[str], store: Store, versions: InventoryVersions, window: Window) -> Floats:
    """The inventory of lines after the event, published or projected."""
    emission = np.full((len(line_ids), len(_pollutants()), window.hours), np.nan)
    for version in versions.inputs()[INVENTORY].values():
        store.verify(version)
    if versions.projection is None:
        lake = ScenarioStore(store, "", versions.by_table)
    else:
        lake = ProjectedLake(store, "", versions, versions.projection)
    for day in sorted([*versions.days, *versions.projected_days]):
        for line, pollutant, hour, grams in _rows_of_lines(line_ids, lake, day, window):
            emission[line, pollutant, hour] = grams
    return emission


def _activity_of(line_ids: list[str], store: Store, day: date, window: Window) -> Floats:
    """The activity of lines in the hours of a day, (lines, hours), not a number where it is not known."""
    table = store.read(ACTIVITY, [day], columns=["source_id", "hour_utc", "activity"])
    activity = np.full((len(line_ids), window.hours), np.nan)
    line = pc.fill_null(pc.index_in(table["source_id"], pa.array(line_ids, pa.string())), -1).to_numpy()
    hour = _hour_numbers(table["hour_utc"], window)
    is_used = (line >= 0) & (hour >= 0) & (hour < window.hours)
    activity[line[is_used], hour[is_used]] = table["activity"].to_numpy()[is_used]
    return activity


def _rows_of_lines(
    line_ids: list[str], lake: ScenarioStore, day: date, window: Window
) -> Iterator[tuple[Positions, Positions, Positions, Floats]]:
    """Line, pollutant, hour of the window and emission of the rows of lines."""
    lines, codes = pa.array(line_ids, pa.string()), pa.array(_pollutants())
    for piece in _pieces_with(line_ids, lake, day):
        place = []
        for name, listed in (("source_id", lines), ("pollutant_code", codes)):
            column = piece[name].combine_chunks()
            rows = pc.fill_null(pc.index_in(column.dictionary, listed), -1).to_numpy().astype(np.intp)
            place.append(rows[column.indices.to_numpy()])
        hour = _hour_numbers(piece["hour_utc"], window)
        is_used = (place[0] >= 0) & (place[1] >= 0) & (hour >= 0) & (hour < window.hours)
        yield place[0][is_used], place[1][is_used], hour[is_used], piece["emission_g"].to_numpy()[is_used]


def _pieces_with(line_ids: list[str], lake: ScenarioStore, day: date) -> Iterable[pa.Table]:
    """The pieces of a day that have one of the lines: of large regions nearly all have links only."""
    listed = set(line_ids)
    numbers = [
        number
        for number, piece in enumerate(lake.pieces(INVENTORY, day, ["source_id"]))
        if not listed.isdisjoint(piece["source_id"].combine_chunks().dictionary.to_pylist())
    ]
    return lake.pieces(INVENTORY, day, COLUMNS, numbers=numbers) if numbers else ()


def _hour_numbers(hour_utc: pa.ChunkedArray, window: Window) -> Integers:
    start_us = int(window.from_utc.timestamp()) * MICROSECONDS_PER_S
    numbers: Integers = (hour_utc.cast(pa.int64()).to_numpy() - start_us) // HOUR_US
    return numbers


def _pollutants() -> list[str]:
    return list(schema.codes()["pollutant"])
