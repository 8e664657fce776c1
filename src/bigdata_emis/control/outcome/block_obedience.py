"""Obedience judged by whole days, for lines whose hours vary too much to be judged one by one.

Belongs here: days as blocks, their usual spread, and what is clear. Does not: the probability (order_obedience).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.control.outcome.order_obedience import (
    LEAST_RATIO,
    LoadSeries,
    Obedience,
    base_share_of_load,
    is_above_allowed,
    judge_obedience,
    separation_sd,
)
from bigdata_emis.control.outcome.supervision_rules import SupervisionRules
from bigdata_emis.equations.control import allowed_energy_kwh
from bigdata_emis.statistics.normal_profile import HOURS, QUIET_SHARE, NormalProfile

LEAST_DAYS = 5
"""Normal days without which the spread of a day is not known; choice of this project."""
LEAST_DAY_SD = 0.03
"""The smallest logarithmic spread of a day: register and profile have errors of this size, whatever the line."""


@dataclass(frozen=True)
class DayVerdict:
    """What the days say of each hour, (lines, hours).

    obedience: of the hour's day. is_judged: hours of days whose load shows the order. hides_work: hours of days whose
    load would not show some hours of work at full load, so that they cannot be said to obey.
    """

    obedience: Obedience
    is_judged: Flags
    hides_work: Flags


def day_spread(training: Floats, profile: NormalProfile) -> Floats:
    """Standard deviation of the logarithm of a day's load ÷ its expected load, from days left out, (lines,).

        s = S √(1 + 1/n) t(0.95, n − 1) ÷ 1.645

    over the n days of which at least half the hours were read; infinite below LEAST_DAYS.

    Source: prediction interval of a normal variable with unknown variance, Hahn (1969), J. Am. Stat. Assoc. 64, 878,
    doi:10.1080/01621459.1969.10501020.
    """
    quiet = QUIET_SHARE * profile.level[:, None, None]
    errors = profile.relative_errors
    expected = np.where(np.isfinite(errors), (training - errors * quiet) / np.maximum(1 + errors, LEAST_RATIO), np.nan)
    present = np.isfinite(expected) & np.isfinite(training)
    read, usual = (np.where(present, values, 0.0).sum(axis=2) for values in (training, expected))
    is_day = (present.sum(axis=2) >= HOURS // 2) & (usual > 0)
    ratio = np.divide(read, usual, out=np.ones_like(read), where=is_day)
    logarithm = np.log(np.maximum(ratio, LEAST_RATIO))
    count = is_day.sum(axis=1)
    mean = np.where(is_day, logarithm, 0.0).sum(axis=1) / np.maximum(count, 1)
    squares = np.where(is_day, (logarithm - mean[:, None]) ** 2, 0.0).sum(axis=1)
    spread = np.sqrt(squares / np.maximum(count - 1, 1))
    quantile = stats.t.ppf(0.95, np.maximum(count - 1, 1)) / stats.norm.ppf(0.95)
    widened = np.maximum(spread * np.sqrt(1 + 1 / np.maximum(count, 1)) * quantile, LEAST_DAY_SD)
    return np.where(count >= LEAST_DAYS, widened, np.inf)


def judge_by_day(
    series: LoadSeries, day_sd: Floats, *, day_of_hour: Integers, is_grace: Flags, rules: SupervisionRules
) -> DayVerdict:
    """Judge the sum of the ordered hours of each day, without hours of grace and without unread hours.

    A day of n hours has the spread of a whole day × √(24 ÷ n). It is judged with at least `least_block_h` hours, where
    an obeyed order lies far enough from an ignored one.
    """
    days = int(day_of_hour.max()) + 1 if len(day_of_hour) else 0
    is_used = np.isfinite(series.observed) & (series.order_share > 0) & ~is_grace
    blocks = _blocks(series, day_sd, is_used, day_of_hour, days)
    stay, persistence = rules.stay_share**HOURS, rules.persistence_share**HOURS
    day_rules = replace(rules, stay_share=stay, persistence_share=persistence)
    judged = judge_obedience(blocks, day_rules)
    hours = _sum_by_day(is_used.astype(float), day_of_hour, days)
    is_separable = separation_sd(blocks, day_rules) >= rules.least_separation_sd
    is_clear = is_separable[:, None] & (hours >= rules.least_block_h)
    hides_work = _hides_work(blocks, np.maximum(hours, 1), rules)
    is_read = np.isfinite(series.observed)
    probability = np.where(is_used, judged.breach_probability[:, day_of_hour], 0.0)
    probability[~is_read] = np.nan
    executed = np.where(is_read, judged.executed_share[:, day_of_hour], np.nan)
    is_judged: Flags = is_clear[:, day_of_hour] & (is_used | is_grace)
    return DayVerdict(Obedience(probability, executed), is_judged, np.asarray(hides_work[:, day_of_hour], dtype=bool))


def _hides_work(blocks: LoadSeries, hours: Floats, rules: SupervisionRules) -> Flags:
    """Days on which a line that obeys and one that also works some hours at full load look alike, (lines, days).

        P_work = P_allowed + min(w ÷ n, 1) (P_normal − P_allowed)

    They look alike where P_work is no breach by the rule, or lies too few standard deviations above P_allowed. w:
    `hidden_work_h`; n: judged hours of the day.
    """
    base = base_share_of_load(blocks)
    elasticity = blocks.power_elasticity[:, None]
    allowed = allowed_energy_kwh(1.0, base, cut_order_share=blocks.order_share, power_elasticity=elasticity)
    working = allowed + np.minimum(rules.hidden_work_h / hours, 1.0) * (1 - allowed)
    shows = is_above_allowed(blocks, base, working[..., None], rules)[..., 0]
    spread = np.sqrt(blocks.hourly_sd**2 + blocks.persistent_sd[:, None] ** 2 + rules.reading_sd_share**2)
    distance = np.log(np.maximum(working, LEAST_RATIO) / np.maximum(allowed, LEAST_RATIO))
    hides: Flags = ~shows | (distance < rules.least_separation_sd * spread)
    return hides


def _blocks(series: LoadSeries, day_sd: Floats, is_used: Flags, day_of_hour: Integers, days: int) -> LoadSeries:
    """The mean load of the used hours of each day as a series of days."""
    hours = _sum_by_day(is_used.astype(float), day_of_hour, days)
    observed, expected, ordered = (
        _sum_by_day(np.where(is_used, values, 0.0), day_of_hour, days)
        for values in (series.observed, series.expected, series.expected * series.order_share)
    )
    count = np.maximum(hours, 1)
    order = np.divide(ordered, expected, out=np.zeros_like(ordered), where=expected > 0)
    known_sd = np.where(np.isfinite(day_sd), day_sd, 1.0)[:, None]
    return replace(
        series,
        observed=np.where((hours > 0) & np.isfinite(day_sd)[:, None], observed / count, np.nan),
        expected=expected / count,
        order_share=order,
        persistent_sd=np.full(len(day_sd), LEAST_RATIO),
        hourly_sd=known_sd * np.sqrt(HOURS / count),
    )


def _sum_by_day(values: Floats, day_of_hour: Integers, days: int) -> Floats:
    sums = np.zeros((len(values), days))
    for day in range(days):
        sums[:, day] = values[:, day_of_hour == day].sum(axis=1)
    return sums
