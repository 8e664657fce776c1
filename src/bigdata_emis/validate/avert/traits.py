"""What is known of a unit without a monitor: place, size, kind, how it is run, its plant, and (by fuel bills) its heat rate.

Belongs here: traits as columns of numbers, and coarse classes. Does not: anything a stack monitor says.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats, Integers, Texts
from bigdata_emis.validate.avert.data import UnitYear

RANKS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
"""Ranks of the hours of regional load at which a unit's output is looked at: does it run at the base or at the peak?"""
SIZES_KWH = (30e3, 100e3, 250e3, 500e3)
COMMON_PREFIX = 15
"""A prefix of unit codes counts as a trait when so many units bear it."""
KINDS = (("cc", re.compile(r"CC|COMBINED|HRSG|CTG|STG")), ("ct", re.compile(r"CT|GT|TURB|PEAK|JET")))
KM_PER_DEGREE = 111.2


@dataclass(frozen=True)
class Traits:
    """Traits of units, a row each. `known` goes with power alone; `heat` is the log heat rate (GJ a kWh), known from fuel bills."""

    plant: Integers
    known: Floats
    heat: Floats
    group: Texts


def traits(year: UnitYear) -> Traits:
    """The traits of every unit; units without output have no meaningful ones and are left to the caller to drop."""
    unit, weight = year.unit, year.weight_h
    generation = (year.energy_kwh * weight).sum(axis=1)
    most = np.maximum(year.energy_kwh.max(axis=1), 1e-9)
    heat = (year.mean(year.heat_gj) * weight).sum(axis=1)
    plant = unit["orispl_code"].to_numpy(np.int64)
    kind = np.array([_kind(name, code) for name, code in zip(unit["full_name"], unit["unit_code"], strict=True)])
    frame = pd.DataFrame({"plant": plant, "most": most})
    siblings = frame.groupby("plant")["most"]
    numbers = [
        unit["lat"],
        unit["lon"],
        *_crossed(unit),
        np.log(most),
        np.log(np.maximum(generation, 1.0)),
        generation / weight.sum(axis=1) / most,
        year.energy_kwh.min(axis=1) / most,
        siblings.transform("size"),
        np.log(siblings.transform("sum")),
        siblings.rank(pct=True),
        siblings.transform("std").fillna(0.0) / most,
        plant,
        *_at_ranks(year, most).T,
    ]
    known = np.column_stack([np.asarray(n, dtype=np.float64) for n in [*numbers, *_indicators(unit, kind)]])
    heat_rate = np.log(np.clip(heat / np.maximum(generation, 1e-9), 1e-3, 1.0))
    size = np.digitize(most, SIZES_KWH)
    group = np.array(
        [f"{f}|{s}|{k}|{n}" for f, s, k, n in zip(unit["fuel_type"], unit["state"], kind, size, strict=True)]
    )
    return Traits(plant, known, heat_rate, group)


def _kind(name: str, code: str) -> str:
    """Combined cycle, combustion turbine or other, from what the unit is called in the registry."""
    called = (f"{name} {code}".upper(), code.upper())
    return next((kind for (kind, pattern), text in zip(KINDS, called, strict=True) if pattern.search(text)), "other")


def _crossed(unit: pd.DataFrame) -> list[Floats]:
    """Sums and differences of northing and easting, so that a tree can cut across the map on the slant."""
    north = unit["lat"].to_numpy(dtype=np.float64) * KM_PER_DEGREE
    east = (
        unit["lon"].to_numpy(dtype=np.float64)
        * KM_PER_DEGREE
        * np.cos(np.radians(unit["lat"].to_numpy(dtype=np.float64)))
    )
    return [north + east, north - east]


def _at_ranks(year: UnitYear, most: Floats) -> Floats:
    """Output over the largest, at ranks of the hours of regional load."""
    weight = year.weight_h
    rank = np.cumsum(weight, axis=1) / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    found = [np.interp(RANKS, rank[i], year.energy_kwh[i] / most[i]) for i in range(len(most))]
    return np.array(found).reshape(len(most), len(RANKS))


def _indicators(unit: pd.DataFrame, kind: Texts) -> list[Floats]:
    prefix = unit["unit_code"].str.extract(r"^\**([A-Z]+)")[0].fillna("none")
    counted = prefix.map(prefix.value_counts())
    named = prefix.where(counted >= COMMON_PREFIX, "rare").to_numpy()
    columns = [(kind == k) for k in ("cc", "ct")]
    columns += [(unit["region"].to_numpy() == r) for r in sorted(unit["region"].unique())]
    columns += [(named == p) for p in sorted(set(named.tolist()))]
    return [np.asarray(c, dtype=np.float64) for c in columns]
