"""Evidence beside the load: abatement that does not run with production, and stacks that contradict meters.

Belongs here: rules for hours, on dense arrays. Does not: the load against the order (order_obedience).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.control.outcome.supervision_rules import SupervisionRules

NORMAL_QUANTILE = 0.75
"""The upper quartile of normal hours counts as the normal value of a device."""


@dataclass(frozen=True)
class AbatementEvidence:
    """What abatement meters show, (lines, hours).

    is_off, is_low: a breach; is_late, is_early_off: the first and last hours of such a run at the start and end of
    production; is_idle: running without production for long, noted only. probability: of a breach, 0 where none.
    """

    is_off: Flags
    is_low: Flags
    is_late: Flags
    is_early_off: Flags
    is_idle: Flags
    probability: Floats


def judge_abatement(
    energy: Floats,
    abatement: Floats,
    *,
    normal_energy: Floats,
    normal_abatement: Floats,
    by_power: Flags,
    rules: SupervisionRules,
) -> AbatementEvidence:
    """Abatement against production by hour; a missing reading is no evidence of anything.

    energy, abatement: (lines, hours) in the window; normal_*: the same of normal hours, for the normal values.
    by_power: lines whose power shows their load; only of them it can be said that production is nearly full, (lines,).
    """
    production = _relative(energy, normal_energy)
    treatment = _relative(abatement, normal_abatement)
    is_on = production > rules.abatement_production_share
    is_off = is_on & (treatment < rules.abatement_off_share)
    is_low = (
        by_power[:, None]
        & ~is_off
        & (production > rules.abatement_full_production_share)
        & (treatment < rules.abatement_low_share)
    )
    stands_still = production <= rules.abatement_off_share
    before = np.concatenate([np.zeros((len(is_off), 1), dtype=bool), stands_still[:, :-1]], axis=1)
    after = np.concatenate([stands_still[:, 1:], np.zeros((len(is_off), 1), dtype=bool)], axis=1)
    is_idle = long_runs(
        stands_still & (treatment > 1 - rules.abatement_off_share), np.full(len(is_off), rules.idle_abatement_h)
    )
    probability = np.where(is_off | is_low, rules.abatement_probability_share, 0.0)
    return AbatementEvidence(is_off, is_low, is_off & before, is_off & after, is_idle, probability)


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
