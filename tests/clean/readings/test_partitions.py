"""One pass of the engine: whole sources in portions, and two tables out of one frame."""

import pyarrow as pa
import pytest

from bigdata_emis.clean.readings.partitions import build_flag_lists, clean_partitions, split_portions
from tests.clean.reading_frames import frame, hour

READINGS = pa.concat_tables(
    [
        pa.table({"meter_id": ["c", "a", "b", "a"], "energy_kwh": [1.0, 2.0, 3.0, 4.0]}),
        pa.table({"meter_id": ["b", "c", "c"], "energy_kwh": [5.0, 6.0, 7.0]}),
    ]
)


@pytest.mark.parametrize(
    ("size", "meters"),
    [(1, [["c"], ["a"], ["b"]]), (3, [["c"], ["a", "b"]]), (4, [["c", "a"], ["b"]]), (7, [["c", "a", "b"]])],
    ids=["each source", "three rows", "four rows", "everything"],
)
def test_a_portion_holds_whole_sources_and_no_reading_is_lost(size, meters):
    portions = [part.to_pylist() for part in split_portions(READINGS, "meter_id", size=size)]
    assert [list(dict.fromkeys(row["meter_id"] for row in part)) for part in portions] == meters
    assert sorted(row["energy_kwh"] for part in portions for row in part) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_readings_of_a_source_stay_in_the_order_in_which_they_arrived():
    portions = split_portions(READINGS, "meter_id", size=1)
    assert [part["energy_kwh"].to_pylist() for part in portions] == [[1.0, 6.0, 7.0], [2.0, 4.0], [3.0, 5.0]]


def test_a_row_has_the_flag_or_an_empty_list():
    assert build_flag_lists("gap", [True, False, True]).to_pylist() == [["gap"], [], ["gap"]]


def test_what_the_cleaning_gives_comes_back_as_the_two_tables_of_the_feed(spark):
    rows = [
        {"station_id": station, "hour_utc": hour(0), "air_temperature_degc": degrees}
        for station, degrees in (("p", 5.0), ("q", 99.0))
    ]

    def clean_rows(readings: pa.Table) -> tuple[pa.Table, pa.Table]:
        is_hot = [degrees > 50 for degrees in readings["air_temperature_degc"].to_pylist()]
        reasons = pa.array([["out_of_bounds"]] * sum(is_hot), pa.list_(pa.string()))
        cold = readings.filter(pa.array([not hot for hot in is_hot]))
        return cold, readings.filter(pa.array(is_hot)).append_column("reason_codes", reasons)

    result = clean_partitions(frame(spark, "weather_reading", rows), clean_rows, feed="weather", by="station_id")
    assert result["weather_hourly"].select(["station_id", "air_temperature_degc"]).to_pylist() == [
        {"station_id": "p", "air_temperature_degc": 5.0}
    ]
    assert result["weather_quarantine"].select(["station_id", "reason_codes"]).to_pylist() == [
        {"station_id": "q", "reason_codes": ["out_of_bounds"]}
    ]


def test_sources_of_a_group_are_cleaned_in_one_call_and_a_source_without_one_alone(spark):
    """Each hourly row comes back with the count of stations of its call as its temperature."""
    names = [f"s{number}" for number in range(8)]
    rows = [{"station_id": name, "hour_utc": hour(0), "air_temperature_degc": 1.0} for name in names]
    groups = spark.createDataFrame(
        [(name, "north" if name < "s5" else None) for name in names], "station_id string, g string"
    )

    def clean_rows(readings: pa.Table) -> tuple[pa.Table, pa.Table]:
        counts = {}
        for name in readings["station_id"].to_pylist():
            counts[name] = sum(other < "s5" for other in readings["station_id"].to_pylist())
        degrees = pa.array([float(counts[name]) for name in readings["station_id"].to_pylist()])
        place = readings.column_names.index("air_temperature_degc")
        none = readings.slice(0, 0).append_column("reason_codes", pa.array([], pa.list_(pa.string())))
        return readings.set_column(place, "air_temperature_degc", degrees), none

    result = clean_partitions(
        frame(spark, "weather_reading", rows), clean_rows, feed="weather", by="station_id", together=groups
    )["weather_hourly"]
    found = dict(zip(result["station_id"].to_pylist(), result["air_temperature_degc"].to_pylist(), strict=True))
    assert len(found) == 8
    assert {found[name] for name in names[:5]} == {5.0}
