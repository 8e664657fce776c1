"""Whether an order was obeyed, from the load of a line: what is clear is said, what is not is not."""

import numpy as np
import pytest

from bigdata_emis.control.outcome.order_obedience import (
    LoadSeries,
    is_shut,
    judge_obedience,
    normal_spread,
    separation_sd,
    without_stops,
)
from bigdata_emis.statistics.normal_profile import fit_normal_profile
from tests.control.outcome.outcome_frames import RULES

HOURS = 24


def series(load, order=1.0, *, spread=0.05, base=0.1, expected=100.0):
    """A line of 100 kWh whose energy follows its load; `load` is one number or one for each hour."""
    loads = np.broadcast_to(np.array(load, dtype=float), (1, HOURS))
    return LoadSeries(
        observed=expected * (base + (1 - base) * loads),
        expected=np.full((1, HOURS), expected),
        order_share=np.full((1, HOURS), order),
        base_share=np.array([base]),
        power_elasticity=np.array([1.0]),
        reference=np.array([100.0]),
        level=np.array([expected]),
        persistent_sd=np.array([spread]),
        hourly_sd=np.array([spread / 2]),
    )


def probability(*args, **kwargs):
    return judge_obedience(series(*args, **kwargs), RULES).breach_probability[0]


def test_a_line_that_stops_when_ordered_to_has_obeyed():
    assert probability(0.0).max() < 0.05


def test_a_line_that_goes_on_has_not():
    obedience = judge_obedience(series(1.0), RULES)
    assert obedience.breach_probability.min() > 0.99
    assert obedience.executed_share.max() < 0.05


def test_a_line_that_does_more_than_it_must_has_obeyed():
    assert probability(0.1, order=0.5).max() < 0.05


def test_a_line_that_cuts_a_third_of_what_it_must_has_obeyed_in_part():
    obedience = judge_obedience(series(0.85, order=0.5), RULES)
    assert obedience.breach_probability.min() > 0.9
    assert obedience.executed_share[0].mean() == pytest.approx(0.3, abs=0.1)


def test_an_excess_within_the_tolerance_is_no_breach():
    assert probability(0.53, order=0.5).max() < 0.2


def test_hours_without_an_order_are_no_breach():
    assert probability(1.0, order=0.0).tolist() == [0.0] * HOURS


def test_an_unread_hour_is_unknown_and_its_neighbours_are_not():
    load = np.where(np.arange(HOURS) == 5, np.nan, 1.0)
    judged = probability(load)
    assert np.isnan(judged[5])
    assert np.delete(judged, 5).min() > 0.9


def test_a_line_that_runs_at_night_only_is_seen_at_night_only():
    night = np.arange(HOURS) >= 18
    judged = probability(np.where(night, 1.0, 0.0))
    assert judged[night].min() > 0.9
    assert judged[~night].max() < 0.1


def test_a_base_load_above_the_registered_one_is_no_breach():
    """13 instead of 10 kWh remain after the stop: the register is that wrong for one line in ten."""
    stopped = series(0.0)
    higher = LoadSeries(**{**vars(stopped), "observed": np.full((1, HOURS), 13.0)})
    assert judge_obedience(higher, RULES).breach_probability.max() < 0.2


def test_an_order_that_drowns_in_the_usual_variation_cannot_be_judged():
    assert separation_sd(series(1.0, order=0.2, spread=0.3), RULES)[0] < RULES.least_separation_sd
    assert separation_sd(series(1.0, order=1.0, spread=0.05), RULES)[0] > RULES.least_separation_sd


def test_a_line_that_draws_its_base_load_only_is_shut():
    assert is_shut(series(0.0, expected=11.0), RULES)[0]
    assert not is_shut(series(1.0), RULES)[0]


def fit(values):
    days = values.reshape(1, -1, 24)
    return days, fit_normal_profile(days, np.zeros(days.shape[1], dtype=int), np.array([0]))


def test_the_spread_is_split_into_what_persists_and_what_does_not():
    random = np.random.default_rng(3)
    _, white = fit(100 * np.exp(0.1 * random.standard_normal(24 * 40)))
    persistent, hourly = normal_spread(white, 0.9)
    assert hourly[0] == pytest.approx(0.1, rel=0.2)
    assert persistent[0] < 0.04


def test_a_stop_is_no_part_of_the_normal_load():
    values = np.full(24 * 6, 100.0)
    values[30:40] = 5.0
    days, profile = fit(values)
    assert np.flatnonzero(np.isnan(without_stops(days, profile))).tolist() == list(range(30, 40))
