"""Line energies reconciled with the power bureau's totals by district and industry.

Belongs here: which lines a total covers, whether total and meters can both be true, and the adjustment. Does not: the
least squares of the adjustment (statistics.reconciliation).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.line_energy.metered_energy import LineEnergy, MeterReadings, estimate_meter_variance
from bigdata_emis.clean.line_energy.meters import LineMeters
from bigdata_emis.codes import EnergyBalance
from bigdata_emis.statistics.reconciliation import reconcile, reconciled_variance

BALANCE_CODES = tuple(EnergyBalance)
"""The number of a balance is its position here."""
RECONCILED, EXCEEDED, UNEXPLAINED, NO_LINE = range(len(BALANCE_CODES))
NO_TOTAL = -1


@dataclass(frozen=True)
class DistrictTotals:
    """Totals of districts and industries, `(totals, hours)`, NaN where not reported.

    total_of_line: by line, the number of the total that covers it, −1 for none.
    """

    energy_kwh: Floats
    is_interpolated: Flags
    total_of_line: Integers


@dataclass(frozen=True)
class DistrictBalance:
    """Lines after reconciliation, and the account of each total.

    Lines, `(lines, hours)`: energy_kwh, variance_kwh2, is_reconciled, is_contradicted. Totals, `(totals, hours)`: the
    others; code is a position in
    BALANCE_CODES.
    """

    energy_kwh: Floats
    variance_kwh2: Floats
    is_reconciled: Flags
    is_contradicted: Flags
    unregistered_kwh: Floats
    metered_kwh: Floats
    abatement_kwh: Floats
    code: Integers


@dataclass(frozen=True)
class _MeterGroups:
    """What is adjusted: lines that share meters and a total, or a single line; arrays `(groups, hours)`.

    group_of_line: by line, the number of its group. total: by group, the number of its total.
    """

    group_of_line: Integers
    total: Integers
    energy_kwh: Floats
    variance_kwh2: Floats
    largest_kwh: Floats
    is_by_meter: Flags


def balance_districts(
    line_energy: LineEnergy,
    readings: MeterReadings,
    meters: LineMeters,
    totals: DistrictTotals,
    *,
    parameters: Mapping[str, float],
) -> DistrictBalance:
    """Adjust the lines of each total, with unregistered users, until they add up to it.

    Each is moved by as much as it is uncertain. The unregistered users are an estimate like the lines (a share of the
    total with its spread, never below zero), so that small plants outside the registry do not distort good meters.
    Abatement devices are part of what the bureau counts, so what their meters read is subtracted first; power plants
    are the exception, of which the bureau counts the output.

    Total and meters contradict each other where the meters read more than the total by `contradiction_sd_count`
    standard deviations of both ("exceeded"), or where the total is more than the meters, the lines without a meter at
    their largest load and the unregistered users can explain ("unexplained"). Meters then count as they read and the
    other lines as estimated from their industry; the account of the total says by how much it differs, and rows are
    flagged.

    The bureau counts whole sites, so a whole-site meter is reconciled as it reads. What the site draws besides its line
    is subtracted from the line afterwards and counted with the unregistered users.
    """
    groups = _group_lines(line_energy, readings, meters, totals, parameters)
    count = len(totals.energy_kwh)
    metered = _sum_by_total(np.where(groups.is_by_meter, groups.energy_kwh, 0.0), groups.total, count)
    line_abatement = np.where(meters.is_generator[:, None], 0.0, np.nan_to_num(line_energy.abatement_kwh))
    abatement = _sum_by_total(line_abatement, totals.total_of_line, count)
    net = np.maximum(totals.energy_kwh - abatement, 0.0)
    code = _compare(groups, net, totals, metered, parameters)
    code[(abatement > totals.energy_kwh) & (code == RECONCILED)] = EXCEEDED
    moved, variance, unregistered = _adjust(groups, net, totals, code == RECONCILED, parameters)
    with_site, line_variance = _split_to_lines(line_energy, groups, moved, variance)
    energy = np.maximum(with_site - line_energy.site_kwh, 0.0)
    site = _sum_by_total(with_site - energy, totals.total_of_line, count)
    remainder = np.maximum(net - _sum_by_total(energy, totals.total_of_line, count), 0.0)
    code_of_line = select_rows(code, totals.total_of_line, NO_TOTAL)
    return DistrictBalance(
        energy_kwh=energy,
        variance_kwh2=line_variance,
        is_reconciled=(code_of_line == RECONCILED) & np.isfinite(energy),
        is_contradicted=np.isin(code_of_line, (EXCEEDED, UNEXPLAINED)),
        unregistered_kwh=np.where(code == RECONCILED, unregistered + site, remainder),
        metered_kwh=metered,
        abatement_kwh=abatement,
        code=code,
    )


def select_rows(matrix: Any, row: Integers, fill_value: float) -> Any:
    """The rows of a matrix by their numbers, and for the number −1 a row of `fill_value`."""
    return np.concatenate([matrix, np.full((1, matrix.shape[1]), fill_value, dtype=matrix.dtype)])[row]


def _group_lines(
    line_energy: LineEnergy,
    readings: MeterReadings,
    meters: LineMeters,
    totals: DistrictTotals,
    parameters: Mapping[str, float],
) -> _MeterGroups:
    """Lines that share meters and a total are one group: the sum of a meter is known better than its parts."""
    pairs = np.stack([meters.meter_group, totals.total_of_line])
    groups, group_of_line = np.unique(pairs, axis=1, return_inverse=True)
    group_of_line = np.asarray(group_of_line, dtype=np.int64).ravel()
    line_count, group_count = len(group_of_line), groups.shape[1]
    members = csr_array((np.ones(line_count), (group_of_line, np.arange(line_count))), (group_count, line_count))
    weights = csr_array(members @ meters.energy_weights)
    meter_variance = estimate_meter_variance(readings, parameters)
    of_meters = (weights * weights) @ meter_variance
    by_line = np.asarray((meters.energy_weights * meters.energy_weights) @ meter_variance)
    line_variance = line_energy.meter_variance_kwh2
    of_lines = members @ np.where(line_energy.is_by_meter, line_variance - by_line, line_variance)
    is_divided = np.bincount(groups[0])[groups[0]] > 1
    split = np.where(is_divided[:, None], members @ line_energy.split_variance_kwh2, 0.0)
    energy = np.where(np.isfinite(line_energy.energy_kwh), line_energy.energy_kwh, 0.0)
    largest = np.where(np.isfinite(line_energy.energy_kwh), line_energy.largest_kwh, 0.0)
    return _MeterGroups(
        group_of_line=group_of_line,
        total=groups[1],
        energy_kwh=members @ energy,
        variance_kwh2=np.maximum(of_meters + of_lines, 0.0) + split,
        largest_kwh=members @ largest,
        is_by_meter=np.asarray(members @ line_energy.is_by_meter.astype(float) > 0),
    )


def _compare(
    groups: _MeterGroups, net: Floats, totals: DistrictTotals, metered: Floats, parameters: Mapping[str, float]
) -> Integers:
    """The code of each total and hour; a total that is not reported counts as having no line."""
    count = len(net)
    metered_variance = _sum_by_total(np.where(groups.is_by_meter, groups.variance_kwh2, 0.0), groups.total, count)
    largest = _sum_by_total(np.where(groups.is_by_meter, 0.0, groups.largest_kwh), groups.total, count)
    sd_count = parameters["contradiction_sd_count"]
    tolerance = sd_count * np.sqrt(metered_variance + _total_variance(totals, parameters))
    reported = np.nan_to_num(net)
    unregistered = (parameters["unregistered_share"] + sd_count * parameters["unregistered_sd"]) * reported
    code = np.full(net.shape, RECONCILED)
    code[metered - reported > tolerance] = EXCEEDED
    code[reported - metered - largest - unregistered > tolerance] = UNEXPLAINED
    has_line = np.bincount(groups.total[groups.total >= 0], minlength=count) > 0
    code[~has_line[:, None] | np.isnan(net)] = NO_LINE
    return np.asarray(code, dtype=np.int64)


def _adjust(
    groups: _MeterGroups, net: Floats, totals: DistrictTotals, is_chosen: Flags, parameters: Mapping[str, float]
) -> tuple[Floats, Floats, Floats]:
    """Energy and variance of groups, and the unregistered users, after the adjustment of the chosen totals and hours.

    All of them are adjusted in one call.
    """
    number = np.full(net.shape, NO_TOTAL)
    number[is_chosen] = np.arange(int(is_chosen.sum()))
    equation = select_rows(number, groups.total, NO_TOTAL)
    row, hour = np.nonzero(equation >= 0)
    total = net[is_chosen]
    unregistered_kwh = parameters["unregistered_share"] * total
    unregistered_variance = (parameters["unregistered_sd"] * total) ** 2
    estimate = np.concatenate([groups.energy_kwh[row, hour], unregistered_kwh])
    variance = np.concatenate([groups.variance_kwh2[row, hour], unregistered_variance])
    equations = np.concatenate([equation[row, hour], np.arange(len(total))])
    upper = np.concatenate([groups.largest_kwh[row, hour], np.full(len(total), np.inf)])
    moved = reconcile(estimate, variance, group=equations, total=total, lower=np.zeros(len(estimate)), upper=upper)
    is_free = (variance > 0) & (moved > 0) & (moved < upper)
    total_variance = _total_variance(totals, parameters)[is_chosen]
    remaining = reconciled_variance(variance, is_free, group=equations, total_variance=total_variance)
    energy, group_variance = groups.energy_kwh.copy(), groups.variance_kwh2.copy()
    energy[row, hour], group_variance[row, hour] = moved[: len(row)], remaining[: len(row)]
    unregistered = np.zeros(net.shape)
    unregistered[is_chosen] = moved[len(row) :]
    return energy, group_variance, unregistered


def _split_to_lines(
    line_energy: LineEnergy, groups: _MeterGroups, moved: Floats, variance: Floats
) -> tuple[Floats, Floats]:
    """Energy and variance of lines: the energy of a group is split as before, including what sites draw besides."""
    before = np.nan_to_num(line_energy.energy_kwh)
    group_kwh = groups.energy_kwh[groups.group_of_line]
    line_count = np.bincount(groups.group_of_line)[groups.group_of_line][:, None]
    equal = np.broadcast_to(1 / line_count, before.shape).copy()
    share = np.divide(before, group_kwh, out=equal, where=group_kwh > 0)
    energy = np.where(np.isfinite(line_energy.energy_kwh), moved[groups.group_of_line] * share, np.nan)
    of_group = share**2 * variance[groups.group_of_line]
    return energy, of_group + line_energy.split_variance_kwh2 + line_energy.site_variance_kwh2


def _total_variance(totals: DistrictTotals, parameters: Mapping[str, float]) -> Floats:
    interpolated, reported = parameters["bureau_interpolated_relative_sd"], parameters["bureau_relative_sd"]
    relative_sd = np.where(totals.is_interpolated, interpolated, reported)
    return np.asarray((relative_sd * np.nan_to_num(totals.energy_kwh)) ** 2)


def _sum_by_total(values: Floats, total: Integers, count: int) -> Floats:
    """Sums of the rows of each total; rows that belong to none are left out."""
    inside = np.flatnonzero(total >= 0)
    members: Any = csr_array((np.ones(len(inside)), (total[inside], inside)), (count, len(total)))
    return np.asarray(members @ np.nan_to_num(values, posinf=np.inf))
