"""The document of an answer, least cost or infeasible."""

from dataclasses import replace

import pytest

from bigdata_emis.control.optimise.optimisation_document import describe_answer, describe_missing
from bigdata_emis.control.optimise.search.least_cost import find_least_cost
from tests.control.optimise.search.small_problems import problem, step, three_plants
from tests.control.optimise.search.test_constraints import two_districts
from tests.control.optimise.search.test_least_margin import three_of_four


def test_a_set_is_described_with_its_targets_and_steps() -> None:
    plants = three_plants(0.5)
    answer = describe_answer(plants, find_least_cost(plants), ["SO2", "NOx"])
    assert (answer["status"], answer["cost"]) == ("least_cost", 8.0)
    assert [(row["source"], row["cost"], row["cut_kg"]) for row in answer["steps"]] == [
        ("kiln", 5.0, {"NOx": 30.0}),
        ("smelter", 3.0, {"NOx": 20.0}),
    ]
    (target,) = answer["targets"]
    assert (target["pollutant"], target["cut_kg"], target["cut_share"], target["met"]) == ("NOx", 50.0, 0.5, True)
    assert target["largest_share"] == pytest.approx(0.6)
    assert len(answer["curve"]) == 10
    assert answer["one_more_point"][0]["additional_cost"] == pytest.approx(2.0)
    assert answer["next_steps"][0]["source"] == "mill"


def test_a_pollutant_without_target_is_listed_with_its_cut() -> None:
    coke = problem(step("coke", 1.0, SO2=20.0, NOx=10.0), targets={"SO2": 0.2, "NOx": 0.0})
    rows = {row["pollutant"]: row for row in describe_answer(coke, find_least_cost(coke), ["SO2", "NOx"])["targets"]}
    assert (rows["NOx"]["cut_kg"], rows["NOx"]["largest_share"]) == (10.0, None)


def test_a_target_on_a_base_that_nobody_judged_is_neither_met_nor_missed() -> None:
    plants = three_plants(0.5)
    answer = describe_answer(plants, find_least_cost(plants), ["SO2", "NOx"], unjudged=["SO2", "NOx"])
    assert (answer["targets"][0]["met"], answer["unjudged"]) == (None, ["NOx"])


def test_an_infeasible_problem_says_what_is_missing() -> None:
    plants = three_plants(0.75)
    answer = describe_answer(plants, find_least_cost(plants), ["NOx"])
    assert (answer["status"], answer["cost"], answer["steps"], answer["curve"]) == ("infeasible", None, [], [])
    assert answer["targets"][0]["missing_share"] == pytest.approx(0.15)
    assert describe_missing(answer) == "at most NOx 60.00% of 75.00%; together 80.0% of the targets"


def test_districts_are_in_the_document() -> None:
    districts = two_districts(0.0)
    answer = describe_answer(districts, find_least_cost(districts), ["NOx"])
    assert answer["district_cut_shares"] == {"east": {"NOx": 0.2}, "west": {"NOx": 0.2}}


def test_an_infeasible_bound_between_districts_is_said_with_the_least_that_is_feasible() -> None:
    answer = describe_answer(three_of_four(0.1), None, ["NOx"])
    assert describe_missing(answer).endswith(
        "; with a margin between districts of 16.7% instead of 10.0% a set exists (no less would do)"
    )
    too_much = replace(three_of_four(0.1), target_shares={"NOx": 0.31})
    assert describe_missing(describe_answer(too_much, None, ["NOx"])).endswith(
        "; not by the bound between districts: without it no set reaches them either"
    )
