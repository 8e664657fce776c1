"""Measured activity of production lines: the truth on which models are trained, so nothing in it is imputed.

Belongs here: what is particular to measured activity. Does not: models of activity (relate, inventory).
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.clean.readings.hour_grid import Clock, clock_of
from bigdata_emis.clean.readings.judged import judge_readings
from bigdata_emis.clean.readings.partitions import clean_in_one_pass
from bigdata_emis.clean.readings.plausible_maximum import REASON as ABOVE_CAPACITY
from bigdata_emis.clean.readings.plausible_maximum import exceeds_activity, greatest_activity
from bigdata_emis.clean.readings.rules import Rule, compile_rules
from bigdata_emis.clean.readings.thresholds import options_of
from bigdata_emis.context import Context


def clean_measured_activity(
    measured_activity_reading: Any, production_line: Any, *, context: Context
) -> dict[str, pa.Table]:
    """The hours with a measured activity, and the readings set aside: two units under one identifier leave one reading an hour.

    A reading far above the capacity of its line is set aside.
    """
    lines = production_line.toArrow()
    greatest = greatest_activity(lines, factor=options_of(context).capacity_factor)
    known = {"production_line_id": sorted(lines["production_line_id"].to_pylist())}
    rules = compile_rules("measured_activity_reading", known=known, filled=("activity", "activity_unit_code"))
    work = partial(measured_activity_hours, rules=rules, greatest=greatest, clock=clock_of(context, lookback_days=0))
    return clean_in_one_pass(
        measured_activity_reading,
        work,
        by="production_line_id",
        reads="measured_activity_reading",
        writes=("measured_activity_hourly", "measured_activity_quarantine"),
    )


def measured_activity_hours(
    rows: pa.Table, *, rules: tuple[Rule, ...], greatest: dict[tuple[str, str], float], clock: Clock
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and the quarantined readings of some lines, of which all readings are given."""
    judged = judge_readings(rows, rules, reading_table="measured_activity_reading", clock=clock)
    judged.verdict.add(ABOVE_CAPACITY, exceeds_activity(judged, greatest))
    judged.keep_latest()
    usable = judged.usable
    kept = usable[clock.is_own[judged.hour[usable]]]
    hours = judged.rows.take(pa.array(kept)).drop_columns(["hour_utc"])
    hours = hours.append_column("hour_utc", clock.instants(judged.hour[kept]))
    hours = hours.append_column("reading_count", pa.array(np.ones(len(kept), dtype=np.int64)))
    return hours, judged.set_aside("measured_activity_quarantine")
