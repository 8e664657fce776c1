"""Stack readings from CSV to clean hours in plain Polars, without our stages.

Belongs here: the script as an analyst would write it. Does not: doubts about readings (far from their neighbours,
frozen, drifting), which our stage looks for besides.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

UTC_OFFSET = timedelta(hours=8)
POLLUTANTS = {"21026": "SO2", "21002": "NOx", "34013": "PM"}
HIGHEST_CONCENTRATION, HIGHEST_FLOW = 1e6, 1e8
LONGEST_GAP_H = 5
MG_PER_G = 1000.0


def run(region: Path, results: Path, first: datetime, hours: int) -> None:
    """Read the dropped files, quarantine what breaks a rule, and write hours and quarantine as Parquet."""
    stacks = pl.read_csv(region / "registry" / "stack.csv")["stack_id"]
    rows = (
        pl.scan_csv(sorted((region / "drop").glob("*.csv")), schema_overrides={"pollutant": pl.String})
        .with_row_index("arrival")
        .with_columns(
            hour_utc=pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us") - UTC_OFFSET,
            pollutant_code=pl.col("pollutant").replace_strict(POLLUTANTS, default=None),
            emission_g=pl.col("mg_m3") * pl.col("m3_h") / MG_PER_G,
        )
        .with_columns(reason=_reason(stacks))
    )
    key = ["stack", "pollutant_code", "hour_utc"]
    judged = rows.sort([*key, "arrival"]).collect()
    usable = judged.filter(pl.col("reason").is_null())
    last = usable.unique(subset=key, keep="last", maintain_order=True)
    repeated = usable.join(last.select("arrival"), on="arrival", how="anti").with_columns(reason=pl.lit("duplicate"))
    quarantined = pl.concat([judged.filter(pl.col("reason").is_not_null()), repeated])
    results.mkdir(parents=True, exist_ok=True)
    quarantined.select(*key, "mg_m3", "m3_h", "arrival", "reason").write_parquet(results / "quarantine.parquet")
    _fill_hours(last, first, hours).write_parquet(results / "hourly.parquet")


def _reason(stacks: pl.Series) -> pl.Expr:
    concentration, flow = pl.col("mg_m3"), pl.col("m3_h")
    return (
        pl.when(~pl.col("stack").is_in(stacks.implode()) | pl.col("pollutant_code").is_null())
        .then(pl.lit("unknown_id"))
        .when(concentration.is_null() | flow.is_null())
        .then(pl.lit("not_a_number"))
        .when((concentration < 0) | (flow < 0))
        .then(pl.lit("negative"))
        .when((concentration > HIGHEST_CONCENTRATION) | (flow > HIGHEST_FLOW))
        .then(pl.lit("out_of_bounds"))
        .when(pl.col("status") != "N")
        .then(pl.lit("invalid_status"))
    )


def _fill_hours(last: pl.DataFrame, first: datetime, hours: int) -> pl.DataFrame:
    """Every hour of every stack and pollutant that reports; short gaps within a day's end on a straight line."""
    instants = pl.datetime_range(first, first + timedelta(hours=hours - 1), "1h", time_unit="us", eager=True)
    sources = last.select("stack", "pollutant_code").unique().sort("stack", "pollutant_code")
    key = ["stack", "pollutant_code", "hour_utc"]
    grid = sources.join(instants.to_frame("hour_utc"), how="cross").join(
        last.select(*key, "mg_m3", "m3_h", "emission_g"), on=key, how="left", maintain_order="left"
    )
    source, value = ["stack", "pollutant_code"], pl.col("emission_g")
    hour = pl.int_range(pl.len()).over(source)
    filled = grid.with_columns(
        hour=hour,
        day_end=hour // 24 * 24 + 23,
        before=pl.when(value.is_not_null()).then(hour).forward_fill().over(source),
        after=pl.when(value.is_not_null()).then(hour).backward_fill().over(source),
        low=value.forward_fill().over(source),
        high=value.backward_fill().over(source),
    )
    gap = pl.col("after") - pl.col("before")
    is_short = value.is_null() & (gap - 1 <= LONGEST_GAP_H) & (pl.col("after") <= pl.col("day_end"))
    share = (pl.col("hour") - pl.col("before")) / gap
    return filled.with_columns(
        best_emission_g=pl.when(is_short)
        .then(pl.col("low") + share * (pl.col("high") - pl.col("low")))
        .otherwise(value),
        is_valid=value.is_not_null(),
        imputation_code=pl.when(is_short).then(pl.lit("interpolated")).otherwise(pl.lit("none")),
    ).drop("hour", "day_end", "before", "after", "low", "high")


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), int(sys.argv[4]))
