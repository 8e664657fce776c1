"""Stack monitor readings to hourly emission: the legal series and the best estimate, kept apart.

Belongs here: what is particular to stack monitors. Does not: the mass equation (equations.stack) or modelled emission (inventory).
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.clean.readings.hour_grid import Clock, clock_of
from bigdata_emis.clean.readings.imputation import CODES, fill_gaps
from bigdata_emis.clean.readings.judged import Judged, judge_readings, mark_outliers
from bigdata_emis.clean.readings.partitions import clean_in_one_pass, lists_of
from bigdata_emis.clean.readings.rules import Rule, compile_rules
from bigdata_emis.clean.readings.thresholds import Options, options_of
from bigdata_emis.context import Context
from bigdata_emis.equations.stack import emission_g
from bigdata_emis.flow import stage


def clean_cems(cems_reading: Any, stack: Any, *, context: Context) -> dict[str, pa.Table]:
    """Every hour of every stack and pollutant that reports, and the readings set aside.

    emission_g is legal: it is there only in an hour with a valid reading, and no invalid hour is substituted. best_emission_g is the
    same where valid; gaps below six hours are interpolated (Wu et al. 2022); longer gaps stay empty, for the inventory to model.
    """
    rules = compile_rules(
        "cems_reading",
        known={"stack_id": sorted(stack.toArrow()["stack_id"].to_pylist())},
        filled=("concentration_mg_per_m3", "flow_m3_per_h"),
    )
    clock = clock_of(context, lookback_days=stage("clean_cems").lookback_days)
    work = partial(cems_hours, rules=rules, clock=clock, options=options_of(context))
    return clean_in_one_pass(
        cems_reading, work, by="stack_id", reads="cems_reading", writes=("cems_hourly", "cems_quarantine")
    )


def cems_hours(rows: pa.Table, *, rules: tuple[Rule, ...], clock: Clock, options: Options) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and the quarantined readings of some stacks, of which all readings are given."""
    judged = judge_readings(rows, rules, reading_table="cems_reading", clock=clock)
    judged.keep_latest()
    mark_outliers(judged, "concentration_mg_per_m3", options.stack)
    return _hourly(judged, options), judged.set_aside("cems_quarantine")


def _hourly(judged: Judged, options: Options) -> pa.Table:
    concentration, flow = judged.one_per_hour("concentration_mg_per_m3"), judged.one_per_hour("flow_m3_per_h")
    emission = np.asarray(emission_g(concentration, flow), dtype=np.float64)
    best, code = fill_gaps(emission, judged.clock, longest_h=options.cems_interpolation_h, from_profile=False)
    is_valid = ~np.isnan(emission)
    reports = np.isin(np.arange(judged.shape[0]), judged.source[judged.usable])
    hours = judged.own_rows(
        {
            "concentration_mg_per_m3": concentration,
            "flow_m3_per_h": flow,
            "emission_g": emission,
            "best_emission_g": best,
            "is_valid": is_valid,
            "imputation_code": np.array(CODES)[code],
            "reading_count": judged.per_hour().astype(np.int64),
        },
        np.broadcast_to(reports[:, None], judged.shape),
    )
    return hours.append_column("flag_codes", lists_of("gap", ~np.asarray(hours["is_valid"])))
