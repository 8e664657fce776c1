"""Fusion of monitor and model for the rows of monitored lines, as the engine passes them: rows in, rows out.

Belongs here: rows to arrays and back, and which hours are measured, corrected or modelled. Does not: filling a gap
(gap_filling), size fractions of a monitored pollutant (shared/size_fractions), frames (fuse_monitors).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bigdata_emis.activity_model.inputs.line_rows import hour_numbers
from bigdata_emis.activity_model.operating_state.states import classify_states, fit_states_by_line
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.codes import Method
from bigdata_emis.equations import uncertainty
from bigdata_emis.inventory.monitors.gap_filling import MonitorSeries, fill_gaps
from bigdata_emis.inventory.monitors.monitor_model_ratio import FusionRule
from bigdata_emis.inventory.shared.size_fractions import PollutantSeries, SourcePriority, align_size_fractions
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.window import HOUR_US

MODEL_G = ("emission_g", "emission_g_p05", "emission_g_p95")
MODEL_CODES = ("method_code", "factor_source_code")
MODEL = (*MODEL_G, *MODEL_CODES)
ROW = (
    "source_id string, pollutant_code string, hour_utc timestamp, emission_g double, emission_g_p05 double, "
    "emission_g_p95 double, method_code string, factor_source_code string, monitor_ratio double"
)
COLUMNS = ("source_id", "pollutant_code", "hour_utc", *MODEL, "monitor_ratio")


class _FusionHours(NamedTuple):
    """Model and monitor of the lines of a batch, NaN where there is no value.

    model_g: (3 bounds, series, hours); measured_g: (series, hours); energy_kwh: (lines, hours). A series is a line
    and a pollutant; line_number is its line; input_row is the row that gives its hour, -1 where there is none.
    """

    hour: Integers
    is_wanted: Flags
    line_number: Integers
    model_g: Floats
    measured_g: Floats
    energy_kwh: Floats
    input_row: Integers


class _FusedEmission(NamedTuple):
    """The emission of the wanted hours of some series, (series, wanted hours)."""

    emission_g: Floats
    p05_g: Floats
    p95_g: Floats
    ratio: Floats


def make_line_fuser(
    rule: FusionRule,
    monitor_sd_share: float,
    containment: Containment,
    *,
    first: datetime,
    start: datetime,
    end: datetime,
) -> Callable[[pa.Table], pa.Table]:
    """The function that the engine calls with the rows of some lines.

    The rows are those from `first` on; the function returns rows from `start` on.
    """

    def fuse_lines(rows: pa.Table) -> pa.Table:
        hour = np.arange(_hour_number(first), _hour_number(end))
        lines, pollutants = (
            rows[name].combine_chunks().dictionary_encode() for name in ("source_id", "pollutant_code")
        )
        line, pollutant = (np.asarray(codes.indices.to_numpy(), dtype=np.int64) for codes in (lines, pollutants))
        pollutant_count = len(pollutants.dictionary)
        pairs, series = np.unique(line * pollutant_count + pollutant, return_inverse=True)
        hours = _fusion_hours(rows, line, series, hour, hour >= _hour_number(start), pairs // pollutant_count)
        monitored = np.flatnonzero(~np.isnan(hours.measured_g).all(axis=1))
        codes = pollutants.dictionary.take(pairs % pollutant_count)
        of_monitors = _fuse_monitored(hours, monitored, rule, monitor_sd_share)
        revised, fused = _align_fractions(hours, monitored, of_monitors, codes.to_pylist(), containment)
        names = lines.dictionary.take(hours.line_number[revised]), codes.take(revised)
        is_unrelated = ~np.isin(series, revised)
        return pa.concat_tables(
            [_modelled_rows(rows, is_unrelated, start), _fused_rows(rows, hours, revised, fused, names)]
        )

    return fuse_lines


def _fusion_hours(
    rows: pa.Table, line: Integers, series: Integers, hour: Integers, is_wanted: Flags, line_number: Integers
) -> _FusionHours:
    position = hour_numbers(rows["hour_utc"]) - hour[0]
    shape = (len(line_number), len(hour))
    values = np.full((len(MODEL_G) + 1, *shape), np.nan)
    for kind, name in enumerate((*MODEL_G, "measured_emission_g")):
        values[kind, series, position] = rows[name].to_numpy()
    energy = np.full((int(line.max()) + 1, len(hour)), np.nan)
    energy[line, position] = rows["energy_kwh"].to_numpy()
    input_row = np.full(shape, -1, dtype=np.int64)
    input_row[series, position] = np.arange(len(rows))
    return _FusionHours(hour, is_wanted, line_number, values[:-1], values[-1], energy, input_row)


def _fuse_monitored(
    hours: _FusionHours, monitored: Integers, rule: FusionRule, monitor_sd_share: float
) -> _FusedEmission:
    """The monitored series: measured hours with the interval of the monitor's rating, filled gaps elsewhere."""
    measured = hours.measured_g[monitored][:, hours.is_wanted]
    low, high = (
        bound(measured, monitor_sd_share) for bound in (uncertainty.emission_g_p05, uncertainty.emission_g_p95)
    )
    fused = _FusedEmission(measured, low, high, np.full(measured.shape, np.nan))
    # Classifying states costs more than all the rest, and only gaps need them.
    with_gap = np.flatnonzero(np.isnan(measured).any(axis=1))
    states = _states_by_line(hours.energy_kwh, np.unique(hours.line_number[monitored[with_gap]]))
    for row in with_gap:
        number = monitored[row]
        state = states[int(hours.line_number[number])]
        model, model_p05, model_p95 = hours.model_g[:, number]
        series = MonitorSeries(hours.measured_g[number], model, model_p05, model_p95, state)
        is_gap = np.isnan(measured[row])
        for target, filled in zip(fused, fill_gaps(series, hours.is_wanted, rule), strict=True):
            target[row, is_gap] = filled[hours.is_wanted][is_gap]
    return fused


def _align_fractions(
    hours: _FusionHours,
    monitored: Integers,
    of_monitors: _FusedEmission,
    pollutant_codes: list[str],
    containment: Containment,
) -> tuple[Integers, _FusedEmission]:
    """The series that a monitor revises, its own and the related size fractions and totals, and their emission.

    The ratio of an hour without a monitor is that of its emission to the model.
    """
    series_count, wanted = len(hours.line_number), np.flatnonzero(hours.is_wanted)
    values_g, is_monitored = hours.model_g.copy(), np.zeros(series_count, dtype=np.bool_)
    is_monitored[monitored] = True
    ratio = np.full((series_count, len(wanted)), np.nan)
    ratio[monitored] = of_monitors.ratio
    values_g[:, is_monitored] = np.nan
    for bound, bound_g in enumerate((of_monitors.emission_g, of_monitors.p05_g, of_monitors.p95_g)):
        values_g[bound][np.ix_(monitored, wanted)] = bound_g
    is_measured = ~np.isnan(hours.measured_g)
    priority = np.where(is_measured, SourcePriority.MEASURED, SourcePriority.MODELLED).astype(np.int8)
    series = PollutantSeries(hours.line_number, pollutant_codes, hours.model_g[0], priority, is_monitored)
    aligned_g, is_affected = align_size_fractions(values_g, series, containment)
    emission, low, high = aligned_g[:, :, wanted]
    model = hours.model_g[0][:, wanted]
    is_changed = (emission != values_g[0][:, wanted]) & (model > 0) & ~np.isnan(emission)
    ratio[is_changed] = emission[is_changed] / model[is_changed]
    revised = np.flatnonzero(is_affected | is_monitored)
    return revised, _FusedEmission(emission[revised], low[revised], high[revised], ratio[revised])


def _states_by_line(energy_kwh: Floats, lines: Integers) -> dict[int, Integers]:
    """The operating state of each hour of some lines from their energy, -1 where it is unknown."""
    fitted = fit_states_by_line([energy_kwh[line] for line in lines])
    return {int(line): classify_states(states, energy_kwh[line]) for line, states in zip(lines, fitted, strict=True)}


def _modelled_rows(rows: pa.Table, is_unrelated: Flags, start: datetime) -> pa.Table:
    """Pollutants that no monitor of the line measures, directly or as a size fraction, as modelled."""
    is_wanted = pc.greater_equal(rows["hour_utc"].cast(INSTANT), pa.scalar(start, INSTANT))
    selected = rows.filter(pc.and_(pc.and_(is_wanted, rows["emission_g"].is_valid()), pa.array(is_unrelated)))
    columns = {
        **{name: selected[name].cast(pa.string()) for name in ("source_id", "pollutant_code", *MODEL_CODES)},
        **{name: selected[name] for name in MODEL_G},
        "hour_utc": selected["hour_utc"].cast(INSTANT),
        "monitor_ratio": pa.nulls(len(selected), pa.float64()),
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def _fused_rows(
    rows: pa.Table, hours: _FusionHours, revised: Integers, fused: _FusedEmission, names: tuple[pa.Array, pa.Array]
) -> pa.Table:
    series, position = np.nonzero(~np.isnan(fused.emission_g))
    wanted = np.ix_(revised, np.flatnonzero(hours.is_wanted))
    model = hours.model_g[0][wanted][series, position]
    is_measured = ~np.isnan(hours.measured_g[wanted][series, position])
    input_row = hours.input_row[wanted][series, position]
    emission, low, high, ratio = (values[series, position] for values in fused)
    method, factor_source = (_codes_of_rows(rows[name], input_row) for name in MODEL_CODES)
    is_corrected = ~np.isnan(ratio) | (emission != model)
    hour = pa.array(hours.hour[hours.is_wanted][position] * HOUR_US, pa.int64()).cast(INSTANT)
    columns = (
        names[0].take(series).cast(pa.string()),
        names[1].take(series).cast(pa.string()),
        hour,
        emission,
        low,
        high,
        _method_codes(method, is_measured, is_corrected, np.isnan(model)),
        pa.array(factor_source, pa.string(), mask=is_measured),
        pa.array(ratio, pa.float64(), from_pandas=True),
    )
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))


def _codes_of_rows(column: pa.ChunkedArray, row: Integers) -> NDArray[Any]:
    """The codes of some rows, None where the row number is negative."""
    codes: NDArray[Any] = column.take(pa.array(row, mask=row < 0)).to_numpy(zero_copy_only=False)
    return codes


def _method_codes(method: NDArray[Any], is_measured: Flags, is_corrected: Flags, is_without_model: Flags) -> pa.Array:
    """Measured; profile without a model; corrected where the model was revised; else the code of the model."""
    codes = np.where(is_corrected, Method.CORRECTED, method)
    codes = np.where(is_without_model, Method.PROFILE, codes)
    return pa.array(np.where(is_measured, Method.MEASURED, codes), pa.string())


def _hour_number(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000 // HOUR_US
