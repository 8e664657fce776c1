"""Brief and orders in words: the same numbers as the tables."""

from dataclasses import replace
from datetime import timedelta

from bigdata_emis.report.brief.brief_data import gather_brief
from bigdata_emis.report.brief.brief_notices import NO_INVENTORY, NO_ORDER_OF_ALERT, NO_OUTCOME, NO_SCENARIO
from bigdata_emis.report.brief.brief_sheet import brief_document, brief_sheet
from bigdata_emis.report.brief.order_sheet import order_sheet
from bigdata_emis.report.brief.planned_cut_section import TWO_SHARES
from bigdata_emis.report.names.code_names import feed_words
from bigdata_emis.report.sheet.report_sheet import words
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from tests.chinese_text import chinese_texts, english_in
from tests.report.brief.briefed_town import HOUR, fill_town
from tests.report.city_day import CITY, fill_day, publish_day
from tests.report.review.reviewed_town import standing
from tests.report.stores import DAY, START, declared_table

CASE = {
    "source_id": "kiln",
    "breach_kind_code": "stop_not_obeyed",
    "from_utc": START,
    "to_utc": START,
    "excess_emission_g": 2000.0,
    "case_status_code": "open",
    "evidence_json": '{"order_share": 1.0}',
}


def parts(brief):
    return {part["title"]["en"]: part for part in brief_sheet(brief, known_utc=START)["sections"]}


SCENARIO = "Scenario in force, all its hours · 24 h, 2015-12-21 00:00 – 2015-12-22 00:00"
OF_DAY = "Planned cut of the day · 24 h, 2015-12-21 00:00 – 2015-12-22 00:00"


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
    assert texts(shown[SCENARIO]["rows"]) == [["NOx", "5", "2", "30.0%", "30.0%"]]
    assert texts(shown[OF_DAY]["rows"]) == [["NOx", "9", "4", "47.2%"]]
    assert document["day"] == [{"pollutant": "NOx", "base_kg": 9.0, "cut_kg": 4.25, "cut_share": 4.25 / 9}]
    assert (document["ledger"][0]["cut_kg"], document["ordered_lines"]) == (1.5, 2)


def test_two_tables_of_the_same_orders_say_why_their_shares_differ_once_the_day_is_judged(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    assert TWO_SHARES not in parts(brief)[SCENARIO]["notes"]
    assert brief_document(brief)["share_note"] is None
    assert brief.planned is not None
    judged = replace(brief, planned=replace(brief.planned, judged_hours=24))
    assert TWO_SHARES in parts(judged)[SCENARIO]["notes"]
    assert brief_document(judged)["share_note"] == TWO_SHARES


def test_what_is_not_judged_is_said_and_cases_are_listed_when_they_are_known(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    title = "Lines that may not have obeyed"
    assert parts(brief)[title]["notes"] == [NO_OUTCOME]
    assert brief_document(brief)["cases"] is None
    judged = parts(replace(brief, cases=[CASE]))[title]
    assert texts(judged["rows"])[0][:2] == ["North works · kiln", "not stopped"]
    assert parts(replace(brief, cases=[]))[title]["rows"] == []


def test_a_day_without_scenario_says_so(home) -> None:
    brief = gather_brief(CITY, DAY, fill_day())
    cases = "Lines that may not have obeyed"
    assert parts(brief)[cases]["notes"] == [NO_SCENARIO]
    assert parts(replace(brief, alerts=[standing()]))[cases]["notes"] == [NO_ORDER_OF_ALERT]
    assert parts(brief)["Scenario in force, all its hours"]["notes"] == [NO_SCENARIO]
    assert order_sheet(brief, known_utc=START)["sections"][0]["notes"] == [NO_SCENARIO]
    assert brief_sheet(brief, known_utc=START)["notices"][0]["en"].startswith("SIMULATED")


def test_no_chinese_sentence_of_a_brief_has_english_in_it(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    for data in (brief, replace(brief, cases=[CASE])):
        texts = chinese_texts([brief_sheet(data, known_utc=START), order_sheet(data, known_utc=START)])
        assert len(texts) > 20
        assert {text: found for text in texts if (found := english_in(text))} == {}


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
    notes = parts(gather_brief(CITY, DAY, store))[SCENARIO]["notes"]
    assert [note["zh"] for note in notes[2:]] == [
        "橙色预警：2015-12-21 00:00 至 2015-12-21 18:00",
        "红色预警：2015-12-21 18:00 至 2015-12-22 00:00",
    ]
    assert "red, 24 h" not in notes[0]["en"]


def test_a_case_names_its_plant_and_says_of_a_stop_that_it_was_not_stopped(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    partly = {**CASE, "breach_kind_code": "partly_obeyed"}
    cut = {**partly, "evidence_json": '{"order_share": 0.5}'}
    rows = texts(parts(replace(brief, cases=[partly, cut]))["Lines that may not have obeyed"]["rows"], "zh")
    assert [row[:2] for row in rows] == [["北厂 · kiln", "未停产（仅部分减产）"], ["北厂 · kiln", "限产不到位"]]


def test_a_partial_day_says_at_its_head_which_hours_and_which_share_of_the_mass(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    notices = brief_sheet(brief, known_utc=START)["notices"]
    notices = [notices[0], *notices[2:]]  # without the sentence that no alert is issued
    assert notices[1]["en"].startswith("PARTIAL: the inventory has 3 of 24 hours; none of 12-21 03:00–24:00.")
    assert notices[1]["zh"].startswith("不完整：24小时中3小时有排放清单，缺 12-21 03:00–24:00。")
    assert notices[2]["en"] == "Mass of the hours present by method: NOx modelled 100.0%."
    assert notices[2]["zh"] == "已有时段排放量按方法：NOx 模型 100.0%。"
    document = brief_document(brief)
    assert (document["coverage"]["hours"], document["coverage"]["is_partial"]) == (3, True)
    assert order_sheet(brief, known_utc=START)["notices"] == brief_sheet(brief, known_utc=START)["notices"]


def test_a_partial_ledger_says_which_hours_of_the_scenario_it_lacks(home) -> None:
    inputs = '{"inputs": {"emission_hourly": {"2015-12-21": "v1"}}}'
    store = fill_town(to_utc=START + 48 * HOUR, complete_share=0.5, parameters_json=inputs)
    notices = [notice["en"] for notice in brief_sheet(gather_brief(CITY, DAY, store), known_utc=START)["notices"]]
    assert notices[4] == (
        "PARTIAL: the ledger of the scenario has 50.0% of the source-hours of its 48 h; no inventory of "
        "12-21 03:00 – 12-23 00:00."
    )


def test_feeds_have_their_titles_and_a_feed_with_gaps_is_at_the_head(home) -> None:
    store = fill_town()
    gaps = {"power": {"rows": 5, "missing_hours": ["00:00", "01:00"]}, "weather": {"rows": 0}}
    publish_day(store, feeds=gaps)
    sheet = brief_sheet(gather_brief(replace(CITY, feeds={"power": {}}), DAY, store), known_utc=START)
    assert sheet["notices"][-1]["en"].startswith("FEEDS WITH GAPS: ")
    assert "2小时无数据（00:00, 01:00）" in sheet["notices"][-1]["zh"]
    rows = {part["title"]["en"]: part for part in sheet["sections"]}["Completeness by feed"]["rows"]
    assert rows[0][0] == feed_words("power") != words("power")


def test_targets_of_a_level_that_changes_are_those_of_its_orders(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    ledger = [{**brief.ledger[0], "target_share": None}]
    row = {
        "pollutant_code": "NOx",
        "order_from_utc": START,
        "order_to_utc": START + 18 * HOUR,
        "event_order_number": 1,
        "alert_level_code": "orange",
        "baseline_emission_g": 4000.0,
        "cut_emission_g": 1000.0,
        "cut_share": 0.25,
        "target_share": 0.2,
        "is_met": True,
    }
    shown = parts(replace(brief, ledger=ledger, level_orders=[row]))
    assert texts(shown[SCENARIO]["rows"])[0][4] == "by order, see below"
    assert texts(shown["Orders of the event"]["rows"]) == [
        ["1", "orange", "2015-12-21 00:00", "2015-12-21 18:00", "NOx", "4", "1", "25.0%", "20.0%", "yes"]
    ]
    assert texts(parts(replace(brief, ledger=ledger))[SCENARIO]["rows"])[0][4] == "none"


def test_cuts_by_county_have_the_names_of_the_counties(home) -> None:
    brief = gather_brief(CITY, DAY, fill_town())
    named = replace(brief, county_names={"110101": words("Dongcheng, Beijing", "北京东城区")})
    by_county = parts(named)["Planned cut of the day by county, kg"]["rows"]
    assert [row[0] for row in texts(by_county, "zh")] == ["无区县", "北京东城区", "110102", "合计"]
    assert texts(by_county)[1][0] == "Dongcheng, Beijing"
