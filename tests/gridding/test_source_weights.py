"""Weights of sources in the cells of any grid, on a plane where a cell is one degree wide."""

import pyarrow as pa
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.gridding.source_weights import cells_of_grid, source_weights
from bigdata_emis.region import Grid

DEGREE_M = 111319.49079327358
GRID = Grid("+proj=eqc +a=6378137 +b=6378137", DEGREE_M, 0.0, 0.0, 2, 1)
ENTERPRISE = pa.table({"enterprise_id": ["E1"], "longitude_deg": [1.5], "latitude_deg": [0.5]})


def weights_of(enterprise_id: str = "E1") -> dict[tuple[str, str], float]:
    line = pa.table({"production_line_id": ["L1"], "enterprise_id": [enterprise_id]})
    link = pa.table({"link_id": ["R1"], "geometry_wkt": ["LINESTRING (0.5 0.5, 2.5 0.5)"]})
    square = "POLYGON ((0.5 0.25, 1.5 0.25, 1.5 0.75, 0.5 0.75, 0.5 0.25))"
    area = pa.table({"activity_area_id": ["A1"], "geometry_wkt": [square]})
    rows = source_weights(ENTERPRISE, line, link, area, grid=GRID).to_pylist()
    return {(row["source_id"], row["cell_id"]): pytest.approx(row["weight_share"], abs=1e-12) for row in rows}


def test_a_line_is_at_its_enterprise_a_link_shared_by_length_and_a_square_by_area() -> None:
    assert weights_of() == {
        ("L1", "r0c1"): 1.0,
        ("R1", "r0c0"): 0.25,
        ("R1", "r0c1"): 0.5,
        ("R1", "outside"): 0.25,
        ("A1", "r0c0"): 0.5,
        ("A1", "r0c1"): 0.5,
    }


def test_a_line_of_an_unknown_enterprise_is_refused() -> None:
    with pytest.raises(InputError, match="enterprise_id E9"):
        weights_of("E9")


def test_cells_are_listed_row_by_row_with_their_true_area() -> None:
    """Half a degree from the equator a cell is smaller than the square of its side by the cosine, 0.99996."""
    cells = cells_of_grid(GRID)
    assert cells["cell_id"].to_pylist() == ["r0c0", "r0c1"]
    assert cells["area_km2"].to_pylist() == pytest.approx([(DEGREE_M / 1000) ** 2 * 0.99996] * 2, rel=1e-5)
