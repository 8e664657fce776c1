"""Road flow and speed to gridded emission in plain DuckDB SQL, without our stages."""

import itertools
from pathlib import Path

import duckdb

POLLUTANTS = ("CO", "NOx", "PM10", "PM2.5", "VOCs")

FACTORS = """
CREATE TABLE weather AS
SELECT hour_utc, round(avg(air_temperature_degc), 6) AS temperature, round(avg(relative_humidity_share), 6) AS humidity
FROM read_parquet('{inputs}/weather_hourly/*/*.parquet', hive_partitioning = false) GROUP BY ALL;

CREATE TABLE hour AS
SELECT t.hour_utc, (hour(t.hour_utc) + 8) % 24 AS local_hour, temperature, humidity
FROM (SELECT DISTINCT hour_utc FROM traffic) t LEFT JOIN weather USING (hour_utc);

CREATE MACRO is_in_bin(v, low, high, reference) AS
    (CASE WHEN low >= reference THEN v > low ELSE v >= low END)
    AND (CASE WHEN high > reference THEN v <= high ELSE v < high END);

CREATE TABLE knot AS
WITH at_knot AS (
    SELECT fuel_code, emission_stage_code, pollutant_code, centre_speed_km_per_h AS speed,
           speed_correction AS correction
    FROM road_speed_correction WHERE centre_speed_km_per_h <> 30
    UNION ALL SELECT DISTINCT fuel_code, emission_stage_code, pollutant_code, 30, 1 FROM road_speed_correction)
SELECT *, lead(speed) OVER w AS next_speed, lead(correction) OVER w AS next_correction, row_number() OVER w AS segment
FROM at_knot WINDOW w AS (PARTITION BY fuel_code, emission_stage_code, pollutant_code ORDER BY speed);

CREATE TABLE factor AS
WITH vehicle AS (
    SELECT f.*, coalesce(e.running_loss_g_per_h, 0) AS loss,
           h.hour_utc, h.temperature, h.humidity, b.pollutant_code, b.base_emission_factor_g_per_km AS base
    FROM fleet_mix f
    JOIN road_base_emission_factor b USING (vehicle_class_code, fuel_code, emission_stage_code)
    JOIN hour h USING (local_hour)
    LEFT JOIN road_evaporation_factor e ON e.fuel_code = f.fuel_code AND e.evaporation_process_code = 'running'
    WHERE f.fuel_code <> 'electric'),
corrected AS (
    SELECT v.*, base * coalesce(temperature_correction, 1)
           * CASE WHEN v.humidity = 0.5 THEN 1 ELSE coalesce(humidity_correction, 1) END AS factor
    FROM vehicle v
    LEFT JOIN road_temperature_correction t
        ON t.vehicle_class_code = v.vehicle_class_code AND t.fuel_code = v.fuel_code
        AND t.pollutant_code = v.pollutant_code
        AND is_in_bin(v.temperature, t.lower_temperature_degc, t.upper_temperature_degc, 15)
    LEFT JOIN road_humidity_correction d
        ON d.fuel_code = v.fuel_code AND d.pollutant_code = v.pollutant_code
        AND is_in_bin(v.temperature, d.lower_temperature_degc, d.upper_temperature_degc, 15)
        AND is_in_bin(v.humidity, d.lower_humidity_share, d.upper_humidity_share, 0.5))
SELECT road_class_code, hour_utc, vehicle_class_code, fuel_code, emission_stage_code, segment,
       any_value(fleet_share) AS fleet_share, any_value(loss) AS loss, {lower}, {upper}
FROM corrected JOIN knot USING (fuel_code, emission_stage_code, pollutant_code)
WHERE next_speed IS NOT NULL GROUP BY ALL;
"""

EMISSION = """
CREATE TABLE segment AS SELECT DISTINCT segment, speed, next_speed FROM knot WHERE next_speed IS NOT NULL;

CREATE TABLE link AS
SELECT t.link_id, t.hour_utc, r.road_class_code, s.segment, t.flow_veh_per_h * r.length_km AS vehicle_km,
       {h_per_km} AS h_per_km,
       (greatest({slowest}, least({fastest}, t.speed_km_per_h)) - s.speed) / (s.next_speed - s.speed) AS share
FROM traffic t JOIN road_link r USING (link_id)
JOIN segment s ON (t.speed_km_per_h >= s.speed OR s.speed = {slowest})
              AND (t.speed_km_per_h < s.next_speed OR s.next_speed = {fastest});

CREATE TABLE wide AS
SELECT link_id, hour_utc, {sums}
FROM link JOIN factor USING (road_class_code, hour_utc, segment) GROUP BY ALL;

CREATE TABLE emission AS
SELECT link_id AS source_id, 'mobile' AS sector_code, pollutant_code, hour_utc, emission_g,
       emission_g * exp(-{z} * sqrt(v) - v / 2) AS emission_g_p05,
       emission_g * exp({z} * sqrt(v) - v / 2) AS emission_g_p95, 'modelled' AS method_code
FROM (UNPIVOT wide ON {pollutants} INTO NAME pollutant_code VALUE emission_g),
     (SELECT ln(1 + relative_sd_share ** 2) AS v FROM uncertainty_rating WHERE rating_code = 'C');
COPY emission TO '{results}/emission_hourly/part.parquet' (COMPRESSION zstd);
COPY (SELECT coalesce(cell_id, 'outside') AS cell_id, sector_code, pollutant_code, hour_utc,
             sum(emission_g * coalesce(weight_share, 1)) AS emission_g
      FROM emission LEFT JOIN grid_weight USING (source_id) GROUP BY ALL)
TO '{results}/emission_gridded_hourly/part.parquet' (COMPRESSION zstd);
"""


VAPOUR_KNOTS = (5.0, 7.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 45.0, 60.0, 75.0, 90.0, 120.0)


def hours_per_km(speed: str) -> str:
    """Time by distance, linear between the knots and constant beyond them."""
    parts = [f"1.0 / {VAPOUR_KNOTS[0]}"] + [
        f"(greatest({low}, least({high}, {speed})) - {low}) * {(1 / high - 1 / low) / (high - low)!r}"
        for low, high in itertools.pairwise(VAPOUR_KNOTS)
    ]
    return " + ".join(parts)


def run(inputs: Path, results: Path) -> None:
    for name in ("emission_hourly", "emission_gridded_hourly"):
        (results / name).mkdir(parents=True)
    database = duckdb.connect(
        config={"temp_directory": str(results.parent / "duckdb"), "preserve_insertion_order": False}
    )
    database.execute("SET TimeZone = 'UTC'")
    for file in inputs.glob("*.parquet"):
        database.execute(f"CREATE TABLE {file.stem} AS FROM '{file}'")
    database.execute(
        f"CREATE VIEW traffic AS FROM read_parquet('{inputs}/traffic_hourly/*/*.parquet', hive_partitioning = false)"
    )
    each = "any_value({what}) FILTER (pollutant_code = '{p}') AS \"{end} {p}\""
    database.execute(
        FACTORS.format(
            inputs=inputs,
            lower=", ".join(each.format(what="factor * correction", p=p, end="lower") for p in POLLUTANTS),
            upper=", ".join(each.format(what="factor * next_correction", p=p, end="upper") for p in POLLUTANTS),
        )
    )
    slowest, fastest = database.execute("SELECT min(speed), max(speed) FROM knot").fetchall()[0]
    total = 'sum(vehicle_km * fleet_share * ("lower {p}" + share * ("upper {p}" - "lower {p}"){vapour})) AS "{p}"'
    vapour = {"VOCs": " + loss * h_per_km"}
    database.execute(
        EMISSION.format(
            results=results,
            h_per_km=hours_per_km("t.speed_km_per_h"),
            slowest=slowest,
            fastest=fastest,
            sums=", ".join(total.format(p=p, vapour=vapour.get(p, "")) for p in POLLUTANTS),
            pollutants=", ".join(f'"{p}"' for p in POLLUTANTS),
            z=1.6448536269514722,
        )
    )
    database.close()
