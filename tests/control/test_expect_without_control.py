"""Emission without control: activity of normal days times emission per activity, or what was observed."""

import pyarrow.compute as pc
import pytest

from bigdata_emis import schema
from bigdata_emis.control.expect_without_control import expect_without_control
from bigdata_emis.schema.arrow import conform
from tests.control.outcome.outcome_frames import (
    HOURS,
    NORMAL_DAYS,
    activity,
    context_of,
    emission,
    exclusions,
    hour,
    lines,
    make_table,
)

DAY = NORMAL_DAYS * 24
NO_SCENARIO, NO_ALERT = make_table("scenario", []), make_table("alert_event", [])


def expect(emissions, activities, *, scenario=NO_SCENARIO, alert_event=NO_ALERT, names=("a",)):
    frame = expect_without_control(
        make_table("emission_hourly", emissions),
        make_table("activity_hourly", activities),
        lines(*names),
        scenario,
        alert_event,
        exclusions(),
        context=context_of(),
    )
    return conform(frame, schema.table("counterfactual_hourly")).to_pylist()


def half_after(number):
    return 100.0 if number < DAY else 50.0


def test_a_line_that_halved_its_output_would_have_emitted_as_before():
    rows = expect(emission("a", half_after), activity("a", lambda h: 0.5))
    assert len(rows) == 24
    assert [row["counterfactual_emission_g"] for row in rows] == pytest.approx([100.0] * 24)
    assert {row["counterfactual_method_code"] for row in rows} == {"flat"}


def test_a_stopped_line_is_known_by_its_normal_days_although_it_emits_nothing():
    rows = expect(emission("a", lambda n: 100.0 if n < DAY else 0.0), activity("a", lambda h: 0.0))
    assert rows[0]["counterfactual_emission_g"] == pytest.approx(100.0)


def test_emission_per_activity_comes_from_the_few_days_that_have_an_inventory():
    rows = expect(emission("a", half_after, DAY - 24, HOURS), activity("a", lambda h: 0.5))
    assert rows[0]["counterfactual_emission_g"] == pytest.approx(100.0)


def test_a_line_whose_normal_emission_is_not_known_takes_it_from_the_window():
    rows = expect(emission("a", half_after, DAY, HOURS), activity("a", lambda h: 0.5))
    assert rows[0]["counterfactual_emission_g"] == pytest.approx(100.0)


def test_a_source_without_activity_has_the_profile_of_its_emission():
    road = emission("road", lambda n: 30.0 if n < DAY else 10.0, sector="mobile")
    assert expect(road, [])[0]["counterfactual_emission_g"] == pytest.approx(30.0)


def test_nothing_can_be_credited_to_a_source_of_which_nothing_else_is_known():
    rows = expect(emission("new", lambda n: 10.0, DAY, HOURS, sector="mobile"), [])
    assert {row["counterfactual_method_code"] for row in rows} == {"observed"}
    assert rows[0]["counterfactual_emission_g"] == 10.0


@pytest.mark.parametrize("method", ["profile", "weather_scaled", "none"])
def test_a_source_that_nobody_observes_has_no_cut_whatever_weather_and_calendar_do(method):
    """A cold day of the alert would look like more emission than on normal days, a warm one like a cut."""
    area = emission("area", lambda n: 30.0 if n < DAY else 90.0, sector="residential", method=method)
    row = expect(area, [])[0]
    assert row["counterfactual_emission_g"] == 90.0
    assert row["counterfactual_method_code"] == "observed"


def test_days_of_an_earlier_scenario_teach_nothing():
    row = {"scenario_id": "s", "in_force_from_utc": hour(DAY - 48), "in_force_to_utc": hour(DAY)}
    cut_before = emission("a", lambda n: 100.0 if n < DAY - 48 else 20.0)
    activities = activity("a", lambda h: 0.2)
    for entry in activities:
        if hour(DAY - 48) <= entry["hour_utc"] < hour(DAY):
            entry["activity"] = 0.2
    rows = expect(cut_before, activities, scenario=make_table("scenario", [row]))
    assert rows[0]["counterfactual_emission_g"] == pytest.approx(100.0)


def test_the_interval_covers_the_factor_and_says_what_is_the_activity_alone():
    rows = expect(emission("a", half_after, spread=0.3), activity("a", lambda h: 0.5))
    assert rows[0]["activity_relative_sd_share"] == pytest.approx(0.0)
    assert rows[0]["counterfactual_emission_g_p05"] < 80 < 120 < rows[0]["counterfactual_emission_g_p95"]


def test_only_hours_of_the_window_are_written():
    rows = expect(emission("a", half_after), activity("a", lambda h: 0.5))
    assert min(row["hour_utc"] for row in rows) == hour(DAY)


def test_without_an_inventory_nothing_is_expected():
    assert expect([], activity("a", lambda h: 0.5)) == []


def test_the_result_has_one_row_for_each_row_of_the_inventory():
    emissions = emission("a", half_after) + emission("a", half_after, pollutant="SO2") + emission("b", half_after)
    rows = expect(emissions, activity("a", lambda h: 0.5), names=("a", "b"))
    window = make_table("emission_hourly", emissions)
    assert len(rows) == window.filter(pc.greater_equal(window["hour_utc"], hour(DAY))).num_rows


def test_hours_of_an_issued_alert_are_not_trained_on():
    """A line that had halved its output in an earlier alert of two days would still emit 100 g without control."""
    issue = {"record_number": 1, "standing_alert_id": "x", "alert_event_code": "issue", "alert_level_code": "red"}
    earlier = {**issue, "from_utc": hour(48), "to_utc": hour(96), "actor": "Li", "known_utc": hour(40)}
    alert_event = make_table("alert_event", [{**earlier, "authentication_code": "command"}])

    def halved(number):
        return 50.0 if 48 <= number < 96 or number >= DAY else 100.0

    load = [{**row, "activity": halved(n) / 100} for n, row in enumerate(activity("a", lambda h: 0.5))]
    rows = expect(emission("a", halved), load, alert_event=alert_event)
    assert [row["counterfactual_emission_g"] for row in rows] == pytest.approx([100.0] * 24)


def test_rare_stops_of_some_lines_widen_the_spread_of_all():
    """Line b stands still in 12 of the 264 normal hours of each: 12 of 528, so √(0.0227 × 0.9773) = 0.149."""
    steady = activity("a", lambda h: 1.0)
    stops = [{**row, "activity": 0.0 if 100 <= n < 112 else 1.0} for n, row in enumerate(activity("b", lambda h: 1.0))]
    rows = expect(
        [*emission("a", lambda n: 100.0), *emission("b", lambda n: 100.0)], [*steady, *stops], names=("a", "b")
    )
    of_a = [row["activity_relative_sd_share"] for row in rows if row["source_id"] == "a"]
    assert of_a[0] == pytest.approx(0.149 * 1.05, abs=0.005)
