"""Clean the vehicles at the gates of plants by hour, which were reduced from gate records before they were stored.

Belongs here: which plants and codes are known. Does not: the reduction (collect/edge), orders on trucks (control).
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid
from bigdata_emis.clean.readings.judged_readings import judge_readings
from bigdata_emis.clean.readings.partitions import build_flag_lists, clean_partitions
from bigdata_emis.clean.readings.rules import ReadingRule, compile_rules, list_ids
from bigdata_emis.codes import Flag, Imputation
from bigdata_emis.context import Context

COUNTS = ("entry_count", "exit_count")


def clean_gate(gate_reading: DataFrame, enterprise: DataFrame, *, context: Context) -> dict[str, pa.Table]:
    """The vehicles of every plant and hour by class, fuel and stage, and the quarantined records.

    An hour without a row has no vehicle, or no record came: nothing is filled in.
    """
    registered = {"enterprise_id": list_ids(enterprise, "enterprise_id")}
    clean_rows = partial(
        clean_gate_rows,
        rules=compile_rules("gate_reading", registered=registered, filled=COUNTS),
        grid=build_hour_grid(context),
    )
    return clean_partitions(gate_reading, clean_rows, feed="gate", by="enterprise_id")


def clean_gate_rows(rows: pa.Table, *, rules: tuple[ReadingRule, ...], grid: HourGrid) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and quarantined records of plants, from all of their records."""
    judged = judge_readings(rows, rules, reading_table="gate_reading", grid=grid)
    judged.mark_superseded()
    count = judged.count_by_hour()
    columns: dict[str, Any] = {name: judged.value_by_hour(name) for name in COUNTS}
    columns["reading_count"] = count.astype(np.int64)
    columns["imputation_code"] = np.full(judged.shape, Imputation.NONE)
    hours = judged.hourly_rows(columns, count > 0)
    no_flags = build_flag_lists(Flag.GAP, np.zeros(hours.num_rows, dtype=bool))
    return hours.append_column("flag_codes", no_flags), judged.quarantined_rows("gate_quarantine")
