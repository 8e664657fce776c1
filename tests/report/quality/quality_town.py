"""A lake with one cleaned day of two meters, for the tests of the quality report."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage.lake import Store

DAY = date(2015, 12, 20)
START = datetime(2015, 12, 20, tzinfo=UTC)
KNOWN = datetime(2015, 12, 21, 4, tzinfo=UTC)


def town(folder: Path) -> Region:
    grid = Grid("EPSG:32650", 3000, 0, 0, 1, 1)
    return Region("town", folder, "Town", "镇", "UTC", True, grid, {}, {}, {"power": {}, "weather": {}})


def hour(meter: str, number: int, *, count: int = 4, flags: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "meter_id": meter,
        "hour_utc": START + timedelta(hours=number),
        "energy_kwh": 1.0,
        "reading_count": count,
        "imputation_code": "none" if count else "profile",
        "flag_codes": list(flags) if count else ["gap", *flags],
    }


def quarantined(meter: str, number: int, *reasons: str) -> dict[str, Any]:
    return {
        "meter_id": meter,
        "interval_start_utc": START + timedelta(hours=number),
        "energy_kwh": -1.0,
        "interval_min": 15.0,
        "record_number": 1,
        "flag_codes": [],
        "reason_codes": list(reasons),
    }


def lake(folder: Path) -> Store:
    """Meter a is whole; meter b lacks eight hours, and one of its readings is negative."""
    store = Store(str(folder / "lake"), "town", "UTC")
    hours = [hour("a", n) for n in range(24)] + [hour("b", n, count=4 if n < 16 else 0) for n in range(24)]
    write(store, "power_hourly", hours)
    write(store, "power_quarantine", [quarantined("b", 16, "negative")])
    return store


def write(store: Store, table_name: str, rows: list[dict[str, Any]]) -> None:
    types = pa.schema([(f.name, f.type) for f in arrow_schema(schema.table(table_name))])
    store.write(table_name, pa.Table.from_pylist(rows, types), [DAY], known_utc=KNOWN, run_id="run")
