"""Quantile regression forest: quantiles of training values in the leaves of a row.

Belongs here: fitting, leaf weights, weighted quantiles. Does not: which units are left out, calibration of intervals.
Source: Meinshausen (2006), Quantile regression forests; on extremely randomised trees, Geurts, Ernst and Wehenkel
(2006).
"""

import numpy as np
from scipy import sparse

from bigdata_emis.arrays import Floats, Integers

TREES, LEAF_UNITS, FEATURE_SHARE, SEED = 150, 3, 0.4, 1


def predict_forest_quantiles(
    traits: Floats, value: Floats, new_traits: Floats, *, weight: Floats, ranks: tuple[float, ...]
) -> Floats:
    """Quantiles of the value for each new row, shape (new rows, ranks).

    The same input gives the same forest.
    """
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(
        TREES, min_samples_leaf=LEAF_UNITS, max_features=FEATURE_SHARE, random_state=SEED, n_jobs=1
    )
    forest.fit(traits, value, sample_weight=weight)
    share = _leaf_shares(forest.apply(traits), forest.apply(new_traits), weight)
    order = np.argsort(value, kind="stable")
    cumulated = np.cumsum(share[:, order], axis=1)
    cumulated /= cumulated[:, -1:]
    return np.column_stack([value[order][np.minimum((cumulated < rank).sum(axis=1), len(value) - 1)] for rank in ranks])


def _leaf_shares(fitted_leaf: Integers, new_leaf: Integers, weight: Floats) -> Floats:
    """Weight of each training row for each new row: its share of the leaf that both are in, summed over trees."""
    start = np.concatenate([[0], np.cumsum(fitted_leaf.max(axis=0) + 1)[:-1]])
    leaves = int(start[-1] + fitted_leaf[:, -1].max() + 1)
    membership = _membership(fitted_leaf + start, leaves)
    weighted = membership.multiply(weight[:, None]).tocsr()
    per_leaf = np.asarray(weighted.sum(axis=0)).ravel()
    scaled = weighted @ sparse.diags(1 / np.maximum(per_leaf, 1e-12))
    return np.asarray(
        (_membership(np.minimum(new_leaf + start, leaves - 1), leaves) @ scaled.T).toarray(), dtype=np.float64
    )


def _membership(leaf: Integers, leaves: int) -> sparse.csr_matrix:
    rows = np.repeat(np.arange(len(leaf)), leaf.shape[1])
    return sparse.csr_matrix((np.ones(leaf.size), (rows, leaf.ravel())), shape=(len(leaf), leaves))
