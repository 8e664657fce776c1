"""Rows of the inventory by source and by link at one hour, for tests of combining and allocating."""

from datetime import UTC, datetime

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.schema.arrow import arrow_schema

HOUR = datetime(2015, 12, 20, 4, tzinfo=UTC)


def source_row(source, sector, grams, pollutant="NOx", method="measured", before=None):
    return {
        "source_id": source,
        "sector_code": sector,
        "pollutant_code": pollutant,
        "hour_utc": HOUR,
        "emission_g": grams,
        "emission_g_p05": grams / 2,
        "emission_g_p95": grams * 2,
        "method_code": method,
        "emission_before_audit_g": before,
    }


def link_row(grams, link="l", pollutant="NOx", method="speed_flow"):
    return {
        "link_id": link,
        "pollutant_code": pollutant,
        "hour_utc": HOUR,
        "emission_g": grams,
        "imputation_code": "none",
        "flow_method_code": method,
    }


def table_of(name, rows):
    return pa.Table.from_pylist(rows, arrow_schema(schema.table(name)))


def mass_by_pollutant(frame):
    sums = frame.group_by("pollutant_code").aggregate([("emission_g", "sum")]).to_pylist()
    return {row["pollutant_code"]: row["emission_g_sum"] for row in sums}
