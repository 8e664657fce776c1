"""The document of an inspector: plants with an order on their trucks, in the hours that it held."""

import datetime as dt
from pathlib import Path

import pytest

from bigdata_emis.control.transport.truck_document import judge_trucks
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region, load_region
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from tests.control.transport.plants import START, gate_row, gates_table, plants_table, rows_of

DAY = dt.date(2015, 12, 20)
ORDER = {
    "transport_order_id": "heavy",
    "alert_level_code": "orange",
    "industry_code": "cement_clinker",
    "vehicle_class_code": "HeavyT",
    "stage_threshold_code": "IV",
    "source": "notice",
}


@pytest.fixture
def town(home: Path, monkeypatch: pytest.MonkeyPatch) -> Region:
    folder = home / "regions" / "town"
    folder.mkdir(parents=True)
    monkeypatch.setenv("EMIS_REGIONS", str(folder.parent))
    grid = '[grid]\nprojection = "EPSG:32650"\ncell_m = 3000\nx_origin_m = 0\ny_origin_m = 0\ncolumns = 1\nrows = 1\n'
    head = 'name_en = "t"\nname_zh = "t"\ntime_zone = "Asia/Shanghai"\nis_simulated = true\n'
    (folder / "region.toml").write_text(f"{head}{grid}[rules]\n[options]\n")
    (folder / "feeds.toml").write_text("")
    region = load_region("town")
    database.migrate()
    tables = {"enterprise": plants_table("E1", "E2", "E3"), "transport_order": rows_of("transport_order", [ORDER])}
    database.replace(tables, "town")
    rows = [gate_row(-20, 5), gate_row(3, 2), gate_row(13, 1), gate_row(4, 6, stage="VI", plant="E2")]
    for name, given in (("gate_hourly", rows), ("gate_quarantine", [])):
        frame = gates_table(*given, table=name)
        open_lake(region).write(name, frame, [DAY - dt.timedelta(days=1), DAY], known_utc=START, run_id="run")
    return region


def plants(region: Region, **more: str) -> list[tuple]:
    document = judge_trucks(region, day=DAY, **more)
    return [
        (plant["enterprise_id"], plant["verdict"], plant["ordered_off"])
        for order in document["orders"]
        for plant in order["plants"]
    ]


def test_plants_with_the_most_banned_trucks_come_first(town):
    assert plants(town, level="red") == [("E1", "breached", 3), ("E2", "obeyed", 0), ("E3", "unknown", 0)]
    assert plants(town, level="red", plant="企业E2") == [("E2", "obeyed", 0)]
    first = judge_trucks(town, day=DAY, level="red")["orders"][0]["plants"][0]
    assert first["usual_ordered_off_per_day"] == 5.0
    assert first["banned"] == [("HeavyT", "IV")]
    assert first["first_hour_utc"] == (START + dt.timedelta(hours=3)).isoformat()


def test_an_order_of_a_higher_level_is_about_no_plant(town):
    assert plants(town, level="yellow") == []


def test_only_hours_in_which_a_scenario_was_in_force_count(town):
    begin = START + dt.timedelta(hours=10)
    held = {"in_force_from_utc": begin, "in_force_to_utc": START + dt.timedelta(days=2)}
    row = {"scenario_id": "plan", "alert_level_code": "red", **held}
    database.upsert_row("scenario", "town", row, may_replace=lambda _: True)
    document = judge_trucks(town, day=DAY)
    assert [(order["source"], order["from_utc"]) for order in document["orders"]] == [("plan", begin.isoformat())]
    assert document["orders"][0]["plants"][0]["ordered_off"] == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "no scenario was in force on 2015-12-20"),
        ({"level": "violet"}, "alert level 'violet' is unknown"),
        ({"level": "red", "plant": "E9"}, "plant 'E9' is not registered"),
    ],
)
def test_a_question_without_an_answer_is_refused(town, asked, said):
    with pytest.raises(InputError, match=said):
        judge_trucks(town, day=DAY, **asked)


def test_a_region_without_orders_says_where_to_write_them(town):
    database.replace({"transport_order": rows_of("transport_order", [])}, "town")
    with pytest.raises(InputError, match="transport_order.csv"):
        judge_trucks(town, day=DAY, level="red")
