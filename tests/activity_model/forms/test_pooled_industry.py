"""Pooled models: lines with few measurements or none use the ratio of their industry."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bigdata_emis.activity_model.forms.pooled_industry import estimate_pooled, fit_line_ratio, fit_pooled_models


def line(
    name: str, per_kwh: float, *, industry: str = "cement", hours: int = 240, noise: float = 0.05, unit: str = "t"
):
    rng = np.random.default_rng(int(name[-1]))
    energy = rng.uniform(50, 100, hours)
    activity = per_kwh * energy * np.exp(rng.normal(0, noise, hours))
    ratio = fit_line_ratio(
        energy, activity, np.arange(hours), source_id=name, industry_code=industry, activity_unit_code=unit
    )
    assert ratio is not None
    return ratio


def ratio_of(energy, activity, hours):
    return fit_line_ratio(
        np.array(energy, dtype=float),
        np.array(activity, dtype=float),
        np.array(hours),
        source_id="a",
        industry_code="x",
        activity_unit_code="t",
    )


def parameters_by_source(ratios):
    return {row["source_id"]: row["parameters"] for row in fit_pooled_models(ratios)}


def test_the_ratio_of_a_line_is_its_total_activity_over_its_total_energy():
    ratio = ratio_of([10, 30], [5, 15], [0, 24])
    assert ratio is not None
    assert np.exp(ratio.log_ratio) == pytest.approx(0.5)
    assert ratio.hour_count == 2


def test_one_day_is_not_enough_for_a_ratio():
    assert ratio_of([1] * 24, [1] * 24, range(24)) is None


def test_hours_without_measured_activity_or_power_do_not_count():
    assert ratio_of([10, np.nan, 0, 10], [5, 7, 7, np.nan], [0, 24, 48, 72]) is None


def test_each_industry_and_each_line_gets_a_model():
    rows = fit_pooled_models([line("l1", 1.0), line("l2", 1.2), line("k1", 9.0, industry="coking")])
    assert [row["source_id"] for row in rows] == ["industry:cement", "industry:coking", "k1", "l1", "l2"]
    assert [row["line_count"] for row in rows] == [2, 1, 1, 1, 1]
    assert [row["sample_count"] for row in rows] == [480, 240, 240, 240, 240]


def test_a_line_with_many_measurements_keeps_its_own_ratio():
    parameters = parameters_by_source([line("l1", 1.0), line("l2", 2.0), line("l3", 1.5)])
    assert parameters["l2"]["activity_per_kwh"] == pytest.approx(2.0, rel=0.05)
    assert 1.0 < parameters["industry:cement"]["activity_per_kwh"] < 2.0


def test_the_interval_of_a_plant_without_measurements_is_wider_than_that_of_a_measured_one():
    parameters = parameters_by_source([line("l1", 1.0), line("l2", 2.0), line("l3", 1.5)])
    width = {name: p["upper_relative"] - p["lower_relative"] for name, p in parameters.items()}
    assert width["industry:cement"] > 3 * width["l2"]


def test_the_sum_over_unseen_plants_needs_more_than_their_median():
    """Ratios are log-normal with sigma 0.8: their mean is exp(0.32) = 1.38 medians; a measured line needs none."""
    spread = np.random.default_rng(3).normal(0.0, 0.8, 200)
    ratios = [replace(line("l1", 1.0), source_id=f"l{n}", log_ratio=value) for n, value in enumerate(spread)]
    parameters = parameters_by_source(ratios)
    industry = parameters["industry:cement"]
    assert industry["expected_over_typical"] == pytest.approx(np.exp(0.32), rel=0.05)
    expected = industry["activity_per_kwh"] * industry["expected_over_typical"]
    assert expected == pytest.approx(np.exp(spread).mean(), rel=0.05)
    assert parameters["l7"]["expected_over_typical"] == pytest.approx(1.0, abs=1e-3)


def test_one_plant_with_a_wrong_unit_does_not_set_the_expected_activity():
    ratios = [replace(line("l1", 1.0), source_id=f"l{n}", log_ratio=0.02 * n) for n in range(20)]
    before, after = (
        parameters_by_source(rows)["industry:cement"]["expected_over_typical"]
        for rows in (ratios, [*ratios, replace(ratios[0], source_id="wrong", log_ratio=6.9)])
    )
    assert 1.0 <= before < 1.03
    assert after < 1.2


def test_industries_that_count_in_other_units_do_not_mix():
    alone = parameters_by_source([line("l1", 1.0), line("l2", 1.1)])
    both = parameters_by_source([line("l1", 1.0), line("l2", 1.1), line("g1", 900.0, industry="gas_power", unit="GJ")])
    assert both["industry:cement"] == alone["industry:cement"]


def test_there_is_no_activity_without_power_and_bounds_enclose_the_estimate():
    parameters = parameters_by_source([line("l1", 1.0), line("l2", 2.0)])["industry:cement"]
    value, low, high = estimate_pooled(parameters, np.array([0.0, 10.0]))
    assert value[0] == low[0] == high[0] == 0
    assert low[1] < value[1] < high[1]


def test_models_are_plain_numbers():
    rows = fit_pooled_models([line("l1", 1.0), line("l2", 2.0)])
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_the_interval_of_an_industry_covers_nine_of_ten_hours_of_plants_without_measurements():
    rng = np.random.default_rng(3)

    def plant():
        energy, ratio = rng.uniform(50, 100, 120), np.exp(rng.normal(0, 0.4))
        return energy, ratio * energy * np.exp(rng.normal(0, 0.1, 120))

    measured = [
        fit_line_ratio(*plant(), np.arange(120), source_id=f"p{n}", industry_code="x", activity_unit_code="t")
        for n in range(60)
    ]
    parameters = parameters_by_source([ratio for ratio in measured if ratio])["industry:x"]
    inside = []
    for energy, activity in (plant() for _ in range(400)):
        _, low, high = estimate_pooled(parameters, energy)
        inside.append(((activity >= low) & (activity <= high)).mean())
    assert 0.85 < float(np.mean(inside)) < 0.95
