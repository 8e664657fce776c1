"""The share of a point, a line or an area in each cell of a unit grid, exact, in NumPy.

Belongs here: geometry in grid units (a cell is one by one, the origin is the south-west corner of the grid). Does not:
projections, tables (grid).
Edges are cut where they cross the lines of the grid. The share of a line is the length of its pieces; the share of an
area follows from Green's theorem on the pieces of its boundary. Both are exact, and neither intersects polygons.
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers

NEGLIGIBLE_SHARE = 1e-9
"""A share below this is rounding of a cut, not mass; the others are scaled so that nothing is lost."""


@dataclass(frozen=True)
class CellShares:
    """Share of each source in each cell; indices beyond the grid are outside its shape."""

    source: Integers
    row: Integers
    column: Integers
    share: Floats


@dataclass(frozen=True)
class EdgePieces:
    """Edges cut at the lines of the grid: each piece is in one cell."""

    owner: Integers
    row: Integers
    column: Integers
    dx: Floats
    dy: Floats
    y_middle: Floats


def point_shares(xy: Floats) -> CellShares:
    """The cell of each point (points, 2); a cell includes its western and southern side."""
    cell = np.floor(xy).astype(np.int64)
    return CellShares(np.arange(len(xy)), cell[:, 1], cell[:, 0], np.ones(len(xy)))


def line_shares(start: Floats, end: Floats, owner: Integers) -> CellShares:
    """The share of each line's length in each cell; a line of zero length is its first point.

    start, end: ends of the edges (edges, 2); owner: the line of each edge, edges of one line consecutive.
    """
    pieces = cut_edges(start, end, owner)
    length = np.hypot(pieces.dx, pieces.dy)
    total = np.bincount(pieces.owner, weights=length)
    is_first = np.r_[True, np.diff(pieces.owner) != 0][: len(pieces.owner)]
    is_point = (total[pieces.owner] == 0) & is_first
    return _sum_shares(pieces.owner, pieces.row, pieces.column, np.where(is_point, 1.0, length))


def area_shares(start: Floats, end: Floats, owner: Integers, *, rows: int, columns: int) -> CellShares:
    """The share of each area in each cell, from the edges of its rings.

    Shells and holes have opposite directions.

        area in a cell = Σ over pieces above or in it of dx × height of the strip within the cell

    A piece of the boundary adds the strip beneath it: in its own cell down to the floor of the cell, in the cells below
    the whole height. The rest of the area is beyond the grid: row and column -1.
    """
    pieces = cut_edges(start, end, owner)
    areas = [
        _one_area(pieces, area, slice(first, after), (rows, columns)) for area, first, after in _runs(pieces.owner)
    ]
    return CellShares(*(np.concatenate(parts) for parts in zip(*areas, strict=True)))


def cut_edges(start: Floats, end: Floats, owner: Integers) -> EdgePieces:
    """The edges cut at every integer x and y; edges of one owner are consecutive."""
    step = end - start
    crossings = [_crossings(start[:, axis], end[:, axis]) for axis in (0, 1)]
    numbers = np.arange(len(start))
    edge = np.concatenate([numbers, numbers, *(edges for edges, _ in crossings)])
    along = np.concatenate([np.zeros(len(start)), np.ones(len(start)), *(places for _, places in crossings)])
    order = np.lexsort((along, edge))
    edge, along = edge[order], along[order]
    is_piece = edge[1:] == edge[:-1]
    edge, width, middle = edge[1:][is_piece], np.diff(along)[is_piece], ((along[1:] + along[:-1]) / 2)[is_piece]
    centre = start[edge] + middle[:, None] * step[edge]
    cell = np.floor(centre).astype(np.int64)
    return EdgePieces(owner[edge], cell[:, 1], cell[:, 0], width * step[edge, 0], width * step[edge, 1], centre[:, 1])


def _crossings(first: Floats, last: Floats) -> tuple[Integers, Floats]:
    """Edge and position along it (0 to 1) of each crossing with an integer line of one axis."""
    low, high = np.ceil(np.minimum(first, last)), np.floor(np.maximum(first, last))
    count = np.where(first == last, 0, np.maximum(high - low + 1, 0)).astype(np.int64)
    edge = np.repeat(np.arange(len(first)), count)
    number_in_edge = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    along = (low[edge] + number_in_edge - first[edge]) / (last - first)[edge]
    return edge, np.clip(along, 0.0, 1.0)


def _one_area(
    pieces: EdgePieces, area_number: int, run: slice, shape: tuple[int, int]
) -> tuple[Integers, Integers, Integers, Floats]:
    """The shares of one area, computed in the part of the grid that its boundary spans, not in the whole grid."""
    row, column, dx, y = pieces.row[run], pieces.column[run], pieces.dx[run], pieces.y_middle[run]
    area = np.sum(dx * (y - y[0]))
    south, west = max(int(row.min()), 0), max(int(column.min()), 0)
    rows, columns = (max(n, 0) for n in (min(row.max() + 1, shape[0]) - south, min(column.max() + 1, shape[1]) - west))
    row, column, y = row - south, column - west, y - south
    is_relevant = (column >= 0) & (column < columns) & (row >= 0)
    row, column, dx, y = np.minimum(row[is_relevant], rows), column[is_relevant], dx[is_relevant], y[is_relevant]
    strips = _sum_by_cell(row, column, dx, (rows + 1, columns))
    inside = row < rows
    own = _sum_by_cell(row[inside], column[inside], (dx * (y - row))[inside], (rows, columns))
    share = (own + np.cumsum(strips[::-1], axis=0)[::-1][1:]) / area
    r, c = np.nonzero(share > NEGLIGIBLE_SHARE)
    beyond = 1.0 - float(share[r, c].sum())
    all_shares = np.r_[share[r, c], beyond if beyond > NEGLIGIBLE_SHARE else 0.0]
    is_positive = all_shares > 0
    normalised = all_shares[is_positive] / all_shares[is_positive].sum()
    cells = (np.r_[r + south, -1][is_positive], np.r_[c + west, -1][is_positive])
    return np.full(is_positive.sum(), area_number), *cells, normalised


def _sum_by_cell(row: Integers, column: Integers, value: Floats, shape: tuple[int, int]) -> Floats:
    summed = np.bincount(row * shape[1] + column, weights=value, minlength=shape[0] * shape[1])
    return summed.astype(np.float64).reshape(shape)


def _runs(owner: Integers) -> list[tuple[int, int, int]]:
    """Owner, first position and position after the last of each run of equal owners."""
    starts = np.flatnonzero(np.r_[True, np.diff(owner) != 0])
    ends = np.r_[starts[1:], len(owner)]
    return [(int(owner[first]), int(first), int(after)) for first, after in zip(starts, ends, strict=True)]


def _sum_shares(source: Integers, row: Integers, column: Integers, amount: Floats) -> CellShares:
    """The amounts summed by source and cell, as shares of the total of the source."""
    order = np.lexsort((column, row, source))
    source, row, column, amount = source[order], row[order], column[order], amount[order]
    is_new = np.r_[True, (np.diff(source) != 0) | (np.diff(row) != 0) | (np.diff(column) != 0)]
    summed = np.bincount(np.cumsum(is_new) - 1, weights=amount)
    total = np.bincount(source, weights=amount)
    source, row, column = source[is_new], row[is_new], column[is_new]
    is_relevant = summed > NEGLIGIBLE_SHARE * total[source]
    source, row, column, summed = source[is_relevant], row[is_relevant], column[is_relevant], summed[is_relevant]
    share = summed / np.bincount(source, weights=summed)[source]
    return CellShares(source, row, column, share)
