"""Clean stack monitor readings into hourly emission: the legal series and the best estimate, separately.

Belongs here: what is particular to stack monitors. Does not: the mass equation (equations.stack), or modelled emission
(inventory).
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.clean.faults.analyser_drift import find_drifting_hours
from bigdata_emis.clean.faults.stuck_values import FINE_STEP_SHARE, find_stuck
from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid
from bigdata_emis.clean.readings.imputation import IMPUTATION_CODES, fill_gaps
from bigdata_emis.clean.readings.judged_readings import JudgedReadings, find_far_readings, judge_readings
from bigdata_emis.clean.readings.partitions import clean_partitions, join_flag_lists
from bigdata_emis.clean.readings.rules import ReadingRule, compile_rules, compile_validity
from bigdata_emis.clean.readings.thresholds import CleaningOptions, read_cleaning_options
from bigdata_emis.codes import Flag
from bigdata_emis.context import Context
from bigdata_emis.equations.stack import emission_g


def clean_cems(cems_reading: DataFrame, stack: DataFrame, *, context: Context) -> dict[str, pa.Table]:
    """Every hour of every stack and pollutant that reports, and the quarantined readings.

    emission_g is the mass of concentration and flow, or the one that was sent where these are not. It is given only
    in an hour with a valid reading; the legal series, with substitutes for the others, is cems_legal_hourly. Statistics
    quarantine no reading of a stack: best_emission_g is the same where valid and not doubted (far from its neighbours,
    a frozen or drifting analyser; flag_codes says which); gaps below six hours are interpolated, longer gaps stay
    empty, for the inventory to model.

    Source: Wu et al. (2022), ACS Environ. Au 2, 363, for the interpolation.
    """
    stacks = stack.toArrow()
    registered = {"stack_id": sorted(stacks["stack_id"].to_pylist())}
    validity = compile_validity(stacks, "stack_id", time_field="hour_utc", time_zone=context.region.time_zone)
    clean_rows = partial(
        clean_cems_rows,
        rules=compile_rules("cems_reading", registered=registered, filled=()) + validity,
        grid=build_hour_grid(context),
        options=read_cleaning_options(context),
    )
    return clean_partitions(cems_reading, clean_rows, feed="cems", by="stack_id")


def clean_cems_rows(
    rows: pa.Table, *, rules: tuple[ReadingRule, ...], grid: HourGrid, options: CleaningOptions
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and quarantined readings of stacks, from all of their readings."""
    judged = judge_readings(rows, rules, reading_table="cems_reading", grid=grid)
    judged.reasons.add(Flag.NOT_A_NUMBER, np.isnan(_mass_g(judged)))
    judged.mark_superseded()
    name = "concentration_mg_per_m3"
    doubts = {
        Flag.OUTLIER: find_far_readings(judged, name, options.for_stacks),
        Flag.CONSTANT: find_stuck(judged, name, least_count=options.stuck_h, step_share=FINE_STEP_SHARE),
    }
    return _hourly_rows(judged, options, doubts), judged.quarantined_rows("cems_quarantine")


def _mass_g(judged: JudgedReadings) -> Floats:
    """The mass of each reading: of its concentration and flow, else as it was sent."""
    concentration, flow = judged.values("concentration_mg_per_m3"), judged.values("flow_m3_per_h")
    measured_g = np.asarray(emission_g(concentration, flow), dtype=np.float64)
    mass: Floats = np.where(np.isnan(measured_g), judged.values("emission_g"), measured_g)
    return mass


def _hourly_rows(judged: JudgedReadings, options: CleaningOptions, doubted_rows: Mapping[Flag, Flags]) -> pa.Table:
    concentration, flow = judged.value_by_hour("concentration_mg_per_m3"), judged.value_by_hour("flow_m3_per_h")
    measured_g = np.asarray(emission_g(concentration, flow), dtype=np.float64)
    emission = np.where(np.isnan(measured_g), judged.value_by_hour("emission_g"), measured_g)
    row = judged.row_by_hour()
    doubts = {flag: (row >= 0) & is_doubted[row] for flag, is_doubted in doubted_rows.items()}
    doubts[Flag.DRIFT] = find_drifting_hours(concentration, judged.grid)
    trusted = np.where(np.any(list(doubts.values()), axis=0), np.nan, emission)
    best, rank = fill_gaps(trusted, judged.grid, longest_h=options.cems_interpolation_h, from_profile=False)
    reports = np.isin(np.arange(judged.shape[0]), judged.source[judged.usable_rows])
    hours = judged.hourly_rows(
        {
            "concentration_mg_per_m3": concentration,
            "flow_m3_per_h": flow,
            "emission_g": emission,
            "best_emission_g": best,
            "is_valid": ~np.isnan(emission),
            "imputation_code": np.array(IMPUTATION_CODES)[rank],
            "reading_count": judged.count_by_hour().astype(np.int64),
            **{str(flag): is_doubted for flag, is_doubted in doubts.items()},
        },
        np.broadcast_to(reports[:, None], judged.shape),
    )
    flags = {Flag.GAP: ~np.asarray(hours["is_valid"])} | {flag: np.asarray(hours[flag]) for flag in doubts}
    return hours.drop_columns(list(doubts)).append_column("flag_codes", join_flag_lists(flags))
