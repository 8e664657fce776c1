"""Clean energy readings of meters into hourly energy.

Belongs here: what is particular to meters: intervals, sums, partly read hours. Does not: rules, outliers and gaps as
such (readings).
"""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.clean.faults.level_steps import judge_levels
from bigdata_emis.clean.faults.meter_places import MeterPlaces, read_places
from bigdata_emis.clean.faults.meter_series import LoadBounds, find_scaled_hours, find_shifted_hours
from bigdata_emis.clean.faults.reading_steps import find_other_steps
from bigdata_emis.clean.faults.repeated_hours import find_repeated_shifts
from bigdata_emis.clean.faults.sibling_meters import find_shifted_siblings
from bigdata_emis.clean.faults.stuck_values import FINE_STEP_SHARE, find_stuck
from bigdata_emis.clean.faults.twin_meters import find_twin_hours
from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid
from bigdata_emis.clean.readings.imputation import IMPUTATION_CODES, NONE_RANK, SCALED_RANK, fill_gaps
from bigdata_emis.clean.readings.judged_readings import JudgedReadings, judge_readings, mark_outliers
from bigdata_emis.clean.readings.partitions import add_flags, clean_partitions, join_flag_lists
from bigdata_emis.clean.readings.plausible_maximum import (
    MINUTES_PER_HOUR,
    compute_load_bounds_kwh,
    compute_maximum_energy_kwh,
    exceeds_maximum_energy,
)
from bigdata_emis.clean.readings.rules import ReadingRule, compile_rules, compile_validity
from bigdata_emis.clean.readings.thresholds import CleaningOptions, counts_self_generation, read_cleaning_options
from bigdata_emis.codes import Flag, Imputation
from bigdata_emis.context import Context

NO_PLACES = MeterPlaces()


def clean_power(
    power_reading: DataFrame,
    meter: DataFrame,
    production_line: DataFrame,
    meter_share: DataFrame,
    enterprise: DataFrame,
    district_energy_hourly: DataFrame,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """Hourly energy of every meter that has readings, and the quarantined readings.

    The energy of an hour is the sum of its readings; where some are missing, the sum over the share that was read
    (scaled). Hours without any reading are interpolated or taken from the meter's profile and have reading_count 0. A
    meter without readings in the window and in the days looked back on gets no rows: nothing supports a value. A
    reading far above what the lines of the enterprise can use is quarantined whatever the meter showed before, and so
    are a stuck one and those of a day that come at another step than the registered interval. Hours that are the usual
    ones times one factor, or shifted in time, or those of another meter, are used and marked. The meters of one line
    are compared with each other and with the total of their district and industry, so those of one total, or of one
    line without a total, are cleaned together.
    """
    meters, lines = meter.toArrow(), production_line.toArrow()
    grid = build_hour_grid(context)
    places = read_places(
        meters,
        meter_share.toArrow(),
        lines,
        enterprise.toArrow(),
        district_energy_hourly.toArrow(),
        grid=grid,
        counts_self_generation=counts_self_generation(context),
    )
    interval = dict(zip(meters["meter_id"].to_pylist(), meters["interval_min"].to_pylist(), strict=True))
    options = read_cleaning_options(context)
    zone = context.region.time_zone
    validity = compile_validity(meters, "meter_id", time_field="interval_start_utc", time_zone=zone)
    clean_rows = partial(
        clean_power_rows,
        rules=compile_rules("power_reading", registered={"meter_id": sorted(interval)}, filled=("energy_kwh",))
        + validity,
        interval_min=interval,
        maximum_kwh=compute_maximum_energy_kwh(meters, lines, factor=options.capacity_factor),
        bounds_kwh=compute_load_bounds_kwh(meters, lines),
        places=places,
        grid=grid,
        options=options,
    )
    together = meter.sparkSession.createDataFrame(places.groups())
    cleaned = clean_partitions(power_reading, clean_rows, feed="power", by="meter_id", together=together)
    return cleaned | {"power_hourly": mark_twins(cleaned["power_hourly"])}


def mark_twins(power_hourly: pa.Table) -> pa.Table:
    """The hourly rows of all meters, with a flag where two have the same."""
    return add_flags(power_hourly, {Flag.TWIN: find_twin_hours(power_hourly)})


def clean_power_rows(
    rows: pa.Table,
    *,
    rules: tuple[ReadingRule, ...],
    interval_min: dict[str, float],
    maximum_kwh: dict[str, float],
    grid: HourGrid,
    options: CleaningOptions,
    bounds_kwh: Mapping[str, tuple[float, float]] = MappingProxyType({}),
    places: MeterPlaces = NO_PLACES,
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and quarantined readings of meters, from all of their readings."""
    judged = judge_readings(rows, rules, reading_table="power_reading", grid=grid)
    meter_ids = judged.keys["meter_id"].to_pylist()
    expected_min = np.array([interval_min.get(meter_id, np.nan) for meter_id in meter_ids], dtype=np.float64)
    is_out_of_bounds = _has_wrong_interval(judged, expected_min) | _exceeds_its_hour(judged, expected_min)
    judged.reasons.add(Flag.OUT_OF_BOUNDS, is_out_of_bounds)
    judged.reasons.add(Flag.ABOVE_CAPACITY, exceeds_maximum_energy(judged, maximum_kwh, expected_min))
    judged.reasons.add(Flag.OUT_OF_BOUNDS, find_other_steps(judged, expected_min))
    judged.mark_superseded()
    mark_outliers(judged, "energy_kwh", options)
    is_stuck = find_stuck(judged, "energy_kwh", least_count=options.stuck_readings, step_share=FINE_STEP_SHARE)
    judged.reasons.add(Flag.CONSTANT, is_stuck)
    unknown = (np.nan, np.nan)
    bounds = np.array([bounds_kwh.get(meter_id, unknown) for meter_id in meter_ids], dtype=np.float64).reshape(-1, 2)
    hours = _hourly_rows(judged, expected_min, options, LoadBounds(bounds[:, 0], bounds[:, 1]), places)
    return hours, judged.quarantined_rows("power_quarantine")


def _has_wrong_interval(judged: JudgedReadings, expected_min: Floats) -> Flags:
    """A reading over another interval than the registry says cannot be added to the others, nor one above an hour."""
    expected = expected_min[judged.source]
    given = judged.values("interval_min")
    is_wrong: Flags = (~np.isnan(given) & ~np.isnan(expected) & (given != expected)) | (expected > MINUTES_PER_HOUR)
    return is_wrong


def _exceeds_its_hour(judged: JudgedReadings, expected_min: Floats) -> Flags:
    """The maximum of the field is that of an hour: a shorter reading has its part, else the sum could pass it."""
    maximum_kwh = schema.field("energy_kwh").maximum or np.inf
    is_above: Flags = judged.values("energy_kwh") > maximum_kwh * expected_min[judged.source] / MINUTES_PER_HOUR
    return is_above


def _hourly_rows(
    judged: JudgedReadings, expected_min: Floats, options: CleaningOptions, bounds: LoadBounds, places: MeterPlaces
) -> pa.Table:
    count = judged.count_by_hour()
    expected_count = (MINUTES_PER_HOUR / expected_min)[:, None]
    read_share = np.minimum(count / np.where(np.isnan(expected_count), 1.0, expected_count), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        measured = np.where(count > 0, judged.sum_by_hour(judged.values("energy_kwh")) / read_share, np.nan)
    filled, rank = fill_gaps(measured, judged.grid, longest_h=options.interpolation_h, from_profile=True)
    rank = np.where((rank == NONE_RANK) & (count > 0) & (read_share < 1), SCALED_RANK, rank)
    placed = places.select(judged.keys["meter_id"].to_pylist())
    levels = judge_levels(measured, placed, places.total_kwh, judged.grid)
    is_scaled = find_scaled_hours(measured, judged.grid, bounds) & ~levels.is_confirmed
    is_shifted = find_shifted_hours(measured, judged.grid) | find_shifted_siblings(measured, placed, judged.grid)
    is_shifted |= find_repeated_shifts(measured, judged.grid)
    matrices = {
        "energy_kwh": filled,
        "reading_count": count.astype(np.int64),
        "imputation_code": np.array(IMPUTATION_CODES)[rank],
        Flag.WRONG_FACTOR: is_scaled | levels.wrong_factor,
        Flag.CLOCK_SHIFT: is_shifted,
    }
    hours = judged.hourly_rows(matrices, ~np.isnan(filled))
    is_imputed = np.asarray(hours["imputation_code"].to_pylist()) != Imputation.NONE
    marks = {flag: np.asarray(hours[flag]) for flag in (Flag.WRONG_FACTOR, Flag.CLOCK_SHIFT)}
    flags = join_flag_lists({Flag.GAP: is_imputed} | marks)
    return hours.drop_columns(list(marks)).append_column("flag_codes", flags)
