"""Brief and orders in words: the same numbers as the tables."""

from dataclasses import replace
from datetime import timedelta

from bigdata_emis.report.brief.brief_data import gather_brief
from bigdata_emis.report.brief.brief_sheet import (
    NO_INVENTORY,
    NO_OUTCOME,
    NO_SCENARIO,
    brief_document,
    brief_sheet,
    order_sheet,
)
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from tests.report.brief.briefed_town import HOUR, fill_town
from tests.report.city_day import CITY, fill_day
from tests.report.stores import DAY, START, declared_table

CASE = {
    "source_id": "kiln",
    "breach_kind_code": "stop_not_obeyed",
    "from_utc": START,
    "to_utc": START,
    "excess_emission_g": 2000.0,
    "case_status_code": "open",
}


def parts(brief):
    return {part["title"]["en"]: part for part in brief_sheet(brief, known_utc=START)["sections"]}


def texts(rows, language="en"):
    return [[cell[language] for cell in row] for row in rows]


def test_the_tables_of_the_brief_have_the_sums_of_its_document(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    shown, document = parts(brief), brief_document(brief)
    assert texts(shown["Planned cut of the day by sector, kg"]["rows"]) == [
        ["dust", "0.25"],
        ["industrial process", "4"],
        ["all", "4"],
    ]
    assert texts(shown["Planned cut of the day by county, kg"]["rows"], "zh")[0] == ["无区县", "0.25"]
    assert document["by_sector"]["industrial_process"] == {"NOx": 4.0}
    assert sum(by["NOx"] for by in document["by_county"].values()) == 4.25
    assert texts(shown["Scenario in force"]["rows"]) == [["NOx", "5", "2", "30.0%", "30.0%"]]
    assert (document["ledger"][0]["cut_kg"], document["ordered_lines"]) == (1.5, 2)


def test_the_orders_are_stop_or_cut_with_hours(home) -> None:
    sheet = order_sheet(gather_brief(CITY, DAY, fill_town()), known_utc=START)
    rows = texts(sheet["sections"][0]["rows"], "zh")
    assert [row[3] for row in rows] == ["停产", "限产50%"]
    assert rows[0][4:] == ["2015-12-21 00:00", "2015-12-21 03:00", "NOx 3"]
    assert rows[0][0] == "北厂"


def test_each_county_has_its_name_and_its_own_table_of_orders(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    kiln, mill = brief.orders
    orders = [{**kiln, "city": "北京", "county": "110101"}, {**mill, "city": "北京", "county": "110102"}]
    named = replace(brief, orders=orders, county_names={"110101": "北京东城区"})
    sections = order_sheet(named, known_utc=START)["sections"]
    assert [part["title"]["zh"] for part in sections] == ["北京东城区：1条生产线", "北京 110102：1条生产线"]
    assert [texts(part["rows"])[0][1].split()[0] for part in sections] == ["kiln", "mill"]
    by_county = texts(parts(named)["Planned cut of the day by county, kg"]["rows"], "zh")
    assert [row[0] for row in by_county] == ["无区县", "北京东城区", "110102", "合计"]


def test_what_is_not_judged_is_said_and_cases_are_listed_when_they_are_known(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    title = "Lines that may not have obeyed"
    assert parts(brief)[title]["notes"] == [NO_OUTCOME]
    assert brief_document(brief)["cases"] is None
    judged = parts(replace(brief, cases=[CASE]))[title]
    assert texts(judged["rows"])[0][:2] == ["kiln", "order to stop not obeyed"]
    assert parts(replace(brief, cases=[]))[title]["rows"] == []


def test_a_day_without_scenario_says_so(home) -> None:
    brief = gather_brief(CITY, DAY, fill_day())
    assert parts(brief)["Scenario in force"]["notes"] == [NO_SCENARIO]
    assert order_sheet(brief, known_utc=START)["sections"][0]["notes"] == [NO_SCENARIO]
    assert brief_sheet(brief, known_utc=START)["notices"][0]["en"].startswith("SIMULATED")


def test_a_day_without_inventory_in_a_scenario_in_force_has_unknown_orders(home) -> None:
    next_day = DAY + timedelta(days=1)
    store = fill_town(to_utc=START + 48 * HOUR, in_force_to_utc=START + 48 * HOUR)
    brief = gather_brief(CITY, next_day, store)
    assert brief.hours == 24
    assert order_sheet(brief, known_utc=START)["sections"][0]["notes"] == [NO_INVENTORY]
    assert parts(brief)["Planned cut of the day by sector, kg"]["notes"] == [NO_INVENTORY]
    assert brief_document(brief)["ordered_lines"] is None


def test_a_level_that_changes_is_shown_with_its_hours(home) -> None:
    store = fill_town()
    steps = [
        {
            "scenario_id": "red-1",
            "event_order_number": number,
            "pollutant_code": pollutant,
            "from_utc": START,
            "order_from_utc": START + begin * HOUR,
            "order_to_utc": START + end * HOUR,
            "alert_level_code": level,
            "baseline_emission_g": 1.0,
            "cut_emission_g": 0.0,
            "cut_share": 0.0,
        }
        for number, begin, end, level in ((1, 0, 18, "orange"), (2, 18, 24, "red"))
        for pollutant in ("NOx", "SO2")
    ]
    own = ScenarioStore(open_lake(CITY), "red-1")
    own.write("control_order", declared_table("control_order", steps), [DAY], known_utc=START, run_id="r")
    notes = parts(gather_brief(CITY, DAY, store))["Scenario in force"]["notes"]
    assert [note["zh"] for note in notes[1:]] == [
        "橙色预警：2015-12-21 00:00 至 2015-12-21 18:00",
        "红色预警：2015-12-21 18:00 至 2015-12-22 00:00",
    ]
    assert "red, 24 h" not in notes[0]["en"]


def test_one_line_is_not_called_lines(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    sections = order_sheet(replace(brief, orders=brief.orders[:1]), known_utc=START)["sections"]
    assert sections[0]["title"]["en"].endswith(": 1 line")
