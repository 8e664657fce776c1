"""Champion against challenger: who estimates better on truth that neither has seen.

Belongs here: the rule and its account. Does not: fitting (training), standing in the registry (standing).
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.sequential_tests import chance_of_wins, daily_means
from bigdata_emis.activity_model.stored.predict import estimate_stored
from bigdata_emis.arrays import Floats
from bigdata_emis.relate.models.model_rules import ModelRules

WON, LOST, OPEN = "won", "lost", "open"


@dataclass(frozen=True)
class Contest:
    """What the days told: mean absolute errors in activity units, days won by the challenger, and how likely luck explains them."""

    days: int
    challenger_days: int
    champion_error: float
    challenger_error: float
    chance: float
    outcome: str

    def account(self) -> dict[str, Any]:
        """The contest as it stands on the card."""
        return asdict(self)


def contest(
    champion: dict[str, Any], challenger: dict[str, Any], series: LineSeries, activity: Floats, *, rules: ModelRules
) -> Contest:
    """Judge two stored models on the hours given, which must lie after the last hour that taught either of them.

    The challenger wins when, over at least `contest_days` days of truth, its mean absolute error is smaller by
    `contest_margin_share` and it was the better one on more days than luck explains (one-sided sign test at
    `contest_chance`). It has lost after `contest_longest_days` without a win, and stands open until then.
    Hours in which the line is idle tell nothing and are left out.
    """
    speaks = np.isfinite(activity) & (series.is_on | (activity > 0))
    judged, truth = series.where(speaks), activity[speaks]
    errors = [
        daily_means(np.abs(estimate_stored(model, judged).activity - truth), judged.hour_number)
        for model in (champion, challenger)
    ]
    days, won = len(errors[0]), int((errors[1] < errors[0]).sum())
    means = [float(error.mean()) if days else 0.0 for error in errors]
    chance = chance_of_wins(won, days)
    return Contest(days, won, means[0], means[1], chance, _outcome(days, means, chance, rules))


def _outcome(days: int, means: list[float], chance: float, rules: ModelRules) -> str:
    if days < rules.contest_days:
        return OPEN
    if means[1] <= means[0] * (1 - rules.contest_margin_share) and chance <= rules.contest_chance:
        return WON
    return LOST if days >= rules.contest_longest_days else OPEN
