"""Readings of one day in December 2015 and the context of their cleaning, for the tests of cleaning."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid
from bigdata_emis.context import Context
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window, day_window

ZONE = "Asia/Shanghai"
DAY = dt.date(2015, 12, 10)
START = day_window(DAY, ZONE).from_utc
NO_LAKE = Store("unused", "r", ZONE)


def context(*, lookback_days: int = 0, days: int = 1, **options: Any) -> Context:
    region = Region("r", Path("r"), "r", "r", ZONE, True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, options, {})
    window = Window(START, START + dt.timedelta(days=days))
    known_utc = dt.datetime(2015, 12, 22, tzinfo=dt.UTC)
    return Context(region, window, known_utc, "run", NO_LAKE, lookback_days=lookback_days)


def grid(*, lookback_days: int = 0, days: int = 1) -> HourGrid:
    return build_hour_grid(context(lookback_days=lookback_days, days=days))


def hour(number: float) -> dt.datetime:
    return START + dt.timedelta(hours=number)


def table(name: str, rows: list[dict]) -> pa.Table:
    """Readings, numbered in the order given and without flags unless a row says otherwise."""
    filled = [{"record_number": number + 1, "flag_codes": [], **row} for number, row in enumerate(rows)]
    return pa.Table.from_pylist(filled, pa.schema([(f.name, f.type) for f in arrow_schema(schema.table(name))]))


def frame(spark: Any, name: str, rows: list[dict]) -> Any:
    return spark.createDataFrame(table(name, rows))


def ids(spark: Any, name: str, *values: str) -> Any:
    """Registered sources without a first or a last day of validity."""
    return spark.createDataFrame(registered(name, dict.fromkeys(values, (None, None))))


def registered(name: str, validity: dict[str, tuple[dt.date | None, dt.date | None]]) -> pa.Table:
    """Registered sources with the first and the last day of their validity."""
    first, last = zip(*validity.values(), strict=True)
    days = {"valid_from": pa.array(first, pa.date32()), "valid_to": pa.array(last, pa.date32())}
    return pa.table({name: list(validity), **days})


def checked(result: dict[str, pa.Table], reading_count: int) -> tuple[list[dict], list[dict]]:
    """Both tables as their declarations demand, with every reading either used or quarantined."""
    hourly, quarantined = (conform(rows, schema.table(name)).to_pylist() for name, rows in result.items())
    assert sum(row["reading_count"] for row in hourly) + len(quarantined) == reading_count
    return hourly, quarantined
