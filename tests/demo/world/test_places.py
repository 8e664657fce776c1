"""Geometry of the simulated region: counties, points and grid cells."""

import numpy as np
import pytest
import shapely

from bigdata_emis.demo.plan import random_stream
from bigdata_emis.demo.world.places import (
    cell_ids,
    city_names,
    counties,
    county_ids,
    draw_points,
    find_counties,
    grid,
    settlements,
)


def test_points_lie_in_their_county_and_inside_the_grid():
    points = draw_points(random_stream(3, "points"), 200)
    outlines = counties().iloc[points.county_row]["geometry"]
    located = shapely.points(points.longitude_deg, points.latitude_deg)
    assert all(outline.covers(point) for outline, point in zip(outlines, located, strict=True))
    region_grid = grid(3_000.0)
    for cell in cell_ids(points.longitude_deg, points.latitude_deg, region_grid):
        row, column = map(int, cell[1:].split("c"))
        assert 0 <= row < region_grid.rows
        assert 0 <= column < region_grid.columns


def test_the_grid_starts_on_a_multiple_of_its_cell():
    region_grid = grid(12_000.0)
    assert region_grid.x_origin_m % 12_000 == 0
    assert region_grid.y_origin_m % 12_000 == 0


def test_neighbouring_points_of_a_kilometre_lie_in_different_cells_of_a_kilometre():
    first, second = cell_ids(np.array([116.8, 116.8]), np.array([39.3, 39.32]), grid(1_000.0))
    assert int(second[1:].split("c")[0]) - int(first[1:].split("c")[0]) == 2


def test_weights_of_counties_add_up_to_one_and_a_built_up_area_is_nine_percent_of_its_county():
    frame = counties()
    assert frame["density_weight"].sum() == pytest.approx(1)
    ratio = [square.area / outline.area for square, outline in zip(settlements(), frame["geometry"], strict=True)]
    assert np.median(ratio) == pytest.approx(0.09, rel=0.01)


def test_a_county_row_has_its_code_and_its_city():
    row = np.flatnonzero(counties()["county_id"] == "110101")
    assert (county_ids(row), city_names(row)) == (["110101"], ["北京"])


def test_a_point_is_in_the_county_around_it_and_a_point_at_sea_in_none():
    inner = counties()["geometry"].iloc[7].representative_point()
    assert find_counties(np.array([[inner.x, inner.y], [119.5, 38.6]])).tolist() == [7, -1]
