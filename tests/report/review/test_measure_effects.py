"""Planned and achieved cut by measure: the achieved cut of a sector is shared by planned cut, and said to be."""

from datetime import timedelta

import pytest

from bigdata_emis.codes import Cause
from bigdata_emis.report.review.measure_effects import (
    JudgedHours,
    is_execution_known,
    judged_hours,
    measure_effects,
    total_effects,
    whole_window_rows,
)
from bigdata_emis.window import Window
from tests.report.review.reviewed_town import (
    DAY,
    KG,
    START,
    WINDOW,
    account,
    account_row,
    achieved,
    achieved_row,
    ledger,
    nothing,
)


def effects(**more):
    tables = {"account": account(), "achieved_cut": achieved(), "ledger": ledger(), **more}
    table = measure_effects(**tables, cause=Cause.FINE_PARTICLES, level="orange", window=WINDOW)
    return {row["measure_id"]: row for row in table.to_pylist()}


def test_a_measure_has_its_planned_cut_of_all_counties_and_its_share_of_what_the_sector_achieved() -> None:
    kiln = effects()["kiln"]
    assert (kiln["cut_emission_g"], kiln["baseline_emission_g"]) == (40 * KG, 80 * KG)
    assert kiln["cut_share"] == pytest.approx(40 / 200)
    assert kiln["achieved_emission_g"] == pytest.approx(40 * KG * 40 / 50)
    assert (kiln["execution_share"], kiln["effect_basis_code"]) == (0.8, "shared")


def test_the_achieved_cuts_of_measures_add_up_to_those_of_their_sectors() -> None:
    rows = effects().values()
    assert sum(row["achieved_emission_g"] for row in rows) == pytest.approx(45 * KG)
    assert sum(row["cut_emission_g"] for row in rows) == pytest.approx(70 * KG)


def test_the_only_measure_of_a_sector_has_all_that_the_sector_achieved() -> None:
    trucks = effects()["trucks"]
    assert (trucks["achieved_emission_g"], trucks["effect_basis_code"]) == (5 * KG, "own")


def test_planned_times_rate_is_achieved_where_the_base_of_the_outcome_is_another_one() -> None:
    """Approved were 50 kg of industry and 20 kg of 200 kg; the outcome plans 25 kg and 20 kg of 160 kg."""
    rows = (achieved_row("industrial_process", 25, 20), achieved_row("mobile", 20, 5), achieved_row("all", 45, 25))
    found = effects(achieved_cut=achieved(*({**row, "counterfactual_emission_g": 160 * KG} for row in rows)))
    assert [found[name]["cut_emission_g"] for name in ("kiln", "mill", "trucks")] == [20 * KG, 5 * KG, 20 * KG]
    assert (found["kiln"]["baseline_emission_g"], found["kiln"]["cut_share"]) == (40 * KG, pytest.approx(20 / 160))
    for row in found.values():
        assert row["cut_emission_g"] * row["execution_share"] == pytest.approx(row["achieved_emission_g"])


def test_without_an_outcome_the_achieved_cut_is_empty_and_not_zero() -> None:
    for row in effects(achieved_cut=nothing("achieved_cut")).values():
        assert (row["achieved_emission_g"], row["execution_share"]) == (None, None)
        assert row["effect_basis_code"] == "no_outcome"


def test_a_measure_without_a_cut_of_the_pollutant_has_no_row() -> None:
    assert "idle" not in effects(account=account(account_row("idle", "dust", 10, 0)))


def test_without_a_scenario_there_are_no_effects() -> None:
    none = {"account": nothing("control_account"), "ledger": nothing("control_ledger")}
    assert effects(**none, achieved_cut=nothing("achieved_cut")) == {}


def test_of_days_and_window_the_longest_span_counts() -> None:
    day = achieved_row("all", 35, 30, to_utc=START + DAY / 2)
    whole = achieved_row("all", 70, 45)
    assert [row["achieved_emission_g"] for row in whole_window_rows(achieved(day, whole))] == [45 * KG]
    assert judged_hours(achieved(day, {**whole, "judged_hour_count": 22})) == JudgedHours(
        Window(START, START + timedelta(days=1)), 22
    )
    assert judged_hours(nothing("achieved_cut")) is None


def test_totals_have_the_achieved_cut_of_all_sectors() -> None:
    (nox,) = total_effects(ledger(), achieved())
    assert (nox["cut_emission_g"], nox["achieved"]["achieved_emission_g"]) == (70 * KG, 45 * KG)
    assert total_effects(ledger(), nothing("achieved_cut"))[0]["achieved"] is None
    assert total_effects(ledger(cut_emission_g=0.0, target_share=None), achieved()) == []


def test_a_plan_within_the_error_of_the_achieved_cut_has_no_achieved_share() -> None:
    """Traffic: 5 ± 11 kg achieved of 20 kg planned; any share between −30 % and 80 % would do."""
    row = achieved_row("mobile", 20, 5, achieved_emission_g_p05=-6 * KG, achieved_emission_g_p95=16 * KG)
    trucks = effects(achieved_cut=achieved(row, {**row, "sector_code": "all"}))["trucks"]
    assert (trucks["achieved_emission_g"], trucks["execution_share"]) == (None, None)
    assert trucks["effect_basis_code"] == "below_error"
    assert not is_execution_known(row)


def test_a_sector_that_changed_by_more_than_its_measures_reach_shows_nothing_of_them() -> None:
    """Traffic: the ban reaches 20 kg, and the sector emitted 25 kg less."""
    row = achieved_row("mobile", 20, 25)
    trucks = effects(achieved_cut=achieved(row, {**row, "sector_code": "all"}))["trucks"]
    assert (trucks["achieved_emission_g"], trucks["effect_basis_code"]) == (None, "beyond_reach")
