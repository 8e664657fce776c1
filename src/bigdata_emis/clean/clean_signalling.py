"""Phone signalling by cell and hour, with every count below the anonymity threshold emptied.

Belongs here: k-anonymity of what is stored. Does not: any finer data; operators aggregate before they send.
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Flags
from bigdata_emis.clean.readings.hour_grid import Clock, clock_of
from bigdata_emis.clean.readings.imputation import CODES, NONE
from bigdata_emis.clean.readings.judged import Judged, judge_readings
from bigdata_emis.clean.readings.partitions import clean_in_one_pass, lists_of
from bigdata_emis.clean.readings.rules import Rule, compile_rules, flagged
from bigdata_emis.clean.readings.thresholds import Options, options_of
from bigdata_emis.context import Context

COUNTS = ("present_device_count", "moving_device_count")


def clean_signalling(signalling_reading: Any, *, context: Context) -> dict[str, pa.Table]:
    """The hourly counts of every cell that reports, and the records set aside (without their counts).

    A count below the threshold is empty and the hour marked suppressed; missing hours stay missing, since an imputed count of
    people could not be told from a suppressed one.
    """
    rules = compile_rules("signalling_reading", known={}, filled=())
    work = partial(signalling_hours, rules=rules, clock=clock_of(context, lookback_days=0), options=options_of(context))
    return clean_in_one_pass(
        signalling_reading,
        work,
        by="cell_id",
        reads="signalling_reading",
        writes=("signalling_hourly", "signalling_quarantine"),
    )


def signalling_hours(
    rows: pa.Table, *, rules: tuple[Rule, ...], clock: Clock, options: Options
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and the quarantined records of some cells, of which all records are given."""
    judged = judge_readings(rows, rules, reading_table="signalling_reading", clock=clock)
    present, moving = (judged.values(name) for name in COUNTS)
    suppressed = flagged(judged.rows["flag_codes"], "privacy")
    judged.verdict.add("not_a_number", (np.isnan(present) | np.isnan(moving)) & ~suppressed)
    judged.verdict.add("out_of_bounds", moving > present)
    judged.keep_latest()
    return _hourly(judged, suppressed, options), judged.set_aside("signalling_quarantine")


def _hourly(judged: Judged, suppressed: Flags, options: Options) -> pa.Table:
    count = judged.per_hour()
    is_suppressed = judged.per_hour(suppressed.astype(np.float64)) > 0
    columns: dict[str, Any] = {}
    for name in COUNTS:
        value = judged.one_per_hour(name)
        small = value < options.anonymity_count
        is_suppressed |= small
        columns[name] = np.where(small, np.nan, value)
    columns |= {"is_suppressed": is_suppressed, "reading_count": count.astype(np.int64)}
    columns["imputation_code"] = np.full(judged.shape, CODES[NONE])
    hours = judged.own_rows(columns, count > 0)
    return hours.append_column("flag_codes", lists_of("privacy", np.asarray(hours["is_suppressed"])))
