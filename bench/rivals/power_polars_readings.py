"""Checks of power readings in plain Polars: rejected ones are written with their reasons."""

from datetime import timedelta
from pathlib import Path

import polars as pl

UTC_OFFSET = timedelta(hours=8)
REACH, THRESHOLD, LEVEL_SHARE, LEVEL_FACTOR, LEAST_NEIGHBOURS, SD_PER_MAD = 6, 5.0, 0.99, 1.5, 5, 1.482602218505602
LOOKBACK_DAYS, CAPACITY_FACTOR, LEAST_READINGS = 7, 5.0, 6
QUARANTINED = ["meter_id", "interval_start_utc", "energy_kwh", "interval_min", "record_number", "reason_codes"]


def check_readings(
    inputs: Path, meter: pl.DataFrame, lines: pl.DataFrame, results: Path
) -> tuple[pl.DataFrame, pl.Series]:
    """The accepted readings in order of meter and time, and all meters.

    Rejected readings, duplicates and outliers are written with their reasons.
    """
    energy, interval, expected = pl.col("energy_kwh"), pl.col("interval_min"), pl.col("expected_min")
    out_of_bounds = (interval < 1) | (interval > 1440) | (interval != expected) | (expected > 60)
    above = energy > pl.col("maximum_kwh") * expected / 60
    checks = {
        "unknown_id": expected.is_null(),
        "not_a_number": energy.is_null(),
        "negative": energy < 0,
        "out_of_bounds": out_of_bounds,
        "above_capacity": above | is_of_such_day(above),
    }
    for flag in ("not_a_number", "out_of_window", "invalid_status"):
        checks[flag] = checks.get(flag, pl.lit(False)) | pl.col("flag_codes").list.contains(flag)
    maximum = lines.select(
        "production_line_id", maximum_kwh=CAPACITY_FACTOR * pl.col("reference_energy_kwh").sum().over("enterprise_id")
    )
    limits = meter.join(maximum, on="production_line_id", how="left").select(
        "meter_id", "maximum_kwh", expected_min="interval_min"
    )
    rows = (
        pl.scan_parquet(inputs / "power_reading" / "*" / "*.parquet", hive_partitioning=False)
        .join(limits.lazy(), on="meter_id", how="left")
        .with_columns(
            reason_codes=pl.concat_list(
                pl.when(c.fill_null(False)).then(pl.lit(r)) for r, c in checks.items()
            ).list.drop_nulls()
        )
        .sort("meter_id", "interval_start_utc", "record_number")
        .collect()
    )
    keys = rows["meter_id"].unique().sort()
    rejected = rows.filter(pl.col("reason_codes").list.len() > 0)
    rows = rows.filter(pl.col("reason_codes").list.len() == 0)
    last = (
        pl.struct("meter_id", "interval_start_utc") != pl.struct("meter_id", "interval_start_utc").shift(-1)
    ).fill_null(True)
    duplicates = rows.filter(~last).with_columns(reason_codes=pl.lit(["duplicate"]))
    day = (pl.col("interval_start_utc") + UTC_OFFSET).dt.date().cast(pl.Int32)
    rows = rows.filter(last).with_columns(day=day).with_row_index("row")
    outlier_rows = find_outliers(rows)
    outliers = rows[outlier_rows].with_columns(reason_codes=pl.lit(["outlier"]))
    pl.concat(f.select(QUARANTINED) for f in (rejected, duplicates, outliers)).write_parquet(
        results / "power_quarantine" / "part.parquet"
    )
    return rows.filter(~pl.col("row").is_in(outlier_rows.implode())), keys


def is_of_such_day(above: pl.Expr) -> pl.Expr:
    """The readings of a local day of a meter on which most readings are above the maximum."""
    day = ["meter_id", (pl.col("interval_start_utc") + UTC_OFFSET).dt.date()]
    given, high = pl.col("energy_kwh").count().over(day), above.fill_null(False).sum().over(day)
    return pl.col("energy_kwh").is_not_null() & (given >= LEAST_READINGS) & (2 * high > given)


def find_outliers(rows: pl.DataFrame) -> pl.Series:
    """Row numbers of outliers by the Hampel identifier, among readings above their usual range."""
    recent = rows.lazy().group_by_dynamic(
        "day", every="1i", period=f"{LOOKBACK_DAYS + 1}i", offset=f"-{LOOKBACK_DAYS}i", group_by="meter_id"
    )
    level = recent.agg(level=LEVEL_FACTOR * pl.col("energy_kwh").quantile(LEVEL_SHARE, "lower")).with_columns(
        pl.col("day") + LOOKBACK_DAYS
    )
    suspect = rows.lazy().join(level, on=["meter_id", "day"]).filter(pl.col("energy_kwh") > pl.col("level")).collect()
    near = suspect.select(
        "row", "day", "level", "meter_id", value="energy_kwh", offset=pl.lit(list(range(-REACH, REACH + 1)))
    ).explode("offset")
    near = near.with_columns(position=pl.col("row").cast(pl.Int64) + pl.col("offset")).filter(
        pl.col("position").is_between(0, len(rows) - 1)
    )
    neighbours = rows.select("meter_id", "day", "energy_kwh")[near["position"]]
    near = near.hstack(neighbours.rename({"meter_id": "near_meter", "day": "near_day", "energy_kwh": "near"}))
    near = near.filter((pl.col("near_meter") == pl.col("meter_id")) & (pl.col("near_day") <= pl.col("day")))
    energy = pl.col("near")
    tested = near.group_by("row").agg(
        pl.col("value", "level").first(),
        median=energy.median(),
        mad=(energy - energy.median()).abs().median(),
        count=pl.len(),
    )
    limit = pl.max_horizontal(THRESHOLD * SD_PER_MAD * pl.col("mad"), pl.col("level"))
    is_outlier = (
        (pl.col("count") >= LEAST_NEIGHBOURS) & (pl.col("median") > 0) & (pl.col("value") - pl.col("median") > limit)
    )
    return tested.filter(is_outlier)["row"]
