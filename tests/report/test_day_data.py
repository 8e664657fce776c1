"""The numbers of a day's page against values on paper."""

import base64
import zlib
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.report.day_data import day_data
from bigdata_emis.storage import database
from tests.report.city_day import CITY, fill_day
from tests.report.stores import DAY, START, declared_table


def test_the_map_holds_the_cells_inside_the_grid_with_the_largest_value(home):
    data = day_data(CITY, DAY, fill_day(), scenario=None)
    assert (data["map"]["rows"], data["map"]["columns"], data["map"]["cell_km"]) == ([2], [3], 3.0)
    assert data["map"]["values"]["NOx"]["max"] == 4.0
    levels = np.frombuffer(zlib.decompress(base64.b64decode(data["map"]["values"]["NOx"]["packed"])), "<u2")
    assert levels.tolist() == [65535] + [0] * 23


def test_sectors_include_emission_outside_the_grid_by_local_hour(home):
    data = day_data(CITY, DAY, fill_day(), scenario=None)
    assert (data["hours"][0], len(data["hours"])) == ("00:00", 24)
    assert {line["code"]: line["kg"][0] for line in data["series"]["NOx"]} == {"industrial_process": 4.0, "dust": 1.0}
    assert data["pollutants"][0]["code"] == "NOx"


def test_totals_have_the_interval_of_the_day_and_of_each_hour(home):
    total = day_data(CITY, DAY, fill_day(), scenario=None)["totals"]["NOx"]
    assert (total["day"], total["p05"][0], total["p95"][0], total["p95"][1]) == ([3.0, 8.0], 3.0, 8.0, 0.0)


def test_the_largest_sources_come_first_with_their_emission_before_the_audit(home):
    top = day_data(CITY, DAY, fill_day(), scenario=None)["top"]["NOx"]
    assert [(row["id"], row["en"], row["zh"], row["kg"], row["before_kg"]) for row in top] == [
        ("l", "North works", "北厂", 4.0, 3.0),
        ("a", "a", "a", 1.0, None),
    ]


def test_each_pollutant_says_which_share_is_a_static_profile(home):
    """4 kg of a modelled line and 1 kg of an area by profile."""
    methods = day_data(CITY, DAY, fill_day(), scenario=None)["methods"]
    assert [method["code"] for method in methods["methods"]] == ["modelled", "profile"]
    assert methods["rows"] == [
        {"pollutant": "NOx", "sign": {"en": "NOx", "zh": "NOx"}, "shares": [pytest.approx(0.8), pytest.approx(0.2)]}
    ]


def test_a_day_without_inventory_is_refused_with_the_command_that_computes_it(home):
    listed = (
        "no inventory of 2015-12-20; days with one: 2015-12-21; name one of them with --date, or compute it: emis day"
    )
    with pytest.raises(InputError, match=listed):
        day_data(CITY, date(2015, 12, 20), fill_day(), scenario=None)


def test_an_unknown_scenario_is_refused_by_name(home):
    with pytest.raises(InputError, match="scenario 'red-9' is unknown in city"):
        day_data(CITY, DAY, fill_day(), scenario="red-9")


def test_alerts_of_the_day_are_shown_in_local_time(home):
    store = fill_day()
    alert = {
        "alert_id": "a1",
        "alert_level_code": "red",
        "rule_version": "2013",
        "note": "AQI above 200 for three days",
        "from_utc": START,
        "to_utc": START + timedelta(days=3),
        "issued_utc": START,
        "known_utc": START,
    }
    past = {**alert, "alert_id": "a0", "from_utc": datetime(2015, 12, 1, tzinfo=UTC), "to_utc": START}
    database.upsert("alert", "city", declared_table("alert", [alert, past]))
    (shown,) = day_data(CITY, DAY, store, scenario=None)["alerts"]
    assert (shown["from"], shown["to"], shown["rule"]["zh"]) == (
        "2015-12-21 00:00",
        "2015-12-24 00:00",
        "国家2013年版规则",
    )
    assert shown["reason"] == {"en": alert["note"], "zh": alert["note"]}
