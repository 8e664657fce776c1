"""The challenger test: champion or challenger, by errors on truth new to both.

Belongs here: the rule of the test and its result.
Does not: fitting (train_line), rows of the registry (lifecycle).
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.sequential_tests import daily_means, sign_test_p_value
from bigdata_emis.activity_model.stored.predict import apply_stored_model
from bigdata_emis.arrays import Floats
from bigdata_emis.relate.models.model_rules import ModelRules

WON, LOST, OPEN = "won", "lost", "open"


@dataclass(frozen=True)
class ChallengerResult:
    """The result of a challenger test.

    Days of truth and days won by the challenger, mean absolute errors in activity units, and the p value of the wins.
    """

    days: int
    challenger_days: int
    champion_error: float
    challenger_error: float
    chance: float
    outcome: str

    def as_card_entry(self) -> dict[str, Any]:
        """The result as the model card holds it."""
        return asdict(self)


def judge_challenger(
    champion: dict[str, Any], challenger: dict[str, Any], series: LineSeries, activity: Floats, *, rules: ModelRules
) -> ChallengerResult:
    """Compare two stored models on hours with truth that neither was fitted on.

    The challenger wins when, over at least `contest_days` days of truth, its mean absolute error is smaller by
    `contest_margin_share` and it was the better one on more days than chance explains (one-sided sign test at
    `contest_chance`). It has lost after `contest_longest_days` without a win; until then the test is open.
    Hours in which the line is idle carry no information and are left out.
    """
    is_active = np.isfinite(activity) & (series.is_on | (activity > 0))
    judged, truth = series.where(is_active), activity[is_active]
    daily_errors = [
        daily_means(np.abs(apply_stored_model(model, judged).activity - truth), judged.hour_number)
        for model in (champion, challenger)
    ]
    days, won = len(daily_errors[0]), int((daily_errors[1] < daily_errors[0]).sum())
    champion_error, challenger_error = (float(error.mean()) if days else 0.0 for error in daily_errors)
    p_value = sign_test_p_value(won, days)
    outcome = _outcome(days, champion_error, challenger_error, p_value, rules)
    return ChallengerResult(days, won, champion_error, challenger_error, p_value, outcome)


def _outcome(days: int, champion_error: float, challenger_error: float, p_value: float, rules: ModelRules) -> str:
    if days < rules.contest_days:
        return OPEN
    is_smaller = challenger_error <= champion_error * (1 - rules.contest_margin_share)
    if is_smaller and p_value <= rules.contest_chance:
        return WON
    return LOST if days >= rules.contest_longest_days else OPEN
