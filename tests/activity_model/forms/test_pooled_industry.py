"""Lines with little truth or none lean on their industry, by how little they were seen."""

import json

import numpy as np
import pytest

from bigdata_emis.activity_model.forms.partial_pooling import Class, fit_pool, left_out_scores
from bigdata_emis.activity_model.forms.pooled_industry import estimate_pooled, line_ratio, pooled_models

HOURS = np.arange(240)


def line(
    name: str, per_kwh: float, *, industry: str = "cement", hours: int = 240, noise: float = 0.05, unit: str = "t"
):
    rng = np.random.default_rng(int(name[-1]))
    energy = rng.uniform(50, 100, hours)
    made = per_kwh * energy * np.exp(rng.normal(0, noise, hours))
    found = line_ratio(energy, made, np.arange(hours), source_id=name, industry_code=industry, activity_unit_code=unit)
    assert found is not None
    return found


def models(ratios):
    return {row["source_id"]: row["parameters"] for row in pooled_models(ratios)}


def test_the_ratio_of_a_line_is_all_it_made_over_all_it_drew():
    found = line_ratio(
        np.array([10.0, 30]),
        np.array([5.0, 15]),
        np.array([0, 24]),
        source_id="a",
        industry_code="x",
        activity_unit_code="t",
    )
    assert found is not None
    assert np.exp(found.log_ratio) == pytest.approx(0.5)


def test_one_day_does_not_make_a_ratio():
    assert (
        line_ratio(np.ones(24), np.ones(24), np.arange(24), source_id="a", industry_code="x", activity_unit_code="t")
        is None
    )


def test_hours_without_truth_or_power_teach_nothing():
    energy, made = np.array([10.0, np.nan, 0, 10]), np.array([5.0, 7, 7, np.nan])
    assert (
        line_ratio(energy, made, np.array([0, 24, 48, 72]), source_id="a", industry_code="x", activity_unit_code="t")
        is None
    )


def test_a_plant_never_seen_has_the_mean_of_its_class_and_the_spread_between_plants():
    kin = Class(mean=1.0, mean_variance=0.1, between_variance=0.3, count=5)
    assert kin.new() == pytest.approx((1.0, 0.4))


def test_a_plant_moves_from_its_class_to_itself_as_it_is_seen():
    kin = Class(mean=0.0, mean_variance=0.0, between_variance=1.0, count=5)
    assert kin.seen(2.0, 1.0) == pytest.approx((1.0, 0.5))
    assert kin.seen(2.0, 1e-9)[0] == pytest.approx(2.0)
    assert kin.seen(2.0, 1e9)[0] == pytest.approx(0.0, abs=1e-6)


def test_the_class_mean_lies_among_its_plants_and_classes_stay_apart():
    value, group = np.array([0.0, 0.1, -0.1, 3.0, 3.1, 2.9]), np.array(["a"] * 3 + ["b"] * 3)
    pool = fit_pool(value, np.full(6, 1e-4), group)
    assert pool.of("a").mean == pytest.approx(0, abs=0.05)
    assert pool.of("b").mean == pytest.approx(3, abs=0.05)
    assert pool.of("c").mean == pytest.approx(1.5, abs=0.1)
    assert pool.of("c").new()[1] > pool.of("a").new()[1]


def test_one_wrong_unit_of_measure_does_not_set_its_class():
    value = np.array([0.0, 0.1, -0.1, 0.05, -0.05, 6.9])
    assert fit_pool(value, np.full(6, 1e-3), np.array(["a"] * 6)).of("a").mean < 0.2


def test_plants_of_one_block_are_left_out_together():
    value, block = np.array([0.0, 0.0, 5.0, 5.0, 1.0, 2.0]), np.array(["p", "p", "q", "q", "r", "s"])
    together = left_out_scores(value, np.full(6, 0.01), np.array(["a"] * 6), block)
    alone = left_out_scores(value, np.full(6, 0.01), np.array(["a"] * 6), np.arange(6).astype(str))
    assert abs(together[2]) > abs(alone[2])


def test_each_industry_and_each_line_gets_a_model():
    rows = pooled_models([line("l1", 1.0), line("l2", 1.2), line("k1", 9.0, industry="coking")])
    assert [row["source_id"] for row in rows] == ["industry:cement", "industry:coking", "k1", "l1", "l2"]
    assert [row["line_count"] for row in rows] == [2, 1, 1, 1, 1]


def test_a_line_seen_for_long_keeps_its_own_ratio():
    found = models([line("l1", 1.0), line("l2", 2.0), line("l3", 1.5)])
    assert found["l2"]["activity_per_kwh"] == pytest.approx(2.0, rel=0.05)
    assert 1.0 < found["industry:cement"]["activity_per_kwh"] < 2.0


def test_the_interval_of_a_plant_never_seen_is_wider_than_that_of_a_plant_seen():
    found = models([line("l1", 1.0), line("l2", 2.0), line("l3", 1.5)])
    width = {name: p["upper_relative"] - p["lower_relative"] for name, p in found.items()}
    assert width["industry:cement"] > 3 * width["l2"]


def test_industries_that_count_in_other_units_do_not_mix():
    alone, both = (
        models([line("l1", 1.0), line("l2", 1.1)]),
        models([line("l1", 1.0), line("l2", 1.1), line("g1", 900.0, industry="gas_power", unit="GJ")]),
    )
    assert both["industry:cement"] == alone["industry:cement"]


def test_nothing_is_made_without_power_and_bounds_lie_around_the_estimate():
    parameters = models([line("l1", 1.0), line("l2", 2.0)])["industry:cement"]
    value, low, high = estimate_pooled(parameters, np.array([0.0, 10.0]))
    assert value[0] == low[0] == high[0] == 0
    assert low[1] < value[1] < high[1]


def test_models_are_plain_numbers():
    rows = pooled_models([line("l1", 1.0), line("l2", 2.0)])
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_the_interval_of_an_industry_covers_what_it_promises_for_plants_never_seen():
    rng = np.random.default_rng(3)

    def plant(number: int):
        energy, ratio = rng.uniform(50, 100, 120), np.exp(rng.normal(0, 0.4))
        return energy, ratio * energy * np.exp(rng.normal(0, 0.1, 120)), number

    seen = [
        line_ratio(e, a, np.arange(120), source_id=f"p{n}", industry_code="x", activity_unit_code="t")
        for e, a, n in map(plant, range(60))
    ]
    parameters = models([ratio for ratio in seen if ratio])["industry:x"]
    inside = []
    for energy, made, _number in map(plant, range(400)):
        _, low, high = estimate_pooled(parameters, energy)
        inside.append(((made >= low) & (made <= high)).mean())
    assert 0.85 < float(np.mean(inside)) < 0.95
