"""The table of a planned cut in words, and the sentence that says what its base is."""

from bigdata_emis.report.brief.planned_cut_section import (
    JUDGED_BASE,
    approved_base_words,
    day_cut_section,
    judged_base_words,
    planned_cut_section,
)
from bigdata_emis.report.sheet.report_sheet import words

NOX = {"pollutant_code": "NOx", "baseline_emission_g": 200e3, "cut_emission_g": 70e3, "cut_share": 0.35}
SO2 = {"pollutant_code": "SO2", "baseline_emission_g": 10e3, "cut_emission_g": 0.0, "cut_share": 0.0}


def cells(part):
    return [[cell["en"] for cell in row] for row in part["rows"]]


def test_a_plan_has_base_cut_share_and_target_of_each_pollutant() -> None:
    ledger = [{**SO2, "target_share": None}, {**NOX, "target_share": 0.2}]
    part = planned_cut_section(words("Plan"), ledger, notes=[JUDGED_BASE])
    assert cells(part) == [["NOx", "200", "70", "35.0%", "20.0%"]]
    assert [column["zh"] for column in part["columns"]] == ["污染物", "基准 kg", "计划 kg", "计划比例", "目标"]
    assert part["notes"] == [JUDGED_BASE]


def test_hours_of_a_day_have_no_target_and_only_what_is_cut() -> None:
    assert cells(day_cut_section(words("Day"), [NOX, SO2])) == [["NOx", "200", "70", "35.0%"]]
    assert day_cut_section(words("Day"), [SO2])["columns"] == []


def test_the_base_is_that_of_the_outcome_where_it_was_judged_else_as_approved() -> None:
    assert judged_base_words(24, 24) == JUDGED_BASE
    assert judged_base_words(20, 24)["zh"] == "基准：20小时为效果评估给出的无管控排放，其余4小时为批准时所用。"
    approved = approved_base_words([{"base_source_code": "inventory"}, {"base_source_code": "inventory"}])
    assert approved["zh"] == "基准为批准时所用：已发布清单。"
    assert approved_base_words([{}])["en"] == "Base as approved: not stored."
