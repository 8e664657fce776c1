"""The share of the emission of a road link that vehicle measures cut, by hour, speed and pollutant.

Belongs here: emission factors of the whole fleet and of its banned part. Does not: reading or writing (recalculate).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats, Integers, Positions
from bigdata_emis.control.scenario.measure_cuts import HourCondition, MeasureCuts
from bigdata_emis.equations.control import remaining_cut_share
from bigdata_emis.equations.traffic import REFERENCE_SPEED_KM_PER_H
from bigdata_emis.reference.fleet_places import REGION

FACTOR_ROWS = 1 << 15
"""Rows of a block of factors: few enough that intermediate arrays stay in the cache of the processor."""
Fleet = tuple[str, str]
"""Road class and place."""


@dataclass(frozen=True)
class RoadCuts:
    """Emission factors of the fleets and their banned part by pollutant, fleet, hour, knot.

    whole, banned: flat, in the order (pollutant, fleet, hour, knot); knots_km_per_h: (knots,). banned_by_measure:
    what each vehicle measure adds to those before it, by number of the measure.
    """

    pollutants: tuple[str, ...]
    fleets: tuple[Fleet, ...]
    hours_utc: tuple[int, ...]
    knots_km_per_h: Floats
    whole: Floats
    banned: Floats
    banned_by_measure: Mapping[int, Floats] = field(default_factory=dict)

    @property
    def pollutant_stride(self) -> int:
        """The number of entries of one pollutant in the flat tables."""
        return len(self.fleets) * len(self.hours_utc) * len(self.knots_km_per_h)

    def locate(self, fleet: Positions, hour: Positions, speed_km_per_h: Floats) -> tuple[Positions, Floats]:
        """Entry of the knot below each speed, and position of the speed towards the next, 0 to 1."""
        knots = self.knots_km_per_h
        # With a handful of knots, comparing with each takes a fraction of the time of a search for every speed.
        below = np.zeros(len(speed_km_per_h), dtype=np.intp)
        for inner in knots[1:-1]:
            below += speed_km_per_h >= inner
        lower = knots.take(below)
        fraction = np.clip((speed_km_per_h - lower) / (knots.take(below + 1) - lower), 0.0, 1.0)
        entry = (fleet * len(self.hours_utc) + hour) * len(knots) + below
        return entry, fraction

    def banned_share(self, entry: Positions, fraction: Floats) -> Floats:
        """The emission share of banned vehicles: banned over whole factor, both at the speed.

        Both are interpolated by the same rule and the banned part is nowhere above the whole, so the share is in 0 to 1
        and never decreases with another ban, to the last bit.
        """
        return _divide(self._interpolate(self.banned, entry, fraction), self._interpolate(self.whole, entry, fraction))

    def banned_share_and_km(self, entry: Positions, fraction: Floats, emission_g: Floats) -> tuple[Floats, Floats]:
        """The share of banned vehicles, and the distance at each entry of the factors that gives the emission.

            w = E ÷ whole factor at the speed, shared between the two knots by the position of the speed

        A measure cuts distance × its banned factors.
        """
        whole = self._interpolate(self.whole, entry, fraction)
        distance, size = _divide(emission_g, whole), len(self.whole)
        above = distance * fraction
        distance -= above
        flat = entry.ravel()
        km = np.bincount(flat, distance.ravel(), minlength=size).astype(float)
        km[1:] += np.bincount(flat, above.ravel(), minlength=size)[:-1]  # at the next knot
        return _divide(self._interpolate(self.banned, entry, fraction), whole), km

    def shares_at_reference_speed(self, factors: Floats, road_class: str, place: str) -> Floats:
        """The share of factors in the whole at the reference speed, (pollutants, hours).

        Of the fleet of a place, else, as for days of earlier versions, of the region.
        """
        shape = (len(self.pollutants), len(self.fleets), len(self.hours_utc), len(self.knots_km_per_h))
        knot = int(np.argmin(np.abs(self.knots_km_per_h - REFERENCE_SPEED_KM_PER_H)))
        fleet = self.fleets.index((road_class, place if (road_class, place) in self.fleets else REGION))
        part, whole = (values.reshape(shape)[:, fleet, :, knot] for values in (factors, self.whole))
        shares: Floats = np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
        return shares

    def _interpolate(self, factors: Floats, entry: Positions, fraction: Floats) -> Floats:
        # Entries come from `locate`, so none is out of range: to check each again takes as long as to fetch it.
        interpolated: Floats = factors.take(entry, mode="clip")
        interpolated *= 1.0 - fraction
        above = factors[1:].take(entry, mode="clip")  # the next knot, without another array of positions
        above *= fraction
        interpolated += above
        return interpolated


def compute_road_cuts(
    road_emission_factor_hourly: pa.Table, cuts: MeasureCuts, condition_of_hour: Mapping[int, HourCondition]
) -> RoadCuts:
    """The factors of a day summed over classes and stages, of the fleet and its banned part.

    condition_of_hour: by the instant of the hour in microseconds; in other hours nothing is banned. A ban cuts what a
    restriction in force has left (restricted_share): shares of both are of the emission without restriction. The table
    may be without the columns of places and restrictions, as it was before these were known.
    """
    table = road_emission_factor_hourly
    axes = [_sort_values(table[name]) for name in ("pollutant_code", "hour_utc", "speed_km_per_h")]
    axes.insert(1, _sort_fleets(table))
    # A single knot applies at every speed: the next one is out of reach.
    knots = np.array(axes[3].values if len(axes[3].values) > 1 else [*axes[3].values, np.inf], dtype=float)
    if table.num_rows == 0:
        return RoadCuts((), (), (), knots, np.zeros(0), np.zeros(0))
    shape = (len(axes[0].values), len(axes[1].values), len(axes[2].values), len(knots))
    hours, groups = axes[2].values, [_sort_values(table[n]) for n in ("vehicle_class_code", "emission_stage_code")]
    conditions = [condition_of_hour.get(hour) for hour in hours]
    banned, by_measure, variant_of_hour = _banned_shares(cuts, conditions, groups[0].values, groups[1].values)
    variants = replace(axes[2], number_of_code=variant_of_hour[axes[2].number_of_code])
    factors = table["emission_factor_g_per_km"].to_numpy()
    parts = [banned, *by_measure.values()]
    rows = _FactorRows(factors, _restricted_shares(table), _Rows(axes, shape), _Rows([variants, *groups], banned.shape))
    whole, *sums = _sum_factors(rows, parts)
    return RoadCuts(
        pollutants=tuple(axes[0].values),
        fleets=tuple(axes[1].values),
        hours_utc=tuple(hours),
        knots_km_per_h=knots,
        whole=whole,
        banned=sums[0],
        banned_by_measure=dict(zip(by_measure, sums[1:], strict=True)),
    )


@dataclass(frozen=True)
class _SortedValues:
    """A column as numbers: its distinct values in order, the code of each row, and the number of each code."""

    values: list[Any]
    codes: Integers
    number_of_code: Integers


@dataclass(frozen=True)
class _Rows:
    """The place of each row in a table of the distinct values of some columns."""

    columns: Sequence[_SortedValues]
    shape: tuple[int, ...]

    def places(self, rows: slice) -> Positions:
        """The flat place of some rows."""
        flat = np.zeros(1, dtype=np.intp)
        for column, size in zip(self.columns, self.shape, strict=True):
            flat = flat * size + column.number_of_code.take(column.codes[rows])
        return flat


@dataclass(frozen=True)
class _FactorRows:
    """Rows of the table: factor, restricted share (None where nothing is restricted), entry and group of each."""

    factors: Floats
    restricted: Floats | None
    entries: _Rows
    groups: _Rows


def _sum_factors(rows: _FactorRows, parts: Sequence[Floats]) -> list[Floats]:
    """The sums of factors at each entry, whole and of each part, in order of the rows.

    parts: the banned share by group, of all measures and of each. Block by block: arrays of all rows would be written
    to memory and read again.
    """
    sums = [np.zeros(int(np.prod(rows.entries.shape))) for _ in range(len(parts) + 1)]
    flat_parts = [part.ravel() for part in parts]
    for start in range(0, len(rows.factors), FACTOR_ROWS):
        block = slice(start, start + FACTOR_ROWS)
        entry, of_rows = rows.entries.places(block), rows.factors[block]
        np.add.at(sums[0], entry, of_rows)
        group = rows.groups.places(block)
        shares_of_parts = [part.take(group) for part in flat_parts]
        if rows.restricted is not None:
            shares_of_parts = _of_what_is_left(shares_of_parts, rows.restricted[block])
        for shares, total in zip(shares_of_parts, sums[1:], strict=True):
            np.add.at(total, entry, of_rows * shares)
    return sums


def _of_what_is_left(banned: Sequence[Floats], restricted: Floats) -> list[Floats]:
    """Banned shares, of all measures and what each adds, as shares of what a restriction has left."""
    together, *added = banned
    restricted = np.where(restricted < 1, restricted, 0.0)  # of a vehicle that may not drive at all nothing is left
    left = [remaining_cut_share(together, restricted)]
    before, cut_before = np.zeros_like(together), np.zeros_like(together)
    for part in added:
        before = before + part
        cut = remaining_cut_share(before, restricted)
        left.append(cut - cut_before)
        cut_before = cut
    return left


def _restricted_shares(table: pa.Table) -> Floats | None:
    """The restricted share of each row; None where no restriction holds, as in tables of earlier versions."""
    if "restricted_share" not in table.column_names:
        return None
    restricted: Floats = pc.fill_null(table["restricted_share"], 0.0).to_numpy()
    return restricted if restricted.any() else None


def _sort_fleets(table: pa.Table) -> _SortedValues:
    """The road class and place of each row as one column; the region, where a table has no places."""
    roads = _sort_values(table["road_class_code"])
    if "fleet_place" not in table.column_names:
        return replace(roads, values=[(road, REGION) for road in roads.values])
    places = _sort_values(pc.fill_null(table["fleet_place"].cast(pa.string()), REGION))
    both = roads.number_of_code.take(roads.codes) * len(places.values) + places.number_of_code.take(places.codes)
    present, codes = np.unique(both, return_inverse=True)
    values = [(roads.values[one // len(places.values)], places.values[one % len(places.values)]) for one in present]
    return _SortedValues(values, codes, np.arange(len(present)))


def _divide(part: Floats, whole: Floats) -> Floats:
    if whole.all():
        return np.asarray(part / whole)  # the masked division below costs three times as much
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


def _sort_values(column: pa.ChunkedArray) -> _SortedValues:
    if pa.types.is_dictionary(column.type):
        encoded = column.combine_chunks()
    else:
        encoded = _instants_as_integers(column).combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=values.__getitem__)
    numbers = np.empty(len(values), dtype=np.intp)
    numbers[order] = np.arange(len(values))
    return _SortedValues([values[position] for position in order], encoded.indices.to_numpy(), numbers)


def _instants_as_integers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


def _banned_shares(
    cuts: MeasureCuts, conditions: Sequence[HourCondition | None], vehicles: Sequence[str], stages: Sequence[str]
) -> tuple[Floats, dict[int, Floats], Positions]:
    """The banned share of vehicles, (variants, classes, stages), together and by measure; the variant of each hour.

    The last variant is that of hours in which nothing is banned.
    """
    variants = sorted({cuts.variant(one) for one in conditions if one is not None})
    shape = (len(variants) + 1, len(vehicles), len(stages))
    shares, parts = np.zeros(shape), dict[int, Floats]()
    for place in np.ndindex(len(variants), len(vehicles), len(stages)):
        of_group = (vehicles[place[1]], stages[place[2]], variants[place[0]])
        shares[place] = cuts.vehicle_share(*of_group)
        for number, part in cuts.vehicle_parts(*of_group):
            parts.setdefault(number, np.zeros(shape))[place] = part
    variant_of_hour = [len(variants) if c is None else variants.index(cuts.variant(c)) for c in conditions]
    return shares, dict(sorted(parts.items())), np.array(variant_of_hour, dtype=np.intp)
