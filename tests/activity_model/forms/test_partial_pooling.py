"""Partial pooling: plants shrink towards their class, and outliers do not set it."""

import numpy as np
import pytest

from bigdata_emis.activity_model.forms.partial_pooling import PooledClass, fit_pool, leave_out_scores, pool_classes


def test_a_plant_without_measurements_has_the_mean_of_its_class_and_the_spread_between_plants():
    pooled = PooledClass(mean=1.0, mean_variance=0.1, between_variance=0.3, count=5)
    assert pooled.predict_unseen() == pytest.approx((1.0, 0.4))


def test_a_plant_moves_from_its_class_to_its_own_value_as_measurements_become_certain():
    pooled = PooledClass(mean=0.0, mean_variance=0.0, between_variance=1.0, count=5)
    assert pooled.predict_observed(2.0, 1.0) == pytest.approx((1.0, 0.5))
    assert pooled.predict_observed(2.0, 1e-9)[0] == pytest.approx(2.0)
    assert pooled.predict_observed(2.0, 1e9)[0] == pytest.approx(0.0, abs=1e-6)


def test_the_class_mean_lies_among_its_plants_and_classes_stay_separate():
    value, group = np.array([0.0, 0.1, -0.1, 3.0, 3.1, 2.9]), np.array(["a"] * 3 + ["b"] * 3)
    pool = fit_pool(value, np.full(6, 1e-4), group)
    assert pool.class_for("a").mean == pytest.approx(0, abs=0.05)
    assert pool.class_for("b").mean == pytest.approx(3, abs=0.05)
    assert pool.class_for("c").mean == pytest.approx(1.5, abs=0.1)
    assert pool.class_for("c").predict_unseen()[1] > pool.class_for("a").predict_unseen()[1]


def test_one_wrong_unit_of_measure_does_not_set_its_class():
    value = np.array([0.0, 0.1, -0.1, 0.05, -0.05, 6.9])
    assert fit_pool(value, np.full(6, 1e-3), np.array(["a"] * 6)).class_for("a").mean < 0.2


def test_uncalibrated_classes_count_their_plants():
    pool = pool_classes(np.array([0.0, 0.1, 3.0]), np.full(3, 0.01), np.array(["a", "a", "b"]))
    assert {name: pooled.count for name, pooled in pool.classes.items()} == {"a": 2, "b": 1}
    assert pool.calibration == 1.0


def test_plants_of_one_block_are_left_out_together():
    value, block = np.array([0.0, 0.0, 5.0, 5.0, 1.0, 2.0]), np.array(["p", "p", "q", "q", "r", "s"])
    together = leave_out_scores(value, np.full(6, 0.01), np.array(["a"] * 6), block)
    alone = leave_out_scores(value, np.full(6, 0.01), np.array(["a"] * 6), np.arange(6).astype(str))
    assert abs(together[2]) > abs(alone[2])


def test_a_single_block_leaves_nothing_to_predict_from():
    score = leave_out_scores(np.zeros(3), np.ones(3), np.array(["a"] * 3), np.array(["p"] * 3))
    assert np.isnan(score).all()


def test_nothing_to_pool_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        fit_pool(np.empty(0), np.empty(0), np.empty(0, dtype=str))
