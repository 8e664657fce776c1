"""Earlier orders of an alert: their part of the plan, and the days of an outcome that are left."""

import pyarrow as pa
import pytest

from bigdata_emis.codes import Cause
from bigdata_emis.report.review.earlier_orders import earlier_order, line_hours, without_later_hours
from bigdata_emis.report.review.measure_effects import judged_hours, whole_window_rows
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window
from tests.report.brief.briefed_town import source_row
from tests.report.review.reviewed_town import DAY, HOUR, KG, START, account_row, achieved, achieved_row, ledger, nothing
from tests.report.stores import DAY as LOCAL_DAY
from tests.report.stores import ZONE, declared_table, empty_store, write_rows

ROW = {
    "scenario_id": "s",
    "alert_level_code": "orange",
    "status": "superseded",
    "from_utc": START,
    "to_utc": START + DAY,
    "in_force_from_utc": START,
    "in_force_to_utc": START + 6 * HOUR,
}


def tables(cut: pa.Table) -> dict[str, pa.Table]:
    account = declared_table("control_account", [account_row("kiln", "industrial_process", 80, 40)])
    names = ("control_order", "control_measure", "compliance_hourly")
    own = {"control_ledger": ledger(), "control_account": account, "achieved_cut": cut}
    return {**own, **{name: nothing(name) for name in names}}


def cut_in(hour: int, kg: float) -> dict[str, object]:
    at = {"source_id": "l", "pollutant_code": "NOx", "hour_utc": START + hour * HOUR}
    return {"scenario_id": "s", **at, "cut_emission_g": kg * KG}


def find(tmp_path, row=ROW, cut=None):
    """The plan cuts 40 kg, 10 of them in the first 6 h."""
    store = empty_store(tmp_path)
    write_rows(store, "control_source", [source_row("l", "industrial_process", None)])
    own, cuts = ScenarioStore(store, "s"), declared_table("control_hourly", [cut_in(0, 10), cut_in(12, 30)])
    own.write("control_hourly", cuts, [LOCAL_DAY], known_utc=START, run_id="r")
    own.write("achieved_cut", achieved(), [LOCAL_DAY], known_utc=START, run_id="r")
    left = nothing("achieved_cut") if cut is None else cut
    return earlier_order(row, tables(left), store, cause=Cause.FINE_PARTICLES, time_zone=ZONE)


def test_the_plan_of_an_order_that_another_replaced_is_that_of_its_hours(tmp_path) -> None:
    order = find(tmp_path)
    (effect,) = order.effects.to_pylist()
    assert (effect["cut_emission_g"], effect["baseline_emission_g"]) == (10 * KG, 20 * KG)
    assert (effect["from_utc"], effect["to_utc"]) == (START, START + 6 * HOUR)
    assert effect["cut_share"] == pytest.approx(0.2)
    assert (order.held, order.judged, order.has_ended_outcome) == (Window(START, START + 6 * HOUR), None, True)


def test_an_order_of_which_no_hour_is_left_has_no_effect_and_says_that_an_outcome_is_stored(tmp_path) -> None:
    order = find(tmp_path, {**ROW, "in_force_to_utc": START})
    assert (order.held, order.effects.num_rows, order.has_ended_outcome) == (None, 0, True)


def test_an_order_that_was_judged_in_its_hours_has_an_outcome_of_its_own(tmp_path) -> None:
    cut = achieved(achieved_row("all", 10, 5, to_utc=START + 6 * HOUR, judged_hour_count=6))
    order = find(tmp_path, cut=cut)
    assert order.judged is not None
    assert (order.judged.hours, order.has_ended_outcome) == (6, False)


def test_the_days_of_an_outcome_that_are_left_are_joined() -> None:
    """Of three days judged the third has another order; 40 of 50 and 30 of 50 kg were achieved in the others."""
    days = [
        achieved_row("all", 50, kg, from_utc=START + n * DAY, to_utc=START + (n + 1) * DAY, judged_hour_count=24)
        for n, kg in enumerate((40, 30, 20))
    ]
    whole = achieved_row("all", 150, 90, to_utc=START + 3 * DAY, judged_hour_count=72)
    row = {**ROW, "to_utc": START + 3 * DAY, "in_force_to_utc": START + 2 * DAY}
    left = without_later_hours(tables(achieved(*days, whole)), row)["achieved_cut"]
    (joined,) = whole_window_rows(left)
    assert (joined["cut_emission_g"], joined["achieved_emission_g"]) == (100 * KG, 70 * KG)
    assert (joined["achieved_emission_g_p05"], joined["achieved_emission_g_p95"]) == (60 * KG, 80 * KG)
    assert (joined["achieved_share"], joined["execution_share"]) == (pytest.approx(70 / 400), pytest.approx(0.7))
    judged = judged_hours(left)
    assert judged is not None
    assert (judged.window, judged.hours) == (Window(START, START + 2 * DAY), 48)


def test_an_outcome_of_hours_that_are_all_in_force_is_left_as_it_is() -> None:
    own = tables(achieved())
    assert without_later_hours(own, {**ROW, "in_force_to_utc": START + DAY})["achieved_cut"].equals(own["achieved_cut"])


def test_hours_of_lines_are_counted_by_code() -> None:
    at = {"scenario_id": "s", "source_id": "l", "hour_utc": START, "cut_order_share": 1.0, "evidence_codes": []}
    rows = declared_table("compliance_hourly", [{**at, "compliance_code": "breached"}])
    assert line_hours(rows)["breached"] == 1
    assert line_hours(nothing("compliance_hourly")) == {}
