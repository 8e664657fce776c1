"""Air quality index by the standard that is valid on a day.

Belongs here: breakpoints, items and versions of the standard, for arrays. Does not: running means, alert levels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import reference
from bigdata_emis.arrays import Floats
from bigdata_emis.equations import air_quality
from bigdata_emis.errors import InputError

Item: TypeAlias = tuple[str, str]
"""A pollutant and an averaging time, for instance ('O3', '8h')."""
CLEAN_AQI = 50
"""A primary pollutant is named only above this index (HJ 633-2012 section 4.5, HJ 633-2026)."""
MEAN_DECIMALS = 6
"""Decimals of ug/m3 to which a mean is computed; what lies below is the noise of binary numbers."""


@dataclass(frozen=True)
class Rule:
    """Rule of one version of the standard for one item (pollutant and averaging time).

    above_iaqi: sub-index above the last breakpoint; None: not computed there.
    """

    averaging_h: int
    least_hour_count: int
    above_iaqi: float | None
    rounding_step_ug_per_m3: float | None
    is_daily: bool
    is_hourly: bool
    breakpoints_ug_per_m3: Floats
    iaqis: Floats


@dataclass(frozen=True)
class Standard:
    """One version of the air quality index."""

    rule_version: str
    rules: Mapping[Item, Rule]

    def items(self, *, daily: bool) -> tuple[Item, ...]:
        """Return the items of the daily or of the hourly index."""
        return tuple(item for item, rule in self.rules.items() if (rule.is_daily if daily else rule.is_hourly))

    @property
    def least_day_hour_count(self) -> int:
        """Least number of hourly values of a day with a value, whatever the averaging time."""
        return max(rule.least_hour_count for rule in self.rules.values())

    def iaqi(self, item: Item, concentration_ug_per_m3: Floats | float) -> Floats:
        """Compute the sub-indices of one item; NaN where concentration or breakpoint is missing.

        Raises InputError when the standard has no such item, or a concentration is negative.
        """
        rule = self._rule(item)
        values = _round_to_step(np.atleast_1d(np.asarray(concentration_ug_per_m3, float)), rule.rounding_step_ug_per_m3)
        if (values < 0).any():
            raise InputError(
                f"concentration of {item[0]} is negative: {np.nanmin(values):g} ug/m3",
                "flag the value before an index is computed",
            )
        upper = np.clip(np.searchsorted(rule.breakpoints_ug_per_m3, values), 1, len(rule.iaqis) - 1)
        interpolated = air_quality.iaqi(
            values,
            lower_breakpoint_ug_per_m3=rule.breakpoints_ug_per_m3[upper - 1],
            upper_breakpoint_ug_per_m3=rule.breakpoints_ug_per_m3[upper],
            lower_iaqi=rule.iaqis[upper - 1],
            upper_iaqi=rule.iaqis[upper],
        )
        above = np.nan if rule.above_iaqi is None else rule.above_iaqi
        result: Floats = np.where(values > rule.breakpoints_ug_per_m3[-1], above, interpolated) + 0.0  # no minus zero
        return result

    def aqi(self, sub_indices: Mapping[Item, Floats]) -> Floats:
        """Compute the index: the largest sub-index that is not missing; NaN where all are."""
        largest: Floats = np.fmax.reduce([np.asarray(values, float) for values in sub_indices.values()])
        return largest

    def primary_pollutants(self, sub_indices: Mapping[Item, Floats], position: int = 0) -> tuple[str, ...]:
        """Return the pollutants with the largest sub-index at a position; none in clean air."""
        present = {
            item: float(values[position]) for item, values in sub_indices.items() if not np.isnan(values[position])
        }
        top = max(present.values(), default=0.0)
        if top <= CLEAN_AQI:
            return ()
        return tuple(dict.fromkeys(pollutant for (pollutant, _), value in present.items() if value == top))

    def _rule(self, item: Item) -> Rule:
        if item not in self.rules:
            items = ", ".join(f"{pollutant} {averaging}" for pollutant, averaging in self.rules)
            raise InputError(f"{self.rule_version} has no sub-index of {item[0]} over {item[1]}", f"use one of {items}")
        return self.rules[item]


def standard_on(day: date, *, region_folder: Path | None = None) -> Standard:
    """Return the standard in force on a local day. Raises InputError unless it is exactly one."""
    rows = reference.valid_on(reference.read("aqi_item", region_folder), day)
    versions = pc.unique(rows["rule_version"]).to_pylist()
    if len(versions) != 1:
        raise InputError(
            f"{len(versions)} air quality standards are valid on {day}",
            "correct valid_from and valid_to in aqi_item.csv",
        )
    return standard(versions[0], region_folder=region_folder)


def standard(rule_version: str, *, region_folder: Path | None = None) -> Standard:
    """Return the standard of a version. Raises InputError when there is none."""
    items = reference.read("aqi_item", region_folder)
    breakpoints = reference.read("aqi_breakpoint", region_folder)
    chosen = items.filter(pc.equal(items["rule_version"], rule_version)).to_pylist()
    if not chosen:
        versions = ", ".join(pc.unique(items["rule_version"]).to_pylist())
        raise InputError(f"air quality standard '{rule_version}' is unknown", f"use one of {versions}")
    own_breakpoints = breakpoints.filter(pc.equal(breakpoints["rule_version"], rule_version))
    return Standard(
        rule_version,
        {(row["pollutant_code"], row["averaging_code"]): _make_rule(row, own_breakpoints) for row in chosen},
    )


def _make_rule(row: dict[str, Any], breakpoints: pa.Table) -> Rule:
    is_item = pc.and_(
        pc.equal(breakpoints["pollutant_code"], row["pollutant_code"]),
        pc.equal(breakpoints["averaging_code"], row["breakpoint_averaging_code"]),
    )
    defined = breakpoints.filter(
        pc.and_(is_item, pc.is_valid(breakpoints["breakpoint_concentration_ug_per_m3"]))
    ).sort_by("iaqi")
    return Rule(
        averaging_h=row["averaging_h"],
        least_hour_count=row["least_hour_count"],
        above_iaqi=row["above_iaqi"],
        rounding_step_ug_per_m3=row["rounding_step_ug_per_m3"],
        is_daily=row["is_daily_item"],
        is_hourly=row["is_hourly_item"],
        breakpoints_ug_per_m3=defined["breakpoint_concentration_ug_per_m3"].to_numpy(),
        iaqis=defined["iaqi"].to_numpy().astype(float),
    )


def _round_to_step(values: Floats, step: float | None) -> Floats:
    """Round half to even at the step (GB/T 8170); where the standard has no step, only the noise of a mean goes.

    A mean of 150 that is computed as 150.00000000000003 would have the sub-index 201 instead of 200.
    """
    if not step:
        return np.round(values, MEAN_DECIMALS)
    rounded: Floats = np.round(values / step) * step
    return rounded
