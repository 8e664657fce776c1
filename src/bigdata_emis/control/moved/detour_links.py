"""The links of a detour: which ones traffic leaves, and which ones take it.

Belongs here: the file of links, and neighbours in the network. Does not: the traffic (detour).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Positions
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.text_file import read_csv_rows

COLUMNS = ("link_id", "role")
CLOSED, OPEN = "closed", "open"
END_DECIMALS = 5
"""Ends of links are the same up to this decimal of a degree, about a metre."""


@dataclass(frozen=True)
class DetourLinks:
    """The closed links, by groups that hang together, and the links that take the traffic of each group.

    group_of: group of each closed link; receivers: for each group, links with their part of the traffic, which add up
    to one, or none. has_open: whether the file names links that take it.
    """

    group_of: Mapping[str, int]
    receivers: Sequence[Mapping[str, float]]
    has_open: bool = False


def read_detour_links(path: Path, road_link: pa.Table) -> DetourLinks:
    """The links of a file with the columns link_id and role (closed or open).

    Open links take the traffic of all closed ones, by length. Where none is named, links take it that are not closed
    and share an end with closed ones that hang together.

    Raises:
        InputError: the file has an error, names an unknown link, or closes none; the message names the row.
    """
    roles = _read_roles(path, set(road_link["link_id"].to_pylist()))
    closed = [link for link, role in roles.items() if role == CLOSED]
    opened = [link for link, role in roles.items() if role == OPEN]
    if not closed:
        raise InputError(f"{path}: no link has the role {CLOSED}", "name the links that traffic leaves")
    length_of = dict(zip(road_link["link_id"].to_pylist(), road_link["length_km"].to_pylist(), strict=True))
    if opened:
        return DetourLinks(dict.fromkeys(closed, 0), [_by_length(opened, length_of)], has_open=True)
    return _neighbours(closed, road_link, length_of)


def _read_roles(path: Path, known: set[str]) -> dict[str, str]:
    rows = read_csv_rows(path, remark="#")
    if sorted(rows.header) != sorted(COLUMNS):
        raise InputError(f"{path}, header: expected the columns {', '.join(COLUMNS)}", "correct the header")
    place, role_place = (rows.header.index(name) for name in COLUMNS)
    roles: dict[str, str] = {}
    for line, row in zip(rows.lines, rows.rows, strict=True):
        link, role, where = row[place], row[role_place], f"{path}, row {line}"
        if link not in known:
            raise InputError(
                f"{where}, column link_id: '{shorten(link)}' is no road link of the region", "correct or remove the row"
            )
        if role not in (CLOSED, OPEN):
            raise InputError(f"{where}, column role: '{shorten(role)}'", f"write {CLOSED} or {OPEN}")
        if link in roles:
            raise InputError(f"{where}, column link_id: {link} is repeated", "keep one of the rows")
        roles[link] = role
    return roles


def _neighbours(closed: Sequence[str], road_link: pa.Table, length_of: Mapping[str, float]) -> DetourLinks:
    ids = road_link["link_id"].to_pylist()
    ends = _ends(road_link["geometry_wkt"].to_pylist())
    is_closed = np.isin(np.array(ids, dtype=object), np.array(closed, dtype=object))
    group_of_link = _groups(ends, is_closed)
    group_of_end = np.full(int(ends.max(initial=-1)) + 1, -1, dtype=np.intp)
    group_of_end[ends[is_closed]] = group_of_link[is_closed][:, None]
    count = int(group_of_link.max(initial=-1)) + 1
    taking: list[set[str]] = [set() for _ in range(count)]
    for link in np.flatnonzero(~is_closed):
        for group in {int(group_of_end[end]) for end in ends[link]} - {-1}:
            taking[group].add(ids[link])
    group_of = {ids[link]: int(group_of_link[link]) for link in np.flatnonzero(is_closed)}
    return DetourLinks(group_of, [_by_length(sorted(links), length_of) for links in taking])


def _ends(geometries: Sequence[str]) -> Positions:
    """The number of the place of both ends of each link, (links, 2)."""
    import shapely

    lines = shapely.from_wkt(np.array(geometries, dtype=object))
    coordinates, line_of = shapely.get_coordinates(lines, return_index=True)
    first = np.searchsorted(line_of, np.arange(len(lines)))
    last = np.searchsorted(line_of, np.arange(len(lines)), side="right") - 1
    both = np.stack([coordinates[first], coordinates[last]], axis=1).round(END_DECIMALS)
    _, place = np.unique(both.reshape(-1, 2), axis=0, return_inverse=True)
    return np.asarray(place, dtype=np.intp).reshape(-1, 2)


def _groups(ends: Positions, is_closed: "np.typing.NDArray[np.bool_]") -> Positions:
    """The group of each closed link, in order of its first link; -1 of the others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    places = int(ends.max(initial=-1)) + 1
    start, end = ends[is_closed].T
    graph = coo_array((np.ones(len(start)), (start, end)), shape=(places, places))
    _, part_of_place = connected_components(graph, directed=False)
    parts, first = np.unique(part_of_place[start], return_index=True)
    number = np.empty(int(part_of_place.max(initial=-1)) + 1, dtype=np.intp)
    number[parts[np.argsort(first)]] = np.arange(len(parts))
    groups = np.full(len(ends), -1, dtype=np.intp)
    groups[is_closed] = number[part_of_place[start]]
    return groups


def _by_length(links: Sequence[str], length_of: Mapping[str, float]) -> dict[str, float]:
    """The part of the traffic that each link takes: the same on each kilometre."""
    total = sum(length_of[link] for link in sorted(links))
    return {link: length_of[link] / total for link in sorted(links)}
