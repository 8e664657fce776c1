"""Characteristics of a power unit that need no stack monitor.

Belongs here: traits as columns of numbers, and coarse classes. Does not: anything that a stack monitor measures.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats, Integers, Texts
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.validate.avert.data import UnitYear

RANKS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
"""Ranks of the hours of regional load at which the output is a trait: base-load or peak-load operation."""
SIZES_KWH = (30e3, 100e3, 250e3, 500e3)
COMMON_PREFIX = 15
"""A prefix of unit codes is a trait when this many units have it."""
RARE = "rare"
KINDS = (("cc", re.compile(r"CC|COMBINED|HRSG|CTG|STG")), ("ct", re.compile(r"CT|GT|TURB|PEAK|JET")))
KM_PER_DEGREE = 111.2
CARBON_KG_PER_GJ = (30.0, 120.0)
"""Bounds of the CO2 of a fuel per heat; a value beyond them is an error. In 2021 coal units cluster at 88.2, 90.2 and
93.5, gas units at 51.1: the carbon factors by fuel and rank of coal of 40 CFR 75, appendix F, table 1."""


@dataclass(frozen=True)
class Traits:
    """Traits of units, shape (units, traits).

    `power` needs power data and the fuel of the registry; `heat` is the log heat rate in GJ/kWh, known from fuel bills;
    `group` is a coarse class. `regions` and `prefixes` name the indicator columns.
    """

    plant: Integers
    power: Floats
    heat: Floats
    group: Texts
    regions: tuple[str, ...]
    prefixes: tuple[str, ...]


def derive_traits(year: UnitYear, *, same_columns_as: Traits | None = None) -> Traits:
    """The traits of every unit.

    The CO2 per heat is a trait of the fuel: reported heat is CO2 over the carbon factor that the plant declares, so
    it says the rank of coal, and how much oil or coal a gas unit burns, as a fuel bill does. Those of units without
    output have no meaning; the caller drops them. Units of another year have the same columns with `same_columns_as`.
    """
    unit, weight = year.unit, year.weight_h
    generation = (year.energy_kwh * weight).sum(axis=1)
    largest = np.maximum(year.energy_kwh.max(axis=1), 1e-9)
    heat = (year.mean(year.heat_gj) * weight).sum(axis=1)
    plant = unit["orispl_code"].to_numpy(np.int64)
    kind = np.array([_kind(name, code) for name, code in zip(unit["full_name"], unit["unit_code"], strict=True)])
    frame = pd.DataFrame({"plant": plant, "largest": largest})
    siblings = frame.groupby("plant")["largest"]
    numbers = [
        unit["lat"],
        unit["lon"],
        *_diagonals(unit),
        np.log(largest),
        np.log(np.maximum(generation, 1.0)),
        generation / weight.sum(axis=1) / largest,
        year.energy_kwh.min(axis=1) / largest,
        siblings.transform("size"),
        np.log(siblings.transform("sum")),
        siblings.rank(pct=True),
        siblings.transform("std").fillna(0.0) / largest,
        plant,
        _log_fuel_carbon(year, heat),
        *_output_at_ranks(year, largest).T,
    ]
    regions = same_columns_as.regions if same_columns_as else tuple(sorted(unit["region"].unique()))
    prefixes = same_columns_as.prefixes if same_columns_as else _common_prefixes(unit)
    indicators = _indicators(unit, kind, regions=regions, prefixes=prefixes)
    power = np.column_stack([np.asarray(n, dtype=np.float64) for n in [*numbers, *indicators]])
    heat_rate = np.log(np.clip(heat / np.maximum(generation, 1e-9), 1e-3, 1.0))
    size = np.digitize(largest, SIZES_KWH)
    group = np.array(
        [f"{f}|{s}|{k}|{n}" for f, s, k, n in zip(unit["fuel_type"], unit["state"], kind, size, strict=True)]
    )
    return Traits(plant, power, heat_rate, group, regions, prefixes)


def _log_fuel_carbon(year: UnitYear, heat_gj: Floats) -> Floats:
    """Logarithm of the CO2 of the fuel in kg/GJ, (units,)."""
    carbon_kg = (year.emission("CO2") * year.weight_h).sum(axis=1) / G_PER_KG
    return np.asarray(np.log(np.clip(carbon_kg / np.maximum(heat_gj, 1e-9), *CARBON_KG_PER_GJ)))


def _kind(name: str, code: str) -> str:
    """Combined cycle, combustion turbine or other, from the name of the unit in the registry."""
    texts = (f"{name} {code}".upper(), code.upper())
    return next((kind for (kind, pattern), text in zip(KINDS, texts, strict=True) if pattern.search(text)), "other")


def _diagonals(unit: pd.DataFrame) -> list[Floats]:
    """Sum and difference of northing and easting, so that a tree can split the map along diagonals."""
    north = unit["lat"].to_numpy(dtype=np.float64) * KM_PER_DEGREE
    east = (
        unit["lon"].to_numpy(dtype=np.float64)
        * KM_PER_DEGREE
        * np.cos(np.radians(unit["lat"].to_numpy(dtype=np.float64)))
    )
    return [north + east, north - east]


def _output_at_ranks(year: UnitYear, largest: Floats) -> Floats:
    """Output over the largest, at RANKS of the hours of regional load, (units, ranks)."""
    weight = year.weight_h
    rank = np.cumsum(weight, axis=1) / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    output = [np.interp(RANKS, rank[i], year.energy_kwh[i] / largest[i]) for i in range(len(largest))]
    return np.array(output).reshape(len(largest), len(RANKS))


def _indicators(unit: pd.DataFrame, kind: Texts, *, regions: Sequence[str], prefixes: Sequence[str]) -> list[Floats]:
    prefix = _prefix(unit)
    common = prefix.where(prefix.isin(prefixes), RARE).to_numpy()
    columns = [(kind == k) for k in ("cc", "ct")]
    columns += [(unit["region"].to_numpy() == r) for r in regions]
    columns += [(common == p) for p in prefixes]
    return [np.asarray(c, dtype=np.float64) for c in columns]


def _common_prefixes(unit: pd.DataFrame) -> tuple[str, ...]:
    prefix = _prefix(unit)
    counted = prefix.map(prefix.value_counts())
    return tuple(sorted(set(prefix.where(counted >= COMMON_PREFIX, RARE).tolist())))


def _prefix(unit: pd.DataFrame) -> "pd.Series[str]":
    return unit["unit_code"].str.extract(r"^\**([A-Z]+)")[0].fillna("none")
