"""Activity indices of areas, brought to a whole series of hours.

Belongs here: what is particular to activity areas. Does not: rules, outliers and gaps as such.
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


def clean_area_activity(area_activity_reading: Any, activity_area: Any, *, context: Context) -> dict[str, pa.Table]:
    """Hourly index of every area that has readings, gaps interpolated or from its profile; and the readings set aside."""
    known = {"activity_area_id": sorted(activity_area.toArrow()["activity_area_id"].to_pylist())}
    rules = compile_rules("area_activity_reading", known=known, filled=("activity_index",))
    clock = clock_of(context, lookback_days=stage("clean_area_activity").lookback_days)
    work = partial(area_hours, rules=rules, clock=clock, options=options_of(context))
    return clean_in_one_pass(
        area_activity_reading,
        work,
        by="activity_area_id",
        reads="area_activity_reading",
        writes=("area_activity_hourly", "area_activity_quarantine"),
    )


def area_hours(rows: pa.Table, *, rules: tuple[Rule, ...], clock: Clock, options: Options) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and the quarantined readings of some areas, of which all readings are given."""
    judged = judge_readings(rows, rules, reading_table="area_activity_reading", clock=clock)
    judged.keep_latest()
    mark_outliers(judged, "activity_index", options.steady)
    count = judged.per_hour().astype(np.int64)
    index, code = fill_gaps(
        judged.one_per_hour("activity_index"), clock, longest_h=options.interpolation_h, from_profile=True
    )
    hours = judged.own_rows(
        {"activity_index": index, "imputation_code": np.array(CODES)[code], "reading_count": count}, ~np.isnan(index)
    )
    flags = lists_of("gap", np.asarray(hours["reading_count"]) == 0)
    return hours.append_column("flag_codes", flags), judged.set_aside("area_activity_quarantine")
