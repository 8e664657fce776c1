"""The registered interval of each meter."""

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.collect.registry.meter_intervals import registered_intervals
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from tests.collect.feed_builders import power_feed


def test_nothing_is_registered_where_no_registry_is(home):
    assert registered_intervals(power_feed(), "r") == {}


def test_a_meter_has_its_interval_and_other_feeds_have_none(home):
    database.migrate()
    place = {"longitude_deg": 116.4, "latitude_deg": 39.9}
    line = {"sector_code": "industrial_process", "activity_unit_code": "t", "production_line_id": "l1"}
    rows = {
        "enterprise": {"enterprise_id": "e1", "name_zh": "甲", "industry_code": "sinter", **place},
        "production_line": {"enterprise_id": "e1", "industry_code": "sinter", **line},
        "meter": {"meter_id": "m1", "production_line_id": "l1", "meter_role_code": "production", "interval_min": 60},
    }
    tables = {name: pa.Table.from_pylist([row], arrow_schema(schema.table(name))) for name, row in rows.items()}
    database.replace(tables, "r")
    assert registered_intervals(power_feed(), "r") == {"m1": 60.0}
    weather = power_feed().model_copy(update={"table_name": "weather_reading"})
    assert registered_intervals(weather, "r") == {}
