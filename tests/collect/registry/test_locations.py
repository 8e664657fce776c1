"""Sources against the grid of their region: outside is refused, with the repair that brings it inside."""

from dataclasses import replace

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.collect.registry.locations import check_locations
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid
from bigdata_emis.schema.arrow import empty
from tests.collect.feed_builders import region
from tests.collect.registry_files import GRID

TABLES = ("enterprise", "stack", "station", "road_link", "activity_area")


def check(folder, *, grid=GRID, **rows):
    frames = {name: empty(schema.table(name)) for name in TABLES}
    frames |= {name: pa.Table.from_pylist([row], frames[name].schema) for name, row in rows.items()}
    check_locations(frames, replace(region(folder), grid=grid))


def plant(longitude, latitude):
    return {"enterprise_id": "e1", "industry_code": "sinter", "longitude_deg": longitude, "latitude_deg": latitude}


def road(text):
    return {"link_id": "r1", "geometry_wkt": text}


def area(text):
    return {"activity_area_id": "a1", "sector_code": "other", "industry_code": "sinter", "geometry_wkt": text}


@pytest.mark.parametrize(
    ("longitude", "latitude", "repair"),
    [
        (0.0, 0.0, "0, 0 is what an empty cell becomes: enter the coordinates"),
        (-116.4, 39.9, "the sign of the longitude is probably wrong: write longitude 116.4, latitude 39.9"),
        (116.4, -39.9, "the sign of the latitude is probably wrong: write longitude 116.4, latitude 39.9"),
        (-116.4, -39.9, "both signs are probably wrong: write longitude 116.4, latitude 39.9"),
        (0.0, 90.0, "correct the coordinates .degrees east and north., enlarge the grid in region.toml"),
        (118.5, 39.9, "correct the coordinates"),
    ],
    ids=["empty", "west", "south", "both", "pole", "next province"],
)
def test_a_plant_outside_the_grid_is_refused_with_its_repair(tmp_path, longitude, latitude, repair):
    with pytest.raises(InputError, match=rf"table enterprise, enterprise_id e1: .* lies outside the grid .*; {repair}"):
        check(tmp_path, enterprise=plant(longitude, latitude))


def test_swapped_coordinates_are_recognised_where_both_could_be_latitudes(tmp_path):
    alps = Grid("EPSG:32632", 1000, 440_000, 5_200_000, 60, 60)
    with pytest.raises(InputError, match="probably swapped: write longitude 8.5, latitude 47.2"):
        check(tmp_path, grid=alps, enterprise=plant(47.2, 8.5))


def test_a_plant_in_the_grid_and_a_stack_without_coordinates_are_accepted(tmp_path):
    check(tmp_path, enterprise=plant(116.4, 39.9), stack={"stack_id": "s", "production_line_id": "l"})


@pytest.mark.parametrize(
    "text",
    ["LINESTRING (116.4 39.9, 125 45)", "POLYGON ((100 30, 130 30, 130 50, 100 50, 100 30))"],
    ids=["leaves the grid", "holds the grid"],
)
def test_a_geometry_with_a_part_in_the_grid_is_accepted(tmp_path, text):
    check(tmp_path, road_link=road(text), activity_area=area(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not a geometry", "not WKT"),
        ("POINT EMPTY", "empty"),
        ("POLYGON ((116 39, 117 40, 116 40, 117 39, 116 39))", "Self-intersection"),
        ("LINESTRING (116 39, NaN 40)", "Invalid Coordinate"),
        ("x" * 70_000, "not WKT"),
    ],
    ids=["text", "empty", "bow tie", "NaN", "long"],
)
def test_a_geometry_that_cannot_be_used_is_refused_with_its_reason(tmp_path, text, reason):
    with pytest.raises(
        InputError, match=rf"table activity_area, activity_area_id a1, .* is not usable .{reason}"
    ) as no:
        check(tmp_path, activity_area=area(text))
    assert len(str(no.value)) < 400


def test_a_geometry_wholly_outside_is_refused(tmp_path):
    with pytest.raises(InputError, match="table activity_area, activity_area_id a1: longitude 500, latitude 500 lies"):
        check(tmp_path, activity_area=area("POINT (500 500)"))
    with pytest.raises(InputError, match=r"table road_link, link_id r1: .*sign of the longitude"):
        check(tmp_path, road_link=road("LINESTRING (-116.4 39.9, -116.5 39.9)"))


def test_a_station_may_lie_outside_the_grid_but_not_far(tmp_path):
    station = {"station_id": "s", "longitude_deg": 118.5, "latitude_deg": 39.9}
    check(tmp_path, station=station)
    with pytest.raises(InputError, match="table station, station_id s: longitude -118.5"):
        check(tmp_path, station=station | {"longitude_deg": -118.5})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"projection": "EPSG:999999"}, 'grid.projection = "EPSG:999999": '),
        ({"projection": "+proj=nonsense"}, r'grid.projection = "\+proj=nonsense": '),
        ({"projection": "EPSG:4326"}, "expected a projected plane in metres, it has degree"),
        ({"projection": "EPSG:2263"}, "expected a projected plane in metres, it has US survey foot"),
        (
            {"y_origin_m": 90_000_000.0},
            "a corner of the grid has no place on Earth in its projection; correct x_origin",
        ),
    ],
    ids=["number", "words", "degrees", "feet", "beyond the pole"],
)
def test_a_grid_that_lies_nowhere_is_refused(tmp_path, change, message):
    with pytest.raises(InputError, match=rf"region\.toml.*{message}"):
        check(tmp_path, grid=replace(GRID, **change))
