"""Power readings to gridded emission in plain DuckDB SQL, without our stages."""

import json
from pathlib import Path

import duckdb

CLEAN = """
CREATE TABLE plausible_maximum AS
SELECT meter_id, 5 * sum(o.reference_energy_kwh) AS maximum_kwh
FROM meter m JOIN production_line l USING (production_line_id) JOIN production_line o USING (enterprise_id)
GROUP BY meter_id;

CREATE TABLE checked AS
SELECT r.*, m.interval_min AS expected_min, epoch_us(interval_start_utc) // 900000000 AS quarter,
       epoch_us(interval_start_utc) // 3600000000 AS hour,
       (epoch_us(interval_start_utc) + 28800000000) // 86400000000 AS day,
       list_filter([
           CASE WHEN m.meter_id IS NULL THEN 'unknown_id' END,
           CASE WHEN list_contains(flag_codes, 'out_of_window') THEN 'out_of_window' END,
           CASE WHEN energy_kwh IS NULL OR list_contains(flag_codes, 'not_a_number') THEN 'not_a_number' END,
           CASE WHEN energy_kwh < 0 THEN 'negative' END,
           CASE WHEN r.interval_min < 1 OR r.interval_min > 1440 OR r.interval_min <> m.interval_min
                  OR m.interval_min > 60 THEN 'out_of_bounds' END,
           CASE WHEN energy_kwh > maximum_kwh * m.interval_min / 60
                  OR (energy_kwh IS NOT NULL AND count(energy_kwh) OVER of_day >= 6
                      AND 2 * count(CASE WHEN energy_kwh > maximum_kwh * m.interval_min / 60 THEN 1 END) OVER of_day
                          > count(energy_kwh) OVER of_day) THEN 'above_capacity' END,
           CASE WHEN list_contains(flag_codes, 'invalid_status') THEN 'invalid_status' END
       ], lambda reason: reason IS NOT NULL) AS reason_codes
FROM read_parquet('{inputs}/power_reading/*/*.parquet', hive_partitioning = false) r LEFT JOIN meter m USING (meter_id)
LEFT JOIN plausible_maximum USING (meter_id)
WINDOW of_day AS (PARTITION BY meter_id, (epoch_us(interval_start_utc) + 28800000000) // 86400000000);

CREATE TABLE accepted AS
SELECT *, row_number() OVER (PARTITION BY meter_id ORDER BY interval_start_utc) AS position
FROM (SELECT * EXCLUDE reason_codes FROM checked WHERE len(reason_codes) = 0
      QUALIFY row_number() OVER (PARTITION BY meter_id, interval_start_utc ORDER BY record_number DESC) = 1);

CREATE TABLE level AS
SELECT meter_id, day, 1.5 * recent[1 + floor(0.99 * (len(recent) - 1))::BIGINT] AS level
FROM (SELECT meter_id, day, list_sort(flatten(list(readings) OVER (
                 PARTITION BY meter_id ORDER BY day RANGE BETWEEN 7 PRECEDING AND CURRENT ROW))) AS recent
      FROM (SELECT meter_id, day, list(energy_kwh) AS readings FROM accepted GROUP BY ALL));

CREATE TABLE outlier AS
WITH suspect AS (
    SELECT a.meter_id, a.day, a.position, a.energy_kwh, level
    FROM accepted a JOIN level l USING (meter_id, day) WHERE a.energy_kwh > l.level),
neighbour AS (SELECT *, position + unnest(range(-6, 7)) AS near_position FROM suspect),
near AS (
    SELECT n.*, a.energy_kwh AS near FROM neighbour n
    JOIN accepted a ON a.meter_id = n.meter_id AND a.position = n.near_position AND a.day <= n.day),
middle AS (SELECT *, median(near) OVER (PARTITION BY meter_id, position) AS median FROM near)
SELECT meter_id, position FROM middle GROUP BY meter_id, position
HAVING count(*) >= 5 AND any_value(median) > 0
   AND any_value(energy_kwh - median) > greatest(
       5 * 1.482602218505602 * median(abs(near - median)), any_value(level));

COPY (
    SELECT meter_id, interval_start_utc, energy_kwh, interval_min, record_number,
           CASE WHEN len(c.reason_codes) > 0 THEN c.reason_codes
                WHEN a.position IS NULL THEN ['duplicate'] ELSE ['outlier'] END AS reason_codes
    FROM checked c
    LEFT JOIN accepted a USING (meter_id, interval_start_utc, energy_kwh, interval_min, record_number)
    WHERE a.position IS NULL
       OR EXISTS (SELECT 1 FROM outlier o WHERE o.meter_id = c.meter_id AND o.position = a.position)
) TO '{results}/power_quarantine/part.parquet' (COMPRESSION zstd);
"""

HOURS = """
CREATE TABLE matrix AS
WITH summed AS (
    SELECT meter_id, hour, sum(energy_kwh) / least(count(*) * any_value(expected_min) / 60, 1) AS measured,
           count(*) AS reading_count, count(*) * any_value(expected_min) / 60 < 1 AS is_scaled
    FROM accepted a ANTI JOIN outlier USING (meter_id, position) GROUP BY meter_id, hour),
grid AS (
    SELECT meter_id, hour, (hour + 8) // 24 AS day, (hour + 8) % 24 AS local_hour,
           isodow(make_timestamp((hour + 8) * 3600000000)) > 5 AS is_weekend
    FROM (SELECT DISTINCT meter_id FROM checked), range({first}, {first} + {hours}) h(hour)),
joined AS (SELECT * FROM grid LEFT JOIN summed USING (meter_id, hour))
SELECT *,
       last_value(CASE WHEN measured IS NOT NULL THEN {{'at': hour, 'value': measured}} END IGNORE NULLS) OVER before
           AS low,
       first_value(CASE WHEN measured IS NOT NULL THEN {{'at': hour, 'value': measured}} END IGNORE NULLS) OVER after
           AS high
FROM joined
WINDOW before AS (PARTITION BY meter_id ORDER BY hour ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
       after AS (PARTITION BY meter_id ORDER BY hour ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING);

CREATE TABLE interpolation AS
SELECT meter_id, hour, low.value + (hour - low.at) / (high.at - low.at) * (high.value - low.value) AS interpolated
FROM matrix WHERE measured IS NULL AND high.at - low.at - 1 <= 3 AND (high.at + 8) // 24 = day;

CREATE TABLE profile AS
SELECT g.meter_id, g.hour,
       coalesce(median(p.measured) FILTER (p.is_weekend = g.is_weekend), median(p.measured)) AS profile
FROM (SELECT * FROM matrix ANTI JOIN interpolation USING (meter_id, hour) WHERE measured IS NULL) g
JOIN matrix p ON p.meter_id = g.meter_id AND p.local_hour = g.local_hour AND p.day BETWEEN g.day - 7 AND g.day
             AND p.measured IS NOT NULL
GROUP BY ALL;

CREATE TABLE power_hourly AS
SELECT meter_id, make_timestamptz(hour * 3600000000) AS hour_utc,
       coalesce(measured, interpolated, profile) AS energy_kwh, coalesce(reading_count, 0) AS reading_count,
       CASE WHEN is_scaled THEN 'scaled' WHEN measured IS NOT NULL THEN 'none'
            WHEN interpolated IS NOT NULL THEN 'interpolated' ELSE 'profile' END AS imputation_code,
       CASE WHEN imputation_code = 'none' THEN []::VARCHAR[] ELSE ['gap'] END AS flag_codes
FROM matrix LEFT JOIN interpolation USING (meter_id, hour) LEFT JOIN profile USING (meter_id, hour)
WHERE energy_kwh IS NOT NULL;
COPY power_hourly TO '{results}/power_hourly/part.parquet' (COMPRESSION zstd);
"""

EMISSION = """
CREATE MACRO bound(sd, z) AS exp(z * sqrt(ln(1 + sd * sd)) - ln(1 + sd * sd) / 2);
CREATE TABLE emission AS
WITH producing AS (
    SELECT meter_id, production_line_id FROM meter WHERE meter_role_code IN ('production', 'generation')),
counted AS (
    FROM producing UNION ALL
    SELECT meter_id, production_line_id FROM meter ANTI JOIN producing USING (production_line_id)
    WHERE meter_role_code = 'whole_site'),
energy AS (
    SELECT production_line_id, hour_utc, sum(energy_kwh) AS energy_kwh
    FROM power_hourly JOIN counted USING (meter_id) GROUP BY ALL),
activity AS (
    SELECT l.*, hour_utc, relative_sd_share AS spread,
           capacity_per_h * greatest((energy_kwh / reference_energy_kwh - base_load_share) / (1 - base_load_share), 0)
               ** (1 / power_elasticity) AS activity
    FROM energy JOIN production_line l USING (production_line_id), uncertainty_rating WHERE rating_code = 'C'),
stated AS (
    SELECT production_line_id AS source_id, sector_code, pollutant_code, hour_utc,
           activity * emission_factor_g_per_unit * (1 - removal_share) AS emission_g,
           bound(spread, -{z}) AS low, bound(spread, {z}) AS high,
           sqrt(pow(CASE WHEN activity > 0 THEN (high - low) / (2 * {z}) ELSE 0 END, 2)
                + pow(relative_sd_share, 2)) AS sd
    FROM activity JOIN emission_factor USING (production_line_id))
SELECT source_id, sector_code, pollutant_code, hour_utc, emission_g,
       emission_g * least(bound(sd, -{z}), low) AS emission_g_p05,
       emission_g * greatest(bound(sd, {z}), high) AS emission_g_p95, 'modelled' AS method_code
FROM stated;
COPY emission TO '{results}/emission_hourly/part.parquet' (COMPRESSION zstd);
COPY (SELECT coalesce(cell_id, 'outside') AS cell_id, sector_code, pollutant_code, hour_utc,
             sum(emission_g * coalesce(weight_share, 1)) AS emission_g
      FROM emission LEFT JOIN grid_weight USING (source_id) GROUP BY ALL)
TO '{results}/emission_gridded_hourly/part.parquet' (COMPRESSION zstd);
"""


def run(inputs: Path, results: Path) -> None:
    window = json.loads((inputs / "window.json").read_text())
    for name in ("power_hourly", "power_quarantine", "emission_hourly", "emission_gridded_hourly"):
        (results / name).mkdir(parents=True)
    database = duckdb.connect(
        config={"temp_directory": str(results.parent / "duckdb"), "preserve_insertion_order": False}
    )
    database.execute("SET TimeZone = 'UTC'")
    for file in inputs.glob("*.parquet"):
        database.execute(f"CREATE TABLE {file.stem} AS FROM '{file}'")
    first = database.execute("SELECT epoch_us(?::TIMESTAMPTZ) // 3600000000", [window["from_utc"]]).fetchall()[0][0]
    for script in (CLEAN, HOURS, EMISSION):
        database.execute(
            script.format(inputs=inputs, results=results, first=first, hours=window["hours"], z=1.6448536269514722)
        )
    database.close()
