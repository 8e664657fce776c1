"""Energy of each line before district totals: from its meters, or estimated from the utilisation of its industry.

Belongs here: sums over meters with their standard errors, and the estimate of lines without a meter. Does not: district
totals (district_balance).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.line_energy.meters import LineMeters
from bigdata_emis.clean.readings.imputation import IMPUTATION_CODES, SCALED_RANK

SPREADS = ("metered_relative_sd", "scaled_relative_sd", "interpolated_relative_sd", "profile_relative_sd")
"""Parameters that hold the relative standard deviation by rank of imputation."""


@dataclass(frozen=True)
class MeterReadings:
    """Hourly energy `(meters, hours)`, NaN where there is none, and the rank of its imputation."""

    energy_kwh: Floats
    imputation_rank: Integers

    def from_hour(self, first: int) -> "MeterReadings":
        """The same without the hours before one."""
        return MeterReadings(self.energy_kwh[:, first:], self.imputation_rank[:, first:])


@dataclass(frozen=True)
class LineEnergy:
    """Energy of lines before district totals, all arrays `(lines, hours)`.

    energy_kwh: NaN where neither meter nor estimate gives a value. meter_variance_kwh2: of the line's meters, or of its
    estimate. split_variance_kwh2: of the share of a shared meter, which cancels in the meter's sum. site_kwh: what a
    whole-site meter reads besides its line (offices, lighting), still in energy_kwh, and its variance. imputation_rank:
    the worst of its meters. is_partly_silent: some of its meters gave nothing. largest_kwh: the most that a line can be
    allocated, infinite where it is metered.
    """

    energy_kwh: Floats
    meter_variance_kwh2: Floats
    split_variance_kwh2: Floats
    site_kwh: Floats
    site_variance_kwh2: Floats
    imputation_rank: Integers
    is_by_meter: Flags
    is_partly_silent: Flags
    largest_kwh: Floats
    abatement_kwh: Floats
    self_generation_kwh: Floats


def estimate_line_energy(
    readings: MeterReadings,
    meters: LineMeters,
    *,
    reference_kwh: Floats,
    industry: Integers,
    is_covered: Flags,
    parameters: Mapping[str, float],
) -> LineEnergy:
    """Energy of each line by its meters, else from the utilisation of its industry.

        estimated energy = reference energy × mean utilisation of the metered lines of the industry

    reference_kwh and industry (a number) are by line; is_covered, whether a district total covers the line, is
    `(lines, hours)`. A line whose registered meters are all silent is estimated only where a total covers it, since
    nothing else shows whether it runs. Where some of its meters report, they count.
    """
    reports = np.isfinite(readings.energy_kwh)
    energy = np.where(reports, readings.energy_kwh, 0.0)
    is_by_meter, is_partly_silent = _mark_metered_hours(meters, reports)
    measured = np.where(is_by_meter, meters.energy_weights @ energy, np.nan)
    read = MeterReadings(energy, readings.imputation_rank)
    read_variance = _sum_meter_variance(read, meters.energy_weights, parameters)
    meter_variance = read_variance + _silence_variance(measured, is_partly_silent, parameters)
    site, site_variance = _site_energy(measured, meters, reference_kwh, parameters)
    split_sd = parameters["split_relative_sd"] * np.nan_to_num(measured)
    prior, prior_variance = _estimate_from_industry(
        measured - site,
        is_by_meter & ~is_partly_silent,
        reference_kwh=reference_kwh,
        industry=industry,
        parameters=parameters,
    )
    is_estimated = ~is_by_meter & np.isfinite(prior) & (~meters.is_metered[:, None] | is_covered)
    largest_load = np.broadcast_to((parameters["largest_load_share"] * reference_kwh)[:, None], prior.shape)
    return LineEnergy(
        energy_kwh=np.where(is_estimated, prior, measured),
        meter_variance_kwh2=np.where(is_estimated, prior_variance, meter_variance),
        split_variance_kwh2=np.where(meters.is_shared[:, None], split_sd**2, 0.0),
        site_kwh=site,
        site_variance_kwh2=site_variance,
        imputation_rank=_worst_rank(readings, reports, meters.energy_weights),
        is_by_meter=is_by_meter,
        is_partly_silent=is_partly_silent,
        largest_kwh=np.where(is_by_meter, np.inf, np.fmax(largest_load, prior)),
        abatement_kwh=_sum_if_all_read(readings, meters.abatement_weights),
        self_generation_kwh=meters.self_generation_weights @ energy,
    )


def estimate_meter_variance(readings: MeterReadings, parameters: Mapping[str, float]) -> Floats:
    """Variance in kWh² of each meter and hour, by how the hour was imputed."""
    relative_sd = np.array([parameters[name] for name in SPREADS])[readings.imputation_rank]
    return np.asarray((relative_sd * np.nan_to_num(readings.energy_kwh)) ** 2)


def attribute_to_utilisation(
    line_energy: LineEnergy,
    energy_kwh: Floats,
    variance_kwh2: Floats,
    *,
    is_metered: Flags,
    parameters: Mapping[str, float],
) -> tuple[Floats, Floats]:
    """The energy that each line's utilisation implies at its reference energy, and its variance.

    Before reconciliation a line without a meter has P = reference energy × utilisation, both uncertain, with variance
    V = V_u + V_r. What the district total moves it by is shared as the variances are:

        ΔP_u = (V_u ÷ V) ΔP        V_u,after = V_u (1 − (V_u ÷ V) (1 − V_after ÷ V))

    A metered line is given as it is.

    Source: conditional mean and variance of jointly normal variables.
    """
    before = line_energy.meter_variance_kwh2
    reference_sd = parameters["reference_relative_sd"] * np.nan_to_num(line_energy.energy_kwh)
    by_utilisation = np.maximum(before - reference_sd**2, 0.0)
    share, remaining = (
        np.divide(variance, before, out=np.zeros_like(before), where=before > 0)
        for variance in (by_utilisation, variance_kwh2)
    )
    moved = line_energy.energy_kwh + share * (energy_kwh - line_energy.energy_kwh)
    variance_after = by_utilisation * (1 - share * (1 - np.minimum(remaining, 1.0)))
    metered = is_metered[:, None]
    return np.where(metered, energy_kwh, moved), np.where(metered, variance_kwh2, variance_after)


def _mark_metered_hours(meters: LineMeters, reports: Flags) -> tuple[Flags, Flags]:
    """The hours of each line in which any of its meters reports, and those of them in which another one is silent."""
    report_count = _count_meters(meters.energy_weights, reports)
    expected_count = _count_meters(meters.energy_weights, np.ones_like(reports))
    is_by_meter = meters.is_metered[:, None] & (report_count > 0)
    return is_by_meter, is_by_meter & (report_count < expected_count)


def _sum_meter_variance(readings: MeterReadings, weights: csr_array, parameters: Mapping[str, float]) -> Floats:
    return np.asarray((weights * weights) @ estimate_meter_variance(readings, parameters))


def _silence_variance(measured: Floats, is_partly_silent: Flags, parameters: Mapping[str, float]) -> Floats:
    return np.where(is_partly_silent, (parameters["silent_relative_sd"] * np.nan_to_num(measured)) ** 2, 0.0)


def _site_energy(
    measured: Floats, meters: LineMeters, reference_kwh: Floats, parameters: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """What offices and lighting draw besides the line, day and night, and its variance.

    It is a share of the line's reference energy (else of the reading), never above the reading.
    """
    reference = np.where(np.isfinite(reference_kwh)[:, None], reference_kwh[:, None], measured)
    is_read = meters.is_whole_site[:, None] & np.isfinite(measured)
    site = np.minimum(parameters["whole_site_share"] * reference, np.nan_to_num(measured))
    variance = (parameters["whole_site_share_sd"] * np.nan_to_num(reference)) ** 2
    return np.where(is_read, site, 0.0), np.where(is_read, variance, 0.0)


def _count_meters(weights: csr_array, flags: Flags) -> Floats:
    """How many of the meters of each line have the flag, whatever their weight."""
    ones = csr_array((np.ones_like(weights.data), weights.indices, weights.indptr), weights.shape)
    return np.asarray(ones @ flags.astype(np.float64))


def _worst_rank(readings: MeterReadings, reports: Flags, weights: csr_array) -> Integers:
    """The worst rank of imputation among the meters of each line that report."""
    worst = np.zeros((weights.shape[0], readings.imputation_rank.shape[1]), dtype=np.int64)
    for rank in range(1, len(IMPUTATION_CODES)):
        worst[_count_meters(weights, reports & (readings.imputation_rank == rank)) > 0] = rank
    return worst


def _sum_if_all_read(readings: MeterReadings, weights: csr_array) -> Floats:
    """The sum over the meters of a line in hours in which all were read; an imputed value is no evidence of a stop."""
    is_read = np.isfinite(readings.energy_kwh) & (readings.imputation_rank <= SCALED_RANK)
    total = weights @ np.where(is_read, readings.energy_kwh, 0.0)
    expected = _count_meters(weights, np.ones_like(is_read))
    return np.where((expected > 0) & (_count_meters(weights, is_read) == expected), total, np.nan)


def _estimate_from_industry(
    measured: Floats, is_reported: Flags, *, reference_kwh: Floats, industry: Integers, parameters: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """Reference energy × mean utilisation of the metered lines of the industry, and its variance.

        utilisation = energy ÷ reference energy

    An industry with too few metered lines falls back to all lines, and without any to the parameters. A line that seems
    to work beyond the largest load has a wrong reference energy in the registry, and counts with that load.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        load_share = np.minimum(measured / reference_kwh[:, None], parameters["largest_load_share"])
    utilisation = np.where(is_reported & (reference_kwh > 0)[:, None], load_share, np.nan)
    industry_count = int(industry.max()) + 1 if len(industry) else 0
    mean, spread, count = _moments(utilisation, industry, industry_count)
    all_mean, all_spread, all_count = _moments(utilisation, np.zeros_like(industry), 1)
    least_count = parameters["least_peer_count"]
    fallback_mean = np.where(all_count >= least_count, all_mean, parameters["utilisation"])
    fallback_spread = np.where(all_count >= least_count, all_spread, parameters["utilisation_sd"])
    mean = np.where(count >= least_count, mean, fallback_mean)[industry]
    spread = np.where(count >= least_count, spread, fallback_spread)[industry]
    usable_kwh = np.where(reference_kwh > 0, reference_kwh, np.nan)[:, None]
    relative_sd = np.maximum(
        np.hypot(spread, parameters["reference_relative_sd"] * mean), parameters["least_utilisation_sd"]
    )
    return usable_kwh * mean, np.nan_to_num(usable_kwh * relative_sd) ** 2


def _moments(utilisation: Floats, group: Integers, group_count: int) -> tuple[Floats, Floats, Floats]:
    """Mean, standard deviation and count of each group of lines and hour, without missing values."""
    has_value = np.isfinite(utilisation)
    members = csr_array((np.ones(len(group)), (group, np.arange(len(group)))), (group_count, len(group)))
    count = members @ has_value.astype(np.float64)
    mean = members @ np.where(has_value, utilisation, 0.0) / np.maximum(count, 1)
    squared = members @ np.where(has_value, (utilisation - mean[group]) ** 2, 0.0) / np.maximum(count - 1, 1)
    return np.asarray(mean), np.asarray(np.sqrt(squared)), np.asarray(count)
