"""Give every production line its hourly energy, reconciled with the district totals of the power bureau.

Belongs here: the tables of the stage, day by day. Does not: the energy from meters (line_energy.metered_energy), or the
reconciliation itself (line_energy.district_balance).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.line_energy.district_balance import (
    BALANCE_CODES,
    NO_LINE,
    NO_TOTAL,
    RECONCILED,
    DistrictBalance,
    DistrictTotals,
    balance_districts,
    select_rows,
)
from bigdata_emis.clean.line_energy.load_shape import LoadShape, RatedLoads, derive_load_shape
from bigdata_emis.clean.line_energy.metered_energy import (
    LineEnergy,
    MeterReadings,
    attribute_to_utilisation,
    estimate_line_energy,
)
from bigdata_emis.clean.line_energy.meters import LineMeters, assign_meters
from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid, to_microseconds
from bigdata_emis.clean.readings.imputation import IMPUTATION_CODES, INTERPOLATED_RANK
from bigdata_emis.clean.readings.judged_readings import as_column
from bigdata_emis.clean.readings.thresholds import counts_self_generation
from bigdata_emis.codes import EnergyMethod, Flag
from bigdata_emis.context import Context
from bigdata_emis.reference.named_values import Parameters

METHODS = tuple(EnergyMethod)
"""The number of a method is its position here."""
METERED, IMPUTED, SHARED, WHOLE_SITE, ALLOCATED, PRIOR = range(len(METHODS))
FLAGS = (
    Flag.GAP,
    Flag.SHARED_METER,
    Flag.STANDBY,
    Flag.NIGHT_TARIFF,
    Flag.RECONCILED,
    Flag.TOTAL_CONTRADICTS,
    Flag.NO_TOTAL,
)
ROUNDING = 1e-12
"""Relative size up to which the discrepancy of a reconciled total is rounding."""


@dataclass(frozen=True)
class LineRegister:
    """Lines as registered, in the order of their identifiers, and the keys of district totals.

    industry: by line, the number of its industry. total_of_line: by line, the number of its total in `total_keys`
    (district and industry), −1 for none.
    """

    meters: LineMeters
    loads: RatedLoads
    industry: Integers
    total_of_line: Integers
    total_keys: list[tuple[str, str]]


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
    """Hourly energy of every line with its error and method, and the account of each total.

    A line belongs to the total of its enterprise's industry in its enterprise's district (the county where none is
    named). A line without a meter is allocated a part of what remains of the total; where there is no total, it is
    estimated from the utilisation of its industry. Each day is computed from itself and the days looked back on, so the
    result does not depend on the window.

    Raises:
        InputError: the shares of a shared meter do not sum to 1, or energy_reconciliation lacks a parameter.
    """
    parameters = Parameters("energy_reconciliation", energy_reconciliation)
    register = _read_register(meter, meter_share, production_line, enterprise, district_energy_hourly)
    grid = build_hour_grid(context)
    meter_number = {name: number for number, name in enumerate(register.meters.meter_ids)}
    total_number = {key: number for number, key in enumerate(register.total_keys)}
    readings = _HourlyMatrix(power_hourly, meter_number, ["meter_id"], "energy_kwh", grid)
    total_key = ["district_id", "industry_code"]
    totals = _HourlyMatrix(district_energy_hourly, total_number, total_key, "district_energy_kwh", grid)
    inputs = _ReconciliationInputs(register, readings, totals, grid, counts_self_generation(context), parameters)
    lines, accounts = zip(*(_reconcile_day(inputs, hours) for hours in _hours_of_days(grid)), strict=True)
    return {"line_energy_hourly": pa.concat_tables(lines), "energy_balance_hourly": pa.concat_tables(accounts)}


def _read_register(
    meter: pa.Table, meter_share: pa.Table, production_line: pa.Table, enterprise: pa.Table, totals: pa.Table
) -> LineRegister:
    meters = assign_meters(meter, meter_share, production_line)
    line_by_id = {line["production_line_id"]: line for line in production_line.to_pylist()}
    lines = [line_by_id[line_id] for line_id in meters.line_ids]
    key_of_enterprise = {
        row["enterprise_id"]: (row["district_id"] or row["county_id"], row["industry_code"])
        for row in enterprise.select(["enterprise_id", "district_id", "county_id", "industry_code"]).to_pylist()
    }
    pairs = totals.select(["district_id", "industry_code"]).group_by(["district_id", "industry_code"]).aggregate([])
    total_keys = sorted(tuple(pair.values()) for pair in pairs.to_pylist())
    number = {key: i for i, key in enumerate(total_keys)}
    total_of_line = [number.get(key_of_enterprise.get(line["enterprise_id"], ("", "")), NO_TOTAL) for line in lines]
    industries = sorted({line["industry_code"] for line in lines})
    loads = (_column(lines, name) for name in ("reference_energy_kwh", "base_load_share", "power_elasticity"))
    return LineRegister(
        meters=meters,
        loads=RatedLoads(*loads),
        industry=np.array([industries.index(line["industry_code"]) for line in lines], dtype=np.int64),
        total_of_line=np.array(total_of_line, dtype=np.int64),
        total_keys=total_keys,
    )


class _HourlyMatrix:
    """Hourly rows of a table as matrices of sources by hours, for a range of hours at a time, to save memory."""

    def __init__(self, rows: pa.Table, number: dict[Any, int], key: list[str], value: str, grid: HourGrid) -> None:
        if len(key) == 1:
            source = _number_values(rows[key[0]], number)
        else:
            keys = zip(*(rows[name].to_pylist() for name in key), strict=True)
            source = np.array([number[k] for k in keys], dtype=np.int64)
        hour = grid.number_hours(to_microseconds(rows["hour_utc"]))
        usable = np.flatnonzero((source >= 0) & (hour >= 0) & np.asarray(rows[value].is_valid()))
        order = usable[np.argsort(hour[usable], kind="stable")]
        rank_of_code = {code: rank for rank, code in enumerate(IMPUTATION_CODES)}
        self.source_count, self.source, self.hour = len(number), source[order], hour[order]
        self.value = rows[value].to_numpy()[order]
        self.rank = _number_values(rows["imputation_code"], rank_of_code)[order]

    def select(self, first: int, end: int) -> MeterReadings:
        """The hours from first to before end."""
        part = slice(*np.searchsorted(self.hour, [first, end]))
        shape = self.source_count, end - first
        value, rank = np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
        position = self.source[part], self.hour[part] - first
        value[position], rank[position] = self.value[part], np.maximum(self.rank[part], 0)
        return MeterReadings(value, rank)


def _number_values(column: pa.ChunkedArray, number: dict[Any, int]) -> Integers:
    """The number of each value of a column, −1 for one that has none."""
    encoded = column.combine_chunks().dictionary_encode()
    numbers = np.array([number.get(value, -1) for value in encoded.dictionary.to_pylist()] or [-1], dtype=np.int64)
    return np.asarray(numbers[pc.fill_null(encoded.indices, 0).to_numpy(zero_copy_only=False)], dtype=np.int64)


def _column(rows: list[dict[str, Any]], name: str) -> Floats:
    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=np.float64)


@dataclass(frozen=True)
class _ReconciliationInputs:
    """What every day of a window is reconciled from.

    counts_self_generation: whether the totals of the bureau contain what plants generate themselves.
    """

    register: LineRegister
    readings: _HourlyMatrix
    totals: _HourlyMatrix
    grid: HourGrid
    counts_self_generation: bool
    parameters: dict[str, float]


class _DayHours(NamedTuple):
    """Numbers of hours: the first one that a day looks back on, the first of the day itself, and its end."""

    back: int
    first: int
    end: int


def _hours_of_days(grid: HourGrid) -> Iterator[_DayHours]:
    for day in grid.own_days:
        own = np.flatnonzero(grid.day == day)
        back = int(np.flatnonzero(grid.day >= day - grid.first_own_day)[0])
        yield _DayHours(back, int(own[0]), int(own[-1]) + 1)


def _reconcile_day(inputs: _ReconciliationInputs, hours: _DayHours) -> tuple[pa.Table, pa.Table]:
    """The rows of lines and the accounts of totals of one day."""
    register, parameters = inputs.register, inputs.parameters
    recent = inputs.readings.select(hours.back, hours.end)
    today = recent.from_hour(hours.first - hours.back)
    reported = inputs.totals.select(hours.first, hours.end)
    is_covered = np.isfinite(select_rows(reported.energy_kwh, register.total_of_line, np.nan))
    line_energy = estimate_line_energy(
        today,
        register.meters,
        reference_kwh=register.loads.reference_kwh,
        industry=register.industry,
        is_covered=is_covered,
        parameters=parameters,
    )
    totals = _whole_totals(inputs, reported, line_energy)
    balance = balance_districts(line_energy, today, register.meters, totals, parameters=parameters)
    shape = _shape_load(inputs, hours, recent, line_energy, balance)
    lacks_total = ~is_covered & bool(np.isfinite(inputs.totals.select(hours.back, hours.end).energy_kwh).any())
    starts = inputs.grid.hour_starts(np.arange(hours.first, hours.end))
    lines = _line_rows(register, line_energy, balance, shape, lacks_total, starts)
    return lines, _account_rows(register, totals, balance, starts)


def _whole_totals(inputs: _ReconciliationInputs, reported: MeterReadings, line_energy: LineEnergy) -> DistrictTotals:
    """The reported totals, with what plants generate themselves where the bureau does not count it."""
    total_kwh = reported.energy_kwh
    if not inputs.counts_self_generation:
        total_kwh = total_kwh + _self_generation_by_total(line_energy, inputs.register, len(total_kwh))
    is_interpolated = reported.imputation_rank >= INTERPOLATED_RANK
    return DistrictTotals(total_kwh, is_interpolated, inputs.register.total_of_line)


def _shape_load(
    inputs: _ReconciliationInputs,
    hours: _DayHours,
    recent: MeterReadings,
    line_energy: LineEnergy,
    balance: DistrictBalance,
) -> LoadShape:
    """Working energy, standby and night tariff of the lines, from their energy after reconciliation."""
    register = inputs.register
    energy, variance = attribute_to_utilisation(
        line_energy,
        balance.energy_kwh,
        balance.variance_kwh2,
        is_metered=register.meters.is_metered,
        parameters=inputs.parameters,
    )
    return derive_load_shape(
        recent,
        register.meters,
        inputs.grid.local_hour[hours.back : hours.end],
        energy_kwh=energy,
        variance_kwh2=variance,
        loads=register.loads,
        parameters=inputs.parameters,
    )


def _self_generation_by_total(line_energy: LineEnergy, register: LineRegister, total_count: int) -> Floats:
    own = np.zeros((total_count, line_energy.energy_kwh.shape[1]))
    inside = register.total_of_line >= 0
    np.add.at(own, register.total_of_line[inside], np.nan_to_num(line_energy.self_generation_kwh[inside]))
    return own


def _line_rows(
    register: LineRegister,
    line_energy: LineEnergy,
    balance: DistrictBalance,
    shape: LoadShape,
    lacks_total: Flags,
    starts: pa.Array,
) -> pa.Table:
    """The rows of `line_energy_hourly` of one day: lines and hours with an energy."""
    meters = register.meters
    row, hour = position = np.nonzero(np.isfinite(balance.energy_kwh))
    is_by_meter, rank = line_energy.is_by_meter[position], line_energy.imputation_rank[position]
    method = _choose_methods(meters, line_energy, balance)[position]
    has_gap = ~is_by_meter & meters.is_metered[row] | (rank >= INTERPOLATED_RANK)
    flags = [
        has_gap | line_energy.is_partly_silent[position],
        meters.is_shared[row],
        shape.is_standby[position],
        shape.is_nightly[row],
        balance.is_reconciled[position],
        balance.is_contradicted[position],
        lacks_total[position],
    ]
    imputation = pa.array(np.where(is_by_meter, rank, 0), mask=~is_by_meter)
    return pa.table(
        {
            "production_line_id": pa.array(meters.line_ids, pa.string()).take(pa.array(row)),
            "hour_utc": starts.take(pa.array(hour)),
            "energy_kwh": as_column(balance.energy_kwh[position]),
            "energy_sd_kwh": as_column(np.sqrt(balance.variance_kwh2[position])),
            "energy_method_code": pa.array(METHODS, pa.string()).take(pa.array(method)),
            "metered_energy_kwh": as_column(np.where(is_by_meter, line_energy.energy_kwh[position], np.nan)),
            "working_energy_kwh": as_column(shape.working_kwh[position]),
            "working_energy_sd_kwh": as_column(shape.working_sd_kwh[position]),
            "abatement_energy_kwh": as_column(line_energy.abatement_kwh[position]),
            "imputation_code": pa.array(IMPUTATION_CODES, pa.string()).take(imputation),
            "flag_codes": _build_flag_lists(flags),
        }
    )


def _choose_methods(meters: LineMeters, line_energy: LineEnergy, balance: DistrictBalance) -> Integers:
    """The number of the method of each line and hour."""
    without_meter = np.where(balance.is_reconciled, ALLOCATED, PRIOR)
    by_meter = np.where(line_energy.imputation_rank >= INTERPOLATED_RANK, IMPUTED, METERED)
    by_meter = np.where(meters.is_whole_site[:, None] & (by_meter == METERED), WHOLE_SITE, by_meter)
    by_meter = np.where(meters.is_shared[:, None], SHARED, by_meter)
    return np.asarray(np.where(line_energy.is_by_meter, by_meter, without_meter), dtype=np.int64)


def _build_flag_lists(flags: list[Any]) -> pa.Array:
    """For each row the list of its flags; the list of each combination is built once."""
    bits = (np.asarray(is_hit, dtype=np.int64) << i for i, is_hit in enumerate(flags))
    packed = sum(bits, np.zeros(len(flags[0]), dtype=np.int64))
    combinations, position = np.unique(packed, return_inverse=True)
    lists = [[flag for i, flag in enumerate(FLAGS) if code >> i & 1] for code in combinations.tolist()]
    return pa.array(lists, pa.list_(pa.string())).take(pa.array(position.ravel()))


def _account_rows(
    register: LineRegister, totals: DistrictTotals, balance: DistrictBalance, starts: pa.Array
) -> pa.Table:
    """The rows of `energy_balance_hourly` of one day: how each reported total is made up."""
    row, hour = position = np.nonzero(np.isfinite(totals.energy_kwh))
    line_kwh = np.zeros(totals.energy_kwh.shape)
    inside = register.total_of_line >= 0
    np.add.at(line_kwh, register.total_of_line[inside], np.nan_to_num(balance.energy_kwh[inside]))
    total, lines = totals.energy_kwh[position], line_kwh[position]
    abatement, unregistered = balance.abatement_kwh[position], balance.unregistered_kwh[position]
    closes = np.isin(balance.code[position], (RECONCILED, NO_LINE))
    discrepancy = total - lines - abatement - unregistered
    keys = pa.table(
        {name: [key[i] for key in register.total_keys] for i, name in enumerate(("district_id", "industry_code"))}
    )
    return pa.table(
        {
            **{name: keys[name].cast(pa.string()).take(pa.array(row)) for name in keys.column_names},
            "hour_utc": starts.take(pa.array(hour)),
            "district_energy_kwh": total,
            "metered_energy_kwh": balance.metered_kwh[position],
            "abatement_energy_kwh": abatement,
            "line_energy_kwh": lines,
            "unregistered_energy_kwh": unregistered,
            "energy_discrepancy_kwh": np.where(closes & (np.abs(discrepancy) <= ROUNDING * total), 0.0, discrepancy),
            "balance_code": pa.array(BALANCE_CODES, pa.string()).take(pa.array(balance.code[position])),
        }
    )
