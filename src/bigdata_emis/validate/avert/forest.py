"""A forest whose answer is a distribution: quantiles of what was seen in the leaves that a unit falls into.

Belongs here: fitting, leaf weights, weighted quantiles. Does not: which units are left out, intervals' calibration.
Source: Meinshausen 2006 (quantile regression forests), on extremely randomised trees (Geurts, Ernst and Wehenkel 2006).
"""

import numpy as np
from scipy import sparse

from bigdata_emis.arrays import Floats, Integers

TREES, LEAF_UNITS, FEATURE_SHARE, SEED = 150, 3, 0.4, 1


def forest_quantiles(
    known: Floats, value: Floats, asked: Floats, *, weight: Floats, ranks: tuple[float, ...]
) -> Floats:
    """Quantiles of the value for each asked row, a column a rank; the same input gives the same forest."""
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(
        TREES, min_samples_leaf=LEAF_UNITS, max_features=FEATURE_SHARE, random_state=SEED, n_jobs=1
    )
    forest.fit(known, value, sample_weight=weight)
    share = _leaf_shares(forest.apply(known), forest.apply(asked), weight)
    order = np.argsort(value, kind="stable")
    cumulated = np.cumsum(share[:, order], axis=1)
    cumulated /= cumulated[:, -1:]
    return np.column_stack([value[order][np.minimum((cumulated < rank).sum(axis=1), len(value) - 1)] for rank in ranks])


def _leaf_shares(taught: Integers, asked: Integers, weight: Floats) -> Floats:
    """How much each taught row speaks for each asked row: its weight in the leaf that both share, over all trees."""
    start = np.concatenate([[0], np.cumsum(taught.max(axis=0) + 1)[:-1]])
    leaves = int(start[-1] + taught[:, -1].max() + 1)
    seen = _membership(taught + start, leaves)
    heavy = seen.multiply(weight[:, None]).tocsr()
    per_leaf = np.asarray(heavy.sum(axis=0)).ravel()
    scaled = heavy @ sparse.diags(1 / np.maximum(per_leaf, 1e-12))
    return np.asarray(
        (_membership(np.minimum(asked + start, leaves - 1), leaves) @ scaled.T).toarray(), dtype=np.float64
    )


def _membership(leaf: Integers, leaves: int) -> sparse.csr_matrix:
    rows = np.repeat(np.arange(len(leaf)), leaf.shape[1])
    return sparse.csr_matrix((np.ones(leaf.size), (rows, leaf.ravel())), shape=(len(leaf), leaves))
