"""Rows that come late reopen their day: what follows is computed again, and it is stated what that changed."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bigdata_emis.region import load_region
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.workflow.backfill import list_late_days, list_stale_days
from tests.flow.conftest import FACTOR, LINE, Place, Town

DAY = date(2015, 12, 20)
ENTERPRISE = {
    "enterprise_id": "e1",
    "name_zh": "钢铁",
    "industry_code": "sinter",
    "longitude_deg": 116.4,
    "latitude_deg": 39.9,
}
METER = {"meter_id": "m1", "production_line_id": "l1", "meter_role_code": "production", "interval_min": 60}


def manifest_of(day: str, region_id: str = "town") -> dict[str, Any]:
    content = open_lake(load_region(region_id)).read_document(f"manifest/day={day}.json", tree="published")
    return dict(json.loads(content or b"{}"))


def total_kg(*, as_of: datetime | None = None) -> float:
    rows = open_lake(load_region("town")).read("emission_hourly", [DAY], as_of=as_of)
    masses = zip(rows["pollutant_code"].to_pylist(), rows["emission_g"].to_pylist(), strict=True)
    return round(sum(mass_g for pollutant, mass_g in masses if pollutant == "SO2") / 1000, 6)


@pytest.mark.slow
def test_late_rows_are_computed_through_and_the_old_version_stays(town: Town) -> None:
    """24 h of 100 kWh are 48 kg of SO2; with 200 kWh in the last four hours they are 56 kg, a sixth more."""
    town.registry(enterprise=[ENTERPRISE], production_line=[LINE], meter=[METER], emission_factor=[FACTOR])
    town.power([100] * 24)
    assert town.day().status in (0, 4)
    known_utc, before_kg = datetime.now(UTC), total_kg()
    assert list_late_days(load_region("town"), DAY, DAY) == {}

    town.power([100] * 20 + [200] * 4)
    window = ("--region", "town", "--from", "2015-12-20", "--to", "2015-12-21")
    assert town.call("run", "collect_power", *window).status == 0
    assert list_late_days(load_region("town"), DAY, DAY) == {DAY: ["power_reading"]}
    days = ("--region", "town", "--from", "2015-12-20", "--to", "2015-12-20", "--late", "--json")
    answer = town.call("backfill", *days)
    assert answer.status == 0, answer.line
    (changed,) = json.loads(answer.out)["days"]
    (total,) = [row for row in changed["totals"] if row["pollutant_code"] == "SO2"]
    assert (round(before_kg, 3), round(total["old_kg"], 3), round(total["new_kg"], 3)) == (48.0, 48.0, 56.0)
    assert "power_reading" in changed["inputs"]
    assert (total_kg(as_of=known_utc), total_kg()) == (before_kg, 56.0)
    assert json.loads(town.call("backfill", *days).out)["days"] == []


@pytest.mark.slow
def test_the_next_day_computes_the_day_again_that_late_rows_have_reopened(town: Town) -> None:
    """The file of the 20th changes by a sixth of its energy before the 21st is run: 48 kg become 56 kg."""
    town.registry(enterprise=[ENTERPRISE], production_line=[LINE], meter=[METER], emission_factor=[FACTOR])
    town.power([100] * 24)
    assert town.day().status in (0, 4)
    known_utc, before_kg = datetime.now(UTC), total_kg()
    town.power([100] * 20 + [200] * 4)
    town.power([100] * 24, day="2015-12-21")
    next_day = ("day", "--region", "town", "--date", "2015-12-21", "--json")

    waits = json.loads(town.call(*next_day, "--late-days", "0").out)["late_days"]
    assert (waits["days"], waits["waiting"], total_kg()) == ([], ["2015-12-20"], before_kg)
    late = json.loads(town.call(*next_day).out)["late_days"]
    (changed,) = late["days"]
    (total,) = [row for row in changed["totals"] if row["pollutant_code"] == "SO2"]
    assert (changed["day"], round(total["old_kg"], 3), round(total["new_kg"], 3)) == ("2015-12-20", 48.0, 56.0)
    assert (total_kg(as_of=known_utc), total_kg()) == (before_kg, 56.0)
    again = json.loads(town.call(*next_day).out)["late_days"]
    assert (again["days"], again["waiting"], again["failed"]) == ([], [], {})


@pytest.mark.slow
def test_what_is_collected_between_cleaning_and_publication_is_not_named_as_read(town: Town) -> None:
    """The day is published again without being cleaned again: it rests on the first readings, and is late."""
    town.registry(enterprise=[ENTERPRISE], production_line=[LINE], meter=[METER], emission_factor=[FACTOR])
    town.power([100] * 24)
    assert town.day().status in (0, 4)
    store, region = open_lake(load_region("town")), load_region("town")
    first = store.newest_name("power_reading", DAY)
    town.power([100] * 20 + [200] * 4)
    window = ("--region", "town", "--from", "2015-12-20", "--to", "2015-12-21")
    assert town.call("run", "collect_power", *window).status == 0
    published = []
    for _ in range(2):
        assert town.call("run", "publish", *window).status in (0, 4)
        published.append(manifest_of("2015-12-20"))
    assert [m["reading_versions"] for m in published] == [{"power_reading": first}] * 2
    assert store.newest_name("power_reading", DAY) != first
    assert list_late_days(region, DAY, DAY) == {DAY: ["power_reading"]}
    assert published[0]["not_recorded"] == []


@pytest.mark.slow
def test_a_day_that_looked_back_on_a_restated_day_is_stale_until_it_is_computed_again(town: Town) -> None:
    """The 20th is restated after the 21st was computed, which read its readings and hours to fill gaps."""
    town.registry(enterprise=[ENTERPRISE], production_line=[LINE], meter=[METER], emission_factor=[FACTOR])
    next_day = date(2015, 12, 21)
    for day in (DAY, next_day):
        town.power([100] * 24, day=str(day))
        assert town.call("day", "--region", "town", "--date", str(day)).status in (0, 4)
    region = load_region("town")
    assert list_stale_days(region, DAY, next_day) == {}
    town.power([100] * 20 + [200] * 4)
    window = ("--region", "town", "--from", "2015-12-20", "--to", "2015-12-21")
    assert town.call("run", "collect_power", *window).status == 0
    assert town.call("backfill", "--region", "town", "--from", str(DAY), "--to", str(DAY), "--late").status == 0
    assert "power_hourly" in list_stale_days(region, DAY, next_day)[next_day]["2015-12-20"]

    both = ("backfill", "--region", "town", "--from", str(DAY), "--to", str(next_day), "--late", "--json")
    answer = json.loads(town.call(*both).out)
    assert (list(answer["late"]), list(answer["stale"])) == ([], ["2015-12-21"])
    assert [(day["day"], day["restated_days"]) for day in answer["days"]] == [("2015-12-21", ["2015-12-20"])]
    assert json.loads(town.call(*both).out)["days"] == []


@pytest.mark.slow
def test_a_day_with_every_feed_is_late_only_when_rows_have_come(place: Place) -> None:
    """Air quality is collected for the day though no published table needs it; forecasts are read by no stage."""
    with place.working_in(place.home_of("sail")) as region:
        store = open_lake(region)
        assert store.versions("air_quality_reading", [place.day])
        assert store.versions("air_quality_forecast", [place.day])
        assert list_late_days(region, place.day, place.day) == {}
        assert list_stale_days(region, place.day, place.day) == {}
        assert manifest_of(place.day.isoformat(), "jjj")["not_recorded"] == []
