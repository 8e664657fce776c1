"""The stage that gives every production line its energy, so that the sums agree with the power bureau.

Belongs here: the tables of the stage, day by day. Does not: what meters say (line_known), or the agreement with totals (district_balance).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.line_energy.district_balance import (
    CODES,
    NO_LINE,
    NOWHERE,
    RECONCILED,
    Balance,
    Totals,
    balance,
    rows_of,
)
from bigdata_emis.clean.line_energy.load_shape import Loads, Shape, load_shape
from bigdata_emis.clean.line_energy.metered_energy import IMPUTATIONS, Known, Readings, know, paced
from bigdata_emis.clean.line_energy.meters import Wiring, wire
from bigdata_emis.clean.readings.hour_grid import Clock, clock_of, microseconds
from bigdata_emis.clean.readings.judged import as_column
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.flow import stage

METHODS = ("metered", "imputed", "shared", "whole_site", "allocated", "prior")
METERED, IMPUTED, SHARED, WHOLE_SITE, ALLOCATED, PRIOR = range(6)
FLAGS = ("gap", "shared_meter", "standby", "night_tariff", "reconciled", "total_contradicts", "no_total")
INTERPOLATED_RANK = 2
SELF_GENERATION_OPTION = "district_energy_counts_self_generation"


@dataclass(frozen=True)
class Register:
    """What the registry says of lines, in their order: normal energy, base load and elasticity, trade, and the cell of the bureau's totals."""

    wiring: Wiring
    loads: Loads
    trade: Integers
    cell_of_line: Integers
    cells: list[tuple[str, str]]


def reconcile_energy(
    power_hourly: pa.Table,
    meter: pa.Table,
    meter_share: pa.Table,
    production_line: pa.Table,
    enterprise: pa.Table,
    district_energy_hourly: pa.Table,
    energy_reconciliation: pa.Table,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """Energy of every line and hour with its standard error and how it is known; and the account of every total of the power bureau.

    A line belongs to the total of its enterprise's trade in its enterprise's district (the county where none is named). A line
    without a meter is allocated a part of what remains of the total; where there is no total it goes by the pace of its trade. Each day is
    made from itself and the days looked back on, so it comes out alike in whatever window it is made.

    Raises:
        InputError: the parts of a shared meter do not sum to 1, or energy_reconciliation lacks a parameter.
    """
    parameters = _Parameters(
        zip(
            energy_reconciliation["parameter_name"].to_pylist(),
            energy_reconciliation["parameter_value"].to_pylist(),
            strict=True,
        )
    )
    counts_own = bool(context.region.options.get(SELF_GENERATION_OPTION, True))
    register = _register(meter, meter_share, production_line, enterprise, district_energy_hourly)
    clock = clock_of(context, lookback_days=stage("reconcile_energy").lookback_days)
    readings = _Cube(
        power_hourly, {name: i for i, name in enumerate(register.wiring.meter_ids)}, ["meter_id"], "energy_kwh", clock
    )
    names = {cell: i for i, cell in enumerate(register.cells)}
    totals = _Cube(district_energy_hourly, names, ["district_id", "industry_code"], "district_energy_kwh", clock)
    made = [
        _day(register, readings, totals, clock, hours, counts_own=counts_own, parameters=parameters)
        for hours in _days(clock)
    ]
    lines, accounts = zip(*made, strict=True)
    return {"line_energy_hourly": pa.concat_tables(lines), "energy_balance_hourly": pa.concat_tables(accounts)}


class _Parameters(dict[str, float]):
    """The parameters by name. Raises InputError for one that the table lacks."""

    def __missing__(self, name: str) -> float:
        raise InputError(
            f"reference energy_reconciliation: parameter {name} is missing",
            "take its row from the table that is shipped",
        )


def _register(
    meter: pa.Table, meter_share: pa.Table, production_line: pa.Table, enterprise: pa.Table, totals: pa.Table
) -> Register:
    wiring = wire(meter, meter_share, production_line)
    row = {line["production_line_id"]: line for line in production_line.to_pylist()}
    lines = [row[name] for name in wiring.line_ids]
    homes = {
        e["enterprise_id"]: (e["district_id"] or e["county_id"], e["industry_code"])
        for e in enterprise.select(["enterprise_id", "district_id", "county_id", "industry_code"]).to_pylist()
    }
    pairs = totals.select(["district_id", "industry_code"]).group_by(["district_id", "industry_code"]).aggregate([])
    cells = sorted(tuple(pair.values()) for pair in pairs.to_pylist())
    number = {cell: i for i, cell in enumerate(cells)}
    trades = sorted({line["industry_code"] for line in lines})
    return Register(
        wiring,
        Loads(*(_numbers(lines, name) for name in ("reference_energy_kwh", "base_load_share", "power_elasticity"))),
        np.array([trades.index(line["industry_code"]) for line in lines], dtype=np.int64),
        np.array([number.get(homes.get(line["enterprise_id"], ("", "")), NOWHERE) for line in lines], dtype=np.int64),
        cells,
    )


class _Cube:
    """Hourly rows of a table as matrices of sources by hours, cut by ranges of hours so that a year needs no more memory than a week."""

    def __init__(self, rows: pa.Table, number: dict[Any, int], names: list[str], value: str, clock: Clock) -> None:
        keys = rows[names[0]] if len(names) == 1 else zip(*(rows[name].to_pylist() for name in names), strict=True)
        found = (
            _looked_up(rows[names[0]], number)
            if len(names) == 1
            else np.array([number[key] for key in keys], dtype=np.int64)
        )
        hour = clock.hour_of(microseconds(rows["hour_utc"]))
        usable = np.flatnonzero((found >= 0) & (hour >= 0) & np.asarray(rows[value].is_valid()))
        order = usable[np.argsort(hour[usable], kind="stable")]
        self.count, self.source, self.hour = len(number), found[order], hour[order]
        self.value = rows[value].to_numpy()[order]
        self.rank = _looked_up(rows["imputation_code"], {code: i for i, code in enumerate(IMPUTATIONS)})[order]

    def cut(self, first: int, last: int) -> Readings:
        """The hours from first to last, the last excluded."""
        part = slice(*np.searchsorted(self.hour, [first, last]))
        value, rank = np.full((self.count, last - first), np.nan), np.zeros((self.count, last - first), dtype=np.int64)
        place = self.source[part], self.hour[part] - first
        value[place], rank[place] = self.value[part], np.maximum(self.rank[part], 0)
        return Readings(value, rank)


def _looked_up(column: pa.ChunkedArray, number: dict[Any, int]) -> Integers:
    """The number of each value of a column, −1 for one that has none."""
    encoded = column.combine_chunks().dictionary_encode()
    of_value = np.array([number.get(value, -1) for value in encoded.dictionary.to_pylist()] or [-1], dtype=np.int64)
    return np.asarray(of_value[pc.fill_null(encoded.indices, 0).to_numpy(zero_copy_only=False)], dtype=np.int64)


def _numbers(rows: list[dict[str, Any]], name: str) -> Floats:
    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=np.float64)


def _days(clock: Clock) -> Iterator[tuple[int, int, int]]:
    """Of each own day the first hour looked back on, its own first hour, and its end."""
    for day in clock.days:
        own = np.flatnonzero(clock.day == day)
        back = int(np.flatnonzero(clock.day >= day - clock.first_day)[0])
        yield back, int(own[0]), int(own[-1]) + 1


def _day(
    register: Register,
    readings: _Cube,
    totals: _Cube,
    clock: Clock,
    hours: tuple[int, int, int],
    *,
    counts_own: bool,
    parameters: dict[str, float],
) -> tuple[pa.Table, pa.Table]:
    back, first, last = hours
    stated = totals.cut(first, last)
    is_covered = np.isfinite(rows_of(stated.energy_kwh, register.cell_of_line, np.nan))
    recent = readings.cut(back, last)
    today = Readings(recent.energy_kwh[:, first - back :], recent.rank[:, first - back :])
    known = know(
        today,
        register.wiring,
        reference_kwh=register.loads.reference_kwh,
        trade=register.trade,
        is_covered=is_covered,
        parameters=parameters,
    )
    total = stated.energy_kwh
    if not counts_own:
        total = total + _own_by_cell(known, register, len(total))
    held = Totals(total, stated.rank >= INTERPOLATED_RANK, register.cell_of_line)
    found = balance(known, today, register.wiring, held, parameters=parameters)
    energy, variance = paced(
        known, found.energy_kwh, found.variance, is_metered=register.wiring.is_metered, parameters=parameters
    )
    told = load_shape(
        recent,
        register.wiring,
        clock.local_hour[back:last],
        energy_kwh=energy,
        variance=variance,
        lines=register.loads,
        parameters=parameters,
    )
    lacks_total = ~is_covered & bool(np.isfinite(totals.cut(back, last).energy_kwh).any())
    instants = clock.instants(np.arange(first, last))
    return _line_rows(register, known, found, told, lacks_total, instants), _account_rows(
        register, held, found, instants
    )


def _own_by_cell(known: Known, register: Register, cells: int) -> Floats:
    own = np.zeros((cells, known.energy_kwh.shape[1]))
    inside = register.cell_of_line >= 0
    np.add.at(own, register.cell_of_line[inside], np.nan_to_num(known.self_generation_kwh[inside]))
    return own


def _line_rows(
    register: Register, known: Known, found: Balance, told: Shape, lacks_total: Flags, instants: pa.Array
) -> pa.Table:
    row, hour = np.nonzero(np.isfinite(found.energy_kwh))
    place = row, hour
    by_meter, rank = known.by_meter[place], known.rank[place]
    method = _methods(register.wiring, known, found)[place]
    bits = [
        ~by_meter & register.wiring.is_metered[row] | (rank >= INTERPOLATED_RANK) | known.is_silent[place],
        register.wiring.is_shared[row],
        told.is_standby[place],
        told.is_nightly[row],
        found.is_held[place],
        found.is_contradicted[place],
        lacks_total[place],
    ]
    return pa.table(
        {
            "production_line_id": pa.array(register.wiring.line_ids, pa.string()).take(pa.array(row)),
            "hour_utc": instants.take(pa.array(hour)),
            "energy_kwh": as_column(found.energy_kwh[place]),
            "energy_sd_kwh": as_column(np.sqrt(found.variance[place])),
            "energy_method_code": pa.array(METHODS, pa.string()).take(pa.array(method)),
            "metered_energy_kwh": as_column(np.where(by_meter, known.energy_kwh[place], np.nan)),
            "working_energy_kwh": as_column(told.working_kwh[place]),
            "working_energy_sd_kwh": as_column(told.working_sd_kwh[place]),
            "abatement_energy_kwh": as_column(known.abatement_kwh[place]),
            "imputation_code": pa.array(IMPUTATIONS, pa.string()).take(
                pa.array(np.where(by_meter, rank, 0), mask=~by_meter)
            ),
            "flag_codes": _flag_lists(bits),
        }
    )


def _methods(wiring: Wiring, known: Known, found: Balance) -> Integers:
    method = np.where(found.is_held, ALLOCATED, PRIOR)
    measured = np.where(known.rank >= INTERPOLATED_RANK, IMPUTED, METERED)
    measured = np.where(wiring.is_site[:, None] & (measured == METERED), WHOLE_SITE, measured)
    measured = np.where(wiring.is_shared[:, None], SHARED, measured)
    return np.asarray(np.where(known.by_meter, measured, method), dtype=np.int64)


def _flag_lists(bits: list[Any]) -> pa.Array:
    """For each row the list of its flags; each combination is made once."""
    packed = sum(
        (np.asarray(hit, dtype=np.int64) << i for i, hit in enumerate(bits)), np.zeros(len(bits[0]), dtype=np.int64)
    )
    met, place = np.unique(packed, return_inverse=True)
    lists = [[flag for i, flag in enumerate(FLAGS) if code >> i & 1] for code in met.tolist()]
    return pa.array(lists, pa.list_(pa.string())).take(pa.array(place.ravel()))


def _account_rows(register: Register, totals: Totals, found: Balance, instants: pa.Array) -> pa.Table:
    row, hour = np.nonzero(np.isfinite(totals.energy_kwh))
    place = row, hour
    lines = np.zeros(totals.energy_kwh.shape)
    inside = register.cell_of_line >= 0
    np.add.at(lines, register.cell_of_line[inside], np.nan_to_num(found.energy_kwh[inside]))
    total, abatement, unregistered = totals.energy_kwh[place], found.abatement_kwh[place], found.unregistered_kwh[place]
    closes = np.isin(found.code[place], (RECONCILED, NO_LINE))
    gap = total - lines[place] - abatement - unregistered
    cells = pa.table({"district_id": [c[0] for c in register.cells], "industry_code": [c[1] for c in register.cells]})
    return pa.table(
        {
            **{name: cells[name].cast(pa.string()).take(pa.array(row)) for name in cells.column_names},
            "hour_utc": instants.take(pa.array(hour)),
            "district_energy_kwh": total,
            "metered_energy_kwh": found.metered_kwh[place],
            "abatement_energy_kwh": abatement,
            "line_energy_kwh": lines[place],
            "unregistered_energy_kwh": unregistered,
            "energy_discrepancy_kwh": np.where(closes & (np.abs(gap) <= 1e-12 * total), 0.0, gap),
            "balance_code": pa.array(CODES, pa.string()).take(pa.array(found.code[place])),
        }
    )
