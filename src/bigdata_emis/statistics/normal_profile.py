"""Normal course of hourly series from days without control: a profile for each series, with its own errors.

Belongs here: matrix arithmetic over (series, days, hours of the day). Does not: which days count as normal (control).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.statistics.conformal import lower_conformal_quantile, upper_conformal_quantile

HOURS = 24
RECENT_DAYS = 3
"""Days whose mean is the recent level; choice of this project."""
QUIET_SHARE = 0.05
"""Part of the mean level that is added to an expected value, so that quiet hours have no endless relative errors."""
LEAST_DAYS_OF_TYPE = 2
PROFILES = ("flat", "hour", "day_type", "recent")


@dataclass(frozen=True)
class NormalProfile:
    """Expected values of series on other days, and the errors of days that were left out of the fit.

    expected: (series, days to predict, 24). profile_number: the chosen profile of each series, as in PROFILES.
    relative_errors: (series, training days, 24), error ÷ (expected + quiet part); NaN where nothing was measured.
    level: mean of each series, (series,).
    """

    expected: Floats
    profile_number: Integers
    relative_errors: Floats
    level: Floats

    def relative_bounds(self, coverage_share: float) -> tuple[Floats, Floats]:
        """Lower and upper bound of the relative error of each series, (series,); zero for a series without errors."""
        tail = (1 - coverage_share) / 2
        lower, upper = np.zeros(len(self.level)), np.zeros(len(self.level))
        for row, errors in enumerate(self.relative_errors):
            present = errors[np.isfinite(errors)]
            if len(present):
                lower[row] = min(lower_conformal_quantile(present, tail), 0.0)
                upper[row] = max(upper_conformal_quantile(present, 1 - tail), 0.0)
        return lower, upper

    def quiet(self) -> Floats:
        """The part added to expected values in relative errors, (series, 1, 1)."""
        quiet: Floats = QUIET_SHARE * self.level[:, None, None]
        return quiet


def fit_normal_profile(
    training: Floats, training_types: Integers, predicted_types: Integers, *, profiles: tuple[str, ...] = PROFILES
) -> NormalProfile:
    """Fit every profile to each series, choose the best by days left out, and predict the days of given types.

        flat      mean of all hours
        hour      mean by hour of the day
        day_type  mean by day type and hour, where two days and more of the type were measured; else as `hour`
        recent    as `hour`, at the level of the last three days

    training: (series, days, 24) in order of time, NaN where nothing was measured. The profile with the smallest sum of
    absolute errors over days left out is chosen; of equals the first.

    Source: leave-one-out choice of a predictor, Stone (1974), J. R. Stat. Soc. B 36, 111,
    doi:10.1111/j.2517-6161.1974.tb00994.x.
    """
    level = _mean(training, axis=(1, 2))
    errors = np.full((len(profiles), *training.shape), np.nan)
    for day in range(training.shape[1]):
        others = np.arange(training.shape[1]) != day
        for number, profile in enumerate(profiles):
            left_out = _predict(profile, training[:, others], training_types[others], training_types[[day]])
            # A series without another day cannot be judged by a day left out.
            has_others = np.asarray(np.isfinite(training[:, others]).any(axis=(1, 2)))
            errors[number, :, day] = np.where(has_others[:, None], training[:, day] - left_out[:, 0], np.nan)
    total = np.where(np.isfinite(errors), np.abs(errors), 0.0).sum(axis=(2, 3))
    chosen = np.argmin(total, axis=0)
    rows = np.arange(len(training))
    expected = np.stack([_predict(p, training, training_types, predicted_types) for p in profiles])[chosen, rows]
    left_out_errors = errors[chosen, rows]
    scale = (training - left_out_errors) + QUIET_SHARE * level[:, None, None]
    relative = np.divide(left_out_errors, scale, out=np.full_like(left_out_errors, np.nan), where=scale > 0)
    return NormalProfile(expected, chosen.astype(np.int64), relative, level)


def _predict(profile: str, days: Floats, types: Integers, wanted: Integers) -> Floats:
    """The profile of these days on days of the wanted types, (series, wanted days, 24)."""
    by_hour = _mean(days, axis=1)
    if profile == "flat":
        by_hour = np.repeat(_mean(days, axis=(1, 2))[:, None], HOURS, axis=1)
    if profile == "recent":
        level, recent = _mean(days, axis=(1, 2)), _mean(days[:, -RECENT_DAYS:], axis=(1, 2))
        by_hour = by_hour * np.divide(recent, level, out=np.ones_like(level), where=level > 0)[:, None]
    predicted = np.repeat(by_hour[:, None], len(wanted), axis=1)
    if profile == "day_type":
        for number, day_type in enumerate(wanted):
            of_type = days[:, types == day_type]
            if of_type.shape[1] >= LEAST_DAYS_OF_TYPE:
                mean = _mean(of_type, axis=1)
                predicted[:, number] = np.where(np.isfinite(of_type).any(axis=1), mean, by_hour)
    return predicted


def _mean(values: Floats, axis: int | tuple[int, ...]) -> Floats:
    """Mean of the measured values; 0 where there are none."""
    is_measured = np.isfinite(values)
    count = is_measured.sum(axis=axis)
    mean: Floats = np.where(is_measured, values, 0.0).sum(axis=axis) / np.maximum(count, 1)
    return mean
