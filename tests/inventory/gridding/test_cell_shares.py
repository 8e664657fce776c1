"""Shares of points, lines and areas in cells: exact, and with a sum of one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bigdata_emis.inventory.gridding.cell_shares import area_shares, line_shares, point_shares

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
