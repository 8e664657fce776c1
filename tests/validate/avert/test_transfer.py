"""Emission factors of units, transferred to another period."""

import numpy as np
import pytest

from bigdata_emis.validate.avert.transfer import Sample, score_transfer


def sample(factor: float, *, units: int = 4, base: float = 0.0) -> Sample:
    driver = np.tile(np.arange(1.0, 11), (units, 1))
    return Sample(np.array(["Coal"] * units), np.arange(units), driver, base + factor * driver, np.ones_like(driver))


def scores_of(rows, unit, model):
    (row,) = [row for row in rows if (row["id"], row["model"]) == (unit, model)]
    return row


def test_no_load_emission_needs_the_linear_model():
    pair = (sample(2.0, base=5.0), sample(2.0, base=5.0))
    rows, chosen = score_transfer(pair, pair, ids=list("abcd"))
    assert chosen == {"Coal": "by_load"}
    assert scores_of(rows, "a", "by_load")["nmae"] == pytest.approx(0, abs=1e-9)
    assert scores_of(rows, "a", "last_period_proportional")["nmae"] > 0.1


def test_a_factor_that_rises_by_a_quarter_is_underestimated_by_a_fifth():
    rows, _ = score_transfer((sample(2.0), sample(2.5)), (sample(2.0), sample(2.0)), ids=list("abcd"))
    assert scores_of(rows, "a", "last_period_proportional")["nmb"] == pytest.approx(-0.2)


def test_a_new_unit_has_the_factor_of_its_class():
    fit, score = sample(2.0), sample(2.0)
    fit.weight_h[3] = 0.0
    rows, _ = score_transfer((fit, score), (sample(2.0), sample(2.0)), ids=list("abcd"))
    assert scores_of(rows, "d", "last_period_proportional")["nmb"] == pytest.approx(0)


def test_the_factor_of_a_unit_is_emission_over_driver_and_unknown_without_hours():
    units = sample(2.0)
    units.weight_h[0] = 0.0
    assert units.factor().tolist() == pytest.approx([np.nan, 2, 2, 2], nan_ok=True)


def walk(log_factor: np.ndarray) -> Sample:
    driver = np.tile(np.arange(1.0, 11), (len(log_factor), 1))
    emission = np.exp(log_factor)[:, None] * driver
    return Sample(np.full(len(log_factor), "Coal"), np.arange(len(log_factor)), driver, emission, np.ones_like(driver))


def coverage(rows, model):
    return float(np.mean([row["coverage_90"] for row in rows if row["model"] == model]))


def test_intervals_of_factors_that_walk_at_random_hold_two_years_on_when_they_age():
    rng = np.random.default_rng(3)
    years = np.cumsum(rng.normal(0, 0.1, (4, 2000)), axis=0)
    first, last, later = walk(years[0]), walk(years[1]), walk(years[3])
    ids = [str(number) for number in range(2000)]
    frozen, _ = score_transfer((last, later), (first, last), ids=ids)
    aged, _ = score_transfer((last, later), (first, last), ids=ids, age_ratio=2.0)
    assert coverage(frozen, "last_period_proportional") < 0.80
    assert 0.88 <= coverage(aged, "last_period_proportional") <= 0.92


def test_the_spread_of_bins_adds_to_the_bounds_of_drift():
    """Even bins are estimated without error and odd ones are up to 21 % above: the bounds reach as far."""
    steady = sample(2.0)
    uneven = sample(2.42)
    rows, _ = score_transfer((steady, uneven), (steady, steady), ids=list("abcd"), spread=(steady, uneven))
    without, _ = score_transfer((steady, uneven), (steady, steady), ids=list("abcd"))
    assert scores_of(rows, "a", "last_period_proportional")["coverage_90"] == 1.0
    assert scores_of(without, "a", "last_period_proportional")["coverage_90"] == 0.0


def test_the_wider_bound_of_both_directions_of_the_inner_pair_counts():
    """From 2 to 2.42 the ratio is 1.21 and back 0.83: a later fall by as much is inside only where both count."""
    low, high = sample(2.0), sample(2.42)
    fall, rise = (high, low), (low, high)
    one_way, _ = score_transfer(fall, rise, ids=list("abcd"))
    both_ways, _ = score_transfer(fall, rise, ids=list("abcd"), back=fall)
    rising, _ = score_transfer(rise, rise, ids=list("abcd"), back=fall)
    model = "last_period_proportional"
    assert scores_of(one_way, "a", model)["coverage_90"] == 0.0
    assert scores_of(both_ways, "a", model)["coverage_90"] == 1.0
    assert scores_of(rising, "a", model)["coverage_90"] == 1.0


def test_bins_without_emission_are_inside_where_one_in_ten_of_the_fit_period_has_none():
    """Of ten bins one has no emission: the 5th percentile of the ratio is zero, however old the factor is."""
    idle = sample(2.0)
    idle.emission_g[:, 0] = 0.0
    for age_ratio in (1.0, 4.0):
        rows, _ = score_transfer((idle, idle), (idle, idle), ids=list("abcd"), age_ratio=age_ratio)
        assert scores_of(rows, "a", "last_period_proportional")["coverage_90"] == 1.0
