"""What share of a point, a line or an area lies in which cell of a unit grid: pure NumPy on cut edges.

Belongs here: geometry in grid units (one cell is one by one, the grid's south-west corner is the origin). Does not: projections, tables.
Edges are cut where they cross the lines of the grid; a line's share is the length of its pieces, an area's share follows from
Green's theorem on the pieces of its boundary, so that both are exact and neither needs an intersection of polygons.
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers

NEGLIGIBLE_SHARE = 1e-9
"""Shares below this are the rounding of a cut, not mass; the rest is scaled so that nothing is lost."""


@dataclass(frozen=True)
class Shares:
    """Share of each source in each cell; beyond the grid the indices lie outside its rows or columns."""

    source: Integers
    row: Integers
    column: Integers
    share: Floats


@dataclass(frozen=True)
class Pieces:
    """Edges cut at the lines of the grid: each piece lies in one cell."""

    owner: Integers
    row: Integers
    column: Integers
    dx: Floats
    dy: Floats
    y_middle: Floats


def point_shares(xy: Floats) -> Shares:
    """The cell that holds each point; a cell owns its western and southern side."""
    cell = np.floor(xy).astype(np.int64)
    return Shares(np.arange(len(xy)), cell[:, 1], cell[:, 0], np.ones(len(xy)))


def line_shares(start: Floats, end: Floats, owner: Integers) -> Shares:
    """The share of each line's length in each cell; a line without length counts as its first point."""
    pieces = cut(start, end, owner)
    length = np.hypot(pieces.dx, pieces.dy)
    total = np.bincount(pieces.owner, weights=length)
    first_only = (total[pieces.owner] == 0) & np.r_[True, np.diff(pieces.owner) != 0][: len(pieces.owner)]
    return _gathered(pieces.owner, pieces.row, pieces.column, np.where(first_only, 1.0, length))


def area_shares(start: Floats, end: Floats, owner: Integers, *, rows: int, columns: int) -> Shares:
    """The share of each area in each cell, from the edges of its rings (shells and holes turn opposite ways).

    A piece of boundary adds the strip beneath it: in its own cell down to the cell's floor, in the cells below the whole height.
    The rest, up to the whole area, lies outside: row and column -1.
    """
    pieces = cut(start, end, owner)
    found = [
        _one_area(pieces, owner_id, slice(low, high), (rows, columns)) for owner_id, low, high in _runs(pieces.owner)
    ]
    return Shares(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def cut(start: Floats, end: Floats, owner: Integers) -> Pieces:
    """The edges cut at every line x = integer and y = integer. Edges of one owner follow each other."""
    step = end - start
    crossings = [_crossings(start[:, axis], end[:, axis]) for axis in (0, 1)]
    everyone = np.arange(len(start))
    edge = np.concatenate([everyone, everyone, *(c[0] for c in crossings)])
    along = np.concatenate([np.zeros(len(start)), np.ones(len(start)), *(c[1] for c in crossings)])
    order = np.lexsort((along, edge))
    edge, along = edge[order], along[order]
    is_piece = edge[1:] == edge[:-1]
    edge, width, middle = edge[1:][is_piece], np.diff(along)[is_piece], ((along[1:] + along[:-1]) / 2)[is_piece]
    centre = start[edge] + middle[:, None] * step[edge]
    cell = np.floor(centre).astype(np.int64)
    return Pieces(owner[edge], cell[:, 1], cell[:, 0], width * step[edge, 0], width * step[edge, 1], centre[:, 1])


def _crossings(first: Floats, last: Floats) -> tuple[Integers, Floats]:
    """Edge and place along it (0 to 1) of each crossing with an integer line of one axis."""
    low, high = np.ceil(np.minimum(first, last)), np.floor(np.maximum(first, last))
    count = np.where(first == last, 0, np.maximum(high - low + 1, 0)).astype(np.int64)
    edge = np.repeat(np.arange(len(first)), count)
    number_in_edge = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    along = (low[edge] + number_in_edge - first[edge]) / (last - first)[edge]
    return edge, np.clip(along, 0.0, 1.0)


def _one_area(
    pieces: Pieces, owner_id: int, run: slice, shape: tuple[int, int]
) -> tuple[Integers, Integers, Integers, Floats]:
    rows, columns = shape
    row, column, dx, y = pieces.row[run], pieces.column[run], pieces.dx[run], pieces.y_middle[run]
    area = np.sum(dx * (y - y[0]))
    counts = (column >= 0) & (column < columns) & (row >= 0)
    row, column, dx, y = np.minimum(row[counts], rows), column[counts], dx[counts], y[counts]
    strips = _summed(row, column, dx, (rows + 1, columns))
    inside = row < rows
    own = _summed(row[inside], column[inside], (dx * (y - row))[inside], shape)
    share = (own + np.cumsum(strips[::-1], axis=0)[::-1][1:]) / area
    r, c = np.nonzero(share > NEGLIGIBLE_SHARE)
    beyond = 1.0 - float(share[r, c].sum())
    all_shares = np.r_[share[r, c], beyond if beyond > NEGLIGIBLE_SHARE else 0.0]
    kept = all_shares > 0
    normal = all_shares[kept] / all_shares[kept].sum()
    return np.full(kept.sum(), owner_id), np.r_[r, -1][kept], np.r_[c, -1][kept], normal


def _summed(row: Integers, column: Integers, value: Floats, shape: tuple[int, int]) -> Floats:
    summed = np.bincount(row * shape[1] + column, weights=value, minlength=shape[0] * shape[1])
    return summed.astype(np.float64).reshape(shape)


def _runs(owner: Integers) -> list[tuple[int, int, int]]:
    starts = np.flatnonzero(np.r_[True, np.diff(owner) != 0])
    return [
        (int(owner[low]), int(low), int(high)) for low, high in zip(starts, np.r_[starts[1:], len(owner)], strict=True)
    ]


def _gathered(source: Integers, row: Integers, column: Integers, amount: Floats) -> Shares:
    """The amounts summed by source and cell, as shares of the source's total."""
    order = np.lexsort((column, row, source))
    source, row, column, amount = source[order], row[order], column[order], amount[order]
    is_new = np.r_[True, (np.diff(source) != 0) | (np.diff(row) != 0) | (np.diff(column) != 0)]
    summed = np.bincount(np.cumsum(is_new) - 1, weights=amount)
    total = np.bincount(source, weights=amount)
    kept = summed > NEGLIGIBLE_SHARE * total[source[is_new]]
    share = summed[kept] / np.bincount(source[is_new][kept], weights=summed[kept])[source[is_new][kept]]
    return Shares(source[is_new][kept], row[is_new][kept], column[is_new][kept], share)
