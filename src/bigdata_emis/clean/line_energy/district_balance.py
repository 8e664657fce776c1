"""Lines held to the power bureau's totals by district and industry.

Belongs here: which lines a total covers, whether total and meters can both be true, and the adjustment. Does not: the arithmetic of it (equations).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.line_energy.metered_energy import Known, Readings, meter_variance
from bigdata_emis.clean.line_energy.meters import Wiring
from bigdata_emis.statistics.reconciliation import reconcile, reconciled_variance

CODES = ("reconciled", "exceeded", "unexplained", "no_line")
RECONCILED, EXCEEDED, UNEXPLAINED, NO_LINE = range(4)
NOWHERE = -1


@dataclass(frozen=True)
class Totals:
    """The bureau's totals by cell (row: a district and an industry) and hour (column), NaN where it states none."""

    energy_kwh: Floats
    is_interpolated: Flags
    cell_of_line: Integers


@dataclass(frozen=True)
class Balance:
    """Energy and variance of lines after reconciliation, which of them were held to a total, and the account of each cell and hour."""

    energy_kwh: Floats
    variance: Floats
    is_held: Flags
    is_contradicted: Flags
    unregistered_kwh: Floats
    metered_kwh: Floats
    abatement_kwh: Floats
    code: Integers


@dataclass(frozen=True)
class _Accounts:
    """What is moved: the meters that lines hang on together, or a line without a meter; rows by hours."""

    of_line: Integers
    cell: Integers
    energy: Floats
    variance: Floats
    most: Floats
    by_meter: Flags


def balance(
    known: Known, readings: Readings, wiring: Wiring, totals: Totals, *, parameters: Mapping[str, float]
) -> Balance:
    """The lines of each cell, moved within their uncertainty until they and the unregistered users add up to the bureau's total.

    What is held to the total is its lines, and the users who are in no register: an estimate like the others (a share of the total
    with its spread, never below zero), so that small plants which nobody registered do not bend good meters. Abatement devices are
    part of what the bureau counts, so what their meters read is taken off first, but for power plants, of which it counts the output.

    Total and meters contradict each other where the meters say more than the total by `contradiction_sd_count` standard deviations of
    both ("exceeded"), or where the total is more than the meters, the lines without a meter at their largest load and the unregistered
    users can explain ("unexplained"). The meters are then kept as they read and the other lines at the pace of their trade; the
    account of the cell says by how much, and rows are flagged.

    The bureau counts whole sites, so a whole-site meter is held to its total as it reads. What the site draws beside its line is
    taken off the line afterwards and counted with the users who are in no register.
    """
    accounts = _accounts(known, readings, wiring, totals, parameters)
    cells = len(totals.energy_kwh)
    metered = _by_cell(np.where(accounts.by_meter, accounts.energy, 0.0), accounts.cell, cells)
    abatement = _by_cell(
        np.where(wiring.generates[:, None], 0.0, np.nan_to_num(known.abatement_kwh)), totals.cell_of_line, cells
    )
    net = np.maximum(totals.energy_kwh - abatement, 0.0)
    code = _judge(accounts, net, totals, metered, parameters)
    code[(abatement > totals.energy_kwh) & (code == RECONCILED)] = EXCEEDED
    moved, variance, unregistered = _hold(accounts, net, totals, code == RECONCILED, parameters)
    with_site, line_variance = _to_lines(known, accounts, moved, variance)
    energy = np.maximum(with_site - known.site_kwh, 0.0)
    beside = _by_cell(with_site - energy, totals.cell_of_line, cells)
    unregistered = np.where(
        code == RECONCILED, unregistered + beside, np.maximum(net - _by_cell(energy, totals.cell_of_line, cells), 0.0)
    )
    of_line = rows_of(code, totals.cell_of_line, NOWHERE)
    return Balance(
        energy,
        line_variance,
        (of_line == RECONCILED) & np.isfinite(energy),
        np.isin(of_line, (EXCEEDED, UNEXPLAINED)),
        unregistered,
        metered,
        abatement,
        code,
    )


def _accounts(
    known: Known, readings: Readings, wiring: Wiring, totals: Totals, parameters: Mapping[str, float]
) -> _Accounts:
    """Lines that share meters and lie in one cell are one account: the meter's sum is known better than its parts."""
    pairs = np.stack([wiring.account, totals.cell_of_line])
    found, of_line = np.unique(pairs, axis=1, return_inverse=True)
    of_line = np.asarray(of_line, dtype=np.int64).ravel()
    belongs = csr_array((np.ones(len(of_line)), (of_line, np.arange(len(of_line)))), (found.shape[1], len(of_line)))
    weights = csr_array(belongs @ wiring.counted)
    own = (weights * weights) @ meter_variance(readings, parameters)
    lines_own = belongs @ np.where(
        known.by_meter, known.own_variance - _metered(wiring, readings, parameters), known.own_variance
    )
    is_cut = np.bincount(found[0])[found[0]] > 1
    split = np.where(is_cut[:, None], belongs @ known.split_variance, 0.0)
    energy = np.where(np.isfinite(known.energy_kwh), known.energy_kwh, 0.0)
    most = np.where(np.isfinite(known.energy_kwh), known.most_kwh, 0.0)
    return _Accounts(
        of_line,
        found[1],
        belongs @ energy,
        np.maximum(own + lines_own, 0.0) + split,
        belongs @ np.where(np.isinf(most), np.inf, most),
        np.asarray(belongs @ known.by_meter.astype(float) > 0),
    )


def _metered(wiring: Wiring, readings: Readings, parameters: Mapping[str, float]) -> Floats:
    return np.asarray((wiring.counted * wiring.counted) @ meter_variance(readings, parameters))


def _judge(
    accounts: _Accounts, net: Floats, totals: Totals, metered: Floats, parameters: Mapping[str, float]
) -> Integers:
    """The code of each cell and hour; cells without a total count as having no line."""
    cells = len(net)
    metered_variance = _by_cell(np.where(accounts.by_meter, accounts.variance, 0.0), accounts.cell, cells)
    largest = _by_cell(np.where(accounts.by_meter, 0.0, accounts.most), accounts.cell, cells)
    tolerance = parameters["contradiction_sd_count"] * np.sqrt(metered_variance + _total_variance(totals, parameters))
    whole = np.nan_to_num(net)
    unregistered = (
        parameters["unregistered_share"] + parameters["contradiction_sd_count"] * parameters["unregistered_sd"]
    ) * whole
    code = np.full(net.shape, RECONCILED)
    code[metered - whole > tolerance] = EXCEEDED
    code[whole - metered - largest - unregistered > tolerance] = UNEXPLAINED
    has_line = np.bincount(accounts.cell[accounts.cell >= 0], minlength=cells) > 0
    code[~has_line[:, None] | np.isnan(net)] = NO_LINE
    return np.asarray(code, dtype=np.int64)


def _hold(
    accounts: _Accounts, net: Floats, totals: Totals, chosen: Flags, parameters: Mapping[str, float]
) -> tuple[Floats, Floats, Floats]:
    """Accounts and unregistered users of the chosen cells and hours after the adjustment, in one call for all of them."""
    number = np.full(net.shape, NOWHERE)
    number[chosen] = np.arange(int(chosen.sum()))
    group = rows_of(number, accounts.cell, NOWHERE)
    row, hour = np.nonzero(group >= 0)
    total = net[chosen]
    slot = parameters["unregistered_share"] * total, (parameters["unregistered_sd"] * total) ** 2
    estimate, variance = (
        np.concatenate([a[row, hour], b]) for a, b in ((accounts.energy, slot[0]), (accounts.variance, slot[1]))
    )
    groups = np.concatenate([group[row, hour], np.arange(len(total))])
    upper = np.concatenate([accounts.most[row, hour], np.full(len(total), np.inf)])
    moved = reconcile(estimate, variance, group=groups, total=total, lower=np.zeros(len(estimate)), upper=upper)
    free = (variance > 0) & (moved > 0) & (moved < upper)
    left = reconciled_variance(variance, free, group=groups, total_variance=_total_variance(totals, parameters)[chosen])
    energy, spread, unregistered = accounts.energy.copy(), accounts.variance.copy(), np.zeros(net.shape)
    energy[row, hour], spread[row, hour] = moved[: len(row)], left[: len(row)]
    unregistered[chosen] = moved[len(row) :]
    return energy, spread, unregistered


def _to_lines(known: Known, accounts: _Accounts, moved: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """An account's energy goes to its lines as it came from them, with what their sites draw beside them."""
    before = np.nan_to_num(known.energy_kwh)
    whole = accounts.energy[accounts.of_line]
    lines = np.bincount(accounts.of_line)[accounts.of_line][:, None]
    part = np.divide(before, whole, out=np.broadcast_to(1 / lines, before.shape).copy(), where=whole > 0)
    energy = np.where(np.isfinite(known.energy_kwh), moved[accounts.of_line] * part, np.nan)
    return energy, part**2 * variance[accounts.of_line] + known.split_variance + known.site_variance


def _total_variance(totals: Totals, parameters: Mapping[str, float]) -> Floats:
    spread = np.where(
        totals.is_interpolated, parameters["bureau_interpolated_relative_sd"], parameters["bureau_relative_sd"]
    )
    return np.asarray((spread * np.nan_to_num(totals.energy_kwh)) ** 2)


def rows_of(matrix: Any, row: Integers, nowhere: float) -> Any:
    """The rows of a matrix by their numbers, and for the number −1 a row of `nowhere`."""
    return np.concatenate([matrix, np.full((1, matrix.shape[1]), nowhere, dtype=matrix.dtype)])[row]


def _by_cell(values: Floats, cell: Integers, cells: int) -> Floats:
    """Sums of the rows of each cell; rows that lie in none are left out."""
    inside = np.flatnonzero(cell >= 0)
    belongs: Any = csr_array((np.ones(len(inside)), (cell[inside], inside)), (cells, len(cell)))
    return np.asarray(belongs @ np.nan_to_num(values, posinf=np.inf))
