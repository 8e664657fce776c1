"""The stage that lets a valid stack monitor rule, and between its valid hours lets the model carry on, corrected by the monitor's past.

Belongs here: frames in and out, one group a monitored line. Does not: filling a gap (monitor_gap), nor which hours are valid (clean).
"""

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.equations import uncertainty
from bigdata_emis.errors import InputError
from bigdata_emis.flow import stage
from bigdata_emis.inventory.monitor_gap import Filled, Series, fill_gaps
from bigdata_emis.inventory.monitor_memory import Flags, Floats, FusionRule, Integers
from bigdata_emis.inventory.monitors import KEY, measured_by_line
from bigdata_emis.proxy.line_table import hour_numbers
from bigdata_emis.proxy.states import fit_states, state_numbers

MEASURED, CORRECTED, PROFILE = "measured", "corrected", "profile"
MONITOR_RATING = "A"
MODEL = ("emission_g", "emission_g_p05", "emission_g_p95", "method_code", "factor_source_code")
ROW = (
    "source_id string, pollutant_code string, hour_utc timestamp, emission_g double, emission_g_p05 double, emission_g_p95 double, "
    "method_code string, factor_source_code string, monitor_ratio double"
)
INSTANT = pa.timestamp("us", tz="UTC")
HOUR_US = 3_600_000_000


def fuse_monitors(
    emission_modelled_hourly: DataFrame, cems_hourly: DataFrame, stack: DataFrame, line_energy_hourly: DataFrame, production_line: DataFrame,
    uncertainty_rating: DataFrame, fusion_parameter: DataFrame, *, context: Context,
) -> DataFrame:  # fmt: skip
    """Emission of every line, pollutant and hour: measured where all stacks of the line have a valid hour, else by the model.

    In a gap of a monitor the model is "corrected" by the ratio of measured to modelled in hours of the same operating state (told
    from the line's power, else one state), and by the deviation at both ends of the gap; a pollutant that is monitored but has no
    factor goes by what was measured in that state ("profile"). A line without a monitor keeps the model's numbers. The interval
    of a measured hour is that of rating A, that of a corrected one the spread of what past corrections missed by.

    Raises InputError when fusion_parameter lacks a row or uncertainty_rating the rating.
    """
    rule = fusion_rule(fusion_parameter)
    rated = uncertainty_rating.where(F.col("rating_code") == MONITOR_RATING).select("relative_sd_share").first()
    if rated is None:
        raise InputError(f"reference table uncertainty_rating has no row {MONITOR_RATING}", "add it; the table that ships has it")
    monitored = stack.select(F.col("production_line_id").alias("source_id")).distinct()
    window = context.window.whole_days(context.region.time_zone)
    of_window = (F.col("hour_utc") >= F.lit(window.from_utc)) & (F.col("hour_utc") < F.lit(window.to_utc))
    alone = emission_modelled_hourly.where(of_window).join(F.broadcast(monitored), "source_id", "left_anti")
    told = _told(emission_modelled_hourly, cems_hourly, stack, line_energy_hourly, monitored)
    reach = window.widened(days_before=stage("fuse_monitors").lookback_days, time_zone=context.region.time_zone)
    work = _line_filler(rule, float(rated[0]), first=reach.from_utc, start=window.from_utc, end=window.to_utc)
    fused = told.groupBy("source_id").applyInArrow(work, ROW)
    sector = production_line.select(F.col("production_line_id").alias("source_id"), "sector_code")
    columns = (*KEY, *MODEL, "monitor_ratio")
    every = alone.withColumn("monitor_ratio", F.lit(None).cast("double")).select(*columns).unionByName(fused.select(*columns))
    return every.join(F.broadcast(sector), "source_id")  # many hours to one line


def fusion_rule(fusion_parameter: DataFrame) -> FusionRule:
    """The parameters by name. Raises InputError when one is missing."""
    given = {row["parameter_name"]: row["parameter_value"] for row in fusion_parameter.select("parameter_name", "parameter_value").collect()}
    try:
        return FusionRule(**{name: float(given[name]) for name in FusionRule.__dataclass_fields__})
    except KeyError as missing:
        raise InputError(f"reference table fusion_parameter has no row {missing}", "add it; the table that ships has it") from None


def _told(emission_modelled_hourly: DataFrame, cems_hourly: DataFrame, stack: DataFrame, line_energy_hourly: DataFrame, monitored: DataFrame) -> DataFrame:
    """What model, monitor and meters say of each hour of the monitored lines; each side has one row a key."""
    modelled = emission_modelled_hourly.join(F.broadcast(monitored), "source_id", "left_semi").select(*KEY, *MODEL)
    both = modelled.join(measured_by_line(cems_hourly, stack), list(KEY), "full")
    energy = line_energy_hourly.select(F.col("production_line_id").alias("source_id"), "hour_utc", "energy_kwh")
    mine = energy.join(F.broadcast(monitored), "source_id", "left_semi")
    return both.join(mine, ["source_id", "hour_utc"], "left").select(*KEY, *MODEL, "measured_emission_g", "energy_kwh")


def _line_filler(rule: FusionRule, monitor_sd_share: float, *, first: datetime, start: datetime, end: datetime) -> Callable[[pa.Table], pa.Table]:
    def fill_line(rows: pa.Table) -> pa.Table:
        hours = np.arange(_hour(first), _hour(end))
        pollutants = sorted(pc.unique(rows["pollutant_code"]).to_pylist())
        wanted = rows.filter(pc.greater_equal(rows["hour_utc"].cast(INSTANT), pa.scalar(start, INSTANT)))
        is_whole = len(wanted) - wanted["measured_emission_g"].null_count == len(pollutants) * (_hour(end) - _hour(start))
        # Telling states costs more than all the rest, and only gaps ask for them.
        state = np.full(len(hours), -1) if is_whole else _states(rows, hours)
        parts = [
            _fill_pollutant(rows.filter(pc.equal(rows["pollutant_code"], pollutant)), hours, state, rule, monitor_sd_share, _hour(start))
            for pollutant in pollutants
        ]
        return pa.concat_tables(parts)

    return fill_line


def _states(rows: pa.Table, hours: Integers) -> Integers:
    """The operating state of each hour from the line's energy, -1 where it is not known."""
    energy = _on_hours(rows, "energy_kwh", hours)
    return np.asarray(state_numbers(fit_states(energy), energy), dtype=np.int64)


def _fill_pollutant(rows: pa.Table, hours: Integers, state: Integers, rule: FusionRule, monitor_sd_share: float, start: int) -> pa.Table:
    measured = _on_hours(rows, "measured_emission_g", hours)
    modelled, model_p05, model_p95 = (_on_hours(rows, name, hours) for name in MODEL[:3])
    is_wanted = hours >= start
    filled = fill_gaps(Series(measured, modelled, model_p05, model_p95, state), is_wanted, rule)
    is_measured = ~np.isnan(measured)
    emission = np.where(is_measured, measured, filled.emission_g)
    lower, upper = (bound(measured, monitor_sd_share) for bound in (uncertainty.emission_g_p05, uncertainty.emission_g_p95))
    low, high = np.where(is_measured, lower, filled.p05_g), np.where(is_measured, upper, filled.p95_g)
    kept = np.flatnonzero(is_wanted & ~np.isnan(emission))
    method, source = _told_codes(rows, hours)
    codes = _methods(method, is_measured, filled, modelled)
    return pa.table({
        "source_id": pa.repeat(rows["source_id"][0], len(kept)), "pollutant_code": pa.repeat(rows["pollutant_code"][0], len(kept)),
        "hour_utc": pa.array(hours[kept] * HOUR_US, pa.int64()).cast(INSTANT), "emission_g": emission[kept],
        "emission_g_p05": low[kept], "emission_g_p95": high[kept], "method_code": pa.array(codes[kept].tolist(), pa.string()),
        "factor_source_code": pa.array(source[kept].tolist(), pa.string(), mask=is_measured[kept]),
        "monitor_ratio": pa.array(filled.ratio[kept], pa.float64(), from_pandas=True),
    })  # fmt: skip


def _methods(method: "np.typing.NDArray[np.object_]", is_measured: Flags, filled: Filled, modelled: Floats) -> "np.typing.NDArray[np.object_]":
    """Measured; corrected where a ratio moved the model or the monitor's level stands in for it; as modelled; profile without a model."""
    from_monitor = ~np.isnan(filled.ratio) | (filled.emission_g != modelled)
    codes = np.where(from_monitor, CORRECTED, method)
    codes = np.where(np.isnan(modelled), PROFILE, codes)
    return np.where(is_measured, MEASURED, codes)


def _told_codes(rows: pa.Table, hours: Integers) -> tuple["np.typing.NDArray[np.object_]", "np.typing.NDArray[np.object_]"]:
    place = _places(rows, hours)
    codes = []
    for name in MODEL[3:]:
        column = np.full(len(hours), None, dtype=object)
        column[place] = rows[name].to_numpy()
        codes.append(column)
    return codes[0], codes[1]


def _on_hours(rows: pa.Table, name: str, hours: Integers) -> Floats:
    """A column on the hours of the series, NaN where it is not told."""
    column = np.full(len(hours), np.nan)
    column[_places(rows, hours)] = rows[name].to_numpy()
    return column


def _places(rows: pa.Table, hours: Integers) -> Integers:
    return np.asarray(hour_numbers(rows["hour_utc"]) - hours[0], dtype=np.int64)


def _hour(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000 // HOUR_US
