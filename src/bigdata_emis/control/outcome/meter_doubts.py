"""Hours in which the production meters of a line say nothing of it: off line, read in part, stuck or replaced.

Belongs here: which hours, and why. Does not: what is measured (load_indicators), the judgement (judge_compliance).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.codes import EnergyMethod, Evidence, Flag, Imputation, MeterRole
from bigdata_emis.control.outcome.day_grid import DayGrid, numbers, row_numbers

READ_METHODS = (EnergyMethod.METERED, EnergyMethod.WHOLE_SITE)
OWN_METHODS = (*READ_METHODS, EnergyMethod.IMPUTED)
PRODUCING_ROLES = (MeterRole.PRODUCTION, MeterRole.GENERATION, MeterRole.WHOLE_SITE, MeterRole.SELF_GENERATION)
REASONS = (Evidence.METER_REPLACED, Evidence.METER_OFFLINE, Evidence.METER_READ_IN_PART, Evidence.METER_STUCK)
"""Why a reading says nothing of its line; the first that holds is the reason."""


@dataclass(frozen=True)
class MeterDoubts:
    """The hours of lines with production meters of their own in which these meters say nothing.

    reason_number: position in REASONS, −1 where the meters can be believed or a line has none, (lines, days, 24).
    """

    reason_number: np.ndarray

    @property
    def is_doubtful(self) -> Flags:
        """Hours in which nothing may be said of the line, whatever else was measured, (lines, days, 24)."""
        doubtful: Flags = self.reason_number >= 0
        return doubtful

    def has_reason(self, reason: Evidence) -> Flags:
        """Hours with this reason, (lines, days, 24)."""
        flags: Flags = self.reason_number == REASONS.index(reason)
        return flags


def find_meter_doubts(
    line_energy_hourly: pa.Table,
    meter: pa.Table,
    lines: list[str],
    grid: DayGrid,
    *,
    last_normal_day: date,
    stuck_h: float,
) -> MeterDoubts:
    """Find the hours in which the production meters of lines are off line, read in part, stuck, or other ones.

    A line has meters of its own when one is registered for it or was ever read for it alone. Each of its hours needs a
    complete reading of all of its meters; an hour without a row and an imputed one are off line. stuck_h: hours at one
    value other than zero from which a meter is stuck. The meters of the last normal day are the reference: before and
    after they changed, other meters were read.
    """
    hours = _ReadHours.of(line_energy_hourly, lines, grid)
    has_meter = (_is_registered(meter, lines) | hours.has_own) & ~hours.is_shared
    flags = {
        Evidence.METER_REPLACED: np.repeat(
            _is_other_meter(meter, lines, grid, last_normal_day)[:, :, None], 24, axis=2
        ),
        Evidence.METER_OFFLINE: ~hours.is_read & ~hours.is_read_in_part,
        Evidence.METER_READ_IN_PART: hours.is_read_in_part,
        Evidence.METER_STUCK: find_stuck_hours(np.where(hours.is_read, hours.energy_kwh, np.nan), stuck_h),
    }
    number = np.select([flags[reason] for reason in REASONS], range(len(REASONS)), -1)
    return MeterDoubts(np.where(has_meter[:, None, None], number, -1))


def find_stuck_hours(values: Floats, stuck_h: float) -> Flags:
    """Hours in runs of at least so many consecutive hours at one value other than zero, (series, days, 24)."""
    flat = values.reshape(len(values), -1)
    same = np.zeros(flat.shape, dtype=bool)
    same[:, 1:] = (flat[:, 1:] == flat[:, :-1]) & (flat[:, 1:] != 0)
    length = np.ones(flat.shape)
    for hour in range(1, flat.shape[1]):
        length[:, hour] = np.where(same[:, hour], length[:, hour - 1] + 1, 1)
    for hour in reversed(range(flat.shape[1] - 1)):
        length[:, hour] = np.where(same[:, hour + 1], length[:, hour + 1], length[:, hour])
    stuck = np.isfinite(flat) & (flat != 0) & (length >= max(stuck_h, 2))
    return np.asarray(stuck.reshape(values.shape), dtype=bool)


@dataclass(frozen=True)
class _ReadHours:
    """How the energy of each line and hour is known, (lines, days, 24). has_own, is_shared: (lines,)."""

    energy_kwh: Floats
    is_read: Flags
    is_read_in_part: Flags
    has_own: Flags
    is_shared: Flags

    @staticmethod
    def of(rows: pa.Table, lines: list[str], grid: DayGrid) -> "_ReadHours":
        row, hour = row_numbers(rows["production_line_id"], lines), rows["hour_utc"]
        method = np.array(rows["energy_method_code"].to_pylist(), dtype=object)
        energy = numbers(rows["metered_energy_kwh"])
        is_own = np.isin(method, OWN_METHODS)
        has_value = np.isin(method, READ_METHODS) & np.isfinite(energy)
        is_complete = _is_complete(rows)

        def by_hour(flags: Flags) -> Flags:
            dense: Flags = np.nan_to_num(grid.dense(hour, row, flags.astype(float), len(lines))) > 0
            return dense

        return _ReadHours(
            grid.dense(hour, row, energy, len(lines)),
            by_hour(has_value & is_complete),
            by_hour(has_value & ~is_complete),
            np.asarray(by_hour(is_own).any(axis=(1, 2))),
            np.asarray(by_hour(np.asarray(method == EnergyMethod.SHARED)).any(axis=(1, 2))),
        )


def _is_complete(rows: pa.Table) -> Flags:
    """Rows in which every meter of the line was read for the whole hour."""
    is_none = pc.fill_null(pc.equal(rows["imputation_code"], Imputation.NONE.value), True)
    has_gap = [Flag.GAP in (flags or ()) for flags in rows["flag_codes"].to_pylist()]
    complete: Flags = np.asarray(is_none.to_numpy(zero_copy_only=False), dtype=bool) & ~np.array(has_gap, dtype=bool)
    return complete


def _is_registered(meter: pa.Table, lines: list[str]) -> Flags:
    registered = {row["production_line_id"] for row in _producing(meter)}
    return np.array([line in registered for line in lines], dtype=bool)


def _is_other_meter(meter: pa.Table, lines: list[str], grid: DayGrid, last_normal_day: date) -> Flags:
    """Days on which a line has other production meters than on the last normal day, (lines, days)."""
    changes: dict[str, set[date]] = {}
    for row in _producing(meter):
        dates = [row["valid_from"], row["valid_to"] and row["valid_to"] + timedelta(days=1)]
        changes.setdefault(row["production_line_id"], set()).update(day for day in dates if day)
    other = np.zeros((len(lines), grid.day_count), dtype=bool)
    for number, line in enumerate(lines):
        for changed in changes.get(line, ()):
            other[number] |= np.array([(day >= changed) != (last_normal_day >= changed) for day in grid.days])
    return other


def _producing(meter: pa.Table) -> Iterator[dict[str, Any]]:
    return (row for row in meter.to_pylist() if row["meter_role_code"] in PRODUCING_ROLES)
