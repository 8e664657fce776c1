"""The rows of monitored lines as the engine hands them over, with what stands in each hour as they go back.

Belongs here: rows to arrays and back, which hours are measured, corrected or as modelled. Does not: filling a gap (monitor_gap), what
goes with it (line_parts), frames (fuse).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bigdata_emis.activity_model.inputs.line_rows import hour_numbers
from bigdata_emis.activity_model.operating_state.states import fit_states_of, state_numbers
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.equations import uncertainty
from bigdata_emis.inventory.monitors.gap_filling import Series, fill_gaps
from bigdata_emis.inventory.monitors.monitor_model_ratio import FusionRule
from bigdata_emis.inventory.shared import size_fractions
from bigdata_emis.inventory.shared.size_fractions import Lines, with_parts
from bigdata_emis.reference.pollutant_hierarchy import Containment

MEASURED, CORRECTED, PROFILE = "measured", "corrected", "profile"
MODEL_G = ("emission_g", "emission_g_p05", "emission_g_p95")
MODEL = (*MODEL_G, "method_code", "factor_source_code")
ROW = (
    "source_id string, pollutant_code string, hour_utc timestamp, emission_g double, emission_g_p05 double, emission_g_p95 double, "
    "method_code string, factor_source_code string, monitor_ratio double"
)
COLUMNS = ("source_id", "pollutant_code", "hour_utc", *MODEL, "monitor_ratio")
INSTANT = pa.timestamp("us", tz="UTC")
HOUR_US = 3_600_000_000


class _Hours(NamedTuple):
    """What is told of the lines of a portion: model (by bound) and monitor by series and hour, NaN where not told; energy by line and hour.

    A series is a line and a pollutant; `row` is the row of the frame that tells of its hour, -1 where there is none.
    """

    hour: Integers
    is_wanted: Flags
    line_of: Integers
    model_g: Floats
    measured_g: Floats
    energy_kwh: Floats
    row: Integers


class _Standing(NamedTuple):
    """What stands in the wanted hours of the monitored series, by series and hour."""

    emission_g: Floats
    p05_g: Floats
    p95_g: Floats
    ratio: Floats


def filler(
    rule: FusionRule,
    monitor_sd_share: float,
    containment: Containment,
    *,
    first: datetime,
    start: datetime,
    end: datetime,
) -> Callable[[pa.Table], pa.Table]:
    """The function that the engine calls with what is told of some lines from the first hour on; it answers from the start on."""

    def fill_lines(rows: pa.Table) -> pa.Table:
        hour = np.arange(_hour(first), _hour(end))
        lines, pollutants = (
            rows[name].combine_chunks().dictionary_encode() for name in ("source_id", "pollutant_code")
        )
        line, pollutant = (np.asarray(codes.indices.to_numpy(), dtype=np.int64) for codes in (lines, pollutants))
        pairs, series = np.unique(line * len(pollutants.dictionary) + pollutant, return_inverse=True)
        told = _on_hours(rows, line, series, hour, hour >= _hour(start), pairs // len(pollutants.dictionary))
        monitored = np.flatnonzero(~np.isnan(told.measured_g).all(axis=1))
        kinds = pollutants.dictionary.take(pairs % len(pollutants.dictionary))
        moved, standing = _with_parts(
            told, monitored, _stand(told, monitored, rule, monitor_sd_share), kinds.to_pylist(), containment
        )
        names = lines.dictionary.take(told.line_of[moved]), kinds.take(moved)
        alone = ~np.isin(series, moved)
        return pa.concat_tables([_as_modelled(rows, alone, start), _table(rows, told, moved, standing, names)])

    return fill_lines


def _on_hours(
    rows: pa.Table, line: Integers, series: Integers, hour: Integers, is_wanted: Flags, line_of: Integers
) -> _Hours:
    place = hour_numbers(rows["hour_utc"]) - hour[0]
    shape = (len(line_of), len(hour))
    numbers = np.full((len(MODEL_G) + 1, *shape), np.nan)
    for at, name in enumerate((*MODEL_G, "measured_emission_g")):
        numbers[at, series, place] = rows[name].to_numpy()
    energy = np.full((int(line.max()) + 1, len(hour)), np.nan)
    energy[line, place] = rows["energy_kwh"].to_numpy()
    row = np.full(shape, -1, dtype=np.int64)
    row[series, place] = np.arange(len(rows))
    return _Hours(hour, is_wanted, line_of, numbers[:-1], numbers[-1], energy, row)


def _stand(told: _Hours, monitored: Integers, rule: FusionRule, monitor_sd_share: float) -> _Standing:
    """Measured where the monitor speaks, with its rating's interval; the filled gap elsewhere."""
    measured = told.measured_g[monitored][:, told.is_wanted]
    low, high = (
        bound(measured, monitor_sd_share) for bound in (uncertainty.emission_g_p05, uncertainty.emission_g_p95)
    )
    standing = _Standing(measured, low, high, np.full(measured.shape, np.nan))
    # Telling states costs more than all the rest, and only gaps ask for them.
    with_gap = np.flatnonzero(np.isnan(measured).any(axis=1))
    states = _states(told.energy_kwh, np.unique(told.line_of[monitored[with_gap]]))
    for at in with_gap:
        one = monitored[at]
        modelled, model_p05, model_p95 = told.model_g[:, one]
        series = Series(told.measured_g[one], modelled, model_p05, model_p95, states[int(told.line_of[one])])
        is_gap = np.isnan(measured[at])
        for target, found in zip(standing, fill_gaps(series, told.is_wanted, rule), strict=True):
            target[at, is_gap] = found[told.is_wanted][is_gap]
    return standing


def _with_parts(
    told: _Hours, monitored: Integers, standing: _Standing, kinds: list[str], containment: Containment
) -> tuple[Integers, _Standing]:
    """The series that a monitor moves, its own and those that go with it, and what stands in them; the model's corrected by so much."""
    stands, is_monitored = told.model_g.copy(), np.zeros(len(told.line_of), dtype=np.bool_)
    is_monitored[monitored] = True
    ratio = np.full((len(told.line_of), int(told.is_wanted.sum())), np.nan)
    ratio[monitored] = standing.ratio
    wanted = np.flatnonzero(told.is_wanted)
    stands[:, is_monitored] = np.nan
    for bound_at, values in enumerate((standing.emission_g, standing.p05_g, standing.p95_g)):
        stands[bound_at][np.ix_(monitored, wanted)] = values
    firmness = np.where(np.isnan(told.measured_g), size_fractions.TOLD, size_fractions.MEASURED).astype(np.int8)
    found, touched = with_parts(
        stands, Lines(told.line_of, kinds, told.model_g[0], firmness, is_monitored), containment
    )
    emission, low, high = found[:, :, wanted]
    model = told.model_g[0][:, wanted]
    has_moved = (emission != stands[0][:, wanted]) & (model > 0) & ~np.isnan(emission)
    ratio[has_moved] = emission[has_moved] / model[has_moved]
    moved = np.flatnonzero(touched | is_monitored)
    return moved, _Standing(emission[moved], low[moved], high[moved], ratio[moved])


def _states(energy_kwh: Floats, lines: Integers) -> dict[int, Integers]:
    """The operating state of each hour of some lines from their energy, -1 where it is not known."""
    fitted = fit_states_of([energy_kwh[line] for line in lines])
    return {int(line): state_numbers(found, energy_kwh[line]) for line, found in zip(lines, fitted, strict=True)}


def _as_modelled(rows: pa.Table, alone: Flags, start: datetime) -> pa.Table:
    """Pollutants that no monitor of the line sees, neither by themselves nor in what contains them, keep the model's numbers."""
    is_wanted = pc.greater_equal(rows["hour_utc"].cast(INSTANT), pa.scalar(start, INSTANT))
    kept = rows.filter(pc.and_(pc.and_(is_wanted, rows["emission_g"].is_valid()), pa.array(alone)))
    text = {name: kept[name].cast(pa.string()) for name in ("source_id", "pollutant_code", *MODEL[3:])}
    told = {name: kept[name] for name in MODEL_G}
    columns = {
        **text,
        **told,
        "hour_utc": kept["hour_utc"].cast(INSTANT),
        "monitor_ratio": pa.nulls(len(kept), pa.float64()),
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def _table(
    rows: pa.Table, told: _Hours, monitored: Integers, standing: _Standing, names: tuple[pa.Array, pa.Array]
) -> pa.Table:
    series, place = np.nonzero(~np.isnan(standing.emission_g))
    wanted = np.ix_(monitored, np.flatnonzero(told.is_wanted))
    model, is_measured, row = (
        told.model_g[0][wanted][series, place],
        ~np.isnan(told.measured_g[wanted][series, place]),
        told.row[wanted][series, place],
    )
    emission, low, high, ratio = (values[series, place] for values in standing)
    method, source = (_texts(rows[name], row) for name in MODEL[3:])
    codes = _methods(method, is_measured, ~np.isnan(ratio) | (emission != model), np.isnan(model))
    hour = pa.array(told.hour[told.is_wanted][place] * HOUR_US, pa.int64()).cast(INSTANT)
    columns = (
        names[0].take(series).cast(pa.string()),
        names[1].take(series).cast(pa.string()),
        hour,
        emission,
        low,
        high,
        codes,
        pa.array(source, pa.string(), mask=is_measured),
        pa.array(ratio, pa.float64(), from_pandas=True),
    )
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))


def _texts(column: pa.ChunkedArray, row: Integers) -> NDArray[Any]:
    """The codes of some rows, None where there is no row."""
    found: NDArray[Any] = column.take(pa.array(row, mask=row < 0)).to_numpy(zero_copy_only=False)
    return found


def _methods(method: NDArray[Any], is_measured: Flags, is_moved: Flags, is_without_model: Flags) -> pa.Array:
    """Measured; corrected where a ratio moved the model or the monitor's level stands in for it; as modelled; profile without a model."""
    codes = np.where(is_moved, CORRECTED, method)
    codes = np.where(is_without_model, PROFILE, codes)
    return pa.array(np.where(is_measured, MEASURED, codes), pa.string())


def _hour(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000 // HOUR_US
