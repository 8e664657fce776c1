"""Station air quality: as measured, and nothing else."""

from bigdata_emis import reference
from bigdata_emis.clean.clean_air_quality import clean_air_quality
from tests.clean.reading_frames import checked, context, frame, hour, ids


def clean(spark, readings, station):
    rules = spark.createDataFrame(reference.read("station_rule"))
    return clean_air_quality(readings, station, rules, context=context())


def test_missing_air_quality_stays_missing_and_a_peak_is_no_outlier(spark):
    base = {"station_id": "p", "pollutant_code": "PM2.5"}
    values = [100.0] * 12 + [900.0] + [100.0] * 5
    rows = [{**base, "hour_utc": hour(n), "concentration_ug_per_m3": value} for n, value in enumerate(values)]
    rows.append({**base, "hour_utc": hour(20), "concentration_ug_per_m3": None})
    rows.append({**base, "hour_utc": hour(0), "pollutant_code": "Xe", "concentration_ug_per_m3": 1.0})
    rows.append({**base, "hour_utc": hour(0), "station_id": "q", "concentration_ug_per_m3": 1.0})
    readings, station = frame(spark, "air_quality_reading", rows), ids(spark, "station_id", "p")
    hourly, quarantined = checked(clean(spark, readings, station), len(rows))
    assert [row["concentration_ug_per_m3"] for row in hourly] == values
    assert {tuple(row["flag_codes"]) for row in hourly} == {()}
    assert sorted(row["reason_codes"][0] for row in quarantined) == ["not_a_number", "unknown_id", "unknown_id"]


def test_doubtful_hours_are_used_and_say_why_and_a_stuck_day_is_quarantined(spark):
    plain = [("PM10", 55.0), ("PM2.5", 88.0), ("SO2", 0.0), ("NO2", 41.0)]
    rows = [{"pollutant_code": code, "hour_utc": hour(0), "concentration_ug_per_m3": value} for code, value in plain]
    rows += [{"pollutant_code": "O3", "hour_utc": hour(n), "concentration_ug_per_m3": 87.0} for n in range(24)]
    readings = frame(spark, "air_quality_reading", [{"station_id": "p", **row} for row in rows])
    hourly, quarantined = checked(clean(spark, readings, ids(spark, "station_id", "p")), len(rows))
    assert {row["pollutant_code"]: row["flag_codes"] for row in hourly} == {
        "PM10": ["particle_order"],
        "PM2.5": ["particle_order"],
        "SO2": ["zero"],
        "NO2": [],
    }
    assert [row["reason_codes"] for row in quarantined] == [["constant"]] * 24


def test_a_fill_value_of_9999_is_quarantined_and_leaves_the_value_sent_before(spark):
    plain = [("PM2.5", 0, 88.0), ("PM2.5", 0, 9999.0), ("PM2.5", 1, 9999.0), ("PM10", 1, 9999.0)]
    rows = [{"pollutant_code": code, "hour_utc": hour(n), "concentration_ug_per_m3": x} for code, n, x in plain]
    numbered = [{"station_id": "p", "record_number": n, **row} for n, row in enumerate(rows)]
    readings = frame(spark, "air_quality_reading", numbered)
    hourly, quarantined = checked(clean(spark, readings, ids(spark, "station_id", "p")), len(rows))
    assert sorted((row["pollutant_code"], row["concentration_ug_per_m3"]) for row in hourly) == [
        ("PM10", 9999.0),
        ("PM2.5", 88.0),
    ]
    assert [row["reason_codes"] for row in quarantined] == [["out_of_bounds"]] * 2
