"""Energy readings of meters: what the energy of an hour is, what is quarantined, and what gaps become."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import schema
from bigdata_emis.clean.clean_power import clean_power, clean_power_rows
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from bigdata_emis.schema.arrow import arrow_schema, conform
from tests.clean.reading_frames import START, context, grid, registered, table

METERS = registered("meter_id", {"m1": (None, None)})
for _name, _value in (("production_line_id", "l1"), ("meter_role_code", "production"), ("interval_min", 15.0)):
    METERS = METERS.append_column(_name, [[_value]])


def reading(
    minute: int,
    energy: float | None,
    *,
    meter: str = "m1",
    number: int = 1,
    interval: float = 15,
    flags: tuple[str, ...] = (),
) -> dict:
    return {
        "meter_id": meter,
        "interval_start_utc": START + dt.timedelta(minutes=minute),
        "energy_kwh": energy,
        "interval_min": interval,
        "record_number": number,
        "flag_codes": list(flags),
    }


def hours(
    rows: list[dict], *, interval: float = 15.0, maximum: dict[str, float] | None = None
) -> tuple[pa.Table, pa.Table]:
    return clean_power_rows(
        table("power_reading", rows),
        rules=compile_rules("power_reading", registered={"meter_id": ["m1", "m2"]}, filled=("energy_kwh",)),
        interval_min={"m1": interval, "m2": interval},
        maximum_kwh=maximum or {},
        grid=grid(lookback_days=7),
        options=CleaningOptions(),
    )


def quarter_hours(energy: float, count: int = 96) -> list[dict]:
    return [reading(15 * i, energy, number=i + 1) for i in range(count)]


def test_an_hour_is_the_sum_of_its_quarters():
    hourly, quarantined = hours([reading(0, 1.0), reading(15, 2.0), reading(30, 3.0), reading(45, 4.0)])
    assert hourly.slice(0, 1).select(["hour_utc", "energy_kwh", "reading_count", "imputation_code"]).to_pylist() == [
        {"hour_utc": START, "energy_kwh": 10.0, "reading_count": 4, "imputation_code": "none"}
    ]
    assert quarantined.num_rows == 0


def test_a_partly_read_hour_is_scaled_up_and_says_so():
    hourly, _ = hours([reading(0, 1.0), reading(15, 2.0), reading(30, 3.0)])
    row = hourly.to_pylist()[0]
    assert (row["energy_kwh"], row["reading_count"], row["imputation_code"], row["flag_codes"]) == (
        8.0,
        3,
        "scaled",
        ["gap"],
    )


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(reading(15, -2.0, number=2), "negative", id="negative"),
        pytest.param(reading(15, None, number=2, flags=("not_a_number",)), "not_a_number", id="text"),
        pytest.param(reading(15, 2.0, meter="stranger", number=2), "unknown_id", id="unknown meter"),
        pytest.param(reading(15, 2.0, number=2, interval=60), "out_of_bounds", id="other interval"),
        pytest.param(reading(15, 1e300, number=2), "out_of_bounds", id="more than any meter"),
        pytest.param(
            reading(15, 1_250_001.0, number=2), "out_of_bounds", id="quarter above a quarter of the maximum hour"
        ),
    ],
)
def test_a_suspect_reading_is_quarantined_with_its_reason(bad, reason):
    hourly, quarantined = hours([reading(0, 1.0), bad])
    assert quarantined["reason_codes"].to_pylist() == [[reason]]
    assert hourly["reading_count"].to_pylist()[0] == 1


def test_of_readings_of_one_interval_the_last_to_arrive_is_used():
    hourly, quarantined = hours([reading(0, 1.0, number=1), reading(0, 5.0, number=7)], interval=60 / 4)
    assert hourly["energy_kwh"].to_pylist()[0] == 20.0
    assert [(row["energy_kwh"], row["reason_codes"]) for row in quarantined.to_pylist()] == [(1.0, ["duplicate"])]


def test_a_good_reading_is_not_superseded_by_a_bad_one_that_comes_later():
    hourly, quarantined = hours([reading(0, 1.0, number=1), reading(0, -5.0, number=2)])
    assert hourly["energy_kwh"].to_pylist()[0] == 4.0
    assert quarantined["reason_codes"].to_pylist() == [["negative"]]


def test_a_spike_is_an_outlier_but_a_stop_is_not():
    rows = quarter_hours(10.0)
    rows[40]["energy_kwh"] = 200.0
    for row in rows[60:]:
        row["energy_kwh"] = 0.0
    hourly, quarantined = hours(rows)
    assert [(row["energy_kwh"], row["reason_codes"]) for row in quarantined.to_pylist()] == [(200.0, ["outlier"])]
    assert hourly["energy_kwh"].to_pylist() == [40.0] * 15 + [0.0] * 9


def test_a_start_from_rest_is_not_an_outlier():
    rows = [reading(60 * h, 0.0, number=h + 1, interval=60) for h in range(24)]
    rows[12]["energy_kwh"] = 500.0
    _, quarantined = hours(rows, interval=60.0)
    assert quarantined.num_rows == 0


def test_a_gap_of_three_hours_lies_on_a_straight_line():
    rows = [reading(60 * h, 10.0 * h, number=h + 1, interval=60) for h in range(24) if h not in (5, 6, 7)]
    row = {r["hour_utc"]: r for r in hours(rows, interval=60.0)[0].to_pylist()}[START + dt.timedelta(hours=6)]
    assert (row["energy_kwh"], row["reading_count"], row["imputation_code"], row["flag_codes"]) == (
        60.0,
        0,
        "interpolated",
        ["gap"],
    )


def test_a_longer_gap_takes_the_median_of_its_hour_on_days_of_the_same_kind():
    rows = [
        reading(60 * (h - 24 * back), 100.0 * back, number=h + 1, interval=60) for back in (1, 2, 3) for h in range(24)
    ]
    rows += [reading(60 * h, 50.0, number=h + 1, interval=60) for h in range(8)]
    hourly, _ = hours(rows, interval=60.0)
    late = [r for r in hourly.to_pylist() if r["hour_utc"] >= START + dt.timedelta(hours=8)]
    assert {(r["energy_kwh"], r["imputation_code"]) for r in late} == {(200.0, "profile")}
    assert len(late) == 16


def test_a_gap_that_nothing_supports_stays_missing():
    hourly, _ = hours([reading(0, 10.0, interval=60)], interval=60.0)
    assert hourly.num_rows == 1


def test_days_before_the_window_are_not_given_again():
    hourly, quarantined = hours([reading(-60, -1.0), reading(-30, 4.0), reading(0, 1.0)])
    assert hourly["hour_utc"].to_pylist()[0] == START
    assert quarantined.num_rows == 0


FAULTS = st.lists(
    st.tuples(
        st.integers(0, 95),
        st.sampled_from([1.0, 0.0, -1.0, 900.0, None]),
        st.sampled_from(["m1", "m2", "x"]),
        st.sampled_from([15.0, 60.0]),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FAULTS)
def test_every_reading_is_either_used_or_quarantined(faults):
    rows = [
        reading(15 * slot, energy, meter=meter, number=n + 1, interval=interval)
        for n, (slot, energy, meter, interval) in enumerate(faults)
    ]
    hourly, quarantined = hours(rows)
    assert sum(hourly["reading_count"].to_pylist()) + quarantined.num_rows == len(rows)


LINES = pa.table(
    {
        "production_line_id": ["l1", "l2", "l3"],
        "enterprise_id": ["e", "e", "f"],
        "reference_energy_kwh": pa.array([60.0, 40.0, None], pa.float64()),
        "base_load_share": pa.array([0.1, 0.1, None], pa.float64()),
    }
)


def test_a_meter_without_history_that_shows_more_than_its_enterprise_can_use_is_quarantined():
    """500 kWh an hour at most, so 125 a quarter: a steady 4000 kWh is a fault from its first reading on."""
    rows = [
        reading(0, 125.0),
        *(reading(15 * n, 4000.0) for n in (1, 2, 3)),
        *(reading(15 * n, 4000.0, meter="m2") for n in range(4)),
    ]
    hourly, quarantined = hours(rows, maximum={"m1": 500.0, "m2": 0.0})
    assert [(r["meter_id"], r["energy_kwh"], r["reading_count"]) for r in hourly.to_pylist() if r["reading_count"]] == [
        ("m1", 500.0, 1),
        ("m2", 16000.0, 4),
    ]
    assert [row["reason_codes"] for row in quarantined.to_pylist()] == [["above_capacity"]] * 3


def registry(spark, meters: pa.Table, totals: list[dict] = ()) -> list:
    """The tables of the stage beside its readings: meters, lines, shares, enterprises and totals."""
    enterprises = [{"enterprise_id": "e", "district_id": "d1", "county_id": "c1", "industry_code": "brick"}]
    tables = {"meter_share": [], "enterprise": enterprises, "district_energy_hourly": list(totals)}
    frames = [meters, LINES]
    for name, rows in tables.items():
        types = arrow_schema(schema.table(name))
        frames.append(pa.Table.from_pylist(rows, pa.schema([(f.name, f.type) for f in types])))
    return [
        spark.createDataFrame(frame) if frame.num_rows else spark.createDataFrame([], from_arrow_schema(frame.schema))
        for frame in frames
    ]


def run_stage(spark, rows: list[dict]) -> dict[str, pa.Table]:
    readings = table("power_reading", rows)
    frame = spark.createDataFrame(readings) if rows else spark.createDataFrame([], from_arrow_schema(readings.schema))
    return clean_power(frame, *registry(spark, METERS), context=context(lookback_days=7))


def test_the_stage_gives_both_declared_tables_and_quarantines_what_is_above_capacity(spark):
    rows = [*quarter_hours(2.0, 95), reading(95 * 15, 125.1, number=200), reading(0, -1.0, number=201)]
    result = run_stage(spark, rows)
    hourly = conform(result["power_hourly"], schema.table("power_hourly"))
    assert hourly["energy_kwh"].to_pylist() == [8.0] * 24
    quarantined = conform(result["power_quarantine"], schema.table("power_quarantine"))
    assert sorted(quarantined["reason_codes"].to_pylist()) == [["above_capacity"], ["negative"]]


def test_a_window_without_readings_gives_empty_tables(spark):
    assert [frame.num_rows for frame in run_stage(spark, []).values()] == [0, 0]


def test_the_stage_compares_the_meters_of_a_line(spark):
    """Production is 10 kWh a quarter on all days; abatement is 1 for seven days and 0.4 on the eighth."""
    abatement = {"meter_id": "m9", "meter_role_code": "abatement"}
    meters = pa.Table.from_pylist([METERS.to_pylist()[0] | more for more in ({}, abatement)], METERS.schema)
    rows = [
        reading(start, energy * (1 + start // 15 % 7 / 100), meter=meter, number=start // 15 + 7 * 96 + 1)
        for start in range(-7 * 1440, 1440, 15)
        for meter, energy in (("m1", 10.0), ("m9", 0.4 if start >= 0 else 1.0))
    ]
    readings = spark.createDataFrame(table("power_reading", rows))
    hourly = clean_power(readings, *registry(spark, meters), context=context(lookback_days=7))["power_hourly"]
    flags = {(row["meter_id"], tuple(row["flag_codes"])) for row in hourly.to_pylist()}
    assert flags == {("m1", ()), ("m9", ("wrong_factor",))}


@pytest.mark.parametrize(("counted", "flags"), [(4.0, ()), (10.0, ("wrong_factor",))])
def test_the_stage_compares_a_meter_with_the_total_of_its_district_and_industry(spark, counted, flags):
    """A meter alone on its line falls from 10 to 4 kWh a quarter; the bureau counts what the meter reads, or 10."""
    swing = [1 + start // 15 % 7 / 100 for start in range(-7 * 1440, 1440, 15)]
    rows = [
        reading(start, (4.0 if start >= 0 else 10.0) * factor, number=start // 15 + 7 * 96 + 1)
        for start, factor in zip(range(-7 * 1440, 1440, 15), swing, strict=True)
    ]
    totals = [
        {
            "district_id": "d1",
            "industry_code": "brick",
            "hour_utc": START + dt.timedelta(hours=hour),
            "district_energy_kwh": sum(swing[(hour + 168) * 4 : (hour + 169) * 4]) * (counted if hour >= 0 else 10.0),
            "imputation_code": "none",
        }
        for hour in range(-168, 24)
    ]
    readings = spark.createDataFrame(table("power_reading", rows))
    tables = registry(spark, METERS, totals)
    hourly = clean_power(readings, *tables, context=context(lookback_days=7))["power_hourly"]
    assert {tuple(row["flag_codes"]) for row in hourly.to_pylist()} == {flags}
