"""The share of the emission of a road link that vehicle measures cut, by hour, speed and pollutant.

Belongs here: emission factors of the whole fleet and of its banned part. Does not: reading or writing (recalculate).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Floats, Integers, Positions
from bigdata_emis.control.scenario.measure_cuts import MeasureCuts


@dataclass(frozen=True)
class RoadCuts:
    """Emission factors of the fleet and its banned part by pollutant, road class, hour, knot.

    whole, banned: flat, in the order (pollutant, road class, hour, knot); knots_km_per_h: (knots,).
    """

    pollutants: tuple[str, ...]
    road_classes: tuple[str, ...]
    hours_utc: tuple[int, ...]
    knots_km_per_h: Floats
    whole: Floats
    banned: Floats

    @property
    def pollutant_stride(self) -> int:
        """The number of entries of one pollutant in the flat tables."""
        return len(self.road_classes) * len(self.hours_utc) * len(self.knots_km_per_h)

    def locate(self, road_class: Positions, hour: Positions, speed_km_per_h: Floats) -> tuple[Positions, Floats]:
        """Entry of the knot below each speed, and position of the speed towards the next, 0 to 1."""
        knots = self.knots_km_per_h
        # With a handful of knots, comparing with each takes a fraction of the time of a search for every speed.
        below = np.zeros(len(speed_km_per_h), dtype=np.intp)
        for inner in knots[1:-1]:
            below += speed_km_per_h >= inner
        lower = knots.take(below)
        fraction = np.clip((speed_km_per_h - lower) / (knots.take(below + 1) - lower), 0.0, 1.0)
        entry = (road_class * len(self.hours_utc) + hour) * len(knots) + below
        return entry, fraction

    def banned_share(self, entry: Positions, fraction: Floats) -> Floats:
        """The emission share of banned vehicles: banned over whole factor, both at the speed.

        Both are interpolated by the same rule and the banned part is nowhere above the whole, so the share is in 0 to 1
        and never decreases with another ban, to the last bit.
        """
        rest = 1.0 - fraction
        above = entry + 1
        # Entries come from `locate`, so none is out of range: to check each again takes as long as to fetch it.
        banned, banned_above, whole, whole_above = (
            factors.take(entries, mode="clip") for factors in (self.banned, self.whole) for entries in (entry, above)
        )
        banned, whole = banned * rest + banned_above * fraction, whole * rest + whole_above * fraction
        if whole.all():
            return banned / whole  # the masked division below costs three times as much
        return np.divide(banned, whole, out=np.zeros_like(whole), where=whole > 0)


def compute_road_cuts(road_emission_factor_hourly: pa.Table, cuts: MeasureCuts) -> RoadCuts:
    """The factors of a day summed over classes and stages, of the fleet and its banned part."""
    table = road_emission_factor_hourly
    axes = [_encode_sorted(table[name]) for name in ("pollutant_code", "road_class_code", "hour_utc", "speed_km_per_h")]
    # A single knot applies at every speed: the next one is out of reach.
    knots = np.array(axes[3][0] if len(axes[3][0]) > 1 else [*axes[3][0], np.inf], dtype=float)
    if table.num_rows == 0:
        return RoadCuts((), (), (), knots, np.zeros(0), np.zeros(0))
    shape = (len(axes[0][0]), len(axes[1][0]), len(axes[2][0]), len(knots))
    entries = np.ravel_multi_index(tuple(numbers for _, numbers in axes), shape)
    factors = table["emission_factor_g_per_km"].to_numpy()
    banned = factors * _banned_shares(table, cuts)
    size = int(np.prod(shape))
    return RoadCuts(
        pollutants=tuple(axes[0][0]),
        road_classes=tuple(axes[1][0]),
        hours_utc=tuple(axes[2][0]),
        knots_km_per_h=knots,
        whole=np.bincount(entries, factors, minlength=size).astype(float),
        banned=np.bincount(entries, banned, minlength=size).astype(float),
    )


def _encode_sorted(column: pa.ChunkedArray) -> tuple[list[Any], Integers]:
    """The distinct values in order, and the number of that of each row."""
    if pa.types.is_dictionary(column.type):
        encoded = column.combine_chunks()
    else:
        encoded = _instants_as_integers(column).combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=values.__getitem__)
    numbers = np.empty(len(values), dtype=np.int64)
    numbers[order] = np.arange(len(values))
    return [values[position] for position in order], numbers[encoded.indices.to_numpy()]


def _instants_as_integers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


def _banned_shares(table: pa.Table, cuts: MeasureCuts) -> Floats:
    vehicles, vehicle = _encode_sorted(table["vehicle_class_code"])
    stages, stage = _encode_sorted(table["emission_stage_code"])
    shares = np.array([[cuts.vehicle_share(v, s) for s in stages] for v in vehicles])
    return shares[vehicle, stage]
