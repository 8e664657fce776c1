"""What a meter should read by its siblings and by the total of its district."""

import numpy as np

from bigdata_emis.clean.faults.level_estimates import (
    BY_SIBLING,
    BY_TOTAL,
    OF_GENERATION,
    LevelEstimates,
    estimate_levels,
    pair_meters,
)
from bigdata_emis.clean.faults.meter_places import MeterPlace
from tests.clean.faults.meter_courses import ABATEMENT, HOURS, OWN, PRODUCTION, times

BEFORE = np.arange(7 * 24).reshape(7, 24)
NO_TOTALS = np.zeros((0, len(HOURS)))
LINE = [MeterPlace("l1", "production"), MeterPlace("l1", "abatement")]


def estimates(energies: list[np.ndarray], places: list[MeterPlace], total: np.ndarray = NO_TOTALS) -> LevelEstimates:
    found = estimate_levels(np.stack(energies), places, total, BEFORE)
    assert found is not None
    return found


def test_a_sibling_gives_a_straight_line_that_holds_for_a_standing_line_too():
    """Production is 12.5 × abatement − 20 on all days, also when abatement falls to half of its usual level."""
    abatement = times(ABATEMENT, 0.5)
    found = estimates([12.5 * abatement - 20, abatement], LINE)
    assert found.kind.tolist() == [BY_SIBLING, BY_SIBLING]
    np.testing.assert_allclose(np.exp(found.estimate[0]), 12.5 * abatement - 20, rtol=1e-9)
    np.testing.assert_allclose(found.excess, 0, atol=1e-9)


def test_two_faulty_days_among_seven_do_not_move_the_line():
    found = estimates([times(PRODUCTION, 5.0, slice(100, 148)), ABATEMENT], LINE)
    np.testing.assert_allclose(found.excess[0, OWN], 0, atol=1e-9)
    np.testing.assert_allclose(found.excess[0, 100:148], np.log(5.0), atol=1e-9)


def test_a_fan_that_does_not_follow_its_line_says_nothing_of_it():
    constant = 8 + 0.1 * np.cos(HOURS * 2.9)
    assert estimate_levels(np.stack([PRODUCTION, constant]), LINE, NO_TOTALS, BEFORE) is None


def test_a_total_gives_what_its_other_meters_leave():
    """Unregistered users take 2 %; on the own day the total moves with the first meter, not with the second."""
    total = 1.02 * (times(PRODUCTION, 0.5) + ABATEMENT)[None, :]
    places = [MeterPlace("l1", "production", False, 0), MeterPlace("l2", "production", False, 0)]
    found = estimates([times(PRODUCTION, 0.5), times(ABATEMENT, 4.0)], places, total)
    assert found.kind.tolist() == [BY_TOTAL, BY_TOTAL]
    np.testing.assert_allclose(np.exp(found.estimate[1, OWN]), ABATEMENT[OWN], rtol=1e-9)
    np.testing.assert_allclose(found.excess[1, OWN], np.log(4.0), atol=1e-9)


def test_a_total_with_large_users_without_a_meter_says_nothing():
    places = [MeterPlace("l1", "production", False, 0)]
    assert estimate_levels(PRODUCTION[None, :], places, 1.2 * PRODUCTION[None, :], BEFORE) is None


def test_own_generation_is_what_the_site_uses_and_does_not_buy():
    """The site uses 12.5 × abatement and buys 70 % of it."""
    places = [*LINE, MeterPlace("l1", "self_generation")]
    found = estimates([0.7 * PRODUCTION, ABATEMENT, 0.3 * PRODUCTION], places)
    row = found.kind.tolist().index(OF_GENERATION)
    assert (found.meter[row], found.witness[row]) == (2, 1)
    np.testing.assert_allclose(np.exp(found.estimate[row]), 0.3 * PRODUCTION, rtol=1e-9)


def test_a_gap_of_the_sibling_leaves_a_gap_in_the_estimate():
    silent = ABATEMENT.copy()
    silent[OWN.start + 3] = np.nan
    estimate = estimates([PRODUCTION, silent], LINE).estimate[0]
    assert np.flatnonzero(np.isnan(estimate)).tolist() == [OWN.start + 3]


def test_shared_meters_and_those_without_a_line_have_no_siblings():
    places = [MeterPlace("l1", "production", True), MeterPlace("l1", "abatement"), MeterPlace(), MeterPlace()]
    assert pair_meters(places).tolist() == []
    assert pair_meters(LINE).tolist() == [[0, 1], [1, 0]]


def test_meters_without_any_reading_are_estimated_by_none():
    silent = np.full((2, len(HOURS)), np.nan)
    assert estimate_levels(silent, LINE, NO_TOTALS, BEFORE) is None
