"""Which steps a region has, what they cut and cost, and which measures order them."""

from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.control.optimise.candidates import Candidates, StepRules, build_candidates, measures_of
from bigdata_emis.control.optimise.cost_table import CostTable, grade_steps
from bigdata_emis.control.optimise.inventory_probe import total_kg
from bigdata_emis.control.scenario.measures import Measure, read_measures
from tests.control.optimise.published_region import probe_of, region_of


def build(folder: Path, *, costs: dict[tuple[str, str], float] | None = None, level: str = "orange") -> Candidates:
    probe = probe_of(folder, level=level)
    rules = StepRules(
        read_measures(folder / "listed.csv"),
        grade_steps(region_of(folder)),
        CostTable(costs or {}),
        {"mill-1": "north"},
        {"NOx": 0.2, "PM10": 0.2},
    )
    baseline = probe.baseline_kg()
    return build_candidates(probe, rules, baseline_kg=baseline, base_kg=total_kg(baseline))


def shares_of(candidates: Candidates) -> dict[str, list[float]]:
    shares: dict[str, list[float]] = {}
    for step in candidates.steps:
        shares.setdefault(step.source_id, []).append(step.step_share)
    return shares


def test_a_plant_has_the_steps_of_its_grade_and_the_share_of_the_list(tmp_path: Path) -> None:
    shares = shares_of(build(tmp_path))
    assert shares["foundry-1"] == [0.3, 0.4, 0.5, 1.0]  # grade C, and 40 % of the list
    assert shares["mill-1"] == [0.3]  # grade B
    assert shares["site-1"] == [0.25]  # no grade: 50 % of 50 %


def test_a_plant_that_the_list_exempts_has_no_step(tmp_path: Path) -> None:
    assert "power-1" not in shares_of(build(tmp_path))


def test_bans_of_the_same_vehicles_are_one_choice_of_every_combination(tmp_path: Path) -> None:
    candidates = build(tmp_path)
    trucks = {s.label: s.cut_kg["NOx"] for s in candidates.steps if s.source_id == "vehicles:truck+truck-old"}
    # Old trucks emit half, new ones a quarter of 480 kg: 180, 240, and both together 240 + half of 120.
    assert trucks == {
        "truck": pytest.approx(180),
        "truck-old": pytest.approx(240),
        "truck+truck-old": pytest.approx(300),
    }
    assert [s.label for s in candidates.steps if s.source_id == "vehicles:car"] == ["car"]


def test_a_ban_has_its_row_of_the_highest_level(tmp_path: Path) -> None:
    (car,) = (s for s in build(tmp_path, level="red").steps if s.label == "car")
    assert car.cut_kg["NOx"] == pytest.approx(120.0)  # the whole quarter of 480 kg, and not half of it


def test_without_costs_the_index_follows_emission_and_grade(tmp_path: Path) -> None:
    costs = {(s.source_id, s.step_share): s.cost for s in build(tmp_path).steps}
    nox, pm10 = 80 * 24, 14 * 24
    assert costs["foundry-1", 1.0] == pytest.approx(2 * 1000 * (240 / nox + 48 / pm10) / 2)
    assert costs["mill-1", 0.3] == pytest.approx(3 * 1000 * (0.3 * 96 / pm10) / 2)
    assert costs["site-1", 0.25] == pytest.approx(1000 * (0.25 * 192 / pm10) / 2)


def test_the_table_of_the_user_decides_and_sources_without_a_row_are_listed(tmp_path: Path) -> None:
    costs = {("industry_code", "foundry"): 100.0, ("production_line_id", "site-1"): 8.0, ("measure_id", "car"): 5.0}
    candidates = build(tmp_path, costs=costs)
    by_key = {(s.source_id, s.step_share): s.cost for s in candidates.steps}
    assert by_key["foundry-1", 0.3] == pytest.approx(30.0)
    assert by_key["site-1", 0.25] == pytest.approx(2.0)
    assert by_key["vehicles:car", 1.0] == 5.0
    assert candidates.without_cost == ("mill-1", "vehicles:truck+truck-old")


def test_steps_carry_their_district(tmp_path: Path) -> None:
    districts = {s.source_id: s.district_id for s in build(tmp_path).steps}
    assert (districts["mill-1"], districts["site-1"], districts["vehicles:car"]) == ("north", "", "")


def test_the_measures_of_steps_order_exactly_them(tmp_path: Path) -> None:
    candidates = build(tmp_path)
    by_key: dict[Any, Any] = {(s.source_id, s.step_share): s for s in candidates.steps}
    both = next(s for s in candidates.steps if s.label == "truck+truck-old")
    measures = measures_of(candidates, [both, by_key["foundry-1", 0.3]])
    assert [m.measure_id for m in measures] == ["opt-foundry-1", "truck", "truck-old"]
    assert measures[0] == Measure("opt-foundry-1", "orange", production_line_id="foundry-1", cut_share=0.3)
    assert {m.alert_level_code for m in measures} == {"orange"}
