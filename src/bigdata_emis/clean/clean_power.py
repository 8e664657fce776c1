"""Energy readings of meters to hourly energy.

Belongs here: what is particular to meters: intervals, sums, partly read hours. Does not: rules, outliers and gaps as such.
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.clean.readings.hour_grid import Clock, clock_of
from bigdata_emis.clean.readings.imputation import CODES, NONE, SCALED, fill_gaps
from bigdata_emis.clean.readings.judged import Judged, judge_readings, mark_outliers
from bigdata_emis.clean.readings.partitions import clean_in_one_pass, lists_of
from bigdata_emis.clean.readings.plausible_maximum import MINUTES_PER_HOUR, exceeds_energy, greatest_energy_kwh
from bigdata_emis.clean.readings.plausible_maximum import REASON as ABOVE_CAPACITY
from bigdata_emis.clean.readings.rules import Rule, compile_rules
from bigdata_emis.clean.readings.thresholds import Options, options_of
from bigdata_emis.context import Context
from bigdata_emis.flow import stage


def clean_power(power_reading: Any, meter: Any, production_line: Any, *, context: Context) -> dict[str, pa.Table]:
    """Hourly energy of every meter that has readings, and the readings set aside.

    An hour's energy is the sum of its readings; where some are missing, the sum over the share that was read (scaled). Hours without
    any reading are interpolated or taken from the meter's profile and have reading_count 0. A meter without readings in the window
    and in the days looked back on gets no rows: nothing supports a value. A reading far above what the lines of the enterprise can
    use is set aside whatever the meter showed before.
    """
    meters = meter.toArrow()
    interval = dict(zip(meters["meter_id"].to_pylist(), meters["interval_min"].to_pylist(), strict=True))
    rules = compile_rules("power_reading", known={"meter_id": sorted(interval)}, filled=("energy_kwh",))
    clock = clock_of(context, lookback_days=stage("clean_power").lookback_days)
    options = options_of(context)
    greatest = greatest_energy_kwh(meters, production_line.toArrow(), factor=options.capacity_factor)
    work = partial(power_hours, rules=rules, interval_min=interval, greatest_kwh=greatest, clock=clock, options=options)
    return clean_in_one_pass(
        power_reading, work, by="meter_id", reads="power_reading", writes=("power_hourly", "power_quarantine")
    )


def power_hours(
    rows: pa.Table,
    *,
    rules: tuple[Rule, ...],
    interval_min: dict[str, float],
    greatest_kwh: dict[str, float],
    clock: Clock,
    options: Options,
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and the quarantined readings of some meters, of which all readings are given."""
    judged = judge_readings(rows, rules, reading_table="power_reading", clock=clock)
    expected_min = np.array(
        [interval_min.get(key, np.nan) for key in judged.keys["meter_id"].to_pylist()], dtype=np.float64
    )
    judged.verdict.add(
        "out_of_bounds", _has_wrong_interval(judged, expected_min) | _exceeds_its_hour(judged, expected_min)
    )
    judged.verdict.add(ABOVE_CAPACITY, exceeds_energy(judged, greatest_kwh, expected_min))
    judged.keep_latest()
    mark_outliers(judged, "energy_kwh", options)
    return _hourly(judged, expected_min, options), judged.set_aside("power_quarantine")


def _has_wrong_interval(judged: Judged, expected_min: Floats) -> Any:
    """A reading over another interval than the register says cannot be added to the others; nor one longer than an hour."""
    expected = expected_min[judged.source]
    given = judged.values("interval_min")
    return (~np.isnan(given) & ~np.isnan(expected) & (given != expected)) | (expected > MINUTES_PER_HOUR)


def _exceeds_its_hour(judged: Judged, expected_min: Floats) -> Any:
    """The greatest energy is that of an hour: a shorter reading has its part of it, else the sum of an hour could pass it."""
    greatest = schema.field("energy_kwh").maximum or np.inf
    return judged.values("energy_kwh") > greatest * expected_min[judged.source] / MINUTES_PER_HOUR


def _hourly(judged: Judged, expected_min: Floats, options: Options) -> pa.Table:
    count = judged.per_hour()
    expected = (MINUTES_PER_HOUR / expected_min)[:, None]
    read_share = np.minimum(count / np.where(np.isnan(expected), 1.0, expected), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        measured = np.where(count > 0, judged.per_hour(judged.values("energy_kwh")) / read_share, np.nan)
    filled, code = fill_gaps(measured, judged.clock, longest_h=options.interpolation_h, from_profile=True)
    code = np.where((code == NONE) & (count > 0) & (read_share < 1), SCALED, code)
    hours = judged.own_rows(
        {"energy_kwh": filled, "reading_count": count.astype(np.int64), "imputation_code": np.array(CODES)[code]},
        ~np.isnan(filled),
    )
    imputed = np.asarray(hours["imputation_code"].to_pylist()) != CODES[NONE]
    return hours.append_column("flag_codes", lists_of("gap", imputed))
