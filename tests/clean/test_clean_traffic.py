"""Road readings: the mean speed of an hour, and a flow in every hour."""

import math

import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.clean.clean_traffic import clean_traffic, clean_traffic_rows, derive_flow
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from tests.clean.reading_frames import checked, context, frame, grid, hour, table

HOURS = grid(lookback_days=3)
CAPACITY = 100.0 * 60.0 / math.e  # of the links of these tests: jam density × free speed ÷ e
SUPPRESSED = {"cell_id": "r1c0", "hour_utc": hour(12), "is_suppressed": True}
PART = {"source_id": "a", "cell_id": "r1c0", "weight_share": 1.0}
USUAL_SHARE = reference.read("free_flow_volume").sort_by("local_hour")["free_flow_volume_share"].to_numpy()


def reading(link_id, h, speed, flow=None):
    return {"link_id": link_id, "interval_start_utc": hour(h), "speed_km_per_h": speed, "flow_veh_per_h": flow}


def links(*trunk_ids):
    rows = [
        {
            "link_id": link_id,
            "road_class_code": "trunk" if link_id in trunk_ids else "primary",
            "free_speed_km_per_h": 60.0,
            "jam_density_veh_per_km": 100.0,
            "length_km": 1.0,
        }
        for link_id in "abc"
    ]
    return pa.Table.from_pylist(rows)


def clean(readings, road=None, **options):
    chosen = CleaningOptions(**options)
    rules = compile_rules("traffic_reading", registered={"link_id": list("abc")}, filled=("speed_km_per_h",))
    hours, quarantined = clean_traffic_rows(table("traffic_reading", readings), rules=rules, grid=HOURS, options=chosen)
    hours = hours.append_column("flow_method_code", pa.nulls(hours.num_rows, pa.string()))
    hours = derive_flow(hours, road or links(), USUAL_SHARE, grid=HOURS, options=chosen)
    return checked({"traffic_hourly": hours, "traffic_quarantine": quarantined}, len(readings))


def flows(hourly):
    return {row["link_id"]: (row["flow_method_code"], row["flow_veh_per_h"]) for row in hourly if row["reading_count"]}


def test_hourly_speed_is_distance_over_time_of_all_vehicles():
    """300 vehicles at 60 km/h need 5 h for a kilometre together, 100 at 20 km/h also 5 h: 400 km in 10 h."""
    row = clean([reading("a", 0, 60.0, 300.0), reading("a", 0.5, 20.0, 100.0)])[0][0]
    assert (row["speed_km_per_h"], row["flow_veh_per_h"], row["flow_method_code"]) == (40.0, 200.0, "measured")


def test_readings_without_counts_weigh_alike():
    """One vehicle at 60 and one at 20 km/h: 2 km in 1/60 + 1/20 h."""
    assert clean([reading("a", 0, 60.0), reading("a", 0.5, 20.0)])[0][0]["speed_km_per_h"] == pytest.approx(30.0)


def test_uncounted_flow_follows_from_speed_calibrated_to_the_counters_of_the_class():
    """At the speed of capacity the relation gives 100 × speed; one counter saw twice that, as much as a prior of 1."""
    speed = 60.0 / math.e
    hourly, _ = clean([reading("a", 0, speed, 200.0 * speed), reading("b", 0, speed)], counters_least=1)
    assert flows(hourly)["b"] == ("speed_flow", pytest.approx(150.0 * speed))


@pytest.mark.parametrize(("local_hour", "share"), [(3, 0.05), (12, 0.15), (23, 0.1)], ids=["night", "day", "evening"])
def test_a_link_at_free_speed_carries_the_usual_share_of_its_capacity_where_nobody_counts(local_hour, share):
    hourly, _ = clean([reading("a", local_hour, 65.0)])
    assert flows(hourly)["a"] == ("free_flow", pytest.approx(share * CAPACITY))


def test_a_link_near_free_speed_carries_no_less_than_at_it_and_a_jammed_link_what_its_speed_says():
    """At 59 km/h the relation gives 100 × 59 × ln(60/59) = 99 vehicles an hour; in the jam, at 5 km/h, 1242."""
    flow = flows(clean([reading("a", 12, 59.0), reading("b", 12, 5.0), reading("c", 12, 0.01)])[0])
    assert flow["a"] == ("free_flow", pytest.approx(0.15 * CAPACITY))
    assert flow["b"] == ("speed_flow", pytest.approx(100.0 * 5.0 * math.log(12.0)))
    assert flow["c"][0] == "speed_flow"


def test_the_flow_at_free_speed_is_what_counters_of_the_class_see_there():
    """Two links carry 300 and 500 of a capacity of 2207; each step halves what parts a third one from their mean."""
    gap = 400.0 - 0.15 * CAPACITY
    readings = [reading("a", 12, 62.0, 300.0), reading("b", 12, 62.0, 500.0), reading("c", 12, 62.0)]
    flow = flows(clean(readings, counters_least=2)[0])
    assert flow["a"] == ("measured", 300.0)
    assert flow["c"] == ("free_flow", pytest.approx(400.0 - gap / 8))
    pooled = flows(clean(readings, links("c"), counters_least=2)[0])
    assert pooled["c"][1] == pytest.approx(400.0 - gap / 2)
    few = flows(clean(readings, counters_least=98)[0])
    assert few["c"][1] == pytest.approx(400.0 - gap * 0.98**3)


def test_an_impossible_or_missing_speed_is_quarantined():
    _, quarantined = clean([reading("a", 0, 30.0), reading("a", 1, 250.0), reading("a", 2, None)])
    assert [row["reason_codes"] for row in quarantined] == [["out_of_bounds"], ["not_a_number"]]


def no_trucks(spark):
    return frame(spark, "truck_hourly", [seen("elsewhere", 0, 5)])


def seen(link, h, count):
    return {"link_id": link, "hour_utc": hour(h), "truck_count": count, "is_suppressed": count is None}


def test_the_stage_gives_both_declared_tables(spark):
    rows = [reading("a", 12, 65.0), reading("a", 13, 250.0)]
    road, usual = spark.createDataFrame(links()), spark.createDataFrame(reference.read("free_flow_volume"))
    phones = frame(spark, "signalling_hourly", [SUPPRESSED]), no_trucks(spark), frame(spark, "grid_weight", [PART])
    readings = frame(spark, "traffic_reading", rows)
    result = clean_traffic(readings, road, usual, *phones, context=context(lookback_days=3))
    hourly, quarantined = checked(result, 2)
    assert flows(hourly)["a"] == ("free_flow", pytest.approx(0.15 * CAPACITY))
    assert [row["reason_codes"] for row in quarantined] == [["out_of_bounds"]]


def test_phones_move_the_flow_of_links_without_a_counter_as_counters_confirm(spark):
    """Nine counted links have e^0.1k times the flow of their speed and e^0.5k devices; the last has those of k = 8."""
    names = [f"link{k}" for k in range(10)]
    speed, devices = 60.0 / math.e, [round(1000 * math.exp(0.5 * min(k, 8))) for k in range(10)]
    counted = [CAPACITY * math.exp(0.1 * k) for k in range(9)] + [None]
    rows = [reading(n, h, speed, flow) for n, flow in zip(names, counted, strict=True) for h in range(24)]
    road = [{**links().to_pylist()[0], "link_id": name} for name in names]
    parts = [{"source_id": n, "cell_id": f"r1c{k}", "weight_share": 1.0} for k, n in enumerate(names)]
    phones = [
        {
            "cell_id": f"r1c{k}",
            "hour_utc": hour(h),
            "present_device_count": 5 * count,
            "moving_device_count": count,
            "is_suppressed": False,
        }
        for k, count in enumerate(devices)
        for h in range(24)
    ]
    usual = spark.createDataFrame(reference.read("free_flow_volume"))
    given = [frame(spark, "traffic_reading", rows), spark.createDataFrame(pa.Table.from_pylist(road)), usual]
    lookback = context(lookback_days=3)

    def last_link(*others):
        result = clean_traffic(*given, *others, context=lookback)["traffic_hourly"].to_pylist()
        (row,) = [row for row in result if row["link_id"] == "link9" and row["hour_utc"] == hour(12)]
        return row["flow_method_code"], row["flow_veh_per_h"]

    others = no_trucks(spark), frame(spark, "grid_weight", parts)
    without = last_link(frame(spark, "signalling_hourly", [SUPPRESSED]), *others)
    with_phones = last_link(frame(spark, "signalling_hourly", phones), *others)
    assert without[0] == "speed_flow"
    assert with_phones == ("speed_flow_phones", pytest.approx(without[1] * math.exp(0.2 * 2.0), rel=1e-3))


def test_trucks_move_the_flow_of_links_without_a_counter_as_counters_confirm(spark):
    """Nine counted links have e^0.1k times the flow of their speed and e^0.5k trucks; the last has those of k = 8."""
    names = [f"link{k}" for k in range(10)]
    counted = [CAPACITY * math.exp(0.1 * k) for k in range(9)] + [None]
    rows = [reading(n, h, 60.0 / math.e, flow) for n, flow in zip(names, counted, strict=True) for h in range(24)]
    road = [{**links().to_pylist()[0], "link_id": name} for name in names]
    trucks = [seen(name, h, round(1000 * math.exp(0.5 * min(k, 8)))) for k, name in enumerate(names) for h in range(24)]
    usual = spark.createDataFrame(reference.read("free_flow_volume"))
    given = [frame(spark, "traffic_reading", rows), spark.createDataFrame(pa.Table.from_pylist(road)), usual]
    nothing = frame(spark, "signalling_hourly", [SUPPRESSED])
    part = frame(spark, "grid_weight", [PART])

    def last_link(positions):
        result = clean_traffic(*given, nothing, positions, part, context=context(lookback_days=3))
        hours = [row for row in result["traffic_hourly"].to_pylist() if row["hour_utc"] == hour(12)]
        return {row["link_id"]: (row["flow_method_code"], row["flow_veh_per_h"]) for row in hours}

    without, by_trucks = last_link(no_trucks(spark)), last_link(frame(spark, "truck_hourly", trucks))
    assert without["link9"][0] == "speed_flow"
    expected = without["link9"][1] * math.exp(0.2 * 2.0)
    assert by_trucks["link9"] == ("speed_flow_trucks", pytest.approx(expected, rel=1e-3))
    assert by_trucks["link3"] == without["link3"] == ("measured", pytest.approx(counted[3]))
