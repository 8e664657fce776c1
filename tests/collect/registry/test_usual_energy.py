"""The energy that the lines of meters use, as registered."""

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.collect.registry.usual_energy import usual_energies
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from tests.collect.feed_builders import power_feed


def test_nothing_is_usual_where_no_registry_is(home):
    assert usual_energies(power_feed(), "r") == {}


def test_a_meter_has_the_energy_of_its_line(home):
    database.migrate()
    line = {
        "enterprise_id": "e1",
        "sector_code": "industrial_process",
        "industry_code": "sinter",
        "activity_unit_code": "t",
    }
    meter = {"meter_role_code": "production", "interval_min": 60}
    rows = {
        "enterprise": [
            {
                "enterprise_id": "e1",
                "name_zh": "甲",
                "industry_code": "sinter",
                "longitude_deg": 116.4,
                "latitude_deg": 39.9,
            }
        ],
        "production_line": [
            {**line, "production_line_id": "l1", "reference_energy_kwh": 36000.0},
            {**line, "production_line_id": "l2"},
        ],
        "meter": [{**meter, "meter_id": f"m{n}", "production_line_id": f"l{n}"} for n in (1, 2)],
    }
    tables = {name: pa.Table.from_pylist(of, arrow_schema(schema.table(name))) for name, of in rows.items()}
    database.replace(tables, "r")
    assert usual_energies(power_feed(), "r") == {"m1": 36000.0}
    weather = power_feed().model_copy(update={"table_name": "weather_reading"})
    assert usual_energies(weather, "r") == {}
