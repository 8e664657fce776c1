"""Clean the trucks of road links by hour, which were reduced from positions before they were stored.

Belongs here: positions that are not counted, as quarantined records with their reason. Does not: the reduction
(collect/edge), what trucks say of the flow (clean_traffic).
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid
from bigdata_emis.clean.readings.judged_readings import JudgedReadings, judge_readings
from bigdata_emis.clean.readings.partitions import build_flag_lists, clean_partitions
from bigdata_emis.clean.readings.rules import ReadingRule, compile_rules, has_flag, list_ids
from bigdata_emis.codes import EdgeFault, Flag, Imputation
from bigdata_emis.context import Context

VALUES = ("truck_count", "position_count", "speed_km_per_h")
REASON_OF_FAULT = {
    EdgeFault.NO_VEHICLE: Flag.UNKNOWN_ID,
    EdgeFault.BAD_PLACE: Flag.OUT_OF_BOUNDS,
    EdgeFault.OFF_ROAD: Flag.UNKNOWN_ID,
    EdgeFault.BAD_SPEED: Flag.OUT_OF_BOUNDS,
    EdgeFault.STANDING: Flag.ZERO,
}


def clean_truck(truck_reading: DataFrame, road_link: DataFrame, *, context: Context) -> dict[str, pa.Table]:
    """The trucks of every link and hour in which some were seen, and the quarantined records.

    An hour below the threshold has no numbers and is marked suppressed. A missing hour stays missing: it has no truck,
    or no position came.
    """
    clean_rows = partial(
        clean_truck_rows,
        link_ids=list_ids(road_link, "link_id"),
        rules=compile_rules("truck_reading", registered={}, filled=()),
        grid=build_hour_grid(context),
    )
    return clean_partitions(truck_reading, clean_rows, feed="truck", by="link_id")


def clean_truck_rows(
    rows: pa.Table, *, link_ids: Sequence[str], rules: tuple[ReadingRule, ...], grid: HourGrid
) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and quarantined records of links, from all of their records."""
    judged = judge_readings(rows, rules, reading_table="truck_reading", grid=grid)
    fault = judged.rows["edge_fault_code"]
    for code, reason in REASON_OF_FAULT.items():
        judged.reasons.add(reason, np.asarray(pc.fill_null(pc.equal(fault, code.value), False)))
    is_registered = pc.is_in(judged.rows["link_id"], pa.array(link_ids, pa.string()))
    is_counted = np.asarray(pc.fill_null(pc.equal(fault, EdgeFault.NONE.value), False))
    is_suppressed = has_flag(judged.rows["flag_codes"], Flag.PRIVACY)
    judged.reasons.add(Flag.UNKNOWN_ID, is_counted & ~np.asarray(is_registered))
    judged.reasons.add(Flag.NOT_A_NUMBER, is_counted & ~is_suppressed & np.isnan(judged.values("truck_count")))
    judged.mark_superseded()
    return _hourly_rows(judged), judged.quarantined_rows("truck_quarantine")


def _hourly_rows(judged: JudgedReadings) -> pa.Table:
    count = judged.count_by_hour()
    columns: dict[str, Any] = {name: judged.value_by_hour(name) for name in VALUES}
    columns |= {"is_suppressed": np.isnan(columns["truck_count"]), "reading_count": count.astype(np.int64)}
    columns["imputation_code"] = np.full(judged.shape, Imputation.NONE)
    hours = judged.hourly_rows(columns, count > 0)
    return hours.append_column("flag_codes", build_flag_lists(Flag.PRIVACY, np.asarray(hours["is_suppressed"])))
