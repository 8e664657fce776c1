"""Station air quality, hour by hour as measured; what is missing stays missing.

Belongs here: what is particular to stations. Does not: the index (equations.air_quality).
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.clean.readings.hour_grid import Clock, clock_of
from bigdata_emis.clean.readings.judged import judge_readings
from bigdata_emis.clean.readings.partitions import clean_in_one_pass, lists_of
from bigdata_emis.clean.readings.rules import Rule, compile_rules
from bigdata_emis.context import Context


def clean_air_quality(air_quality_reading: Any, station: Any, *, context: Context) -> dict[str, pa.Table]:
    """The measured hours of every station and pollutant, and the readings set aside.

    Nothing is imputed and no peak is called an outlier: heavy pollution is what the measurements are for.
    """
    known = {"station_id": sorted(station.toArrow()["station_id"].to_pylist())}
    rules = compile_rules("air_quality_reading", known=known, filled=("concentration_ug_per_m3",))
    work = partial(air_quality_hours, rules=rules, clock=clock_of(context, lookback_days=0))
    return clean_in_one_pass(
        air_quality_reading,
        work,
        by="station_id",
        reads="air_quality_reading",
        writes=("air_quality_hourly", "air_quality_quarantine"),
    )


def air_quality_hours(rows: pa.Table, *, rules: tuple[Rule, ...], clock: Clock) -> tuple[pa.Table, pa.Table]:
    """The hourly rows and the quarantined readings of some stations, of which all readings are given."""
    judged = judge_readings(rows, rules, reading_table="air_quality_reading", clock=clock)
    judged.keep_latest()
    value = judged.one_per_hour("concentration_ug_per_m3")
    count = judged.per_hour().astype(np.int64)
    hours = judged.own_rows({"concentration_ug_per_m3": value, "reading_count": count}, count > 0)
    return hours.append_column("flag_codes", lists_of("", np.zeros(hours.num_rows, bool))), judged.set_aside(
        "air_quality_quarantine"
    )
