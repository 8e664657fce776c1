"""A region, its lake and one day of fused emission, for the tests of running a stage."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.window import day_window

DAY = date(2015, 12, 20)
KNOWN = datetime(2015, 12, 21, 4, tzinfo=UTC)
FUSED = "emission_fused_hourly"


def region() -> Region:
    return Region("a", Path("a"), "A", "甲", "UTC", True, Grid("EPSG:32650", 1000, 0, 0, 1, 1), {}, {}, {})


def fused(day: date = DAY, *, emission_g: float = 2000.0) -> pa.Table:
    """The same SO2 emission in each hour of a day, modelled."""
    row = {
        "source_id": "l1",
        "sector_code": "industrial_process",
        "pollutant_code": "SO2",
        "emission_g": emission_g,
        "emission_g_p05": 0.5 * emission_g,
        "emission_g_p95": 2 * emission_g,
        "method_code": "modelled",
        "factor_source_code": "source_specific",
    }
    rows = [{**row, "hour_utc": hour} for hour in day_window(day, "UTC").hour_starts_utc()]
    return pa.Table.from_pylist(rows, arrow_schema(schema.table(FUSED)))
