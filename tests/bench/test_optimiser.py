"""The problem of the timed least-cost search."""

import pytest

from bench.optimiser import DISTRICTS, POLLUTANTS, STEP_SHARES, draw_problem, time_search


def test_the_same_seed_draws_the_same_problem() -> None:
    first, again, other = (draw_problem(20, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_source_has_its_steps_and_districts_add_up_to_what_can_be_ordered() -> None:
    problem = draw_problem(50, seed=1)
    assert len(problem.steps) == 50 * len(STEP_SHARES)
    assert len(problem.district_base_kg) == DISTRICTS
    for code in POLLUTANTS:
        local = sum(base[code] for base in problem.district_base_kg.values())
        assert local == pytest.approx(0.6 * problem.base_kg[code])


def test_a_run_says_its_time_and_its_gap() -> None:
    timed = time_search(draw_problem(20, seed=1))
    assert timed["status"] == "least_cost"
    assert timed["steps"] == 60
    assert timed["wall_s"] >= timed["set_s"] >= 0
