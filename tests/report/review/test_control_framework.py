"""The control framework over several alerts, and the rules that it says to change."""

import pyarrow as pa
import pytest

from bigdata_emis.report.review.control_framework import framework_rows, rules_to_change
from tests.report.review.reviewed_town import DAY, HOUR, KG, START
from tests.report.stores import declared_table


def effect(scenario: str, measure: str, planned_kg: float, execution: float | None, **more):
    achieved_kg = None if execution is None else planned_kg * execution
    return {
        "scenario_id": scenario,
        "measure_id": measure,
        "sector_code": "mobile",
        "pollutant_code": "NOx",
        "cause_code": "fine_particles",
        "alert_level_code": "red",
        "from_utc": START,
        "to_utc": START + DAY,
        "baseline_emission_g": 2 * planned_kg * KG,
        "cut_emission_g": planned_kg * KG,
        "cut_share": planned_kg / 1000,
        "achieved_emission_g": None if achieved_kg is None else achieved_kg * KG,
        "execution_share": execution,
        "effect_basis_code": "no_outcome" if execution is None else "shared",
        **more,
    }


def table(*rows) -> pa.Table:
    return declared_table("measure_effect", list(rows))


def test_alerts_add_up_and_those_without_an_outcome_are_counted_apart() -> None:
    (row,) = framework_rows(
        table(effect("a", "trucks", 100, 0.5), effect("b", "trucks", 50, 1.0), effect("c", "trucks", 70, None))
    )
    assert (row["alerts"], row["judged_alerts"], row["planned_g"]) == (3, 2, 220 * KG)
    assert (row["achieved_g"], row["judged_planned_g"]) == (100 * KG, pytest.approx(150 * KG))
    assert row["execution_share"] == pytest.approx(100 / 150)
    assert row["cut_share"] == pytest.approx((0.1 + 0.05 + 0.07) / 3)


def test_a_measure_that_achieved_nothing_is_judged() -> None:
    (row,) = framework_rows(table(effect("a", "trucks", 100, 0.0)))
    assert (row["judged_alerts"], row["achieved_g"], row["execution_share"]) == (1, 0.0, 0.0)


def test_causes_and_levels_are_kept_apart() -> None:
    rows = framework_rows(table(effect("a", "trucks", 1, 1.0), effect("b", "trucks", 1, 1.0, cause_code="ozone")))
    assert [row["cause"] for row in rows] == ["fine_particles", "ozone"]


def test_a_sector_that_achieved_much_less_than_planned_calls_for_a_change() -> None:
    (change,) = rules_to_change(table(effect("a", "trucks", 100, 0.3), effect("a", "cars", 100, 0.3)), [])
    assert change["en"].startswith("mobile, NOx, red, fine particles: 200 kg planned, 60 kg achieved (30%)")
    assert change["zh"].startswith("移动源，NOx，")


@pytest.mark.parametrize(
    "row",
    [effect("a", "trucks", 100, 0.9), effect("a", "trucks", 2, 0.1, cut_share=0.002), effect("a", "trucks", 100, None)],
    ids=["as planned", "too small to matter", "without outcome"],
)
def test_no_change_follows_from_an_order_that_worked_or_is_not_known(row) -> None:
    assert rules_to_change(table(row), []) == []


def test_a_target_that_the_list_misses_calls_for_measures() -> None:
    missed = {
        "scenario_id": "a",
        "alert_level_code": "red",
        "pollutant_code": "NOx",
        "target_share": 0.3,
        "cut_share": 0.2,
        "is_met": False,
    }
    met = {**missed, "pollutant_code": "SO2", "cut_share": 0.4, "is_met": True}
    without = {**missed, "pollutant_code": "CO2", "target_share": None, "is_met": None}
    (change,) = rules_to_change(table(), [missed, met, without, {**missed, "cut_share": 0.25}])
    assert "misses the target in 1 alert, by up to 10.0% of the region" in change["en"]
    assert "NOx" in change["zh"]
    (change,) = rules_to_change(table(), [missed, {**missed, "scenario_id": "b"}])
    assert "misses the target in 2 alerts" in change["en"]


def test_the_scenarios_of_one_event_are_one_alert() -> None:
    """Red was ordered for 6 h of a day after 18 h of another list; each cut its share of the region in its hours."""
    first = effect("a", "trucks", 90, 1.0, cut_share=0.1, to_utc=START + 18 * HOUR)
    second = effect("b", "trucks", 60, 0.5, cut_share=0.2, from_utc=START + 18 * HOUR)
    (row,) = framework_rows(table(first, second, effect("c", "trucks", 10, None)), {"a": "alert-1", "b": "alert-1"})
    assert (row["alerts"], row["judged_alerts"], row["planned_g"]) == (2, 1, 160 * KG)
    assert row["cut_share"] == pytest.approx(((0.1 * 18 + 0.2 * 6) / 24 + 0.01) / 2)
    missed = {"alert_level_code": "red", "pollutant_code": "NOx", "target_share": 0.3, "cut_share": 0.2}
    ledgers = [{**missed, "scenario_id": name, "is_met": False} for name in ("a", "b")]
    changes = rules_to_change(table(), ledgers, {"a": "alert-1", "b": "alert-1"})
    assert ["in 1 alert," in change["en"] for change in changes] == [True]
