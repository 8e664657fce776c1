"""Evidence beside the load: abatement that does not run with production, and shut lines that run.

Belongs here: rules for hours, on dense arrays. Does not: the load against the order (order_obedience).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.control.outcome.order_obedience import LoadSeries, full_load, is_shut
from bigdata_emis.control.outcome.supervision_rules import SupervisionRules
from bigdata_emis.equations.control import allowed_energy_kwh

NORMAL_QUANTILE = 0.75
"""The upper quartile of normal hours counts as the normal value of a device."""
QUIET_QUANTILE, BELOW_QUIET_SHARE, WORKING_DAY_SHARE, CONSTANT_FACTOR = 0.1, 0.8, 0.7, 1.5
"""Choices of this project for a line that stands still: quiet hours, below them, of a working day; reading errors."""
MINUTES = 60.0
UNKNOWN_SLOPE_SD = 1e9
"""Of a line whose load never varied: nothing is known of its abatement at another load."""
LEAST_COMMON_HOURS = 48
CONTRADICTION_SD, CONTRADICTION_SHARE, AUTOCORRELATION_FACTOR = 4.0, 0.15, 3.0
"""Choices of this project for the contradiction of abatement and production."""
STEP_SHARE = 0.3
"""Rise of a device's power, relative to its running power, without which it did not start; choice of this project."""


@dataclass(frozen=True)
class AbatementEvidence:
    """What abatement meters show, (lines, hours).

    is_off, is_low: a breach. is_late, is_early_off: abatement out of step with the start and the end of production by
    more minutes than the rule, as far as the hour resolves them; noted, and a breach only where it is off for the whole
    hour. is_idle: running without production for long, noted only. contradicts: more power than the production that
    the meter shows has ever needed; the line is not judged. probability: of a breach, 0 where none.
    """

    is_off: Flags
    is_low: Flags
    is_late: Flags
    is_early_off: Flags
    is_idle: Flags
    contradicts: Flags
    probability: Floats


def find_restarts(series: LoadSeries, rules: SupervisionRules) -> Flags:
    """Hours in which a line that was shut draws clearly more than before, in runs of some hours, (lines, hours)."""
    trickle = series.expected + (rules.least_excess_share * series.reference)[:, None]
    above = is_shut(series, rules)[:, None] & (np.nan_to_num(series.observed) > trickle)
    return long_runs(above, np.full(len(above), rules.restart_run_h))


def find_standstills(series: LoadSeries, normal: Floats, rules: SupervisionRules) -> Flags:
    """Lines that stand still under an order to stop although they draw more than their registered base load, (lines,).

        s ≤ s_d,  P ≤ q P_quiet,  P_quiet ≤ w P_working

    s: spread of the logarithm of power over all hours of the order; s_d: of reading errors. P: its mean, clearly below
    the power of quiet hours of normal days. Where power is that low and constant nothing is produced: the registered
    base load errs. A line that works at part of its load follows its working day; one without a working day, whose
    quiet hours draw nearly what its working hours do, is not judged so. normal: of normal hours, (lines, hours).
    """
    is_used = (series.order_share >= rules.stop_order_share) & np.isfinite(series.observed)
    power = np.where(is_used, series.observed, np.nan)
    has_both = np.isfinite(normal).any(axis=1) & (is_used.sum(axis=1) >= rules.least_block_h)
    stands = np.zeros(len(normal), dtype=bool)
    if not has_both.any():
        return stands
    quiet, working = np.nanquantile(normal[has_both], (QUIET_QUANTILE, 1 - QUIET_QUANTILE), axis=1)
    spread = np.nanstd(np.log(np.maximum(power[has_both], np.finfo(float).tiny)), axis=1)
    is_flat = (spread <= CONSTANT_FACTOR * rules.reading_sd_share) & (quiet <= WORKING_DAY_SHARE * working)
    stands[has_both] = is_flat & (np.nanmean(power[has_both], axis=1) <= BELOW_QUIET_SHARE * quiet)
    return stands


@dataclass(frozen=True)
class ProductionStates:
    """Power from which production runs and up to which it stands still, (lines, hours)."""

    running_kwh: Floats
    standing_kwh: Floats


def production_states(series: LoadSeries, rules: SupervisionRules) -> ProductionStates:
    """The states of production by its power: above and below its base load by a clear part of its working range.

        P_standing = B (1 + s) + e P_full
        P_running = max(P_standing, B + a (P_allowed − B))

    B: base load, with relative error s. P_full: normal load, at least half the reference. P_allowed: what the order
    leaves, so that a line that runs as ordered needs its abatement, too.
    """
    full = full_load(series)[:, None]
    base_kwh = np.minimum((series.base_share * series.reference)[:, None], series.expected)
    standing = base_kwh * (1 + rules.base_load_sd_share) + rules.least_excess_share * full
    share = np.divide(base_kwh, series.expected, out=np.ones_like(series.expected), where=series.expected > 0)
    allowed = allowed_energy_kwh(
        series.expected, share, cut_order_share=series.order_share, power_elasticity=series.power_elasticity[:, None]
    )
    running = base_kwh + rules.abatement_production_share * (allowed - base_kwh)
    return ProductionStates(np.maximum(running, standing), standing)


def judge_abatement(
    energy: Floats,
    abatement: Floats,
    *,
    production: ProductionStates,
    normal_energy: Floats,
    normal_abatement: Floats,
    by_power: Flags,
    rules: SupervisionRules,
) -> AbatementEvidence:
    """Abatement against production by hour; a missing reading is no evidence of anything.

    energy, abatement: (lines, hours) in the window; normal_*: the same of normal hours, for the normal values.
    by_power: lines whose power shows their load; only of them it can be said that production is nearly full, (lines,).
    """
    treatment = _relative(abatement, normal_abatement)
    is_off = (energy > production.running_kwh) & (treatment < rules.abatement_off_share)
    is_low = (
        by_power[:, None]
        & ~is_off
        & (energy > production.running_kwh)
        & (_relative(energy, normal_energy) > rules.abatement_full_production_share)
        & (treatment < rules.abatement_low_share)
    )
    stands_still = energy <= production.standing_kwh
    late_min, early_min = _out_of_step_min(energy, abatement, production, stands_still)
    resolution = rules.hour_resolution_min
    is_idle = long_runs(
        stands_still & (treatment > 1 - rules.abatement_off_share), np.full(len(is_off), rules.idle_abatement_h)
    )
    probability = np.where(is_off | is_low, rules.abatement_probability_share, 0.0)
    return AbatementEvidence(
        is_off,
        is_low,
        (is_off & _shifted(stands_still, 1)) | (late_min > rules.abatement_late_min + resolution),
        (is_off & _shifted(stands_still, -1)) | (early_min > rules.abatement_early_min + resolution),
        is_idle,
        find_contradictions(
            energy, abatement, normal_energy=normal_energy, normal_abatement=normal_abatement, rules=rules
        ),
        probability,
    )


def find_contradictions(
    energy: Floats, abatement: Floats, *, normal_energy: Floats, normal_abatement: Floats, rules: SupervisionRules
) -> Flags:
    """Hours in which abatement draws clearly more than it ever did at the production that the meter shows.

        A > a + b E + max(k s, m A_mean),   s² = s_r² + (r s_b (E − E_mean))²

    a, b, s_r, s_b: least squares of abatement on production over normal hours; r: allowance for their autocorrelation.
    Fans of constant speed have b = 0 and contradict nothing, and a line whose load hardly varied has a wide s. In runs
    of `idle_abatement_h`. Such a line may run beside its meter, or treat more than it must: it neither obeyed nor not.

    Source: prediction interval of a regression line, Draper and Smith (1998), Applied Regression Analysis, chapter 1.
    """
    is_both = np.isfinite(normal_energy) & np.isfinite(normal_abatement)
    count = is_both.sum(axis=1)
    x, y = (np.where(is_both, values, 0.0) for values in (normal_energy, normal_abatement))
    n = np.maximum(count, 1)
    x_mean, y_mean = x.sum(axis=1) / n, y.sum(axis=1) / n
    dx, dy = (np.where(is_both, v - m[:, None], 0.0) for v, m in ((x, x_mean), (y, y_mean)))
    sxx = (dx**2).sum(axis=1)
    slope = np.divide((dx * dy).sum(axis=1), sxx, out=np.zeros(len(sxx)), where=sxx > 0)
    rest = np.sqrt(((dy - slope[:, None] * dx) ** 2).sum(axis=1) / np.maximum(count - 2, 1))
    slope_sd = np.divide(rest, np.sqrt(sxx), out=np.full(len(sxx), UNKNOWN_SLOPE_SD), where=sxx > 0)
    away = energy - x_mean[:, None]
    spread = np.hypot(rest[:, None], AUTOCORRELATION_FACTOR * slope_sd[:, None] * np.abs(away))
    above = abatement - (y_mean[:, None] + slope[:, None] * away)
    least = np.maximum(CONTRADICTION_SD * spread, CONTRADICTION_SHARE * y_mean[:, None])
    flags = (above > least) & (count >= LEAST_COMMON_HOURS)[:, None]
    return long_runs(flags, np.full(len(flags), rules.idle_abatement_h))


def _out_of_step_min(
    energy: Floats, abatement: Floats, production: ProductionStates, stands_still: Flags
) -> tuple[Floats, Floats]:
    """Minutes by which abatement starts after and stops before production, in hours of a start or stop; else 0.

    An hourly value resolves minutes only where production stood still in the hour before (after) and runs in the hour
    after (before) at a load that it is taken to have had while it ran:

        m = 60 (E_h − E_still) ÷ (E_run − E_still),  late = m_production − m_abatement
    """
    minutes = []
    for step in (1, -1):
        still, run = (_shifted(energy, step), _shifted(energy, -step))
        device_still, device_run = _shifted(abatement, step), _shifted(abatement, -step)
        turns = _shifted(stands_still, step) & ~stands_still & (run > production.running_kwh)
        ran = _minutes_on(energy, still, run) - _minutes_on(abatement, device_still, device_run)
        minutes.append(np.where(turns & np.isfinite(ran), ran, 0.0))
    return minutes[0], minutes[1]


def _minutes_on(values: Floats, still: Floats, run: Floats) -> Floats:
    """Minutes of each hour at the load of its running neighbour; 60 for a device that runs in both neighbours."""
    rise = run - still
    share = np.divide(values - still, rise, out=np.ones_like(values), where=rise > STEP_SHARE * np.maximum(run, 0.0))
    minutes: Floats = MINUTES * np.clip(share, 0.0, 1.0)
    return np.where(np.isfinite(values + still + run), minutes, np.nan)


def _shifted(values: Any, step: int) -> Any:
    """The values of the hour before (step 1) or after (step −1); False or NaN beyond the ends."""
    moved = np.full(values.shape, False if values.dtype == bool else np.nan, dtype=values.dtype)
    if step > 0:
        moved[:, step:] = values[:, :-step]
    else:
        moved[:, :step] = values[:, -step:]
    return moved


def long_runs(flags: Flags, least_h: Floats) -> Flags:
    """The flags in runs of at least so many consecutive hours, (lines, hours); least_h: (lines,)."""
    length = np.zeros(flags.shape)
    running = np.zeros(len(flags))
    for hour in range(flags.shape[1]):
        running = np.where(flags[:, hour], running + 1, 0)
        length[:, hour] = running
    for hour in reversed(range(flags.shape[1] - 1)):
        is_inside = flags[:, hour] & flags[:, hour + 1]
        length[:, hour] = np.where(is_inside, length[:, hour + 1], length[:, hour])
    return flags & (length >= least_h[:, None])


def _relative(values: Floats, normal: Floats) -> Floats:
    """Values relative to the upper quartile of their normal hours; NaN for a device without normal hours."""
    level = np.full(len(values), np.nan)
    has_normal = np.isfinite(normal).any(axis=1)
    level[has_normal] = np.nanquantile(normal[has_normal], NORMAL_QUANTILE, axis=1)
    relative: Floats = np.divide(values, level[:, None], out=np.full(values.shape, np.nan), where=(level > 0)[:, None])
    return relative
