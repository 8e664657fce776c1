"""The user's own grid: cells computed on paper, the region's own grid again, mass beyond it, and refusals."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.export_masses import NOWHERE, CellMasses
from bigdata_emis.publish.export.export_request import ExportRequest
from bigdata_emis.publish.export.formats.wrfchem import areas_of_cells
from bigdata_emis.publish.export.user_grid import OutsideMass, UserGrid, outside_masses, read_user_grid
from bigdata_emis.region import Grid
from tests.publish.export.conftest import PLACES
from tests.publish.export.exported_town import EXPORTED, exported, request_of
from tests.publish.published_town import LAMBERT, Rows, publish_town, rows_of_day

DEGREE_M = 111319.49079327358
"""Length of one degree in the equidistant cylindrical projection on a sphere with the radius of WGS84."""
FLAT = "+proj=eqc +a=6378137 +b=6378137"
TWO_CELLS = Grid(FLAT, DEGREE_M, 116 * DEGREE_M, 39 * DEGREE_M, 2, 1)
"""Longitude 116 to 117 and 117 to 118 degrees, latitude 39 to 40."""
OF_SOURCE = {"L1": 0.25, "R1": 0.25, "A1": 0.5}
REGION_TOML = f"""name = "own"
[grid]
projection = "{LAMBERT}"
cell_m = 3000.0
x_origin_m = -3000.0
y_origin_m = -3000.0
columns = 3
rows = 2
"""
ON_PAPER = {
    **EXPORTED,
    "road_link": [{"link_id": "R1", "road_class_code": "motorway", "length_km": 172.0, "free_speed_km_per_h": 100.0,
                   "jam_density_veh_per_km": 300.0,
                   "geometry_wkt": "LINESTRING (116.5 39.5, 118.5 39.5)"}],
    "activity_area": [{**EXPORTED["activity_area"][0],
                       "geometry_wkt": "POLYGON ((116.5 39.25, 117.5 39.25, 117.5 39.75, 116.5 39.75, 116.5 39.25))"}],
}  # fmt: skip


def rows_on_paper(start: datetime, factor: float) -> dict[str, Rows]:
    rows = rows_of_day(start, factor)
    masses = ("emission_g", "emission_g_p05", "emission_g_p95")
    rows["emission_hourly"] = [
        {**row, "source_id": source, **{name: share * row[name] for name in masses}}
        for row in rows["emission_hourly"]
        for source, share in OF_SOURCE.items()
    ]
    return rows


@pytest.fixture(scope="module")
def _paper_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        for name in PLACES:
            patch.delenv(name, raising=False)
        home = tmp_path_factory.mktemp("paper")
        patch.setenv("EMIS_HOME", str(home))
        publish_town(home, registry=ON_PAPER, rows=rows_on_paper)
    return home


@pytest.fixture
def paper(_paper_home: Path, monkeypatch: pytest.MonkeyPatch) -> ExportRequest:
    """The request of a town with a line in the first of two cells, and a link and a square over both."""
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EMIS_HOME", str(_paper_home))
    return request_of(_paper_home)


def on_grid(request: ExportRequest, grid: Grid, allowed_share: float = 1.0) -> ExportRequest:
    return replace(request, user_grid=UserGrid(Path("d02.toml"), "d02", grid, allowed_share))


def mass_by_cell(cells: CellMasses, pollutant: str) -> dict[int, float]:
    rows = cells.by_pollutant[pollutant]
    counted = rows.hour < cells.hours.count
    numbers = np.unique(rows.cell[counted]).tolist()
    return {n: pytest.approx(float(rows.emission_g[counted & (rows.cell == n)].sum()), rel=1e-9) for n in numbers}


def test_a_link_and_a_square_over_two_cells_are_shared_by_length_and_area(paper: ExportRequest) -> None:
    """24 kg: line 6 in the first; link 6 as ¼, ½ and ¼ beyond; square 12 as ½ and ½."""
    cells = on_grid(paper, TWO_CELLS).cells
    assert mass_by_cell(cells, "NOx") == {0: 13_500.0, 1: 9_000.0, NOWHERE: 1_500.0}


def test_cells_and_what_lies_beyond_are_all_that_is_published(paper: ExportRequest) -> None:
    cells = on_grid(paper, TWO_CELLS).cells
    for pollutant, published_g in (("NOx", 24_000.0), ("PM2.5", 12_000.0), ("PM_condensable", 2_400.0)):
        total = sum(cells.inside_g(pollutant).values()) + cells.outside_g(pollutant)
        assert total == pytest.approx(published_g, rel=1e-9)


def test_the_hour_after_the_day_is_allocated_too(paper: ExportRequest) -> None:
    """The second day emits twice as much: 2 kg of NOx in its first hour, of which 0.5625 lie in the first cell."""
    rows = on_grid(paper, TWO_CELLS).cells.by_pollutant["NOx"]
    is_next = (rows.hour == 24) & (rows.cell == 0)
    assert rows.emission_g[is_next].sum() == pytest.approx(1_125.0)


def test_the_mass_beyond_the_grid_is_given_by_pollutant(paper: ExportRequest) -> None:
    masses = outside_masses(on_grid(paper, TWO_CELLS).cells)
    assert [row.pollutant for row in masses] == ["NOx", "PM2.5", "PM_condensable"]
    assert masses[0] == OutsideMass("NOx", pytest.approx(1.5), pytest.approx(0.0625))


def test_more_mass_beyond_the_grid_than_allowed_is_refused_and_as_much_as_allowed_is_not(paper: ExportRequest) -> None:
    request = on_grid(paper, TWO_CELLS, 0.05)
    with pytest.raises(InputError, match=r"NOx 1\.5 kg \(6\.25%\).*at most 5\.00%.*--allow-outside 0\.063"):
        request.user_grid.require_inside(request.cells)
    enough = on_grid(paper, TWO_CELLS, 0.063)
    enough.user_grid.require_inside(enough.cells)


def test_a_grid_without_any_source_is_refused_whatever_is_allowed(paper: ExportRequest) -> None:
    request = on_grid(paper, replace(TWO_CELLS, x_origin_m=0.0))
    with pytest.raises(InputError, match="no published emission lies in grid d02"):
        request.user_grid.require_inside(request.cells)


def test_a_projection_that_does_not_cover_the_sources_is_refused(paper: ExportRequest) -> None:
    """An orthographic view of the other side of the Earth has no point for the town."""
    other_side = Grid("+proj=ortho +lat_0=-39 +lon_0=-63 +a=6378137 +b=6378137", 3000.0, 0.0, 0.0, 2, 1)
    with pytest.raises(InputError, match="does not cover source E1 at 116.8500, 39.3100"):
        _ = on_grid(paper, other_side).cells


@pytest.mark.parametrize("format_name", ["ioapi", "wrfchem", "ff10", "cmaq-inline"])
def test_the_grid_of_the_region_as_a_file_gives_the_published_masses(
    format_name: str, published: Path, tmp_path: Path
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(REGION_TOML, "utf-8")
    options = {"grid_file": file, "allow_outside_share": 0.25}
    own = exported(published, format_name, out=tmp_path / "out", **options)
    region = exported(published, format_name, out=tmp_path / "out")
    assert own["grid"] == {**region["grid"], "name": "own", "is_of_user": True}
    assert [row["file_kg"] for row in own["closing"]["pollutants"]] == pytest.approx(
        [row["file_kg"] for row in region["closing"]["pollutants"]], rel=1e-9
    )
    assert own["attributes"]["emis_outside_share"].startswith("NOx 0.250000, ")


def test_the_cells_of_the_users_grid_have_their_true_area(published: Path) -> None:
    region = request_of(published)
    own = on_grid(region, region.hours.region.grid)
    assert areas_of_cells(own) == pytest.approx(areas_of_cells(region), rel=1e-12)


def test_hemco_has_a_grid_of_its_own(published: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(REGION_TOML, "utf-8")
    with pytest.raises(InputError, match="give --cell-deg instead of --grid"):
        exported(published, "hemco", out=tmp_path / "out", grid_file=file, allow_outside_share=0.25)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "by", "message"),
    [
        (LAMBERT, "EPSG:999999", "grid.projection: Invalid projection: EPSG:999999.*expected a projection"),
        (LAMBERT, "+proj=longlat +datum=WGS84", "has axes in degree: expected a plane in metres"),
        ("units=m", "units=km", "has axes in kilometre: expected a plane in metres"),
        (LAMBERT, "EPSG:4978", "expected a plane in metres"),
        (
            LAMBERT,
            "+proj=ortho +lat_0=39 +lon_0=116 +a=3390000",
            "cannot be reached from WGS84: expected a projection of the Earth",
        ),
        ("-3000.0", "9e7", "sides of the grid have no longitude and latitude"),
    ],
    ids=["unknown", "degrees", "kilometres", "geocentric", "Mars", "off the Earth"],
)
def test_a_plane_that_is_none_is_refused(text: str, by: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    toml = REGION_TOML if by != "9e7" else REGION_TOML.replace(LAMBERT, "+proj=ortho +lat_0=39 +lon_0=116")
    file.write_text(toml.replace(text, by), "utf-8")
    with pytest.raises(InputError, match=message):
        read_user_grid(file, None)


def test_a_share_without_a_grid_or_that_is_no_share_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--allow-outside is about a grid of your own"):
        read_user_grid(None, 0.2)
    for share in (30.0, -0.1, float("nan")):
        with pytest.raises(InputError, match="expected a share from 0 to 1"):
            read_user_grid(tmp_path / "own.toml", share)
    assert read_user_grid(None, None) is None
