"""The reference tables of the on-road guide, and the look-ups that its corrections share.

Belongs here: rows grouped by vehicle, and the bin that a value is in. Does not: any correction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Flags, Floats

Vehicle = tuple[str, str, str]
"""Vehicle class, fuel and emission stage."""
Rows = list[tuple[float, ...]]


@dataclass(frozen=True)
class GuideTables:
    """Base factors and corrections, each under the name of its reference table."""

    road_base_emission_factor: pa.Table
    road_speed_correction: pa.Table
    road_temperature_correction: pa.Table
    road_humidity_correction: pa.Table
    road_sulphur_correction: pa.Table
    road_fuel_sulphur: pa.Table
    road_deterioration_correction: pa.Table
    road_load_correction: pa.Table
    road_altitude_correction: pa.Table
    road_evaporation_factor: pa.Table
    road_wear_factor: pa.Table
    road_wear_speed_correction: pa.Table
    road_carbon_share: pa.Table


def group_rows(table: pa.Table, key: Sequence[str], values: Sequence[str]) -> Mapping[tuple[str, ...], Rows]:
    """The values of the rows of each key, ascending."""
    groups: dict[tuple[str, ...], Rows] = {}
    for row in zip(*(table[name].to_pylist() for name in (*key, *values)), strict=True):
        groups.setdefault(row[: len(key)], []).append(row[len(key) :])
    return {identity: sorted(rows) for identity, rows in groups.items()}


def step_factor(rows: Sequence[tuple[float, ...]], values: Floats, reference: float) -> Floats:
    """The factor of the last bin that each value has reached; 1 where none is reached or the value is unknown."""
    factors = np.ones(len(values))
    for edge, factor in sorted(rows):
        factors[has_reached(edge, values, reference)] = factor
    return factors


def has_reached(edge: float, values: Floats, reference: float) -> Flags:
    """Whether each value is in or above the bin of a lower edge.

    An edge is in the bin nearer the reference state, as in the guide (24 °C, 25 °C, 1500 m).
    """
    reached: Flags = values > edge if edge >= reference else values >= edge
    return reached
