"""The legal series of stack monitors: hours without a valid reading substituted by HJ 75.

Belongs here: the series of stacks, and when a source was stopped. Does not: the substitution itself
(legal_series/substitution), or the best estimate (clean_cems), which is what inventories use.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.legal_series.substitution import read_substitution_rules, substitute_gaps
from bigdata_emis.clean.readings.hour_grid import HourGrid, build_hour_grid, to_microseconds
from bigdata_emis.clean.readings.judged_readings import as_column
from bigdata_emis.clean.readings.rules import has_flag
from bigdata_emis.codes import Flag
from bigdata_emis.context import Context
from bigdata_emis.schema.arrow import empty

MONTHS_A_QUARTER = 3
KEY = ("stack_id", "pollutant_code")


def substitute_cems(
    cems_hourly: pa.Table,
    stack: pa.Table,
    line_energy_hourly: pa.Table,
    cems_substitution: pa.Table,
    *,
    context: Context,
) -> pa.Table:
    """Every hour of every stack and pollutant: as measured, zero while the line is stopped, or a maximum by HJ 75.

    A line is stopped in an hour in which it uses no energy or no more than its base load; without energy of the line
    no hour counts as stopped, and the series is higher. The quarter is that of the local calendar, captured as far as
    the days looked back on reach.

    Source: HJ 75-2017, in the rows of reference table cems_substitution.
    """
    grid = build_hour_grid(context)
    rules = read_substitution_rules(cems_substitution)
    line_of = dict(zip(stack["stack_id"].to_pylist(), stack["production_line_id"].to_pylist(), strict=True))
    stopped = _stopped_hours(line_energy_hourly, grid)
    quarter = _quarters(grid, context.region.time_zone)
    parts = []
    for key, emission_g in _series(cems_hourly, grid).items():
        is_stopped = stopped.get(line_of.get(key[0], ""), np.zeros(grid.hour_count, dtype=bool)) & np.isnan(emission_g)
        first = int(np.argmax(~np.isnan(emission_g) | is_stopped))
        series = substitute_gaps(emission_g[first:], is_stopped[first:], quarter[first:], rules)
        hours = np.flatnonzero(grid.is_written[first:])
        columns = {
            "stack_id": pa.array([key[0]] * len(hours)),
            "pollutant_code": pa.array([key[1]] * len(hours)),
            "hour_utc": grid.hour_starts(hours + first),
            "legal_emission_g": as_column(series.emission_g[hours]),
            "substitute_hour_count": as_column(series.substitute_hours[hours]),
            "is_stopped": as_column(is_stopped[first:][hours]),
            "capture_share": as_column(series.capture_share[hours]),
        }
        parts.append(pa.table(columns))
    return pa.concat_tables(parts) if parts else empty(schema.table("cems_legal_hourly"))


def _series(cems_hourly: pa.Table, grid: HourGrid) -> dict[tuple[str, str], Floats]:
    """The valid emission of each stack and pollutant by hour, NaN elsewhere."""
    valid = cems_hourly.filter(pc.fill_null(cems_hourly["is_valid"], False))
    hours = grid.number_hours(to_microseconds(valid["hour_utc"]))
    keys = list(zip(*(valid[name].to_pylist() for name in KEY), strict=True))
    series = {key: np.full(grid.hour_count, np.nan) for key in sorted(set(keys))}
    for key, hour, emission_g in zip(keys, hours, valid["emission_g"].to_pylist(), strict=True):
        if hour >= 0 and emission_g is not None:
            series[key][hour] = emission_g
    return series


def _stopped_hours(line_energy_hourly: pa.Table, grid: HourGrid) -> dict[str, Flags]:
    """By line the hours in which it stood still: no energy, or no more than its base load."""
    energy = pc.fill_null(line_energy_hourly["energy_kwh"], np.nan)
    is_still = np.asarray(pc.equal(energy, 0.0)) | has_flag(line_energy_hourly["flag_codes"], Flag.STANDBY)
    still = line_energy_hourly.filter(pa.array(is_still))
    hours: Integers = grid.number_hours(to_microseconds(still["hour_utc"]))
    stopped: dict[str, Flags] = {}
    for line_id, hour in zip(still["production_line_id"].to_pylist(), hours, strict=True):
        if hour >= 0:
            stopped.setdefault(line_id, np.zeros(grid.hour_count, dtype=bool))[hour] = True
    return stopped


def _quarters(grid: HourGrid, time_zone: str) -> Integers:
    """The number of the local quarter of each hour."""
    start, zone = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=grid.start_us), ZoneInfo(time_zone)
    local = [(start + timedelta(hours=hour)).astimezone(zone) for hour in range(grid.hour_count)]
    return np.array([at.year * 4 + (at.month - 1) // MONTHS_A_QUARTER for at in local], dtype=np.int64)
