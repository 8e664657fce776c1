"""Power readings to gridded emission in plain Polars, without our stages.

The readings are checked in power_polars_readings.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from bench.rivals.power_polars_readings import check_readings

UTC_OFFSET = timedelta(hours=8)
LOOKBACK_DAYS, LONGEST_GAP = 7, 3
Z = 1.6448536269514722


def run(inputs: Path, results: Path) -> None:
    window = json.loads((inputs / "window.json").read_text())
    start, hours = datetime.fromisoformat(window["from_utc"]), window["hours"]
    registry = {p.stem: pl.read_parquet(p) for p in inputs.glob("*.parquet")}
    (results / "power_hourly").mkdir(parents=True)
    for name in ("power_quarantine", "emission_hourly", "emission_gridded_hourly"):
        (results / name).mkdir()
    accepted, keys = check_readings(inputs, registry["meter"], registry["production_line"], results)
    hourly = fill_hours(accepted, keys, start, hours)
    hourly.write_parquet(results / "power_hourly" / "part.parquet")
    emission = estimate_emission(hourly, registry)
    emission.write_parquet(results / "emission_hourly" / "part.parquet")
    gridded = (
        emission.lazy()
        .join(registry["grid_weight"].lazy(), on="source_id", how="left")
        .group_by(pl.col("cell_id").fill_null("outside"), "sector_code", "pollutant_code", "hour_utc")
        .agg((pl.col("emission_g") * pl.col("weight_share").fill_null(1.0)).sum())
        .collect()
    )
    gridded.write_parquet(results / "emission_gridded_hourly" / "part.parquet")


def fill_hours(accepted: pl.DataFrame, keys: pl.Series, start: datetime, hours: int) -> pl.DataFrame:
    """Every hour of every meter: scaled sum, interpolation, or profile of the week before."""
    instants = pl.datetime_range(
        start, start + timedelta(hours=hours - 1), "1h", time_unit="us", time_zone="UTC", eager=True
    )
    local = pl.col("hour_utc") + UTC_OFFSET
    summed = (
        accepted.lazy()
        .group_by("meter_id", hour_utc=pl.col("interval_start_utc").dt.truncate("1h"))
        .agg(
            pl.col("energy_kwh").sum(),
            reading_count=pl.len().cast(pl.Int64),
            expected=60 / pl.col("expected_min").first(),
        )
    )
    share = (pl.col("reading_count") / pl.col("expected")).clip(upper_bound=1.0)
    grid = keys.to_frame().lazy().join(instants.to_frame("hour_utc").lazy(), how="cross")
    hourly = (
        grid.join(summed, on=["meter_id", "hour_utc"], how="left")
        .sort("meter_id", "hour_utc")
        .with_columns(
            measured=pl.col("energy_kwh") / share,
            is_scaled=share < 1,
            hour=((pl.col("hour_utc") - start).dt.total_hours()),
            day=local.dt.date().cast(pl.Int32),
            local_hour=local.dt.hour(),
            is_weekend=local.dt.weekday() > 5,
        )
    )
    if_measured = pl.when(pl.col("measured").is_not_null())
    matrix = hourly.with_columns(
        low=pl.col("measured").forward_fill().over("meter_id"),
        high=pl.col("measured").backward_fill().over("meter_id"),
        before=if_measured.then("hour").forward_fill().over("meter_id"),
        after=if_measured.then("hour").backward_fill().over("meter_id"),
        day_after=if_measured.then("day").backward_fill().over("meter_id"),
    ).collect()
    missing = pl.col("measured").is_null()
    short = missing & (pl.col("after") - pl.col("before") - 1 <= LONGEST_GAP) & (pl.col("day_after") == pl.col("day"))
    position_share = (pl.col("hour") - pl.col("before")) / (pl.col("after") - pl.col("before"))
    line = pl.when(short).then(pl.col("low") + position_share * (pl.col("high") - pl.col("low")))
    matrix = matrix.with_columns(line=line).join(
        estimate_profiles(matrix.filter(missing & ~short.fill_null(False)), matrix), on=["meter_id", "hour"], how="left"
    )
    code = (
        pl.when(~missing & pl.col("is_scaled"))
        .then(pl.lit("scaled"))
        .when(~missing)
        .then(pl.lit("none"))
        .when(pl.col("line").is_not_null())
        .then(pl.lit("interpolated"))
        .otherwise(pl.lit("profile"))
    )
    value = pl.coalesce("measured", "line", "profile")
    return matrix.select(
        "meter_id",
        "hour_utc",
        energy_kwh=value,
        reading_count=pl.col("reading_count").fill_null(0),
        imputation_code=code,
        flag_codes=pl.when(code == "none").then(pl.lit([], pl.List(pl.String))).otherwise(pl.lit(["gap"])),
    ).filter(pl.col("energy_kwh").is_not_null())


def estimate_profiles(missing: pl.DataFrame, matrix: pl.DataFrame) -> pl.DataFrame:
    """Median of the same local hour in the days before, of the same day type where there is one."""
    past = (
        matrix.lazy()
        .filter(pl.col("measured").is_not_null())
        .select("meter_id", "local_hour", "day", "is_weekend", "measured")
    )
    pairs = (
        missing.lazy()
        .select("meter_id", "hour", "local_hour", "day", "is_weekend")
        .join(past, on=["meter_id", "local_hour"], suffix="_past")
    )
    recent = pairs.filter(pl.col("day_past").is_between(pl.col("day") - LOOKBACK_DAYS, pl.col("day")))
    same_day_type = pl.col("measured").filter(pl.col("is_weekend") == pl.col("is_weekend_past")).median()
    return (
        recent.group_by("meter_id", "hour")
        .agg(profile=pl.coalesce(same_day_type, pl.col("measured").median()))
        .collect()
    )


def estimate_emission(hourly: pl.DataFrame, registry: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Activity of each line from its energy, and emission of each pollutant with its interval."""
    meter, lines, factors = (
        registry["meter"].lazy(),
        registry["production_line"].lazy(),
        registry["emission_factor"].lazy(),
    )
    counts = meter.filter(pl.col("meter_role_code").is_in(["production", "generation"]))
    site = meter.filter(pl.col("meter_role_code") == "whole_site").join(counts, on="production_line_id", how="anti")
    energy = (
        hourly.lazy()
        .join(pl.concat([counts, site]), on="meter_id")
        .group_by("production_line_id", "hour_utc")
        .agg(pl.col("energy_kwh").sum())
    )
    spread = registry["uncertainty_rating"].filter(pl.col("rating_code") == "C")["relative_sd_share"].item()
    base, load = pl.col("base_load_share"), pl.col("energy_kwh") / pl.col("reference_energy_kwh")
    share = ((load - base) / (1 - base)).clip(lower_bound=0.0)
    amount = pl.col("activity") * pl.col("emission_factor_g_per_unit") * (1 - pl.col("removal_share"))
    sd = (pl.lit(spread).pow(2) + 1).log()
    low, high = ((sign * Z * sd.sqrt() - sd / 2).exp() for sign in (-1, 1))
    width = pl.when(pl.col("activity") > 0).then((high - low) / (2 * Z)).otherwise(0.0)
    variance = (width.pow(2) + pl.col("relative_sd_share").pow(2) + 1).log()
    least, most = ((sign * Z * variance.sqrt() - variance / 2).exp() for sign in (-1, 1))
    return (
        energy.join(lines, on="production_line_id")
        .with_columns(activity=pl.col("capacity_per_h") * share.pow(1 / pl.col("power_elasticity")))
        .join(factors, on="production_line_id")
        .with_columns(emission_g=amount)
        .select(
            "sector_code",
            "pollutant_code",
            "hour_utc",
            "emission_g",
            source_id="production_line_id",
            emission_g_p05=pl.col("emission_g") * pl.min_horizontal(least, low),
            emission_g_p95=pl.col("emission_g") * pl.max_horizontal(most, high),
            method_code=pl.lit("modelled"),
        )
        .collect()
    )
