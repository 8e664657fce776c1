"""The review in words: the same numbers as its tables, and what cannot be known is said."""

from datetime import UTC, datetime
from typing import Any

from bigdata_emis.codes import AlertEvent, Cause
from bigdata_emis.report.review.alert_timeline import build_timeline, measure_lead_times
from bigdata_emis.report.review.earlier_orders import EarlierOrder
from bigdata_emis.report.review.event_levels import event_levels
from bigdata_emis.report.review.measure_effects import judged_hours, measure_effects, total_effects
from bigdata_emis.report.review.measure_section import CANNOT_BE_DETERMINED
from bigdata_emis.report.review.review_data import ReviewData
from bigdata_emis.report.review.review_document import review_document
from bigdata_emis.report.review.review_sheet import LEVEL_HOURS_UNKNOWN, NO_OUTCOME, NO_SCENARIO, REPLAYED, review_sheet
from bigdata_emis.report.sheet.report_sheet import words
from bigdata_emis.window import Window
from tests.chinese_text import chinese_texts, english_in
from tests.report.city_day import CITY
from tests.report.review.reviewed_town import (
    DAY,
    HOUR,
    START,
    WINDOW,
    account,
    achieved,
    achieved_row,
    event,
    ledger,
    nothing,
    standing,
    subject,
)

PLANNED = "Planned cut, as approved · 24 h, 2015-12-21 00:00 – 2015-12-22 00:00"
JUDGED = "Planned and achieved cut of the hours judged · 24 h, 2015-12-21 00:00 – 2015-12-22 00:00"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCENARIO = {
    "scenario_id": "s",
    "alert_level_code": "orange",
    "known_utc": START - 8 * HOUR,
    "decided_utc": START - 7 * HOUR,
    "decided_by": "Zhao",
    "from_utc": START,
    "to_utc": START + DAY,
    "in_force_from_utc": START,
    "in_force_to_utc": START + DAY,
}
CASE = {
    "source_id": "L1",
    "breach_kind_code": "stop_not_obeyed",
    "from_utc": START,
    "to_utc": START + 3 * HOUR,
    "excess_emission_g": 12_000.0,
    "case_status_code": "open",
}
AIR = {
    "pollutant": "PM2.5",
    "hours": 24,
    "measured_ug_per_m3": 200.0,
    "forecast_ug_per_m3": 260.0,
    "forecast_issued_utc": START - 7 * HOUR,
}


def review(*, outcome: bool = True, **more: Any) -> ReviewData:
    about = more.pop("about", subject(scenario=SCENARIO))
    cut = achieved() if outcome else nothing("achieved_cut")
    levels = event_levels(about, more.get("orders", []))
    fields: dict[str, Any] = {
        "region": CITY,
        "subject": about,
        "cause": Cause.FINE_PARTICLES,
        "timeline": build_timeline(about, [], levels, CITY.time_zone),
        "lead_times": measure_lead_times(about, []),
        "effects": measure_effects(account(), cut, ledger(), cause=Cause.FINE_PARTICLES, level="orange", window=WINDOW),
        "totals": total_effects(ledger(), cut),
        "judged": judged_hours(cut),
        "line_hours": {"obeyed": 20, "breached": 3, "unknown": 1, "no_order": 0} if outcome else {},
        "cases": [CASE] if outcome else [],
        "air": [AIR],
        "levels": levels,
        "names": {"L1": words("North works", "北厂")},
        "measure_names": {"kiln": words("cement", "水泥")},
    }
    return ReviewData(**{**fields, **more})


def sections(data: ReviewData) -> dict[str, Any]:
    sheet = review_sheet(data, [words("change it", "修改")], known_utc=NOW)
    return {part["title"]["en"]: part for part in sheet["sections"]}


def notices(data: ReviewData) -> list[str]:
    return [notice["en"] for notice in review_sheet(data, [], known_utc=NOW)["notices"]]


def cells(part: Any, row: int = 0) -> list[str]:
    return [cell["en"] for cell in part["rows"][row]]


def test_the_sheet_has_the_numbers_of_the_tables() -> None:
    parts = sections(review())
    assert cells(parts[PLANNED]) == ["NOx", "200", "70", "35.0%", "20.0%"]
    assert cells(parts[JUDGED]) == ["NOx", "200", "70", "35.0%", "45", "40 – 50", "22.5%", "64.3%"]
    assert cells(parts["Measures"]) == [
        "cement", "industrial process", "NOx", "40", "20.0%", "32", "80.0%", "shared by plan",
    ]  # fmt: skip
    assert cells(parts["Compliance"]) == [
        "North works · L1", "not stopped", "2015-12-21 00:00", "2015-12-21 03:00", "12", "open",
    ]  # fmt: skip
    assert cells(parts["Air quality"])[:4] == ["PM2.5", "24", "200.0", "260.0"]
    assert parts["Rules to change, over all reviewed alerts"]["notes"] == [words("change it", "修改")]


def test_no_chinese_sentence_of_a_review_has_english_in_it() -> None:
    first = [earlier("first", outcome=True), earlier("second", outcome=False, ended=True)]
    for data in (review(), review(outcome=False), review(about=subject()), review(earlier=first)):
        texts = chinese_texts(review_sheet(data, [words("change it", "修改")], known_utc=NOW))
        assert len(texts) > 20
        assert {text: found for text in texts if (found := english_in(text))} == {}


def earlier(name: str, *, outcome: bool, ended: bool = False) -> EarlierOrder:
    cut = achieved() if outcome else nothing("achieved_cut")
    return EarlierOrder(
        scenario={**SCENARIO, "scenario_id": name},
        held=None if ended else Window(START, START + 12 * HOUR),
        totals=total_effects(ledger(), cut),
        judged=judged_hours(cut),
        line_hours={},
        effects=nothing("measure_effect"),
        has_ended_outcome=ended,
    )


def test_orders_of_an_alert_are_listed_and_each_that_was_judged_has_its_table() -> None:
    data = review(earlier=[earlier("first", outcome=True), earlier("second", outcome=False)])
    parts = sections(data)
    listed = [[cell["en"] for cell in row] for row in parts["Orders of the alert, in order of time"]["rows"]]
    assert [(row[0], row[-1]) for row in listed] == [
        ("first", "24 h judged"),
        ("second", "not judged"),
        ("s", "24 h judged"),
    ]
    of_first = "Planned and achieved cut under first · 24 h, 2015-12-21 00:00 – 2015-12-22 00:00"
    assert cells(parts[of_first])[:5] == ["NOx", "200", "70", "35.0%", "45"]
    document = review_document(data, [])
    assert [one["scenario"] for one in document["earlier_orders"]] == ["first", "second"]
    assert "Orders of the alert, in order of time" not in sections(review())


def test_an_outcome_of_an_order_that_another_replaced_is_named_with_what_to_run() -> None:
    data = review(outcome=False, earlier=[earlier("first", outcome=False, ended=True)])
    (notice,) = [text for text in review_sheet(data, [], known_utc=NOW)["notices"] if "is of first" in text["en"]]
    assert notice["en"].endswith("Run emis outcome --region city --scenario s.")
    assert english_in(notice["zh"]) == []


def test_an_outcome_of_fewer_hours_is_compared_with_the_plan_of_these_hours() -> None:
    """The order was lifted after 20 h. Planned are 70 kg in 24 h and 60 kg in the 20 h in which 45 kg were achieved."""
    end = {"to_utc": START + 20 * HOUR, "judged_hour_count": 20, "counterfactual_emission_g": 160_000.0}
    rows = (achieved_row("industrial_process", 40, 40), achieved_row("mobile", 20, 5), achieved_row("all", 60, 45))
    cut = achieved(*({**row, **end, "achieved_share": 45 / 160} for row in rows))
    lifted = subject(scenario={**SCENARIO, "in_force_to_utc": START + 20 * HOUR})
    judged = review(
        about=lifted,
        totals=total_effects(ledger(), cut),
        judged=judged_hours(cut),
        effects=measure_effects(account(), cut, ledger(), cause=Cause.FINE_PARTICLES, level="orange", window=WINDOW),
    )
    parts = sections(judged)
    assert cells(parts[PLANNED])[:4] == ["NOx", "200", "70", "35.0%"]
    title = "Planned and achieved cut of the hours judged · 20 h, 2015-12-21 00:00 – 2015-12-21 20:00"
    assert cells(parts[title]) == ["NOx", "160", "60", "37.5%", "45", "40 – 50", "28.1%", "75.0%"]
    columns = [column["en"] for column in parts["Measures"]["columns"]]
    assert columns[3:6] == ["planned kg in the 20 h judged", "share of region", "achieved kg in the 20 h"]
    assert cells(parts["Measures"])[3:7] == ["32", "20.0%", "32", "100.0%"]
    document = review_document(judged, [])
    assert document["judged_hours"]["hours"] == 20
    assert document["totals"][0]["judged"] == {"without_control_kg": 160, "planned_kg": 60, "planned_share": 0.375}


def test_hours_without_an_inventory_are_said() -> None:
    cut = achieved({**achieved_row("all", 70, 45), "judged_hour_count": 22})
    said = notices(review(judged=judged_hours(cut)))
    assert "The outcome is of 22 of 24 h: the others have no inventory." in said


def test_without_an_outcome_achieved_is_null_and_said_at_the_top() -> None:
    data = review(outcome=False)
    document = review_document(data, [])
    assert {row["achieved_kg"] for row in (*document["totals"], *document["measures"])} == {None}
    assert document["line_hours"] is None
    assert NO_OUTCOME["en"] in notices(data)
    assert sections(data)["Compliance"]["notes"] == [NO_OUTCOME]


def test_an_alert_without_scenario_says_so() -> None:
    data = review(about=subject())
    assert NO_SCENARIO["en"] in notices(data)
    assert review_document(data, [])["scenario"] is None


def test_hours_of_measures_that_differ_from_the_alert_are_said() -> None:
    late = {**SCENARIO, "in_force_to_utc": START + 2 * DAY}
    said = notices(review(about=subject(scenario=late)))
    assert any("not in the hours of the alert" in text for text in said)
    assert any("known until 2015-12-22 00:00 only" in text for text in said)
    assert not any("hours of the alert" in text for text in notices(review()))


def test_simulated_and_partial_data_are_marked() -> None:
    partial = words("PARTIAL: the ledger has half of it.", "不完整")
    said = notices(review(ledger_notices=[partial]))
    assert said[0].startswith("SIMULATED")
    assert partial["en"] in said


def test_both_languages_have_every_cell() -> None:
    for part in review_sheet(review(), [], known_utc=NOW)["sections"]:
        for row in part["rows"]:
            assert len(row) == len(part["columns"])
            assert all(cell["en"] and cell["zh"] for cell in row)


def test_air_that_was_not_measured_is_said() -> None:
    assert sections(review(air=[]))["Air quality"]["rows"] == []


def test_only_pollutants_with_a_target_are_listed_when_there_are_any() -> None:
    without = [{**row, "target_share": None} for row in total_effects(ledger(), achieved())]
    other = [{**without[0], "pollutant_code": "SO2", "target_share": 0.2}]
    assert len(sections(review(totals=without))["Measures"]["rows"]) == 3
    part = sections(review(totals=[*without, *other]))["Measures"]
    assert part["rows"] == []
    assert "framework/control_framework.parquet" in part["notes"][0]["en"]


def test_a_replayed_alert_shows_no_lead_time_but_says_that_it_was_replayed() -> None:
    lead = measure_lead_times(subject(alert=standing(issued_utc=NOW)), [])
    data = review(lead_times=lead)
    (note,) = sections(data)["Time line"]["notes"]
    assert note == REPLAYED
    assert review_document(data, [])["lead_times"]["is_replayed"]


def order(number: int, level: str, hours: tuple[int, int], target: float) -> dict[str, Any]:
    return {
        "event_order_number": number,
        "alert_level_code": level,
        "order_from_utc": START + hours[0] * HOUR,
        "order_to_utc": START + hours[1] * HOUR,
        "pollutant_code": "NOx",
        "baseline_emission_g": 100_000.0,
        "cut_emission_g": 35_000.0,
        "cut_share": 0.35,
        "target_share": target,
        "is_met": True,
    }


def test_a_level_that_changed_is_in_title_time_line_and_targets_with_its_hours() -> None:
    orders = [order(1, "orange", (0, 6), 0.2), order(2, "red", (6, 24), 0.3)]
    totals = [{**row, "target_share": None} for row in total_effects(ledger(), achieved())]
    data = review(orders=orders, totals=totals)
    sheet = review_sheet(data, [], known_utc=NOW)
    assert sheet["title"] == words("Review of the orange, then red alert", "橙色预警转红色预警评估")
    line = [[cell["zh"] for cell in row[:3]] for row in sections(data)["Time line"]["rows"]]
    assert ["2015-12-21 00:00", "开始生效，至2015-12-21 06:00", "橙色预警"] in line
    assert ["2015-12-21 06:00", "级别调整，至2015-12-22 00:00", "红色预警"] in line
    assert cells(sections(data)[PLANNED])[4] == "by order, see below"
    assert [row[8]["en"] for row in sections(data)["Orders of the event"]["rows"]] == ["20.0%", "30.0%"]
    document = review_document(data, [])
    assert [(one["level"], one["to_utc"]) for one in document["levels"]] == [
        ("orange", "2015-12-20T22:00:00+00:00"),
        ("red", "2015-12-21T16:00:00+00:00"),
    ]
    assert [one["target_share"] for one in document["orders"]] == [0.2, 0.3]


def test_a_pollutant_without_a_target_says_that_it_has_none() -> None:
    totals = [{**row, "target_share": None} for row in total_effects(ledger(), achieved())]
    assert cells(sections(review(totals=totals))[PLANNED])[4] == "none"


def test_what_no_reading_shows_of_the_plan_is_said_beside_what_was_achieved() -> None:
    both = achieved(achieved_row("all", 70, 45, unseen_cut_emission_g=12e3))
    part = sections(review(totals=total_effects(ledger(), both)))[JUDGED]
    (note,) = [note for note in part["notes"] if "no reading" in note["en"]]
    assert "NOx 12 kg" in note["en"]
    assert "NOx 12 kg" in note["zh"]


def test_a_share_that_its_error_exceeds_is_not_shown_as_known() -> None:
    """Industry: 60 ± 30 kg achieved of 5 kg planned would read 1,200 %."""
    wild = achieved_row("industrial_process", 5, 60, achieved_emission_g_p05=30e3, achieved_emission_g_p95=90e3)
    both = achieved(wild, {**wild, "sector_code": "all"})
    effects = measure_effects(account(), both, ledger(), cause=Cause.FINE_PARTICLES, level="orange", window=WINDOW)
    data = review(effects=effects, totals=total_effects(ledger(), both))
    part = sections(data)["Measures"]
    assert cells(part, 1)[3:] == [
        "4", "2.0%", "–", "cannot be determined",
        "cannot be determined: the plan is smaller than the error of the achieved cut",
    ]  # fmt: skip
    assert CANNOT_BE_DETERMINED in part["notes"]
    assert cells(sections(data)[JUDGED])[4:] == ["60", "30 – 90", "30.0%", "cannot be determined"]
    document = review_document(data, [])
    assert {row["execution_share"] for row in (*document["totals"], *document["measures"])} == {None}
    assert "%" not in part["rows"][1][6]["en"]


def test_levels_whose_hours_nobody_recorded_are_said() -> None:
    acts = [event(AlertEvent.ISSUE, NOW), event(AlertEvent.CHANGE, NOW, alert_level_code="red")]
    assert LEVEL_HOURS_UNKNOWN["en"] in notices(review(about=subject(events=acts)))
    assert LEVEL_HOURS_UNKNOWN["en"] not in notices(review())
