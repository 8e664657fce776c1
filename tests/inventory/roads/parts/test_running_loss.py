"""Petrol that evaporates while driving: 11.6 g/h of petrol vehicles, nothing of diesel."""

import itertools

import numpy as np
import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.roads.parts.running_loss import KNOTS_KM_PER_H, evaporation_knots, running_losses

CAR, TRUCK = ("LPV_mini_small", "gasoline", "IV"), ("HeavyT", "diesel", "IV")
SHIPPED = reference.read("road_evaporation_factor")


def test_petrol_evaporates_at_every_stage_and_diesel_at_none():
    old = ("LPV_mini_small", "gasoline", "PRE")
    losses = running_losses(SHIPPED, [CAR, old, TRUCK], ["VOCs"], [40.0])
    assert losses.ravel().tolist() == [pytest.approx(0.29), pytest.approx(0.29), 0.0]


def test_the_loss_by_distance_falls_with_speed_and_is_of_vocs_alone():
    losses = running_losses(SHIPPED, [CAR], ["NOx", "VOCs"], [2.0, 5.0, 10.0, 40.0])
    assert losses[0, 1].round(6).tolist() == [2.32, 2.32, 1.16, 0.29]
    assert not losses[0, 0].any()


def test_without_vocs_or_without_factors_there_is_no_loss():
    assert not running_losses(SHIPPED, [CAR], ["NOx"], [10.0]).any()
    assert not running_losses(SHIPPED.slice(0, 0), [CAR], ["VOCs"], [10.0]).any()
    assert evaporation_knots(SHIPPED.slice(0, 0)) == ()


def test_a_line_between_the_knots_is_above_the_loss_by_4_2_percent_at_most():
    """Of 1 ÷ v the line from a to b is above by (a + b)² ÷ 4ab at most, at the middle: 1.0417 from 10 to 15."""
    excess = [(a + b) ** 2 / (4 * a * b) for a, b in itertools.pairwise(evaporation_knots(SHIPPED))]
    assert max(excess) == pytest.approx(625 / 600)
    assert np.all(np.diff(KNOTS_KM_PER_H) > 0)
