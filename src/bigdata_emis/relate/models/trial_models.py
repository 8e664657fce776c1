"""Candidates that may estimate a line from here on: its champion, corrected or blended, and its reserves.

Belongs here: their corrections, weights and errors on truth that none of them was fitted on. Does not: which of them is
used, and why (drift_verdict).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.sequential_tests import DAY_H
from bigdata_emis.activity_model.stored.predict import apply_stored_model, blend_models
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.relate.models.model_rules import ModelRules

BLEND_SHARPNESS = 2.0
"""Weight of a model = (1 / mean squared error) ** sharpness. New York units, 2018 after 2017: better than either."""


@dataclass(frozen=True)
class StoredModel:
    """A model as the registry holds it; hours from `fitted_to_hour` on are new to it."""

    version_id: str
    form_code: str
    parameters: dict[str, Any]
    card: dict[str, Any] = field(default_factory=dict)
    fitted_to_hour: int = 0


@dataclass(frozen=True)
class Trial:
    """A model, or its blend with a partner: correction by all days, error in the second half of them."""

    model: StoredModel
    ratio: float
    error: float
    partner: StoredModel | None = None
    share: float = 0.0

    @property
    def parameters(self) -> dict[str, Any]:
        """What apply_stored_model needs."""
        if self.partner is None:
            return self.model.parameters
        return blend_models(self.model.parameters, self.partner.parameters, self.share)


@dataclass(frozen=True)
class Trials:
    """The champion as it is, its corrections, and its reserves, each corrected where that reduces the error."""

    plain: Trial
    recalibrated: list[Trial]
    simpler: list[Trial]


def try_models(
    champion: StoredModel,
    challenger: StoredModel | None,
    reserves: list[StoredModel],
    judged: LineSeries,
    truth: Floats,
    *,
    rules: ModelRules,
) -> Trials:
    """All candidates with their errors in the second half of the days.

    A challenger counts once `watch_days` days are new to it too; then all are judged on the second half of those days.
    """
    is_new = judged.hour_number >= (challenger.fitted_to_hour if challenger else 0)
    if challenger and len(np.unique(judged.hour_number[is_new] // DAY_H)) < rules.watch_days:
        challenger, is_new = None, np.ones(len(truth), dtype=np.bool_)
    new_days = np.unique(judged.hour_number[is_new] // DAY_H)
    is_later = is_new & (judged.hour_number >= np.median(new_days) * DAY_H)
    hours = _JudgedHours(judged, truth, is_new, is_later, rules)
    plain, corrected = hours.try_model(champion)
    blended = [hours.try_blend(champion, challenger)] if challenger else []
    simpler = [min(hours.try_model(model), key=lambda trial: trial.error) for model in reserves]
    return Trials(plain, [corrected, *blended], simpler)


@dataclass(frozen=True)
class _JudgedHours:
    """Hours with truth: which of them are new to every candidate, and which decide between them."""

    series: LineSeries
    truth: Floats
    is_new: Flags
    is_later: Flags
    rules: ModelRules = field(repr=False)

    def try_model(self, model: StoredModel) -> tuple[Trial, Trial]:
        """The model as it is, and corrected."""
        plain, corrected = self._errors(apply_stored_model(model.parameters, self.series).activity)
        return Trial(model, 1.0, plain[1]), Trial(model, *corrected)

    def try_blend(self, champion: StoredModel, challenger: StoredModel) -> Trial:
        """The blend of both, corrected where that reduces its error.

        Its weights are those of the errors before the second half there, and those of all new hours from here on.
        """
        values = [apply_stored_model(model.parameters, self.series).activity for model in (champion, challenger)]
        share_before, share = (self._challenger_share(values, h) for h in (self.is_new & ~self.is_later, self.is_new))
        errors = self._errors((1 - share_before) * values[0] + share_before * values[1])
        is_corrected = errors[1][1] < errors[0][1]
        value = (1 - share) * values[0] + share * values[1]
        ratio = self._bounded_ratio(value, np.ones_like(self.is_later)) if is_corrected else 1.0
        return Trial(champion, ratio, errors[is_corrected][1], challenger, share)

    def _errors(self, value: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
        """Correction and error in the second half: as it is, and corrected by the ratio of the hours before."""
        later, measured = value[self.is_later], self.truth[self.is_later]
        early = self._bounded_ratio(value, ~self.is_later)
        plain, corrected = (float(np.abs(later * factor - measured).mean()) for factor in (1.0, early))
        return (1.0, plain), (self._bounded_ratio(value, np.ones_like(self.is_later)), corrected)

    def _challenger_share(self, values: list[Floats], chosen: Flags) -> float:
        """Weight of the second model by the squared errors of both; half where neither erred."""
        champion, challenger = (float(((value - self.truth)[chosen] ** 2).mean()) for value in values)
        if not champion + challenger:
            return 0.5
        larger = max(champion, challenger)
        of_challenger, of_champion = (float(np.power(e / larger, BLEND_SHARPNESS)) for e in (champion, challenger))
        return of_challenger / (of_challenger + of_champion)

    def _bounded_ratio(self, value: Floats, chosen: Flags) -> float:
        """Measured ÷ estimated activity within `watch_correction_limit`; 1 where nothing was estimated."""
        total = float(value[chosen].sum())
        limit = self.rules.watch_correction_limit
        return float(np.clip(float(self.truth[chosen].sum()) / total, 1 / limit, limit)) if total > 0 else 1.0
