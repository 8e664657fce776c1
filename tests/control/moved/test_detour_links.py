"""Which links take the traffic of closed ones.

The network, from west to east: a–b–c–d in a row, e parallel to b, f apart from all.
"""

from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis.control.moved.detour_links import DetourLinks, read_detour_links
from bigdata_emis.errors import InputError

PLACES = {
    "a": ("116.00000 40.0", "116.01000 40.0", 1.0),
    "b": ("116.01000 40.0", "116.02000 40.0", 1.0),
    "c": ("116.02000 40.0", "116.03000 40.0", 1.0),
    "d": ("116.03000 40.0", "116.04000 40.0", 3.0),
    "e": ("116.01000 40.0", "116.015 40.01, 116.02000 40.0", 2.0),
    "f": ("117.00000 40.0", "117.01000 40.0", 1.0),
}
NETWORK = pa.table(
    {
        "link_id": list(PLACES),
        "length_km": [length for *_, length in PLACES.values()],
        "geometry_wkt": [f"LINESTRING ({start}, {end})" for start, end, _ in PLACES.values()],
    }
)


def links_of(folder: Path, text: str) -> DetourLinks:
    path = folder / "links.csv"
    path.write_text("link_id,role\n" + text, "utf-8")
    return read_detour_links(path, NETWORK)


def test_the_traffic_of_a_closed_link_drives_on_those_that_share_an_end_by_length(tmp_path: Path) -> None:
    """B is closed: a (1 km) and c (1 km) share an end, and so does e (2 km)."""
    links = links_of(tmp_path, "b,closed\n")
    assert links.group_of == {"b": 0}
    assert links.receivers == [{"a": 0.25, "c": 0.25, "e": 0.5}]


def test_closed_links_that_hang_together_are_one_group(tmp_path: Path) -> None:
    """B and c are one closed area with a, d and e at its edge: 1, 3 and 2 of 6 km; f has no neighbour."""
    links = links_of(tmp_path, "c,closed\nf,closed\nb,closed\n")
    assert links.group_of == {"b": 0, "c": 0, "f": 1}
    assert links.receivers[0] == pytest.approx({"a": 1 / 6, "d": 3 / 6, "e": 2 / 6})
    assert links.receivers[1] == {}


def test_named_open_links_take_all_of_it(tmp_path: Path) -> None:
    links = links_of(tmp_path, "b,closed\nf,open\nd,open\n")
    assert links == DetourLinks({"b": 0}, [{"d": 0.75, "f": 0.25}], has_open=True)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("x,closed\n", "row 2, column link_id: 'x' is no road link of the region"),
        ("a,shut\n", "row 2, column role: 'shut'"),
        ("a,closed\nb,open\na,open\n", "row 4, column link_id: a is repeated"),
        ("a,open\n", "no link has the role closed"),
        ("a\n", "row 2: 1 values for 2 columns"),
    ],
)
def test_a_wrong_file_is_refused_with_its_row(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(InputError) as refused:
        links_of(tmp_path, text)
    assert what in str(refused.value)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_text("link,role\na,closed\n", "utf-8")
    with pytest.raises(InputError, match="expected the columns link_id, role"):
        read_detour_links(path, NETWORK)
