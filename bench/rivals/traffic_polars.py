"""Road flow and speed to gridded emission in plain Polars, without our stages."""

import itertools
from datetime import timedelta
from pathlib import Path

import polars as pl

UTC_OFFSET = timedelta(hours=8)
POLLUTANTS = ("CO", "NOx", "PM10", "PM2.5", "VOCs")
TECHNOLOGY = ["fuel_code", "emission_stage_code", "pollutant_code"]
SEGMENT = ["road_class_code", "hour_utc", "segment"]
VAPOUR_KNOTS = (5.0, 7.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 45.0, 60.0, 75.0, 90.0, 120.0)
Z = 1.6448536269514722


def run(inputs: Path, results: Path) -> None:
    reference = {p.stem: pl.read_parquet(p) for p in inputs.glob("*.parquet")}
    for name in ("emission_hourly", "emission_gridded_hourly"):
        (results / name).mkdir(parents=True)
    traffic = pl.scan_parquet(inputs / "traffic_hourly" / "*" / "*.parquet", hive_partitioning=False)
    weather = pl.scan_parquet(inputs / "weather_hourly" / "*" / "*.parquet", hive_partitioning=False)
    emission = estimate_emission(traffic, reference, estimate_factors(traffic, weather, reference)).collect(
        engine="streaming"
    )
    emission.write_parquet(results / "emission_hourly" / "part.parquet")
    gridded = (
        emission.lazy()
        .join(reference["grid_weight"].lazy(), on="source_id", how="left")
        .group_by(pl.col("cell_id").fill_null("outside"), "sector_code", "pollutant_code", "hour_utc")
        .agg((pl.col("emission_g") * pl.col("weight_share").fill_null(1.0)).sum())
        .collect(engine="streaming")
    )
    gridded.write_parquet(results / "emission_gridded_hourly" / "part.parquet")


def estimate_factors(traffic: pl.LazyFrame, weather: pl.LazyFrame, reference: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The factor of each vehicle and hour at both ends of each speed segment.

    One column per pollutant and end.
    """
    means = weather.group_by("hour_utc").agg(
        temperature=pl.col("air_temperature_degc").mean().round(6),
        humidity=pl.col("relative_humidity_share").mean().round(6),
    )
    hours = traffic.select("hour_utc").unique().join(means, on="hour_utc", how="left").collect()
    hours = hours.with_columns(local_hour=(pl.col("hour_utc") + UTC_OFFSET).dt.hour().cast(pl.Int64))
    fleet = reference["fleet_mix"].filter(pl.col("fuel_code") != "electric").join(hours, on="local_hour")
    running = reference["road_evaporation_factor"].filter(pl.col("evaporation_process_code") == "running")
    fleet = fleet.join(running.select("fuel_code", loss="running_loss_g_per_h"), on="fuel_code", how="left")
    vehicles = fleet.join(reference["road_base_emission_factor"], on=["vehicle_class_code", *TECHNOLOGY[:2]])
    by_temperature = look_up_correction(
        vehicles,
        reference["road_temperature_correction"],
        "temperature_correction",
        ["vehicle_class_code", "fuel_code"],
    )
    by_humidity = look_up_correction(
        vehicles, reference["road_humidity_correction"], "humidity_correction", ["fuel_code"]
    )
    humidity_or_one = pl.when(pl.col("humidity") == 0.5).then(1.0).otherwise(by_humidity)
    weathered = vehicles.with_columns(factor=pl.col("base_emission_factor_g_per_km") * by_temperature).with_columns(
        factor=pl.col("factor") * humidity_or_one
    )
    ends = weathered.join(speed_segments(reference["road_speed_correction"]), on=TECHNOLOGY)
    at = {p: pl.col("pollutant_code") == p for p in POLLUTANTS}
    columns = [
        (pl.col("factor") * pl.col(end)).filter(at[p]).first().alias(f"{end} {p}")
        for end in ("lower", "upper")
        for p in POLLUTANTS
    ]
    first = (pl.col("fleet_share").first(), pl.col("loss").fill_null(0.0).first())
    return ends.group_by(*SEGMENT, "vehicle_class_code", *TECHNOLOGY[:2]).agg(*first, *columns)


def look_up_correction(vehicles: pl.DataFrame, table: pl.DataFrame, name: str, keys: list[str]) -> pl.Series:
    """The correction of the one row whose bins match, or 1, in the order of the vehicles."""
    matching = vehicles.with_row_index("row").lazy().join(table.lazy(), on=[*keys, "pollutant_code"])
    matching = matching.filter(is_in_bin("temperature", "temperature_degc", 15.0))
    if "lower_humidity_share" in table.columns:
        matching = matching.filter(is_in_bin("humidity", "humidity_share", 0.5))
    rows = vehicles.with_row_index("row").select("row")
    return rows.join(matching.select("row", name).collect(), on="row", how="left", maintain_order="left")[
        name
    ].fill_null(1.0)


def is_in_bin(value: str, edge: str, reference: float) -> pl.Expr:
    """Whether a bin contains a value; an edge belongs to the bin nearer to the reference."""
    given, low, high = pl.col(value), pl.col(f"lower_{edge}"), pl.col(f"upper_{edge}")
    above = pl.when(low >= reference).then(given > low).otherwise(given >= low)
    return above & pl.when(high > reference).then(given <= high).otherwise(given < high)


def speed_segments(speed_correction: pl.DataFrame) -> pl.DataFrame:
    """The correction at both ends of each segment between two speeds; it is 1 at 30 km/h."""
    at_knot = speed_correction.select(*TECHNOLOGY, speed="centre_speed_km_per_h", lower="speed_correction").filter(
        pl.col("speed") != 30
    )
    reference = at_knot.select(TECHNOLOGY).unique().with_columns(speed=pl.lit(30.0), lower=pl.lit(1.0))
    ordered = pl.concat([at_knot, reference]).sort(*TECHNOLOGY, "speed")
    following = [
        pl.col("speed").shift(-1).over(TECHNOLOGY).alias("next_speed"),
        pl.col("lower").shift(-1).over(TECHNOLOGY).alias("upper"),
    ]
    return ordered.with_columns(*following, segment=pl.int_range(pl.len()).over(TECHNOLOGY)).drop_nulls("upper")


def hours_per_km(speed: pl.Expr) -> pl.Expr:
    """Time by distance, linear between the knots and constant beyond them."""
    within = speed.clip(VAPOUR_KNOTS[0], VAPOUR_KNOTS[-1])
    lines = pl.lit(1 / VAPOUR_KNOTS[0])
    for low, high in itertools.pairwise(VAPOUR_KNOTS):
        lines = lines + (within.clip(low, high) - low) / (high - low) * (1 / high - 1 / low)
    return lines


def estimate_emission(traffic: pl.LazyFrame, reference: dict[str, pl.DataFrame], factor: pl.DataFrame) -> pl.LazyFrame:
    """Emission of each link, hour and pollutant with its interval, summed over vehicles."""
    speeds = sorted({30.0, *reference["road_speed_correction"]["centre_speed_km_per_h"]})
    speed = pl.col("speed_km_per_h")
    segment = pl.sum_horizontal((speed >= knot).cast(pl.Int64) for knot in speeds[1:-1])
    edges = pl.DataFrame({"segment": range(len(speeds) - 1), "low": speeds[:-1], "high": speeds[1:]})
    links = (
        traffic.join(reference["road_link"].lazy(), on="link_id")
        .with_columns(segment=segment)
        .join(edges.lazy(), on="segment")
        .with_columns(
            along=(speed.clip(speeds[0], speeds[-1]) - pl.col("low")) / (pl.col("high") - pl.col("low")),
            vehicle_km=pl.col("flow_veh_per_h") * pl.col("length_km"),
            h_per_km=hours_per_km(speed),
        )
        .select("link_id", *SEGMENT, "along", "vehicle_km", "h_per_km")
        .join(factor.lazy(), on=SEGMENT)
    )
    share = pl.col("vehicle_km") * pl.col("fleet_share")
    vapour = {"VOCs": pl.col("loss") * pl.col("h_per_km")}
    sums = [
        (
            share
            * (
                pl.col(f"lower {p}")
                + pl.col("along") * (pl.col(f"upper {p}") - pl.col(f"lower {p}"))
                + vapour.get(p, pl.lit(0.0))
            )
        )
        .sum()
        .alias(p)
        for p in POLLUTANTS
    ]
    wide = links.group_by(source_id="link_id", hour_utc="hour_utc").agg(*sums)
    rating = reference["uncertainty_rating"].filter(pl.col("rating_code") == "C")["relative_sd_share"].item()
    variance = (pl.lit(rating).pow(2) + 1).log()
    low, high = ((sign * Z * variance.sqrt() - variance / 2).exp() for sign in (-1, 1))
    return wide.unpivot(
        index=["source_id", "hour_utc"], variable_name="pollutant_code", value_name="emission_g"
    ).with_columns(
        sector_code=pl.lit("mobile"),
        emission_g_p05=pl.col("emission_g") * low,
        emission_g_p95=pl.col("emission_g") * high,
        method_code=pl.lit("modelled"),
    )
