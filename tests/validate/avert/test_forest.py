"""Quantile regression forest."""

import numpy as np

from bigdata_emis.validate.avert.forest import predict_forest_quantiles

TRAITS = np.repeat([[0.0], [1.0]], 10, axis=0)
VALUE = np.concatenate([np.arange(10.0), np.arange(100.0, 110)])
NEW = np.array([[0.0], [1.0]])


def test_quantiles_are_those_of_the_training_values_in_the_same_leaf():
    quantiles = predict_forest_quantiles(TRAITS, VALUE, NEW, weight=np.ones(20), ranks=(0.05, 0.5, 0.95))
    assert quantiles.tolist() == [[0, 4, 9], [100, 104, 109]]


def test_a_heavy_training_value_moves_the_median():
    weight = np.ones(20)
    weight[9] = 100
    (median,) = predict_forest_quantiles(TRAITS, VALUE, NEW[:1], weight=weight, ranks=(0.5,))
    assert median.tolist() == [9]
