"""The dispatch sheet reads like one: where, what was ordered, what was seen, since when, whom to call."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bigdata_emis.report.brief.case_dispatch import (
    SIMULATED_ORDERS,
    case_sheet,
    excess_words,
    ordered_words,
    probability_text,
    seen_words,
)
from bigdata_emis.report.names.code_names import pollutant_words
from bigdata_emis.report.sheet.report_sheet import words
from tests.report.city_day import CITY

NOW = datetime(2015, 12, 22, tzinfo=UTC)


def case(**more: Any) -> dict[str, Any]:
    about = {
        "rank": 1,
        "case": "L1-abc",
        "source": "L1",
        "enterprise_en": "Foundry One",
        "enterprise_zh": "一号铸造厂",
        "address": "唐山 130281 (39.6300, 118.1800)",
        "address_en": "Tangshan 130281 (39.6300, 118.1800)",
        "list_row": None,
        "kind_en": "not stopped",
        "kind_zh": "未停产",
        "from_utc": "2015-12-20T00:00:00+00:00",
        "probability": 0.987,
        "excess_kg": 1234.5,
        "evidence": {
            "order_share": 1.0,
            "excess_kg": {"NOx": 1234.5},
            "breach_hours": 12,
            "energy_kwh": 900.0,
            "allowed_kwh": 100.0,
            "evidence_codes": ["abatement_off"],
        },
        "status": "open",
        "scenario": "red-1",
        "scenario_status": "in_force",
        "order_ended_utc": None,
        "visits": [],
        "decided_by": None,
        "note": None,
    }
    return {**about, **more}


def row(one: dict[str, Any], language: str = "zh") -> list[str]:
    sheet = case_sheet(CITY, [one], known_utc=NOW)
    return [cell[language] for cell in sheet["sections"][0]["rows"][0]]


def test_an_excess_is_of_pollutants_by_name_and_none_is_said():
    evidence = {**case()["evidence"], "excess_kg": {"PM_condensable": 2.0}}
    sheet = case_sheet(CITY, [case(evidence=evidence)], known_utc=NOW)
    assert sheet["sections"][1]["notes"][1]["zh"] == f"超排：{pollutant_words('PM_condensable')['zh']} 2 kg。"
    assert row(case(excess_kg=0.0))[6] == "无超排量"


def test_a_row_says_where_what_was_ordered_what_was_seen_and_since_when():
    cells = row(case())
    assert cells[:4] == ["1", "一号铸造厂 · L1", "唐山 130281 (39.6300, 118.1800)", "停产"]
    assert cells[4] == "未停产，12 小时：用电 900 kWh，允许 100 kWh"
    assert cells[5:] == ["2015-12-20 08:00", "1,234", "99%", "不详", "待核查"]
    english = row(case(), "en")
    assert english[3:5] == ["stop", "not stopped, 12 h: 900 kWh used, 100 kWh allowed"]


def test_the_person_to_call_is_where_the_list_of_the_city_has_it():
    assert row(case(list_row={"file": "a.xlsx", "sheet": "工业", "row": 12}))[8] == "见清单：工业 第12行"


def test_an_order_that_changed_has_each_part_with_its_beginning():
    parts = [
        {"from_utc": "2015-12-20T00:00:00+00:00", "to_utc": "2015-12-20T04:00:00+00:00", "order_share": 0.3},
        {"from_utc": "2015-12-20T04:00:00+00:00", "to_utc": "2015-12-20T09:00:00+00:00", "order_share": 1.0},
    ]
    changed = case(evidence={**case()["evidence"], "orders": parts})
    assert row(changed)[3] == "限产 30%；12-20 12:00 起停产"
    assert row(changed, "en")[3] == "cut 30%; from 12-20 12:00 stop"


def test_an_order_is_a_stop_a_cut_or_abatement_alone():
    assert [ordered_words(share)["en"] for share in (1.0, 0.3, 0.0, None)] == [
        "stop",
        "cut 30%",
        "no cut; abatement on",
        "–",
    ]


def test_without_energy_only_the_kind_and_the_hours_are_seen():
    seen = seen_words(case(evidence={"breach_hours": 3, "energy_kwh": None, "allowed_kwh": None}))
    assert seen == {"en": "not stopped, 3 h", "zh": "未停产，3 小时"}


def test_each_case_has_its_evidence_and_lines_to_fill_in():
    sheet = case_sheet(CITY, [case(), case(rank=2)], known_utc=NOW)
    assert [part["title"]["en"] for part in sheet["sections"]] == [
        "Where to go",
        "1. Foundry One · L1",
        "2. Foundry One · L1",
    ]
    notes = [note["zh"] for note in sheet["sections"][1]["notes"]]
    assert notes[0] == "案件 L1-abc。证据：治污设施未开。"
    assert notes[1] == "超排：NOx 1,234 kg。"
    assert "核查人" in notes[2]


def test_without_cases_the_sheet_says_so_and_clears_nobody():
    sheet = case_sheet(CITY, [], known_utc=NOW)
    assert sheet["sections"][0]["rows"] == []
    assert sheet["sections"][0]["notes"][0]["en"] == "No case of this kind."


def test_no_case_is_certain_before_somebody_has_looked():
    assert [probability_text(share) for share in (1.0, 0.987, 0.5, None)] == [">99%", "99%", "50%", "–"]


ENDED = {"scenario_status": "superseded", "order_ended_utc": "2015-12-20T04:00:00+00:00"}


def notes_of(one: dict[str, Any]) -> list[str]:
    return [note["en"] for note in case_sheet(CITY, [one], known_utc=NOW)["sections"][1]["notes"]]


def test_a_case_that_outlasts_its_order_says_so_and_how_to_judge_it_again():
    assert (
        "The order red-1 is superseded from 2015-12-20 12:00: hours after that are no breach of it. "
        "Judge again: emis outcome --scenario red-1."
    ) in notes_of(case(**ENDED))
    assert not any("The order" in note for note in notes_of(case()))


def test_a_visit_under_an_earlier_order_is_on_the_sheet():
    visit = {"case": "L1-old", "scenario": "orange-1", "status": "checked", "by": "Li", "note": "gate was shut"}
    assert "Seen before under orange-1 by Li (checked): gate was shut." in notes_of(case(visits=[visit]))


def test_checked_cases_of_ended_orders_are_apart_and_nowhere_to_go():
    checked = case(case="L2-old", source="L2", status="checked", decided_by="Li", note="ran at night", **ENDED)
    sections = case_sheet(CITY, [case()], known_utc=NOW, ended=[checked])["sections"]
    assert [part["title"]["zh"] for part in sections[:2]] == ["核查顺序", "指令已失效、已核查待定案"]
    assert len(sections[0]["rows"]) == 1
    (cells,) = [[cell["en"] for cell in cells] for cells in sections[1]["rows"]]
    assert cells == ["Foundry One · L2", "L2-old", "red-1", "superseded from 2015-12-20 12:00", "Li", "ran at night"]


def test_an_excess_names_its_hours_where_they_are_fewer_than_those_seen() -> None:
    """41 h were seen by the meter, of which 24 have an inventory."""
    evidence = {"breach_hours": 41, "inventory_hours": 24}
    assert excess_words({"excess_kg": 1500.0, "evidence": evidence}) == words(
        "1,500 in 24 of 41 h", "1,500（41小时中24小时）"
    )
    assert excess_words({"excess_kg": 0.0, "evidence": {**evidence, "inventory_hours": 0}})["zh"] == "未知：无清单"
    assert excess_words({"excess_kg": 2.0, "evidence": {"breach_hours": 4, "inventory_hours": 4}}) == words("2")
    assert excess_words({"excess_kg": 2.0, "evidence": {"breach_hours": 4}}) == words("2")


def test_a_simulated_region_says_which_orders_its_plants_know():
    assert SIMULATED_ORDERS in case_sheet(CITY, [case()], known_utc=NOW)["notices"]
    measured = replace(CITY, is_simulated=False)
    assert SIMULATED_ORDERS not in case_sheet(measured, [case()], known_utc=NOW)["notices"]
