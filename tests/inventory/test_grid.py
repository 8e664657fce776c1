"""Weights of sources in the cells of a grid, on a plane where a cell is one degree wide."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.gridding.cell_ids import OUTSIDE_CELL_ID
from bigdata_emis.inventory.grid import grid
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.window import Window

DEGREE_M = 111319.49079327358
"""Length of one degree in the equidistant cylindrical projection on a sphere with the radius of WGS84."""


def context_with(*, rows: int = 2, columns: int = 3) -> Context:
    region_grid = Grid("+proj=eqc +a=6378137 +b=6378137", DEGREE_M, 0.0, 0.0, columns, rows)
    region = Region("flat", Path(), "flat", "平面", "UTC", True, region_grid, {}, {}, {})
    day = datetime(2015, 12, 20, tzinfo=UTC)
    return Context(region, Window(day, day.replace(day=21)), day.replace(day=21), "test", store=None)


def build_grid_inputs(
    *,
    lines: dict[str, tuple[float, float]] | None = None,
    links: dict[str, str] | None = None,
    areas: dict[str, str] | None = None,
):
    points, links, areas = lines or {}, links or {}, areas or {}
    enterprise = pa.table(
        {
            "enterprise_id": pa.array([f"enterprise of {name}" for name in points], pa.string()),
            "longitude_deg": pa.array([p[0] for p in points.values()], pa.float64()),
            "latitude_deg": pa.array([p[1] for p in points.values()], pa.float64()),
        }
    )
    line = pa.table(
        {"production_line_id": pa.array(list(points), pa.string()), "enterprise_id": enterprise["enterprise_id"]}
    )
    link = pa.table(
        {"link_id": pa.array(list(links), pa.string()), "geometry_wkt": pa.array(list(links.values()), pa.string())}
    )
    area = pa.table(
        {
            "activity_area_id": pa.array(list(areas), pa.string()),
            "geometry_wkt": pa.array(list(areas.values()), pa.string()),
        }
    )
    return enterprise, line, link, area


def build_grid(**sources):
    return grid(*build_grid_inputs(**sources), context=context_with())


def weights(result: dict[str, pa.Table], source: str) -> dict[str, float]:
    rows = conform(result["grid_weight"], schema.table("grid_weight")).to_pylist()
    return {row["cell_id"]: pytest.approx(row["weight_share"], abs=1e-12) for row in rows if row["source_id"] == source}


def test_grid_has_one_row_a_cell_with_its_centre():
    cells = conform(build_grid()["grid"], schema.table("grid")).to_pylist()
    last = next(cell for cell in cells if cell["cell_id"] == "r1c2")
    assert len(cells) == 6
    assert (last["longitude_deg"], last["latitude_deg"]) == (pytest.approx(2.5), pytest.approx(1.5))
    assert OUTSIDE_CELL_ID not in {cell["cell_id"] for cell in cells}


@pytest.mark.parametrize(
    ("projection", "cell"), [("EPSG:4326", 1.0), ("+proj=eqc +a=6378137 +b=6378137 +units=km", 111.32)]
)
def test_the_area_is_in_square_kilometres_whatever_the_unit_of_the_axes(projection: str, cell: float):
    """A cell of one degree at the equator is 12,309 km2 on WGS84."""
    region_grid = Grid(projection, cell, 0.0, 0.0, 1, 1)
    context = replace(context_with(), region=replace(context_with().region, grid=region_grid))
    nothing = build_grid_inputs()
    (cell_row,) = grid(*nothing, context=context)["grid"].to_pylist()
    assert cell_row["area_km2"] == pytest.approx(12_309, rel=0.01)


def test_heights_and_geocentric_coordinates_are_no_plane_for_a_grid():
    for code in ("EPSG:4978", "EPSG:5773"):
        region_grid = Grid(code, 1.0, 0.0, 0.0, 1, 1)
        context = replace(context_with(), region=replace(context_with().region, grid=region_grid))
        with pytest.raises(InputError, match="projection: .* is neither a projection nor longitude and latitude"):
            grid(*build_grid_inputs(), context=context)


def test_true_area_of_a_cell_is_the_nominal_area_over_the_areal_scale():
    cells = {cell["cell_id"]: cell for cell in build_grid()["grid"].to_pylist()}
    nominal_km2 = DEGREE_M**2 / 1e6
    assert cells["r0c0"]["area_km2"] == pytest.approx(nominal_km2 * 0.99996, rel=1e-5)  # cos 0.5 degrees


def test_production_line_lies_in_the_cell_of_its_enterprise():
    result = build_grid(lines={"furnace": (1.2, 0.3), "far away": (9.0, 0.5)})
    assert weights(result, "furnace") == {"r0c1": 1.0}
    assert weights(result, "far away") == {OUTSIDE_CELL_ID: 1.0}


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("LINESTRING (0.5 0.5, 2.5 0.5)", {"r0c0": 0.25, "r0c1": 0.5, "r0c2": 0.25}),
        ("LINESTRING (0.5 0.5, 1.5 0.5, 1.5 1.5)", {"r0c0": 0.25, "r0c1": 0.5, "r1c1": 0.25}),
        ("LINESTRING (2 0.5, 4 0.5)", {"r0c2": 0.5, OUTSIDE_CELL_ID: 0.5}),
        ("LINESTRING (-3 0.5, 5 0.5)", {"r0c0": 1 / 8, "r0c1": 1 / 8, "r0c2": 1 / 8, OUTSIDE_CELL_ID: 5 / 8}),
        ("MULTILINESTRING ((0.1 0.5, 0.2 0.5), (2.1 0.5, 2.4 0.5))", {"r0c0": 0.25, "r0c2": 0.75}),
        ("POINT (0.5 1.5)", {"r1c0": 1.0}),
    ],
    ids=["straight", "bent", "half outside", "through the grid", "two parts", "point"],
)
def test_link_is_spread_by_length(wkt, expected):
    assert weights(build_grid(links={"link": wkt}), "link") == expected


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        (
            "POLYGON ((0.5 0.5, 1.5 0.5, 1.5 1.5, 0.5 1.5, 0.5 0.5))",
            {"r0c0": 0.25, "r0c1": 0.25, "r1c0": 0.25, "r1c1": 0.25},
        ),
        (
            "POLYGON ((0.5 0.5, 0.5 1.5, 1.5 1.5, 1.5 0.5, 0.5 0.5))",
            {"r0c0": 0.25, "r0c1": 0.25, "r1c0": 0.25, "r1c1": 0.25},
        ),
        ("POLYGON ((0 0, 1 0, 0 1, 0 0))", {"r0c0": 1.0}),
        ("POLYGON ((0 0, 2 0, 0 2, 0 0))", {"r0c0": 0.5, "r0c1": 0.25, "r1c0": 0.25}),
        ("POLYGON ((2 0, 4 0, 4 1, 2 1, 2 0))", {"r0c2": 0.5, OUTSIDE_CELL_ID: 0.5}),
        ("POLYGON ((0 -1, 1 -1, 1 3, 0 3, 0 -1))", {"r0c0": 0.25, "r1c0": 0.25, OUTSIDE_CELL_ID: 0.5}),
        (
            "POLYGON ((0 0, 2 0, 2 1, 0 1, 0 0), (0.25 0.25, 0.75 0.25, 0.75 0.75, 0.25 0.75, 0.25 0.25))",
            {"r0c0": 3 / 7, "r0c1": 4 / 7},
        ),
        ("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 1, 0 0)), ((2 0, 3 0, 3 1, 2 1, 2 0)))", {"r0c0": 0.5, "r0c2": 0.5}),
    ],
    ids=[
        "four cells",
        "other way round",
        "one triangle",
        "three cells",
        "half outside",
        "above and below",
        "hole",
        "two parts",
    ],
)
def test_area_is_spread_by_area(wkt, expected):
    assert weights(build_grid(areas={"area": wkt}), "area") == expected


def test_areas_with_one_geometry_have_the_same_weights():
    county = "POLYGON ((0 0, 2 0, 0 2, 0 0))"
    result = build_grid(areas={"coal": county, "dust": county, "other": "POINT (0.5 0.5)"})
    assert weights(result, "coal") == weights(result, "dust") == {"r0c0": 0.5, "r0c1": 0.25, "r1c0": 0.25}


@pytest.mark.parametrize("wkt", ["POINT EMPTY", "road", "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))", "MULTIPOINT ((0 0))"])
def test_an_unusable_geometry_is_refused_with_the_name_of_its_source(wkt):
    with pytest.raises(InputError, match="link 7"):
        build_grid(links={"good": "POINT (0 0)", "link 7": wkt})


def test_two_sources_with_one_identifier_are_refused():
    with pytest.raises(InputError, match="occurs twice"):
        build_grid(links={"same": "POINT (0 0)"}, areas={"same": "POINT (0 0)"})
