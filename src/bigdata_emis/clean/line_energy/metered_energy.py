"""What is known of the energy of each line before any total is looked at: its meters, or the pace of its trade.

Belongs here: sums over meters with their standard errors, and the prior of lines without a meter. Does not: district totals (district_balance).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.line_energy.meters import Wiring

IMPUTATIONS = ("none", "scaled", "interpolated", "profile")
"""From best to worst: an hour of a line is as imputed as its worst meter."""
SPREADS = ("metered_relative_sd", "scaled_relative_sd", "interpolated_relative_sd", "profile_relative_sd")
READ_RANK = 1


@dataclass(frozen=True)
class Readings:
    """Hourly energy of every meter (row) and hour (column), NaN where there is none, and the rank of its imputation."""

    energy_kwh: Floats
    rank: Integers


@dataclass(frozen=True)
class Known:
    """By line (row) and hour (column): energy, NaN where nothing is known; variances in kWh².

    own_variance: of the line's meters; split_variance: of the part of a shared meter, which cancels in the meter's sum.
    site_kwh: what a whole-site meter reads beside its line (offices, lighting), still in energy_kwh, and its variance.
    most_kwh: what a line can be given, infinite where it is metered.
    """

    energy_kwh: Floats
    own_variance: Floats
    split_variance: Floats
    site_kwh: Floats
    site_variance: Floats
    rank: Integers
    by_meter: Flags
    is_silent: Flags
    most_kwh: Floats
    abatement_kwh: Floats
    self_generation_kwh: Floats


def know(
    readings: Readings,
    wiring: Wiring,
    *,
    reference_kwh: Floats,
    trade: Integers,
    is_covered: Flags,
    parameters: Mapping[str, float],
) -> Known:
    """Energy of each line by its meters; of a line that has none, normal energy at the pace of the metered lines of its trade.

    A line whose registered meters all stay silent is guessed only where a total covers it: else nothing tells whether it runs. Where
    some of its meters speak, they count.
    """
    speaks = np.isfinite(readings.energy_kwh)
    energy = np.where(speaks, readings.energy_kwh, 0.0)
    heard, expected = _count(wiring.counted, speaks), _count(wiring.counted, np.ones_like(speaks))
    by_meter = wiring.is_metered[:, None] & (heard > 0)
    silent = by_meter & (heard < expected)
    measured = np.where(by_meter, wiring.counted @ energy, np.nan)
    own = _meter_variance(readings, energy, wiring.counted, parameters) + _silent_variance(measured, silent, parameters)
    site, site_variance = _site(measured, wiring, reference_kwh, parameters)
    split = np.where(wiring.is_shared[:, None], (parameters["split_relative_sd"] * np.nan_to_num(measured)) ** 2, 0.0)
    prior, prior_variance = _prior(
        measured - site, by_meter & ~silent, reference_kwh=reference_kwh, trade=trade, parameters=parameters
    )
    guessed = ~by_meter & np.isfinite(prior) & (~wiring.is_metered[:, None] | is_covered)
    most = np.broadcast_to((parameters["largest_load_share"] * reference_kwh)[:, None], prior.shape)
    return Known(
        energy_kwh=np.where(guessed, prior, measured),
        own_variance=np.where(guessed, prior_variance, own),
        split_variance=split,
        site_kwh=site,
        site_variance=site_variance,
        rank=_worst(readings, speaks, wiring.counted),
        by_meter=by_meter,
        is_silent=silent,
        most_kwh=np.where(by_meter, np.inf, np.fmax(most, prior)),
        abatement_kwh=_read_only(readings, wiring.abatement),
        self_generation_kwh=wiring.self_generation @ energy,
    )


def meter_variance(readings: Readings, parameters: Mapping[str, float]) -> Floats:
    """Variance of each meter and hour, by how the hour was imputed."""
    spread = np.array([parameters[name] for name in SPREADS])[readings.rank]
    return np.asarray((spread * np.nan_to_num(readings.energy_kwh)) ** 2)


def _meter_variance(readings: Readings, energy: Floats, counted: csr_array, parameters: Mapping[str, float]) -> Floats:
    return np.asarray((counted * counted) @ meter_variance(Readings(energy, readings.rank), parameters))


def _silent_variance(measured: Floats, silent: Flags, parameters: Mapping[str, float]) -> Floats:
    return np.where(silent, (parameters["silent_relative_sd"] * np.nan_to_num(measured)) ** 2, 0.0)


def _site(
    measured: Floats, wiring: Wiring, reference_kwh: Floats, parameters: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """What offices and lighting draw beside the line, day and night: a share of its normal energy (else of the reading), never above the reading."""
    normal = np.where(np.isfinite(reference_kwh)[:, None], reference_kwh[:, None], measured)
    is_read = wiring.is_site[:, None] & np.isfinite(measured)
    beside = np.where(is_read, np.minimum(parameters["whole_site_share"] * normal, np.nan_to_num(measured)), 0.0)
    return beside, np.where(is_read, (parameters["whole_site_share_sd"] * np.nan_to_num(normal)) ** 2, 0.0)


def _count(weights: csr_array, flags: Flags) -> Floats:
    return np.asarray(_links(weights) @ flags.astype(np.float64))


def _links(weights: csr_array) -> csr_array:
    return csr_array((np.ones_like(weights.data), weights.indices, weights.indptr), weights.shape)


def _worst(readings: Readings, speaks: Flags, counted: csr_array) -> Integers:
    """The worst rank among the meters of each line that speak."""
    worst = np.zeros((counted.shape[0], readings.rank.shape[1]), dtype=np.int64)
    for rank in range(1, len(IMPUTATIONS)):
        worst[_count(counted, speaks & (readings.rank == rank)) > 0] = rank
    return worst


def _read_only(readings: Readings, weights: csr_array) -> Floats:
    """The sum over the meters of a line in hours in which all of them were read; an imputed value is no evidence of a stand-still."""
    was_read = np.isfinite(readings.energy_kwh) & (readings.rank <= READ_RANK)
    total = weights @ np.where(was_read, readings.energy_kwh, 0.0)
    expected = _count(weights, np.ones_like(was_read))
    return np.where((expected > 0) & (_count(weights, was_read) == expected), total, np.nan)


def _prior(
    measured: Floats, is_told: Flags, *, reference_kwh: Floats, trade: Integers, parameters: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """Normal energy × pace; the pace of a trade is the mean of energy ÷ normal energy over its metered lines, and spreads as they do.

    A trade with too few metered lines goes by all lines, and without any by what the parameters say. A line that seems to work beyond the
    largest load has a wrong normal energy in the registry, and tells of its trade no more than that load.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        told = np.minimum(measured / reference_kwh[:, None], parameters["largest_load_share"])
    pace = np.where(is_told & (reference_kwh > 0)[:, None], told, np.nan)
    trades = int(trade.max()) + 1 if len(trade) else 0
    mean, spread, count = _moments(pace, trade, trades)
    all_mean, all_spread, all_count = _moments(pace, np.zeros_like(trade), 1)
    least = parameters["least_peer_count"]
    fallback = (
        np.where(all_count >= least, all_mean, parameters["utilisation"]),
        np.where(all_count >= least, all_spread, parameters["utilisation_sd"]),
    )
    mean, spread = (
        np.where(count >= least, mean, fallback[0])[trade],
        np.where(count >= least, spread, fallback[1])[trade],
    )
    usable = np.where(reference_kwh > 0, reference_kwh, np.nan)[:, None]
    relative = np.maximum(
        np.hypot(spread, parameters["reference_relative_sd"] * mean), parameters["least_utilisation_sd"]
    )
    return usable * mean, np.nan_to_num(usable * relative) ** 2


def _moments(pace: Floats, trade: Integers, trades: int) -> tuple[Floats, Floats, Floats]:
    told = np.isfinite(pace)
    belongs = csr_array((np.ones(len(trade)), (trade, np.arange(len(trade)))), (trades, len(trade)))
    count = belongs @ told.astype(np.float64)
    safe = np.maximum(count, 1)
    mean = belongs @ np.where(told, pace, 0.0) / safe
    squared = belongs @ np.where(told, (pace - mean[trade]) ** 2, 0.0) / np.maximum(count - 1, 1)
    return np.asarray(mean), np.asarray(np.sqrt(squared)), np.asarray(count)


def paced(
    known: Known, energy_kwh: Floats, variance: Floats, *, is_metered: Flags, parameters: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """The energy that goes with the pace of each line, were its normal energy as registered, and its variance.

    Before the total is looked at a line without a meter has P = normal energy × pace, both uncertain: V = V_pace + V_normal. What the
    total moves it by is shared as the variances are: pace takes V_pace / V of it, and keeps V_pace (1 − V_pace / V × (1 − V_after / V)). A
    metered line goes as it is.

    Source: conditional mean and variance of jointly normal variables.
    """
    before = known.own_variance
    of_pace = np.maximum(before - (parameters["reference_relative_sd"] * np.nan_to_num(known.energy_kwh)) ** 2, 0.0)
    part, left = (np.divide(one, before, out=np.zeros_like(before), where=before > 0) for one in (of_pace, variance))
    moved = known.energy_kwh + part * (energy_kwh - known.energy_kwh)
    kept = of_pace * (1 - part * (1 - np.minimum(left, 1.0)))
    metered = is_metered[:, None]
    return np.where(metered, energy_kwh, moved), np.where(metered, variance, kept)
