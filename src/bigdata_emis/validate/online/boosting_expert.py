"""Gradient boosting that is refitted as truth arrives.

Research: judged here, not run by the day.
Belongs here: this expert of `walk_forward_experts`. Does not: boosted trees as stored models (activity_model/forms), or
the walk.
"""

from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats


class BoostingExpert:
    """Boosting over the inputs, refitted whenever `refit_rows` more hours are known.

    It reports no standard deviation.
    """

    def __init__(
        self,
        name: str,
        *,
        refit_rows: int = 168,
        trees: int = 200,
        learning_share: float = 0.07,
        leaves: int = 15,
        leaf_rows: int = 20,
    ) -> None:
        self.name = name
        self._refit_rows, self._trees = refit_rows, trees
        self._options = {
            "objective": "l2",
            "num_leaves": leaves,
            "learning_rate": learning_share,
            "min_data_in_leaf": leaf_rows,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbose": -1,
            "seed": 1,
        }
        self._inputs, self._target = np.empty((0, 0)), np.empty(0)
        self._booster: Any = None
        self._fitted_rows = 0

    def learn(self, inputs: Floats, target: Floats, hour_number: Floats) -> None:
        """Add hours with their truth, and refit when enough are new."""
        if not len(target):
            return
        self._inputs = np.vstack([self._inputs, inputs]) if len(self._target) else inputs
        self._target = np.append(self._target, target)
        if self._booster is None or len(self._target) - self._fitted_rows >= self._refit_rows:
            self._fit()

    def predict(self, inputs: Floats, hour_number: Floats) -> tuple[Floats, Floats]:
        """The mean of each hour; the standard deviation is NaN."""
        unknown = np.full(len(inputs), np.nan)
        if self._booster is None:
            return unknown, unknown
        mean: Floats = np.asarray(self._booster.predict(inputs), dtype=np.float64)
        return mean, unknown

    def _fit(self) -> None:
        import lightgbm

        self._booster = lightgbm.train(
            self._options, lightgbm.Dataset(self._inputs, self._target), num_boost_round=self._trees
        )
        self._fitted_rows = len(self._target)
