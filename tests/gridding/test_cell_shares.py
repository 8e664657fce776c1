"""Shares of points, lines and areas in cells: exact, and with a sum of one."""

import tracemalloc

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bigdata_emis.gridding.cell_shares import area_shares, line_shares, point_shares

POINTS = st.tuples(st.floats(-3, 8), st.floats(-3, 8))


def test_cell_owns_its_western_and_southern_side():
    shares = point_shares(np.array([[1.0, 1.0], [0.5, 2.0]]))
    assert [(int(r), int(c)) for r, c in zip(shares.row, shares.column, strict=True)] == [(1, 1), (2, 0)]


@settings(max_examples=80, deadline=None)
@given(st.lists(POINTS, min_size=2, max_size=6))
def test_shares_of_a_line_sum_to_one(points):
    xy = np.array(points)
    shares = line_shares(xy[:-1], xy[1:], np.zeros(len(xy) - 1, dtype=np.int64))
    assert abs(shares.share.sum() - 1) < 1e-12
    assert (shares.share > 0).all()


@settings(max_examples=80, deadline=None)
@given(st.floats(-3, 5), st.floats(-3, 5), st.floats(0.01, 4), st.floats(0.01, 4))
def test_shares_of_a_rectangle_are_its_overlaps_and_sum_to_one(x, y, width, height):
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height], [x, y]])
    shares = area_shares(corners[:-1], corners[1:], np.zeros(4, dtype=np.int64), rows=4, columns=5)
    assert abs(shares.share.sum() - 1) < 1e-12
    for row, column, share in zip(shares.row, shares.column, shares.share, strict=True):
        if row >= 0:
            overlap = (min(x + width, column + 1) - max(x, column)) * (min(y + height, row + 1) - max(y, row))
            assert abs(share - overlap / (width * height)) < 1e-8


def square(x, y, size):
    """Start and end of the edges of a square, and their owner."""
    corners = np.array([[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]], dtype=float)
    return corners[:-1], corners[1:], np.zeros(4, dtype=np.int64)


def test_a_small_area_takes_memory_for_its_own_cells_and_not_for_the_grid():
    tracemalloc.start()
    shares = area_shares(*square(500.25, 700.5, 1), rows=1000, columns=1000)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    found = dict(zip(zip(shares.row.tolist(), shares.column.tolist(), strict=True), shares.share, strict=True))
    expected = {(700, 500): 0.375, (700, 501): 0.125, (701, 500): 0.375, (701, 501): 0.125}
    assert {cell: round(float(share), 12) for cell, share in found.items()} == expected
    assert peak_bytes < 1_000_000


def test_an_area_around_the_whole_grid_fills_every_cell_and_the_rest_is_beyond():
    shares = area_shares(*square(-1, -1, 4), rows=2, columns=2)
    assert sorted(zip(shares.row.tolist(), shares.column.tolist(), shares.share, strict=True)) == [
        (-1, -1, 12 / 16),
        *((row, column, 1 / 16) for row in (0, 1) for column in (0, 1)),
    ]


def test_an_area_beside_the_grid_is_beyond():
    for x, y in ((-9, 1), (9, 1), (1, -9), (1, 9)):
        shares = area_shares(*square(x, y, 2), rows=2, columns=2)
        assert (shares.row.tolist(), shares.column.tolist(), shares.share.tolist()) == ([-1], [-1], [1.0])
