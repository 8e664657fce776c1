"""Plants and gates for the tests of orders on trucks."""

import datetime as dt

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.schema.arrow import empty

START = dt.datetime(2015, 12, 19, 16, tzinfo=dt.UTC)
"""Midnight of 20 December 2015 in Shanghai."""


def rows_of(name: str, rows: list[dict]) -> pa.Table:
    declared = empty(schema.table(name)).schema
    return pa.Table.from_pylist(rows, declared)


def plants_table(*ids: str) -> pa.Table:
    names = {"name_en": "plant", "industry_code": "cement_clinker", "grade_code": "B", "city_name": "c"}
    places = {"county_id": "110101", "longitude_deg": 116.0, "latitude_deg": 40.0}
    return rows_of("enterprise", [{"enterprise_id": one, "name_zh": f"企业{one}", **names, **places} for one in ids])


def gate_row(hour: float, entries: int = 1, exits: int = 0, *, stage: str = "IV", plant: str = "E1", **changed) -> dict:
    return {
        "enterprise_id": plant,
        "hour_utc": START + dt.timedelta(hours=hour),
        "vehicle_class_code": "HeavyT",
        "fuel_code": "diesel",
        "emission_stage_code": stage,
        "entry_count": entries,
        "exit_count": exits,
        "imputation_code": "none",
        "reading_count": 1,
        "flag_codes": [],
        "record_number": 1,
        "reason_codes": ["unknown_id"],
    } | changed


def gates_table(*rows: dict, table: str = "gate_hourly") -> pa.Table:
    names = schema.table(table).names
    return rows_of(table, [{name: row[name] for name in names} for row in rows])
