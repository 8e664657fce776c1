"""The plain script for projected days: Polars over the files of recent days, without our stages.

Belongs here: what an analyst would write. Does not: measures, files of results, days with a repeated hour.
"""

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

FRIDAY = 4


def project_plainly(files: Sequence[Path], wanted: Sequence[date], time_zone: str) -> dict[str, float]:
    """Gram of each pollutant over the wanted days: the mean of recent days by hour, weighted by age and day type.

    files: one a day, in folders named day=YYYY-MM-DD.
    """
    days = [date.fromisoformat(file.parent.name.removeprefix("day=")) for file in files]
    newest = max(days)
    frames = [
        pl.scan_parquet(file)
        .select(
            "source_id",
            "pollutant_code",
            pl.col("hour_utc").dt.convert_time_zone(time_zone).dt.hour().alias("hour"),
            "emission_g",
        )
        .with_columns(pl.lit(weigh_day(day, newest, one)).alias(f"weight_{one}") for one in wanted)
        for file, day in zip(files, days, strict=True)
    ]
    means = [
        ((pl.col("emission_g") * pl.col(f"weight_{one}")).sum() / pl.col(f"weight_{one}").sum()).alias(str(one))
        for one in wanted
    ]
    hours = pl.concat(frames).group_by("source_id", "pollutant_code", "hour").agg(means)
    totals = hours.group_by("pollutant_code").agg(pl.sum_horizontal(*map(str, wanted)).sum().alias("grams"))
    return dict(totals.collect().iter_rows())


def weigh_day(day: date, newest: date, wanted: date) -> float:
    """Exponential in the age, over half of the days ahead; a day of another type counts half."""
    by_age = math.exp(-(newest - day).days / (0.5 * (wanted - newest).days))
    return by_age if day_type(day) == day_type(wanted) else by_age / 2


def day_type(day: date) -> int:
    """Working day, Saturday or Sunday."""
    return max(day.weekday() - FRIDAY, 0)
