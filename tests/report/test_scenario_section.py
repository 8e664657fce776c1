"""The ledger of a page: of the scenario in force, with its status, who decided and what is missing."""

from datetime import timedelta

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.report.scenario_section import code_title, local_time, overlaps_day, scenario_section
from bigdata_emis.storage import database
from bigdata_emis.storage.scenario_lake import ScenarioStore
from tests.report.city_day import CITY, add_scenario, fill_day
from tests.report.stores import DAY, START, declared_table

DAY_AFTER = START + timedelta(days=1)
IN_FORCE = {"status": "in_force", "in_force_from_utc": START, "in_force_to_utc": DAY_AFTER}


def section(scenario=None):
    return scenario_section(CITY, DAY, fill_day(), scenario=scenario)


def notes(scenario=None):
    return [note["en"] for note in section(scenario)["notes"]]


def test_a_draft_is_shown_when_it_is_asked_for_only(home):
    fill_day()
    add_scenario("red-1")
    assert section() is None
    shown = section("red-1")
    assert (shown["status"], shown["is_approved"]) == ({"en": "draft", "zh": "草稿"}, False)
    assert notes("red-1") == ["Nobody has decided yet."]
    (row,) = shown["rows"]
    assert (row["pollutant"], row["baseline_kg"], row["cut_kg"], row["met"]) == ("NOx", 5.0, 1.5, True)
    assert (row["cut_p05_kg"], row["cut_p95_kg"]) == (None, None)


def test_by_default_the_scenario_in_force_is_shown(home):
    fill_day()
    add_scenario("orange-1", status="superseded", in_force_from_utc=START, in_force_to_utc=START)
    add_scenario("red-1", **IN_FORCE)
    add_scenario("red-2", status="rejected", known_utc=START + timedelta(hours=1))
    add_scenario("red-3", status="retired", in_force_from_utc=START, in_force_to_utc=START)
    assert section()["scenario"] == "red-1"


def test_without_one_in_force_the_last_approved_of_the_day_is_shown_and_says_so(home):
    fill_day()
    add_scenario("orange-1", status="superseded", in_force_from_utc=START, in_force_to_utc=START)
    assert section()["scenario"] == "orange-1"
    assert "in force in no hour" in notes()[0]


def test_the_table_of_a_lifted_scenario_is_of_the_plan_and_no_target_is_met(home):
    fill_day()
    add_scenario("red-1", **{**IN_FORCE, "status": "lifted", "in_force_to_utc": START + timedelta(hours=12)})
    shown = section("red-1")
    assert [row["met"] for row in shown["rows"]] == [None]
    assert shown["notes"][1] == {
        "en": "Table and chart are of all hours of the scenario as approved; the order ended at 2015-12-21 12:00, "
        "so no target counts as met.",
        "zh": "表和图为批准时整个时段的数值；指令已于 2015-12-21 12:00 终止，不判定是否达标。",
        "is_bad": True,
    }


def test_who_approved_and_when_is_shown_in_local_time(home):
    fill_day()
    add_scenario("red-1", **IN_FORCE)
    assert notes() == ["Approved by wang, 2015-12-21 00:00; in force 2015-12-21 00:00 – 2015-12-22 00:00."]
    assert section()["notes"][0]["zh"].startswith("批准人：wang，2015-12-21 00:00；生效时段：")


@pytest.mark.parametrize(("base_source", "words"), [("projected", "PROJECTED: "), ("projected_in_part", "IN PART: ")])
def test_a_projected_base_is_named_on_the_page(home, base_source, words):
    fill_day()
    add_scenario("red-1", base_source=base_source, **IN_FORCE)
    (note,) = [note for note in section()["notes"] if "PROJECTED" in note["en"]]
    assert words in note["en"]
    assert "推算" in note["zh"]


def test_a_rejected_scenario_says_who_decided(home):
    fill_day()
    add_scenario("red-1", status="rejected")
    assert notes("red-1") == ["Decided by wang, 2015-12-21 00:00."]


def test_another_level_than_the_forecast_calls_for_is_said(home):
    fill_day()
    add_scenario("red-1", **IN_FORCE)
    alert = {"alert_id": "a", "alert_level_code": "orange", "rule_version": "2013", "known_utc": START}
    hours = {"from_utc": START, "to_utc": START + timedelta(hours=1), "issued_utc": START}
    database.upsert("alert", "city", declared_table("alert", [alert | hours]))
    assert notes()[1] == "The forecast calls for orange; this scenario is red."
    same = {**alert, **hours, "alert_id": "b", "alert_level_code": "red", "known_utc": START + timedelta(hours=1)}
    database.upsert("alert", "city", declared_table("alert", [same]))
    assert len(notes()) == 1


def test_a_partial_ledger_and_a_draft_inventory_are_said_in_words(home):
    fill_day()
    add_scenario("red-1", is_draft_inventory=True, complete_share=0.63)
    assert notes("red-1")[1:] == [
        "PARTIAL: the ledger of the scenario has 63.0% of the source-hours of its 24 h; no inventory of "
        "12-21 01:00–24:00.",
        "Computed from an inventory that was not published.",
    ]


def test_a_baseline_that_is_not_the_published_inventory_is_said(home):
    fill_day()
    add_scenario("red-1", base_source="measures_unknown")
    note = section("red-1")["notes"][1]
    assert note["en"].startswith("Baseline: inventory with the cut of a scenario in force")
    assert note["zh"] == "基准排放：清单（含未知措施减排）。"
    assert note["is_bad"]


def test_an_unknown_scenario_is_refused_by_name(home):
    with pytest.raises(InputError, match="scenario 'red-9' is unknown in city"):
        section("red-9")


def test_a_scenario_of_other_days_is_not_of_this_day(home):
    assert overlaps_day({"from_utc": START, "to_utc": DAY_AFTER}, CITY, DAY)
    assert not overlaps_day({"from_utc": DAY_AFTER, "to_utc": DAY_AFTER + timedelta(days=1)}, CITY, DAY)
    assert local_time(None, CITY) == ""
    assert code_title("alert_level", "violet") == {"en": "violet", "zh": "violet"}


def test_a_level_that_changed_is_shown_with_hours_and_targets_of_each(home):
    store = fill_day()
    add_scenario("red-1")
    rows = [
        {
            "scenario_id": "red-1",
            "event_order_number": number,
            "pollutant_code": "NOx",
            "from_utc": START,
            "order_from_utc": START + begin * timedelta(hours=1),
            "order_to_utc": START + end * timedelta(hours=1),
            "alert_level_code": level,
            "baseline_emission_g": 1.0,
            "cut_emission_g": 0.25,
            "cut_share": 0.25,
            "target_share": target,
            "is_met": target <= 0.25,
        }
        for number, begin, end, level, target in ((1, 0, 18, "orange", 0.2), (2, 18, 24, "red", 0.3))
    ]
    own = ScenarioStore(store, "red-1")
    own.write("control_order", declared_table("control_order", rows), [DAY], known_utc=START, run_id="r")
    shown = section("red-1")
    assert shown["level"] == {"en": "orange, then red", "zh": "橙色预警转红色预警"}
    assert [(note["zh"], note["is_bad"]) for note in shown["notes"][1:3]] == [
        ("橙色预警 2015-12-21 00:00 – 2015-12-21 18:00；已达标（减排/目标）：NOx 25.0% / 20%。", False),
        ("红色预警 2015-12-21 18:00 – 2015-12-22 00:00；未达标（减排/目标）：NOx 25.0% / 30%。", True),
    ]
    assert shown["waterfall"]["NOx"]["cut_kg"] == 1.5
