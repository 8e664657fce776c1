"""What vehicle measures cut on a road link: a share of its emission by hour, speed and pollutant.

Belongs here: the factored cut of traffic. Does not: reading or writing (recalculate.py).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Floats, Integers, Positions
from bigdata_emis.control.scenario.measure_cuts import Cuts


@dataclass(frozen=True)
class RoadCuts:
    """Composite emission factors of the whole fleet and of the banned part, laid flat as pollutant, road class, hour, knot."""

    pollutants: tuple[str, ...]
    road_classes: tuple[str, ...]
    hours_utc: tuple[int, ...]
    knots_km_per_h: Floats
    whole: Floats
    banned: Floats

    @property
    def pollutant_stride(self) -> int:
        """Entries a pollutant takes in the flat tables."""
        return len(self.road_classes) * len(self.hours_utc) * len(self.knots_km_per_h)

    def place(self, road_class: Positions, hour: Positions, speed_km_per_h: Floats) -> tuple[Positions, Floats]:
        """Entry of the knot below, and how far the speed lies towards the knot above (0 to 1, held outside the knots)."""
        knots = self.knots_km_per_h
        # A handful of knots: to compare with each takes a fraction of the time of a search for every speed.
        below = np.zeros(len(speed_km_per_h), dtype=np.intp)
        for inner in knots[1:-1]:
            below += speed_km_per_h >= inner
        lower = knots.take(below)
        fraction = np.clip((speed_km_per_h - lower) / (knots.take(below + 1) - lower), 0.0, 1.0)
        entry = (road_class * len(self.hours_utc) + hour) * len(knots) + below
        return entry, fraction

    def share(self, entry: Positions, fraction: Floats) -> Floats:
        """The share of a link's emission that banned vehicles make: banned factor over whole factor, both at the speed.

        Both are interpolated by the same rule with the banned part nowhere above the whole, so the share stays in 0 to 1
        and grows with every ban, to the last bit.
        """
        rest = 1.0 - fraction
        above = entry + 1
        # Entries come from `place`, so that none is out of range: to check each again takes as long as to fetch it.
        banned, banned_above, whole, whole_above = (
            factors.take(places, mode="clip") for factors in (self.banned, self.whole) for places in (entry, above)
        )
        banned, whole = banned * rest + banned_above * fraction, whole * rest + whole_above * fraction
        if whole.all():
            return banned / whole  # the masked division below costs three times as much
        return np.divide(banned, whole, out=np.zeros_like(whole), where=whole > 0)


def road_cuts(road_emission_factor_hourly: pa.Table, cuts: Cuts) -> RoadCuts:
    """The factors of a day summed over classes and stages, in order of key, whole and as far as the measures ban them."""
    table = road_emission_factor_hourly
    axes = [_coded(table[name]) for name in ("pollutant_code", "road_class_code", "hour_utc", "speed_km_per_h")]
    # A single knot holds at every speed: the next one is out of reach.
    knots = np.array(axes[3][0] if len(axes[3][0]) > 1 else [*axes[3][0], np.inf], dtype=float)
    if table.num_rows == 0:
        return RoadCuts((), (), (), knots, np.zeros(0), np.zeros(0))
    shape = (len(axes[0][0]), len(axes[1][0]), len(axes[2][0]), len(knots))
    entries = np.ravel_multi_index(tuple(places for _, places in axes), shape)
    factors = table["emission_factor_g_per_km"].to_numpy()
    kept_off = factors * _bans(table, cuts)
    size = int(np.prod(shape))
    return RoadCuts(
        pollutants=tuple(axes[0][0]),
        road_classes=tuple(axes[1][0]),
        hours_utc=tuple(axes[2][0]),
        knots_km_per_h=knots,
        whole=np.bincount(entries, factors, minlength=size).astype(float),
        banned=np.bincount(entries, kept_off, minlength=size).astype(float),
    )


def _coded(column: pa.ChunkedArray) -> tuple[list[Any], Integers]:
    """The values in order, and the place of each row among them."""
    coded = (
        column.combine_chunks()
        if pa.types.is_dictionary(column.type)
        else _plain(column).combine_chunks().dictionary_encode()
    )
    values = coded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=values.__getitem__)
    places = np.empty(len(values), dtype=np.int64)
    places[order] = np.arange(len(values))
    return [values[place] for place in order], places[coded.indices.to_numpy()]


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


def _bans(table: pa.Table, cuts: Cuts) -> Floats:
    vehicles, vehicle = _coded(table["vehicle_class_code"])
    stages, stage = _coded(table["emission_stage_code"])
    shares = np.array([[cuts.of_vehicles(v, s) for s in stages] for v in vehicles])
    return shares[vehicle, stage]
