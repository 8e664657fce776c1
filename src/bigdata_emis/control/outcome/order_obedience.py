"""Probability that a line did not carry out its order, hour by hour, from an indicator of its load.

Belongs here: hidden states of obedience and how an indicator looks in each. Does not: which indicator a line has
(line_indicators), evidence of other kinds (hour_evidence).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.control.outcome.supervision_rules import SupervisionRules
from bigdata_emis.equations.control import allowed_energy_kwh
from bigdata_emis.statistics.hidden_states import NORMAL_GRID, persistent_error_steps, state_probability
from bigdata_emis.statistics.normal_profile import QUIET_SHARE, NormalProfile

EXECUTED_SHARES = (1.0, 0.6, 0.3, 0.0)
"""Executed share of the ordered cut in the states of a line that runs at its own choice."""
LESS_LOADS = (0.0, 0.5)
"""Load of a line that does more than it must, relative to what it is allowed."""
STATES = len(LESS_LOADS) + len(EXECUTED_SHARES)
LEAST_RATIO = 0.01
STOP_FACTOR = 3.0
"""A line works at less than its normal load by this factor: it stands still."""
GRID_GAP = 0.2
"""Standard deviation of a uniform error between two values of the grid of persistent errors."""
LEAST_SD = 0.01
WIDE_SD = 1.5
"""Logarithmic spread of readings that no state explains."""
BATCH_ROWS = 256


@dataclass(frozen=True)
class LoadSeries:
    """An indicator of the load of lines in the hours of an order.

    observed, expected, order_share: (lines, hours); NaN where nothing was measured. base_share: part of the reference
    load that produces nothing, power_elasticity: (lines,); both 0 and 1 for an indicator that is proportional to load.
    level: mean on normal days, (lines,). persistent_sd, hourly_sd: of the logarithm of observed ÷ expected
    on normal days, (lines,); hourly_sd may differ by hour, (lines, hours).
    """

    observed: Floats
    expected: Floats
    order_share: Floats
    base_share: Floats
    power_elasticity: Floats
    reference: Floats
    level: Floats
    persistent_sd: Floats
    hourly_sd: Floats


@dataclass(frozen=True)
class Obedience:
    """Probability of not obeying and the expected executed share of the order, (lines, hours); NaN where unknown."""

    breach_probability: Floats
    executed_share: Floats


def normal_spread(profile: NormalProfile, persistence_share: float) -> tuple[Floats, Floats]:
    """Persistent and hourly spread of the logarithm of observed ÷ expected on normal days, (lines,) each.

        γ(1) = φ σp²,  γ(0) = σp² + σh²

    from the autocovariance γ of errors, without hours in which the line stood still or the ratio is beyond a factor 3.
    """
    ratio = np.log(np.maximum(1 + _flat(profile.relative_errors), LEAST_RATIO))
    deviation = np.where(np.abs(ratio) < np.log(STOP_FACTOR), ratio, np.nan)
    deviation = deviation - _mean(deviation)[:, None]
    variance = np.maximum(_mean(deviation**2), LEAST_SD**2)
    persistent = np.clip(_mean(deviation[:, 1:] * deviation[:, :-1]) / persistence_share, 0, variance)
    return np.sqrt(np.maximum(persistent, LEAST_SD**2)), np.sqrt(np.maximum(variance - persistent, LEAST_SD**2))


def without_stops(training: Floats, profile: NormalProfile) -> Floats:
    """The training days without hours in which a line stood still although its profile says that it works."""
    is_stop = profile.relative_errors < 1 / STOP_FACTOR - 1
    return np.where(is_stop, np.nan, training)


def separation_sd(series: LoadSeries, rules: SupervisionRules) -> Floats:
    """How far an obeyed order lies from an ignored one, in standard deviations of the usual variation, (lines,).

    For the largest order of each line at its mean normal load. Below a few standard deviations nobody can say from the
    indicator whether the order was obeyed.
    """
    order = series.order_share.max(axis=1, initial=0.0)
    share = np.divide(
        series.base_share * series.reference, series.level, out=np.ones_like(order), where=series.level > 0
    )
    base = np.clip(share, 0.0, 1.0)
    obeyed = allowed_energy_kwh(1.0, base, cut_order_share=order, power_elasticity=series.power_elasticity)
    base_sd = rules.base_load_sd_share * base * (1 - np.maximum(1 - order, 0.0) ** series.power_elasticity)
    hourly_sd = series.hourly_sd if series.hourly_sd.ndim == 1 else series.hourly_sd.min(axis=1, initial=np.inf)
    variance = series.persistent_sd**2 + hourly_sd**2 + rules.reading_sd_share**2 + base_sd**2
    separation: Floats = -np.log(np.maximum(obeyed, LEAST_RATIO)) / np.sqrt(variance)
    return separation


def is_shut(series: LoadSeries, rules: SupervisionRules) -> Flags:
    """Lines that draw little more than their base load on normal days: shut for the season, (lines,)."""
    working = series.level - series.base_share * series.reference
    shut: Flags = working < rules.least_excess_share * series.reference
    return shut


def judge_obedience(series: LoadSeries, rules: SupervisionRules) -> Obedience:
    """Probability of not obeying in each hour, from all hours of a line.

    A line carries out its order in full, in part, not at all, or does more; it stays in such a state for hours. Its
    normal load has an error that persists and an hourly one. An hour counts as not obeyed in the states whose load is
    above the allowed load by more than the tolerance. Hours without an order have probability zero.
    """
    has_evidence = np.isfinite(series.observed).any(axis=1) & (series.order_share > 0).any(axis=1)
    probability, executed = np.full(series.observed.shape, np.nan), np.full(series.observed.shape, np.nan)
    for start in range(0, int(has_evidence.sum()), BATCH_ROWS):
        rows = np.flatnonzero(has_evidence)[start : start + BATCH_ROWS]
        part = LoadSeries(**{name: getattr(series, name)[rows] for name in vars(series)})
        probability[rows], executed[rows] = _judge_batch(part, rules)
    is_unknown = ~np.isfinite(series.observed)
    probability[series.order_share <= 0] = 0.0
    probability[is_unknown], executed[is_unknown] = np.nan, np.nan
    return Obedience(probability, executed)


def _judge_batch(series: LoadSeries, rules: SupervisionRules) -> tuple[Floats, Floats]:
    load = _state_loads(series.order_share)
    base = base_share_of_load(series)
    working = load ** series.power_elasticity[:, None, None]
    ratio = base[..., None] + (1 - base[..., None]) * working
    quiet = _quiet_share(series)
    shown = (1 - quiet[..., None]) * ratio + quiet[..., None]
    is_breach = is_above_allowed(series, base, ratio, rules)
    log_likelihood = _log_likelihood(series, shown, working, base, rules)
    prior = np.repeat(_prior(rules)[None], len(load), axis=0)
    posterior = state_probability(
        log_likelihood, prior, rules.stay_share, persistent_error_steps(rules.persistence_share)
    )
    executed = np.concatenate([np.ones(len(LESS_LOADS)), EXECUTED_SHARES])
    return (posterior * is_breach).sum(axis=2), posterior @ executed


def _state_loads(order_share: Floats) -> Floats:
    """Load in each state, relative to the normal load, (lines, hours, states)."""
    allowed = 1 - order_share
    loads = [share * allowed for share in LESS_LOADS]
    loads += [1 - executed * order_share for executed in EXECUTED_SHARES]
    return np.stack(loads, axis=-1)


def base_share_of_load(series: LoadSeries) -> Floats:
    """The base load relative to the normal load of each hour, at most 1, (lines, hours)."""
    base_kwh = np.repeat((series.base_share * series.reference)[:, None], series.expected.shape[1], axis=1)
    share = np.divide(base_kwh, series.expected, out=np.ones_like(series.expected), where=series.expected > 0)
    return np.clip(share, 0.0, 1.0)


def is_above_allowed(series: LoadSeries, base: Floats, ratio: Floats, rules: SupervisionRules) -> Flags:
    """Whether loads relative to the normal load are a breach by the rules, (lines, hours, loads)."""
    allowed = allowed_energy_kwh(
        1.0, base, cut_order_share=series.order_share, power_elasticity=series.power_elasticity[:, None]
    )
    limit = allowed * (1 + rules.tolerance_share)
    is_stop = series.order_share >= rules.stop_order_share
    limit = np.where(is_stop, np.maximum(limit, rules.stop_load_share), limit)
    excess = (ratio - allowed[..., None]) * series.expected[..., None]
    # The registered base load errs, and the more of the load is ordered away, the more of it shows.
    working = (1 - series.order_share) ** series.power_elasticity[:, None]
    base_error = rules.base_load_sd_share * base * series.expected * (1 - working)
    least = (rules.least_excess_share * full_load(series))[:, None] + base_error
    breach: Flags = (ratio > limit[..., None]) & (excess > least[..., None])
    return breach


def full_load(series: LoadSeries) -> Floats:
    """The mean normal load, but at least half the reference load, so that a line that is shut has no large excess."""
    full: Floats = np.maximum(series.level, 0.5 * series.reference)
    return full


def _quiet_share(series: LoadSeries) -> Floats:
    total = series.expected + (QUIET_SHARE * series.level)[:, None]
    share: Floats = np.divide(
        np.repeat((QUIET_SHARE * series.level)[:, None], series.expected.shape[1], axis=1),
        total,
        out=np.ones_like(total),
        where=total > 0,
    )
    return share


def _log_likelihood(
    series: LoadSeries, shown: Floats, working: Floats, base: Floats, rules: SupervisionRules
) -> Floats:
    """Logarithm of the density of each hour in each state, at each value of the persistent error."""
    total = series.expected + (QUIET_SHARE * series.level)[:, None]
    observed = np.divide(
        series.observed + (QUIET_SHARE * series.level)[:, None], total, out=np.ones_like(total), where=total > 0
    )
    log_ratio = np.log(np.maximum(observed, LEAST_RATIO))[..., None] - np.log(np.maximum(shown, LEAST_RATIO))
    # Noise of the load moves the working part only; the base load has the error of the register.
    moved = np.minimum(working / shown, 1.5)
    base_sd = rules.base_load_sd_share * base[..., None] * (1 - working) / shown
    loading = np.sqrt((series.persistent_sd[:, None, None] * moved) ** 2 + base_sd**2)
    hourly_sd = series.hourly_sd if series.hourly_sd.ndim == 2 else series.hourly_sd[:, None]
    spread = np.sqrt((hourly_sd[..., None] * moved) ** 2 + rules.reading_sd_share**2 + (GRID_GAP * loading) ** 2)
    deviation = (log_ratio[..., None] - loading[..., None] * NORMAL_GRID) / spread[..., None]
    usual = np.exp(-0.5 * deviation**2) / spread[..., None]
    odd = np.exp(-0.5 * (log_ratio[..., None] / WIDE_SD) ** 2) / WIDE_SD
    density = (1 - rules.odd_share) * usual + rules.odd_share * odd
    log_density: Floats = np.log(density)
    log_density[~np.isfinite(series.observed)] = 0.0
    return log_density


def _prior(rules: SupervisionRules) -> Floats:
    """Probability of each state before anything is seen, (states,)."""
    less = np.full(len(LESS_LOADS), rules.prior_less_share / len(LESS_LOADS))
    partly_count = len(EXECUTED_SHARES) - 2
    breach = np.append(np.full(partly_count, 0.5 / partly_count), 0.5) * rules.prior_breach_share
    obeys = 1 - rules.prior_less_share - rules.prior_breach_share
    return np.concatenate([less, [obeys], breach])


def _flat(values: Floats) -> Floats:
    """Days and hours as one axis."""
    return values.reshape(len(values), values.shape[1] * values.shape[2])


def _mean(values: Floats) -> Floats:
    is_known = np.isfinite(values)
    mean: Floats = np.where(is_known, values, 0).sum(axis=1) / np.maximum(is_known.sum(axis=1), 1)
    return mean
