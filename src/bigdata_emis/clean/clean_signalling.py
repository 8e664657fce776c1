"""Clean phone signalling by cell and hour, without hours in which a count is below the anonymity threshold.

Belongs here: k-anonymity of what is stored. Does not: any finer data; operators aggregate before they send.
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from bigdata_emis.arrays import Flags
from bigdata_emis.clean.readings.anonymity import suppress_related
from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid
from bigdata_emis.clean.readings.judged_readings import JudgedReadings, judge_readings
from bigdata_emis.clean.readings.partitions import build_flag_lists, clean_partitions
from bigdata_emis.clean.readings.rules import ReadingRule, compile_rules, has_flag
from bigdata_emis.clean.readings.thresholds import CleaningOptions, read_cleaning_options
from bigdata_emis.codes import Flag, Imputation
from bigdata_emis.context import Context

COUNTS = ("present_device_count", "moving_device_count")


def clean_signalling(signalling_reading: DataFrame, *, context: Context) -> dict[str, pa.Table]:
    """The hourly counts of every cell that reports, and the quarantined records.

    Quarantined records are stored without their counts. An hour with a count below the threshold is without counts and
    marked suppressed, and so are hours from which it could be computed (readings/anonymity). Missing hours stay
    missing, since nobody could distinguish an imputed count of people from a suppressed one.
    """
    clean_rows = partial(
        clean_signalling_rows,
        rules=compile_rules("signalling_reading", registered={}, filled=()),
        grid=build_hour_grid(context),
        options=read_cleaning_options(context),
    )
    return clean_partitions(signalling_reading, clean_rows, feed="signalling", by="cell_id")


def clean_signalling_rows(
    rows: pa.Table, *, rules: tuple[ReadingRule, ...], grid: HourGrid, options: CleaningOptions
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and quarantined records of cells, from all of their records."""
    judged = judge_readings(rows, rules, reading_table="signalling_reading", grid=grid)
    present, moving = (judged.values(name) for name in COUNTS)
    is_suppressed = has_flag(judged.rows["flag_codes"], Flag.PRIVACY)
    judged.reasons.add(Flag.NOT_A_NUMBER, (np.isnan(present) | np.isnan(moving)) & ~is_suppressed)
    judged.reasons.add(Flag.OUT_OF_BOUNDS, moving > present)
    judged.mark_superseded()
    return _hourly_rows(judged, is_suppressed, options), judged.quarantined_rows("signalling_quarantine")


def _hourly_rows(judged: JudgedReadings, is_suppressed_record: Flags, options: CleaningOptions) -> pa.Table:
    count = judged.count_by_hour()
    is_suppressed = judged.sum_by_hour(is_suppressed_record.astype(np.float64)) > 0
    values = {name: judged.value_by_hour(name) for name in COUNTS}
    for value in values.values():
        is_suppressed |= value < options.anonymity_count
    is_suppressed = suppress_related(is_suppressed, values[COUNTS[0]], judged.grid.day)
    columns: dict[str, Any] = {name: np.where(is_suppressed, np.nan, value) for name, value in values.items()}
    columns |= {"is_suppressed": is_suppressed, "reading_count": count.astype(np.int64)}
    columns["imputation_code"] = np.full(judged.shape, Imputation.NONE)
    hours = judged.hourly_rows(columns, count > 0)
    return hours.append_column("flag_codes", build_flag_lists(Flag.PRIVACY, np.asarray(hours["is_suppressed"])))
