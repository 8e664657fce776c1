"""The dispatch sheet says where to go first, with what was seen, in both languages."""

from bigdata_emis.cli.outcome.dispatch_sheet import case_lines, local_time, outcome_lines, sheet_lines
from bigdata_emis.report.brief.case_dispatch import SIMULATED_ORDERS

CASE = {
    "rank": 1,
    "case": "L1-abc",
    "scenario": "plan-1",
    "is_order_in_force": True,
    "scenario_status": "in_force",
    "order_ended_utc": None,
    "visits": [],
    "source": "L1",
    "enterprise_en": "Foundry One",
    "enterprise_zh": "一号铸造厂",
    "city": "唐山",
    "county": "130281",
    "address": "唐山 130281 (39.6300, 118.1800)",
    "list_row": {"file": "list.xlsx", "sheet": "工业", "row": 12},
    "kind": "stop_not_obeyed",
    "kind_en": "not stopped",
    "kind_zh": "未停产",
    "from_utc": "2015-12-20T00:00:00+00:00",
    "to_utc": "2015-12-20T12:00:00+00:00",
    "probability": 0.987,
    "excess_kg": 1234.5,
    "evidence": {
        "excess_kg": {"NOx": 1234.5},
        "order_share": 0.5,
        "breach_hours": 12,
        "unknown_hours": 2,
        "energy_kwh": 900.0,
        "allowed_kwh": 100.0,
        "evidence_codes": ["above_allowed_energy", "abatement_off"],
    },
    "status": "open",
    "status_zh": "待核查",
    "decided_by": None,
    "note": None,
}
DOCUMENT = {
    "scenario": "plan-1",
    "region": "jjj",
    "simulated": False,
    "from_utc": "2015-12-20T00:00:00+00:00",
    "to_utc": "2015-12-20T12:00:00+00:00",
    "hours": 12,
    "order_from_utc": "2015-12-20T00:00:00+00:00",
    "order_to_utc": "2015-12-20T12:00:00+00:00",
    "is_draft": True,
    "achieved": [
        {
            "pollutant": "NOx",
            "without_control_kg": 1000.0,
            "observed_kg": 750.0,
            "planned_kg": 500.0,
            "unseen_kg": 40.0,
            "achieved_kg": 250.0,
            "achieved_kg_p05": 200.0,
            "achieved_kg_p95": 300.0,
            "achieved_share": 0.25,
            "execution_share": None,
        }
    ],
    "line_hours": {"obeyed": 5, "unknown": 7},
    "cases": 3,
}


def test_a_case_is_one_line_with_place_kind_span_and_excess():
    line = sheet_lines([CASE], "Asia/Shanghai")[1]
    for part in (
        "一号铸造厂 L1",
        "唐山 130281 (39.6300, 118.1800)",
        "限产 50% cut 50%",
        "未停产",
        "12-20 08:00",
        "12-20 20:00",
        "900%",
        "1,234.5",
        "99%",
        "open",
    ):
        assert part in line


def test_cases_of_orders_no_longer_in_force_are_apart():
    ended = {**CASE, "case": "L2-abc", "source": "L2", "is_order_in_force": False, "status": "superseded"}
    lines = sheet_lines([CASE, ended], "Asia/Shanghai")
    places = [next(place for place, line in enumerate(lines) if part in line) for part in ("L1-abc", "无需", "L2-abc")]
    assert places == sorted(places)
    assert sheet_lines([ended], "Asia/Shanghai")[0].startswith("no case of an order in force")


def test_a_case_says_what_became_of_its_order_and_who_saw_the_line_before():
    visit = {"case": "L1-old", "scenario": "plan-0", "status": "checked", "by": "Li", "note": "gate was shut"}
    shown = {**CASE, "scenario_status": "lifted", "order_ended_utc": "2015-12-20T04:00:00+00:00", "visits": [visit]}
    text = "\n".join(case_lines(shown, "Asia/Shanghai"))
    assert "plan-1 (已解除（自 2015-12-20 12:00） lifted from 2015-12-20 12:00)" in text
    assert "plan-0, Li, checked: gate was shut" in text


def test_a_case_without_energy_shows_a_dash():
    line = sheet_lines([{**CASE, "evidence": {**CASE["evidence"], "energy_kwh": None}}], "UTC")[1]
    assert " - " in line


def test_without_cases_the_sheet_says_so_and_does_not_praise():
    assert sheet_lines([], "UTC")[0].startswith("no case: no line is known not to have obeyed")


def test_a_case_is_shown_with_its_evidence_in_words_and_its_acts():
    act = {"known_utc": "2015-12-21T00:00:00+00:00", "actor": "Li", "note": "L1-abc of plan-1: open to checked"}
    text = "\n".join(case_lines({**CASE, "acts": [act]}, "Asia/Shanghai"))
    for part in (
        "list.xlsx, 工业, row 行 12",
        "限产 50% cut 50%",
        "治污设施未开",
        "NOx 1,234.50",
        "12 (unknown 无法判定 2)",
        "12-21 08:00",
        "open to checked",
    ):
        assert part in text


def test_the_outcome_names_what_is_unknown_and_that_it_is_a_draft():
    lines = outcome_lines(DOCUMENT)
    assert lines[0].endswith("(draft: nobody approved it)")
    assert "25.0%" in lines[2]
    assert "200 – 300" in lines[2]
    assert "no reading (kg): NOx 40; not credited" in lines[3]
    assert "NOx 40；未计入实际减排" in lines[4]
    assert lines[5] == "line hours 线小时 (meters 按电表, 12 h): 已执行 obeyed 5, 无法判定 unknown 7"
    assert "cases 案件: 3" in lines[6]


def test_a_share_of_a_plan_that_its_error_exceeds_is_not_shown():
    """250 ± 50 kg of 5 kg planned would read 5,000 %."""
    (row,) = DOCUMENT["achieved"]
    tiny = {**row, "planned_kg": 5.0, "execution_share": 50.0}
    line = outcome_lines({**DOCUMENT, "achieved": [tiny]})[2]
    assert line.endswith("unclear 无法判定")
    assert "5000%" not in line


def test_an_instant_is_shown_in_local_time():
    assert local_time("2015-12-19T16:00:00+00:00", "Asia/Shanghai") == "12-20 00:00"


def test_an_outcome_says_how_many_hours_it_covers_and_when_the_order_ends():
    whole = "scenario plan-1 2015-12-20T00:00:00+00:00 to 2015-12-20T12:00:00+00:00: 12 h judged 评估"
    assert any(line.startswith(whole) for line in outcome_lines(DOCUMENT))
    partial = {**DOCUMENT, "hours": 10, "order_to_utc": "2015-12-20T16:00:00+00:00"}
    (head,) = [line for line in outcome_lines(partial) if line.startswith("scenario")]
    assert "10 of 12 h judged 评估, the others have no inventory" in head
    assert "the order ends 指令至 2015-12-20T16:00:00+00:00" in head


def test_the_table_says_of_which_pollutants_the_excess_is_and_where_there_is_none() -> None:
    lines = sheet_lines([CASE, {**CASE, "excess_kg": 0.0}], "Asia/Shanghai")
    assert lines[-1] == "excess 超排: SO2 + NOx + PM10 + VOCs"
    assert [("1,234.5" in line, "无超排量 no excess mass" in line) for line in lines[-3:-1]] == [
        (True, False),
        (False, True),
    ]


def test_an_outcome_of_simulated_plants_says_which_orders_they_know() -> None:
    assert outcome_lines({**DOCUMENT, "simulated": True})[-2:] == [SIMULATED_ORDERS["zh"], SIMULATED_ORDERS["en"]]
    assert SIMULATED_ORDERS["en"] not in outcome_lines(DOCUMENT)
