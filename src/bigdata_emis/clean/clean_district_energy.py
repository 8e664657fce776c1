"""The power bureau's totals by district and industry, brought to a series of hours.

Belongs here: what is particular to totals. Does not: how lines are made to agree with them (line_energy).
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.clean.readings.hour_grid import Clock, clock_of
from bigdata_emis.clean.readings.imputation import CODES, fill_gaps
from bigdata_emis.clean.readings.judged import judge_readings, mark_outliers
from bigdata_emis.clean.readings.partitions import clean_in_one_pass, lists_of
from bigdata_emis.clean.readings.rules import Rule, compile_rules
from bigdata_emis.clean.readings.thresholds import Options, options_of
from bigdata_emis.context import Context
from bigdata_emis.flow import stage


def clean_district_energy(district_energy_reading: Any, *, context: Context) -> dict[str, pa.Table]:
    """Hourly totals of every district and industry that reports, and the readings set aside.

    Gaps of a few hours are interpolated. Longer ones stay empty: lines are held to what the bureau said, never to a profile of it.
    """
    rules = compile_rules("district_energy_reading", known={}, filled=("district_energy_kwh",))
    clock = clock_of(context, lookback_days=stage("clean_district_energy").lookback_days)
    work = partial(district_hours, rules=rules, clock=clock, options=options_of(context))
    return clean_in_one_pass(
        district_energy_reading,
        work,
        by="district_id",
        reads="district_energy_reading",
        writes=("district_energy_hourly", "district_energy_quarantine"),
    )


def district_hours(
    rows: pa.Table, *, rules: tuple[Rule, ...], clock: Clock, options: Options
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and the quarantined readings of some districts, of which all readings are given."""
    judged = judge_readings(rows, rules, reading_table="district_energy_reading", clock=clock)
    judged.keep_latest()
    mark_outliers(judged, "district_energy_kwh", options)
    count = judged.per_hour().astype(np.int64)
    total, code = fill_gaps(
        judged.one_per_hour("district_energy_kwh"), clock, longest_h=options.interpolation_h, from_profile=False
    )
    hours = judged.own_rows(
        {"district_energy_kwh": total, "imputation_code": np.array(CODES)[code], "reading_count": count},
        ~np.isnan(total),
    )
    flags = lists_of("gap", np.asarray(hours["reading_count"]) == 0)
    return hours.append_column("flag_codes", flags), judged.set_aside("district_energy_quarantine")
