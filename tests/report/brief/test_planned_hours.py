"""The plan of hours on the base that is known: as approved, after an outcome, and where only some hours were judged."""

import pytest

from bigdata_emis.report.brief.planned_hours import plan_of_hours
from tests.report.brief.briefed_town import cut_row, emission_row
from tests.report.stores import declared_table


def plan(emission, cuts, expected=()):
    tables = (("control_hourly", cuts), ("emission_hourly", emission), ("counterfactual_hourly", expected))
    return plan_of_hours(*(declared_table(name, list(rows)) for name, rows in tables))


def without(source, number, grams):
    row = emission_row(source, number, 0.0)
    keys = {name: row[name] for name in ("source_id", "pollutant_code", "hour_utc")}
    names = ("counterfactual_emission_g", "counterfactual_emission_g_p05", "counterfactual_emission_g_p95")
    amounts = dict.fromkeys(names, grams)
    return {**keys, **amounts, "activity_relative_sd_share": 0.0, "counterfactual_method_code": "flat"}


def amounts(planned):
    (row,) = planned.ledger
    return row["baseline_emission_g"], row["cut_emission_g"], row["cut_share"]


def test_before_an_outcome_the_plan_is_the_one_that_was_approved() -> None:
    planned = plan([emission_row("kiln", 0, 60.0), emission_row("mill", 0, 40.0)], [cut_row("kiln", 0, 30.0)])
    assert amounts(planned) == (100.0, 30.0, 0.3)
    assert (planned.judged_hours, planned.hours) == (0, 1)


def test_after_an_outcome_it_is_the_same_share_of_the_emission_without_control() -> None:
    """Half of 60 g was ordered of a kiln that would emit 100 g; the mill, which has no order, would emit 40 g."""
    emission = [emission_row("kiln", 0, 60.0), emission_row("mill", 0, 40.0)]
    planned = plan(emission, [cut_row("kiln", 0, 30.0)], [without("kiln", 0, 100.0), without("mill", 0, 40.0)])
    assert amounts(planned) == (140.0, 50.0, pytest.approx(50 / 140))
    (row,) = planned.cuts.to_pylist()
    assert (row["source_id"], row["cut_emission_g"], row["baseline_emission_g"]) == ("kiln", 50.0, 100.0)


def test_hours_that_were_not_judged_stay_as_approved() -> None:
    emission = [emission_row("kiln", number, 60.0) for number in range(2)]
    planned = plan(emission, [cut_row("kiln", number, 30.0) for number in range(2)], [without("kiln", 1, 100.0)])
    assert amounts(planned) == (160.0, 80.0, 0.5)
    assert (planned.judged_hours, planned.hours) == (1, 2)


def test_a_stated_base_is_taken_and_a_cut_without_an_emission_is_not_lost() -> None:
    cut = {**cut_row("kiln", 0, 30.0), "baseline_emission_g": 90.0}
    assert amounts(plan([emission_row("kiln", 0, 60.0)], [cut])) == (90.0, 30.0, pytest.approx(1 / 3))
    assert amounts(plan([], [cut])) == (90.0, 30.0, pytest.approx(1 / 3))


def test_nothing_planned_is_nothing() -> None:
    assert plan([], []).ledger == []
