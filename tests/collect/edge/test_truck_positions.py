"""Positions of trucks become trucks of links, and no position that is not counted is dropped in silence."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.collect.edge.truck_positions import LEAST_TRUCKS, RoadPlaces, reduce_positions

EAST, NORTH = "LINESTRING (116.00 40.00, 116.02 40.00)", "LINESTRING (116.01 40.001, 116.01 40.02)"
ROADS = RoadPlaces(["east", "north"], [EAST, NORTH])
METRE_DEG = 1 / 111_195.0
HOUR = dt.datetime(2015, 12, 20, 8, tzinfo=dt.UTC)


def position(truck="a", minute=0, lon=116.005, lat=40.0, speed=50.0, *, unreadable=False, invalid=False):
    return {
        "vehicle_id": truck,
        "position_utc": HOUR + dt.timedelta(minutes=minute),
        "longitude_deg": lon,
        "latitude_deg": lat,
        "speed_km_per_h": speed,
        "is_unreadable": unreadable,
        "is_invalid": invalid,
    }


def reduced(*positions):
    kinds = {
        "vehicle_id": pa.string(),
        "position_utc": pa.timestamp("us"),
        **dict.fromkeys(("longitude_deg", "latitude_deg", "speed_km_per_h"), pa.float64()),
        **dict.fromkeys(("is_unreadable", "is_invalid"), pa.bool_()),
    }
    return reduce_positions(pa.Table.from_pylist(list(positions), pa.schema(kinds.items())), ROADS).to_pylist()


def facts(rows):
    names = ("link_id", "edge_fault_code", "truck_count", "position_count")
    return [tuple(row[name] for name in names) for row in rows]


def test_a_truck_counts_once_on_a_link_and_hour_and_speed_is_the_mean_of_its_positions():
    rows = reduced(position("a", 1, speed=30), position("a", 2, speed=50), position("b", 3, speed=70), position("c", 4))
    assert facts(rows) == [("east", "none", 3, 4)]
    assert rows[0]["speed_km_per_h"] == pytest.approx((30 + 50 + 70 + 50) / 4)
    assert rows[0]["hour_utc"].replace(tzinfo=dt.UTC) == HOUR


def test_hours_and_links_are_apart():
    trucks = "abc"
    rows = reduced(
        *(position(truck) for truck in trucks),
        *(position(truck, 60) for truck in trucks),
        *(position(truck, lon=116.01, lat=40.01) for truck in trucks),
    )
    assert [(row["link_id"], row["hour_utc"].hour) for row in rows] == [("east", 8), ("east", 9), ("north", 8)]


def test_numbers_of_fewer_trucks_than_the_threshold_are_not_stored():
    rows = reduced(*(position(str(number)) for number in range(LEAST_TRUCKS - 1)))
    assert facts(rows) == [("east", "none", None, None)]
    assert (rows[0]["is_private"], rows[0]["speed_km_per_h"]) == (True, None)


def test_nothing_names_a_vehicle_or_a_place():
    assert set(reduced(position("京A12345"))[0]) == {
        *("link_id", "hour_utc", "edge_fault_code", "truck_count", "position_count", "speed_km_per_h"),
        *("is_unreadable", "is_invalid", "is_private"),
    }


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("no_vehicle", {"truck": ""}),
        ("no_vehicle", {"truck": None}),
        ("bad_place", {"lon": 0.0, "lat": 0.0}),
        ("bad_place", {"lon": 40.0, "lat": 116.0}),
        ("bad_place", {"lon": None}),
        ("bad_place", {"lat": float("inf")}),
        ("bad_speed", {"speed": 400.0}),
        ("bad_speed", {"speed": -1.0}),
        ("bad_speed", {"speed": None}),
        ("bad_speed", {"speed": float("nan")}),
        ("off_road", {"lat": 40.0005}),
        ("standing", {"speed": 0.0}),
    ],
)
def test_a_position_that_is_not_counted_is_a_row_without_a_link_and_says_why(fault, changed):
    rows = reduced(position(**changed), *(position(truck) for truck in "bcd"))
    assert facts(rows)[0][:2] == ("", fault)
    assert facts(rows)[0][3] == 1
    assert facts(rows)[1:] == [("east", "none", 3, 3)]


def test_a_truck_that_stood_and_drove_is_counted():
    trucks = [position(truck, 5) for truck in "abc"]
    assert facts(reduced(*trucks, position("a", 1, speed=0.0))) == [("east", "none", 3, 4)]


@pytest.mark.parametrize(("metres", "link"), [(39, "east"), (42, "")])
def test_the_reach_of_a_link_is_in_metres(metres, link):
    rows = reduced(*(position(truck, lat=40 - metres * METRE_DEG) for truck in "abc"))
    assert rows[0]["link_id"] == link


def test_of_two_links_at_one_distance_the_first_by_name_is_taken():
    roads = RoadPlaces(["b", "a"], [EAST, EAST])
    assert [roads.link_ids[n] for n in roads.nearest(np.array([116.01]), np.array([40.0]))] == ["a"]


def test_marks_of_collecting_stay_apart():
    rows = reduced(position("a", unreadable=True), position("b", invalid=True), position("c"))
    assert sorted((row["is_unreadable"], row["is_invalid"]) for row in rows) == [
        (False, False),
        (False, True),
        (True, False),
    ]


def test_no_positions_and_no_roads_are_no_rows():
    assert reduced() == []
    assert RoadPlaces([], []).link_ids == []
