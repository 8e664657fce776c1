"""The time line of an alert, with the hours between its steps."""

from bigdata_emis.report.review.alert_timeline import build_timeline, measure_lead_times
from bigdata_emis.report.review.event_levels import event_levels
from tests.report.review.reviewed_town import DAY, HOUR, START, proposal, standing, subject

FORECASTS = [
    proposal("none", START - 60 * HOUR, from_utc=None, to_utc=None),
    proposal("orange", START - 30 * HOUR),
    proposal("orange", START - 18 * HOUR),
    proposal("red", START - 12 * HOUR),
    proposal("yellow", START - 48 * HOUR, from_utc=START - 3 * DAY, to_utc=START - 2 * DAY),
]
SCENARIO = {
    "scenario_id": "s",
    "alert_level_code": "orange",
    "known_utc": START - 8 * HOUR,
    "decided_utc": START - 7 * HOUR,
    "decided_by": "Zhao",
}


def test_the_steps_are_in_order_of_time_with_level_and_person() -> None:
    about = subject(scenario=SCENARIO)
    entries = build_timeline(about, FORECASTS, event_levels(about, []), "Asia/Shanghai")
    assert [(entry["event"]["en"], entry["level"], entry["by"]) for entry in entries] == [
        ("forecast calls for it (national rules of 2017)", "orange", ""),
        ("forecast calls for it (national rules of 2017)", "red", ""),
        ("recalculated: s", "orange", ""),
        ("decided on: s", "orange", "Zhao"),
        ("alert is issued", "orange", "Li"),
        ("begins, until 2015-12-22 00:00", "orange", ""),
        ("lifted", None, "Wang"),
        ("ends", None, ""),
    ]


def test_lead_times_count_from_the_first_forecast_that_called_for_these_hours() -> None:
    lead = measure_lead_times(subject(), FORECASTS)
    assert lead == {"forecast_to_issue_h": 24.0, "issue_to_start_h": 6.0, "is_replayed": False}


def test_without_a_forecast_the_lead_time_is_empty() -> None:
    assert measure_lead_times(subject(), [])["forecast_to_issue_h"] is None


def test_a_scenario_without_alert_counts_from_its_approval() -> None:
    lead = measure_lead_times(subject(alert=None, events=[], scenario=SCENARIO), FORECASTS)
    assert lead == {"forecast_to_issue_h": 23.0, "issue_to_start_h": 7.0, "is_replayed": False}
    undecided = {**SCENARIO, "decided_utc": None}
    assert measure_lead_times(subject(alert=None, scenario=undecided), [])["issue_to_start_h"] is None


def test_an_issue_stored_years_after_the_alert_is_a_replay_without_a_lead_time() -> None:
    replayed = standing(issued_utc=START + 4000 * DAY)
    lead = measure_lead_times(subject(alert=replayed), FORECASTS)
    assert lead == {"forecast_to_issue_h": None, "issue_to_start_h": None, "is_replayed": True}


def test_an_issue_in_the_last_hour_is_late_and_one_at_the_end_is_a_replay() -> None:
    late = measure_lead_times(subject(alert=standing(issued_utc=START + 23 * HOUR)), FORECASTS)
    assert (late["issue_to_start_h"], late["is_replayed"]) == (-23.0, False)
    assert measure_lead_times(subject(alert=standing(issued_utc=START + DAY)), FORECASTS)["is_replayed"]
