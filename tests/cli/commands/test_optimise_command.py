"""`emis optimise` by hand: lines for a person, and refusals."""

from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.cli.commands.optimise_command import optimise, optimise_lines
from bigdata_emis.control.optimise.optimisation_document import describe_answer
from bigdata_emis.control.optimise.search.least_cost import find_least_cost
from bigdata_emis.errors import InputError
from tests.control.optimise.search.small_problems import three_plants


def document(target: float, **changes: Any) -> Any:
    plants = three_plants(target)
    return {
        **describe_answer(plants, find_least_cost(plants), ["NOx"]),
        "region": "jjj",
        "level": "orange",
        "from_utc": "2015-12-20T16:00:00+00:00",
        "to_utc": "2015-12-21T16:00:00+00:00",
        "base_source": "inventory",
        "cost_source_code": "user_table",
        "cost_unit": "CNY",
        "candidate_steps": 3,
        "candidate_sources": 3,
        "sources_without_cost": [],
        "days_without_inventory": [],
        "projected_days": [],
        "in_force": [],
        "inputs": {},
        "seconds": 0.5,
        "measure_rows": 2,
        "out": None,
        **changes,
    }


def test_the_set_is_shown_with_targets_and_what_comes_next() -> None:
    lines = "\n".join(optimise_lines(document(0.5, out="m.csv"), {}))
    assert "cost 8.00 CNY (at most 0.00% above the least)" in lines
    assert "kiln" in lines
    assert "binding: target NOx" in lines
    assert "one more point of NOx: 2.00 CNY" in lines
    assert "wrote m.csv: 2 measures" in lines


def test_what_is_missing_is_shown() -> None:
    lines = optimise_lines(document(0.75, days_without_inventory=["2015-12-22"]), {})
    assert lines[0].endswith("INFEASIBLE 无可行方案")
    assert "60.0%" in lines[2]
    assert lines[-1] == "2015-12-22 has no published inventory and is left out"


def test_no_target_is_met_on_a_base_that_nobody_judged() -> None:
    plants = three_plants(0.5)
    answer = describe_answer(plants, find_least_cost(plants), ["NOx"], unjudged=["NOx"])
    lines = optimise_lines(document(0.5, **answer, base_source="reconstructed", in_force=["orange-1"]), {})
    (row,) = [line for line in lines if line.startswith("NOx")]
    assert "not known 无法判定" in row
    assert "yes" not in row
    text = "\n".join(lines)
    assert "TARGETS NOT KNOWN (NOx)" in text
    assert "run emis outcome --scenario orange-1, then recalculate" in text
    assert "能否达标无法判定（NOx）" in text


def test_projected_days_are_said() -> None:
    lines = optimise_lines(document(0.5, base_source="projected", projected_days=["2015-12-23"]), {})
    assert "PROJECTED 推算: 2015-12-23, from recent published days; no interval" in lines


def test_an_index_is_never_taken_for_money() -> None:
    lines = optimise_lines(document(0.6, cost_source_code="emission_proxy", cost_unit="index"), {})
    assert "one more point of NOx: cannot be reached" in lines
    assert lines[-2].startswith("COST IS AN INDEX: no cost was given")
    assert "1000 is a cut of the whole base" in lines[-2]
    lines = optimise_lines(document(0.5, sources_without_cost=["a", "b"]), {})
    assert lines[-1] == "2 sources have no row in the cost table and are no candidates"


def test_sources_and_bans_have_names_and_small_costs_have_digits() -> None:
    shown = document(0.5)
    row = dict(shown["steps"][0], source="kiln", measure="", step_share=1.0, cost=0.004567)
    ban = dict(row, source="vehicles:a+b", measure="a+b", step_share=0.5, cost=1234.6)
    names = {"kiln": "石灰窑", "a": "国三货车"}
    lines = [line.split() for line in optimise_lines({**shown, "steps": [row, ban]}, names)]
    assert ["kiln", "石灰窑", "100%", "0.00457"] in lines
    assert ["a+b", "国三货车+b", "50%", "1,235"] in lines


def test_a_bound_of_cost_needs_its_margin(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--fair-by-cost is given without --fair-districts"):
        optimise("jjj", "orange", "2015-12-21", "2015-12-22", fair_by_cost=True)


def test_a_base_that_is_not_the_inventory_is_named() -> None:
    lines = optimise_lines(document(0.6, base_source="counterfactual"), {})
    assert "BASE: emission without control from the outcome of the order in force 由效果评估的反事实排放" in lines
    assert not any(line.startswith("BASE") for line in optimise_lines(document(0.6), {}))
