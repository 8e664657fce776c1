"""Which measured quantity shows the load of each line: its own power meters, else its stack gas flow, else none.

Belongs here: the choice and its reasons, as dense arrays. Does not: the judgement (order_obedience).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.codes import EnergyMethod, Evidence, Imputation, Industry
from bigdata_emis.control.outcome.day_grid import DayGrid, numbers, row_numbers
from bigdata_emis.control.outcome.meter_doubts import MeterDoubts, find_stuck_hours

OWN_METERS = (EnergyMethod.METERED, EnergyMethod.WHOLE_SITE)
NOT_BY_POWER = (Industry.COKING, Industry.FLOAT_GLASS, Industry.BLAST_FURNACE)
"""Processes whose power says little about their output; domain rule W057, confidence 0.85."""


@dataclass(frozen=True)
class LineMeasurements:
    """What is measured of lines, (lines, days, 24), NaN where nothing was read.

    energy_kwh: of the own production meters, without imputed hours. abatement_kwh: of the abatement meters.
    stack_flow: of the monitored stacks together. is_shared: the meter measures other lines, too.
    """

    energy_kwh: Floats
    abatement_kwh: Floats
    stack_flow: Floats
    is_shared: Flags

    @staticmethod
    def of(
        line_energy_hourly: pa.Table, cems_hourly: pa.Table, stack: pa.Table, lines: list[str], grid: DayGrid
    ) -> "LineMeasurements":
        """The measurements of lines. An imputed hour is no measurement."""
        rows = line_energy_hourly
        row = row_numbers(rows["production_line_id"], lines)
        method = np.array(rows["energy_method_code"].to_pylist(), dtype=object)
        is_shared = np.asarray(method == EnergyMethod.SHARED)
        energy = np.where(np.isin(method, OWN_METERS), numbers(rows["metered_energy_kwh"]), np.nan)
        shared = np.where(is_shared, 1.0, np.nan)
        hour = rows["hour_utc"]
        return LineMeasurements(
            grid.dense(hour, row, energy, len(lines)),
            grid.dense(hour, row, numbers(rows["abatement_energy_kwh"]), len(lines)),
            _stack_flow(cems_hourly, stack, lines, grid),
            np.asarray(np.isfinite(grid.dense(hour, row, shared, len(lines))).any(axis=(1, 2))),
        )

    def without(self, is_doubtful: Flags, stuck_h: float) -> "LineMeasurements":
        """The measurements without the hours in which nothing may be said of a line, and without stuck instruments."""

        def believed(values: Floats) -> Floats:
            return np.where(is_doubtful | find_stuck_hours(values, stuck_h), np.nan, values)

        return LineMeasurements(
            np.where(is_doubtful, np.nan, self.energy_kwh),
            believed(self.abatement_kwh),
            believed(self.stack_flow),
            self.is_shared,
        )


def _stack_flow(cems_hourly: pa.Table, stack: pa.Table, lines: list[str], grid: DayGrid) -> Floats:
    """Gas flow of the valid hours of all stacks of a line; a line with an unread stack has none in that hour."""
    flow = np.zeros((len(lines), grid.day_count, 24))
    is_complete, has_stack = np.ones(flow.shape, dtype=bool), np.zeros(len(lines), dtype=bool)
    stacks = stack["stack_id"].to_pylist()
    line_of_stack = row_numbers(stack["production_line_id"], lines)
    is_read = pc.and_(
        pc.fill_null(cems_hourly["is_valid"], False), pc.equal(cems_hourly["imputation_code"], Imputation.NONE.value)
    )
    values = np.where(
        is_read.to_numpy(zero_copy_only=False).astype(bool), numbers(cems_hourly["flow_m3_per_h"]), np.nan
    )
    by_stack = grid.dense(cems_hourly["hour_utc"], row_numbers(cems_hourly["stack_id"], stacks), values, len(stacks))
    for number, line in enumerate(line_of_stack):
        if line >= 0:
            has_stack[line] = True
            flow[line] += np.nan_to_num(by_stack[number])
            is_complete[line] &= np.isfinite(by_stack[number])
    return np.where(is_complete & has_stack[:, None, None], flow, np.nan)


@dataclass(frozen=True)
class LoadIndicator:
    """The indicator by which each line is judged, (lines, days, 24), and why a line has none.

    is_flow: judged by stack flow, (lines,). reason: evidence code of a line without an indicator, else empty, (lines,).
    """

    values: Floats
    is_flow: Flags
    reason: list[str]


def choose_indicator(
    measured: LineMeasurements, industry_codes: list[str], doubts: MeterDoubts | None = None
) -> LoadIndicator:
    """Power where it shows the load, stack flow where power does not, nothing for lines with neither.

    A line with a meter of its own that was never read is off line, and not without a meter.
    """
    has_doubt = np.zeros(len(industry_codes), dtype=bool)
    if doubts is not None:
        has_doubt = np.asarray(doubts.is_doubtful.any(axis=(1, 2)))
    has_flow: Flags = np.asarray(np.isfinite(measured.stack_flow).any(axis=(1, 2)))
    has_power: Flags = np.asarray(np.isfinite(measured.energy_kwh).any(axis=(1, 2)))
    not_by_power = np.isin(np.array(industry_codes, dtype=object), NOT_BY_POWER)
    is_flow = has_flow & (not_by_power | ~has_power)
    reason = []
    for row in range(len(industry_codes)):
        if is_flow[row] or (has_power[row] and not not_by_power[row]):
            reason.append("")
        elif not_by_power[row] and has_power[row]:
            reason.append(Evidence.NOT_BY_POWER.value)
        elif has_doubt[row]:
            reason.append(Evidence.METER_OFFLINE.value)
        else:
            reason.append((Evidence.SHARED_METER if measured.is_shared[row] else Evidence.NO_METER).value)
    values = np.where(is_flow[:, None, None], measured.stack_flow, measured.energy_kwh)
    values[[row for row, code in enumerate(reason) if code]] = np.nan
    return LoadIndicator(values, is_flow, reason)
