"""The review in words: the same numbers as its tables, and what cannot be known is said."""

from datetime import UTC, datetime
from typing import Any

from bigdata_emis.codes import Cause
from bigdata_emis.report.review.alert_timeline import build_timeline, measure_lead_times
from bigdata_emis.report.review.measure_effects import judged_until, measure_effects, total_effects
from bigdata_emis.report.review.review_data import ReviewData
from bigdata_emis.report.review.review_sheet import NO_OUTCOME, NO_SCENARIO, REPLAYED, review_document, review_sheet
from bigdata_emis.report.sheet.report_sheet import words
from tests.report.city_day import CITY
from tests.report.review.reviewed_town import (
    DAY,
    HOUR,
    START,
    WINDOW,
    account,
    achieved,
    ledger,
    nothing,
    standing,
    subject,
)

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
    fields: dict[str, Any] = {
        "region": CITY,
        "subject": about,
        "cause": Cause.FINE_PARTICLES,
        "timeline": build_timeline(about, []),
        "lead_times": measure_lead_times(about, []),
        "effects": measure_effects(account(), cut, ledger(), cause=Cause.FINE_PARTICLES, level="orange", window=WINDOW),
        "totals": total_effects(ledger(), cut),
        "judged_to_utc": judged_until(cut),
        "line_hours": {"obeyed": 20, "breached": 3, "unknown": 1, "no_order": 0} if outcome else {},
        "cases": [CASE] if outcome else [],
        "air": [AIR],
        "complete_share": 1.0,
        "names": {"L1": "北厂"},
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
    assert cells(parts["Planned and achieved cut"]) == [
        "NOx", "200", "70", "35.0%", "20.0%", "45", "40 – 50", "22.5%", "64.3%",
    ]  # fmt: skip
    assert cells(parts["Measures"]) == [
        "kiln", "industrial process", "NOx", "40", "20.0%", "32", "80.0%", "shared by plan",
    ]  # fmt: skip
    assert cells(parts["Compliance"]) == [
        "L1", "北厂", "order to stop not obeyed", "2015-12-21 00:00", "2015-12-21 03:00", "12", "open",
    ]  # fmt: skip
    assert cells(parts["Air quality"])[:4] == ["PM2.5", "24", "200.0", "260.0"]
    assert parts["Rules to change, over all reviewed alerts"]["notes"] == [words("change it", "修改")]


def test_document_and_sheet_say_the_same() -> None:
    document = review_document(review(), [])
    (nox,) = document["totals"]
    assert (nox["planned_kg"], nox["achieved_kg"], nox["execution_share"]) == (70.0, 45.0, 45 / 70)
    assert sum(row["achieved_kg"] for row in document["measures"]) == 45.0
    assert document["lead_times"]["issue_to_start_h"] == 6.0
    assert (document["alert"], document["scenario"], document["cases"]) == ("town-issue-1", "s", 1)
    assert document["air"][0]["forecast_issued_utc"] == (START - 7 * HOUR).isoformat()


def test_effect_on_the_air_and_cost_are_null_and_said() -> None:
    document = review_document(review(), [])
    assert document["effect_on_air"] is None
    assert document["cost"] is None
    assert any("did to the air is unknown" in text for text in document["unknown"])
    assert any("cost is unknown" in text for text in document["unknown"])


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
    said = notices(review(complete_share=0.63))
    assert said[0].startswith("SIMULATED")
    assert "PARTIAL: the inventory has 63.0% of the source-hours." in said


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
