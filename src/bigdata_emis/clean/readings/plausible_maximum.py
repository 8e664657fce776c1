"""The most that a meter or a line can plausibly show in an hour, by the capacity in the registry.

Belongs here: the maximum of an hour and the readings above it. Does not: bounds of fields (schema), or comparison with
neighbours (outliers).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.readings.judged_readings import JudgedReadings
from bigdata_emis.codes import ActivityUnit, MeterRole

MINUTES_PER_HOUR = 60.0
LEAST_READINGS = 6
"""Readings of a day from which on most of them being too high says that the day is of another unit or a register."""
YEAR_H, YEAR_DAYS, DAY_H = 8760, 365, 24


@dataclass(frozen=True)
class CountLimits:
    """What no count of an hour and no sum of a local day of an area reaches, in its unit."""

    hour: float
    day: float


def compute_maximum_energy_kwh(meter: pa.Table, production_line: pa.Table, *, factor: float) -> dict[str, float]:
    """The maximum energy of an hour, by meter.

        maximum = factor × Σ reference energy of the lines of its enterprise

    A meter may serve its neighbours too, so the enterprise counts and not the line alone. Where one of its lines has no
    reference energy, there is no maximum (infinite).
    """
    lines = production_line.select(["production_line_id", "enterprise_id", "reference_energy_kwh"]).to_pylist()
    enterprise_kwh: dict[str, float] = {}
    for line in lines:
        line_kwh = np.inf if line["reference_energy_kwh"] is None else line["reference_energy_kwh"]
        enterprise_kwh[line["enterprise_id"]] = enterprise_kwh.get(line["enterprise_id"], 0.0) + line_kwh
    owner = {line["production_line_id"]: line["enterprise_id"] for line in lines}
    return {
        row["meter_id"]: factor * enterprise_kwh[owner[row["production_line_id"]]]
        for row in meter.to_pylist()
        if row["production_line_id"] in owner
    }


def compute_load_bounds_kwh(meter: pa.Table, production_line: pa.Table) -> dict[str, tuple[float, float]]:
    """The least and the most energy of an hour of its line by meter, NaN where the registry does not say.

        least = base_load_share × reference energy,  most = reference energy

    A line that generates power itself may buy less than its base load. Meters of treatment devices and of generation on
    site have no bounds.
    """
    names = ["production_line_id", "reference_energy_kwh", "base_load_share"]
    lines = {row["production_line_id"]: row for row in production_line.select(names).to_pylist()}
    rows = meter.select(["meter_id", "production_line_id", "meter_role_code"]).to_pylist()
    generating = {row["production_line_id"] for row in rows if row["meter_role_code"] == MeterRole.SELF_GENERATION}
    bounds: dict[str, tuple[float, float]] = {}
    for row in rows:
        line = lines.get(row["production_line_id"])
        if line is None or row["meter_role_code"] in (MeterRole.ABATEMENT, MeterRole.SELF_GENERATION):
            continue
        rated_kwh = np.nan if line["reference_energy_kwh"] is None else line["reference_energy_kwh"]
        is_known = line["base_load_share"] is not None and row["production_line_id"] not in generating
        bounds[row["meter_id"]] = (rated_kwh * line["base_load_share"] if is_known else np.nan, rated_kwh)
    return bounds


def compute_maximum_activity(production_line: pa.Table, *, factor: float) -> dict[tuple[str, str], float]:
    """The maximum activity of an hour by line and its own unit: `factor` times its capacity."""
    rows = production_line.select(["production_line_id", "activity_unit_code", "capacity_per_h"]).to_pylist()
    return {
        (row["production_line_id"], row["activity_unit_code"]): factor * row["capacity_per_h"]
        for row in rows
        if row["capacity_per_h"]
    }


def exceeds_maximum_energy(judged: JudgedReadings, maximum_kwh: dict[str, float], expected_min: Floats) -> Flags:
    """The readings above the maximum energy of their meter.

    A reading of a part of an hour may have that part of the maximum. `expected_min` is the length of a reading in
    minutes, by source.
    """
    meter_ids = judged.keys["meter_id"].to_pylist()
    maximum = np.array([maximum_kwh.get(meter_id) or np.inf for meter_id in meter_ids], dtype=np.float64)
    hour_share = expected_min[judged.source] / MINUTES_PER_HOUR
    is_above: Flags = judged.values("energy_kwh") > maximum[judged.source] * hour_share
    return is_above | _is_of_such_day(is_above, judged)


def _is_of_such_day(is_above: Flags, judged: JudgedReadings) -> Flags:
    """The readings of a day of a source on which most readings are above the maximum.

    They are of another unit, or of a register that counts up: one that has rolled over shows small values again, which
    would pass as energy.
    """
    is_given = ~np.isnan(judged.values("energy_kwh")) & (judged.hour >= 0)
    day = np.where(judged.hour >= 0, judged.grid.day[np.maximum(judged.hour, 0)], -1)
    _, number = np.unique(np.stack([judged.source, day]), axis=1, return_inverse=True)
    number = number.reshape(-1)
    given, above = (np.bincount(number, is_hit, minlength=len(number)) for is_hit in (is_given, is_above & is_given))
    is_such_day = (given >= LEAST_READINGS) & (2 * above > given)
    such: Flags = is_such_day[number] & is_given
    return such


def exceeds_maximum_activity(judged: JudgedReadings, maximum: dict[tuple[str, str], float]) -> Flags:
    """The readings above the maximum activity of their line.

    A reading in another unit than the line's is not compared.
    """
    columns = (judged.rows[name].to_pylist() for name in ("production_line_id", "activity_unit_code"))
    limit = np.array([maximum.get(key, np.inf) for key in zip(*columns, strict=True)], dtype=np.float64)
    is_above: Flags = judged.values("activity") > limit
    return is_above


def compute_count_limits(counted_area: pa.Table, limit: Mapping[str, float]) -> dict[str, CountLimits]:
    """What no count of an hour and no sum of a local day reaches, by counted area.

        hour = max(least, min(year, multiple × year ÷ 8760 + spare))
        day = max(least, min(year, multiple × year ÷ 365 + 24 × spare))

    Of fires a day may have many more than a mean day, so that only the fires of the year limit both.
    limit: the values of reference/input_limit.csv.
    """
    spare_per_h, least = limit["count_spare_per_h"], limit["count_least_limit"]
    rows = counted_area.select(["activity_area_id", "activity_unit_code", "annual_activity"]).to_pylist()
    limits: dict[str, CountLimits] = {}
    for row in rows:
        year = hour = day = row["annual_activity"]
        if row["activity_unit_code"] != ActivityUnit.FIRE:
            hour = min(year, limit["count_hour_multiple"] * year / YEAR_H + spare_per_h)
            day = min(year, limit["count_day_multiple"] * year / YEAR_DAYS + spare_per_h * DAY_H)
        limits[row["activity_area_id"]] = CountLimits(hour=max(least, hour), day=max(least, day))
    return limits


def exceeds_count_limits(judged: JudgedReadings, *, limits: Mapping[str, CountLimits]) -> Flags:
    """The counts that reach the limit of their hour, and those of a local day whose sum reaches the limit of a day.

    Such a count has another unit or is a running total. The sum is of the last usable count of each hour, without those
    above the limit of an hour: one wrong hour takes no other with it.
    """
    of_source = [limits.get(area) for area in judged.keys["activity_area_id"].to_pylist()]
    hour_limit, day_limit = (
        np.array([getattr(limit, name) if limit else np.inf for limit in of_source]) for name in ("hour", "day")
    )
    count = judged.values("counted_activity")
    is_above: Flags = count >= hour_limit[judged.source]
    is_summed = ~is_above & ~np.isnan(count) & ~judged.reasons.has_reason
    day_number = judged.source * (int(judged.grid.day[-1]) + 1) + judged.grid.day[np.maximum(judged.hour, 0)]
    last = _last_of_each_hour(judged, np.flatnonzero(is_summed))
    day_sum = np.bincount(day_number[last], count[last], minlength=int(day_number.max(initial=0)) + 1)
    is_of_such_day: Flags = is_summed & (day_sum[day_number] >= day_limit[judged.source])
    return is_above | is_of_such_day


def _last_of_each_hour(judged: JudgedReadings, rows: Integers) -> Integers:
    """Of these rows, the last to arrive of each source and hour."""
    order = rows[np.lexsort((judged.rows["record_number"].to_numpy()[rows], judged.hour[rows], judged.source[rows]))]
    source, hour = judged.source[order], judged.hour[order]
    is_last = np.append((source[1:] != source[:-1]) | (hour[1:] != hour[:-1]), True)[: len(order)]
    last: Integers = order[is_last]
    return last
