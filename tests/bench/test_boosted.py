"""Simulated lines with nonlinear activity that depends on siblings."""

import numpy as np
import pytest

from bench.boosted import CURVATURE_SHARE, OTHERS_SHARE, MixedLines, RelatedLines


def lines(kind=RelatedLines, count=15):
    return kind(count, np.random.default_rng(1))


def mean_activity(simulated, energy):
    repeated = np.repeat(energy[:, None], 4000, axis=1)
    return simulated.activity(repeated, np.random.default_rng(2)).mean(axis=1)


def test_three_lines_are_one_enterprise_and_each_other_siblings():
    simulated = lines()
    assert simulated.enterprises[:4] == ["plant-000000"] * 3 + ["plant-000001"]
    assert simulated.siblings(4) == [3, 5]


def test_activity_is_concave_in_energy_and_grows_with_that_of_siblings():
    simulated = lines()
    energy = np.arange(100.0, 115)
    curved = energy * (1 - CURVATURE_SHARE * energy / (energy + simulated.level_kwh))
    siblings = energy.reshape(-1, 3).sum(axis=1).repeat(3) - energy
    expected = simulated.slope * (curved + OTHERS_SHARE * siblings)
    assert mean_activity(simulated, energy) == pytest.approx(expected, rel=0.01)


def test_of_mixed_lines_those_of_every_fifth_enterprise_depend_on_siblings():
    simulated = lines(MixedLines)
    energy = np.full(15, 100.0)
    more = energy.copy()
    more[2::3] = 200.0
    change = mean_activity(simulated, more) / mean_activity(simulated, energy)
    assert change[0] > 1.1
    assert change[3:12:3] == pytest.approx(np.ones(3), abs=0.01)
