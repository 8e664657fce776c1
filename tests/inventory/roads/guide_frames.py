"""The tables of the on-road guide as shipped, and small ones of one vehicle."""

from dataclasses import fields, replace
from typing import Any

import pyarrow as pa

from bigdata_emis import reference
from bigdata_emis.inventory.roads.guide_tables import GuideTables

DIESEL_IV = {"vehicle_class_code": "HeavyT", "fuel_code": "diesel", "emission_stage_code": "IV"}


def shipped_guide() -> GuideTables:
    return GuideTables(**{table.name: reference.read(table.name) for table in fields(GuideTables)})


def guide_of(**rows: list[dict[str, Any]]) -> GuideTables:
    """The shipped columns with these rows only; a table that is not given has none."""
    guide = shipped_guide()
    tables = {table.name: getattr(guide, table.name) for table in fields(GuideTables)}
    return replace(guide, **{name: _rows(table, rows.get(name, [])) for name, table in tables.items()})


def _rows(table: pa.Table, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table({f.name: pa.array([row.get(f.name) for row in rows], f.type) for f in table.schema})
