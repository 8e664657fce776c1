"""Totals by fuel of plants left out: the sum of typical factors beside that of expected ones.

Belongs here: totals and their bias. Does not: the models (plants, transfer).
"""

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.schema.mass_units import G_PER_T
from bigdata_emis.statistics.agreement import normalised_mean_bias_share
from bigdata_emis.statistics.retransformation import expect_from_other_groups
from bigdata_emis.validate.avert.plants import SELECTED, LeftOut
from bigdata_emis.validate.document import FuelTotal

BASELINE = "class_mean"


def total_left_out(task: LeftOut) -> FuelTotal:
    """Total of a fuel and pollutant, each plant estimated from others, with its bias by kind of estimate.

    A typical factor is the median of its kind and its sum is low; the expected one is typical × the ratio to the total
    of the plants of the other folds. `bias_sd_share` is the standard deviation of its bias, by the errors of the groups
    that were left out together.
    """
    typical = np.exp(task.estimates[SELECTED].middle) * task.amount
    expected = expect_from_other_groups(typical, task.emission_g, task.fold)
    baseline = np.exp(task.estimates[BASELINE].middle) * task.amount
    return {
        "fuel": task.fuel,
        "pollutant": task.pollutant,
        "driver": task.driver,
        "measured_t": _tonnes(task.emission_g),
        "estimated_t": _tonnes(expected),
        "bias_share": normalised_mean_bias_share(expected, task.emission_g),
        "bias_sd_share": _bias_sd_share(expected - task.emission_g, task),
        "typical_t": _tonnes(typical),
        "typical_bias_share": normalised_mean_bias_share(typical, task.emission_g),
        "class_mean_bias_share": normalised_mean_bias_share(baseline, task.emission_g),
    }


def _bias_sd_share(error_g: Floats, task: LeftOut) -> float:
    """Standard deviation of the error of a total whose groups err independently, as a share of the total.

    sd = √(K / (K − 1) Σ (δ_k − mean δ)²) / Σ measured,  δ_k the summed error of group k of K
    """
    by_group = np.bincount(task.fold, weights=error_g)[np.unique(task.fold)]
    return float(np.sqrt(len(by_group) * by_group.var(ddof=1)) / task.emission_g.sum())


def _tonnes(emission_g: Floats) -> float:
    return float(emission_g.sum()) / G_PER_T
