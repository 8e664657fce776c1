"""The packets of SMOKE: with them the hourly file gives the same moles as the gridded file."""

from pathlib import Path

import pytest

from bigdata_emis.publish.export.formats.smoke_ff10 import G_PER_SHORT_TON, HOURLY_COLUMNS, write_ff10
from bigdata_emis.publish.export.formats.smoke_packets import SmokeKind, smoke_name, write_packets
from bigdata_emis.publish.export.gridded_species import species_fields
from bigdata_emis.publish.export.point_sources import separate_points
from tests.publish.export.exported_town import request_of
from tests.publish.published_town import FIRST

STEEL = SmokeKind("9900000001", "industrial_process", "sinter")
CELLS = SmokeKind("9900000002", "industrial_process", "")


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    request = request_of(published)
    kinds = {(kind.sector, kind.industry): kind for kind in (STEEL, CELLS)}
    write_packets(request, separate_points(request, lambda stacks: True), kinds, tmp_path)
    return tmp_path


def lines(path: Path) -> list[str]:
    return path.read_text("ascii").splitlines()


def test_a_profile_divides_by_the_molar_mass(folder: Path) -> None:
    reference = next(line for line in lines(folder / "gsref.txt") if ";NOX;" in line)
    code, profile, pollutant = reference.split(";")[:3]
    assert (code, pollutant) == ("9900000001", "NOX")
    assert f"{profile};NOX;NO;0.9;46;0.9" in lines(folder / "gspro.txt")


def test_equal_divisions_share_a_profile(folder: Path) -> None:
    profiles = {line.split(";")[0] for line in lines(folder / "gspro.txt")}
    assert len(profiles) == 3  # NOX, PM2_5 and PMCOND


def test_the_county_has_the_columns_that_smoke_reads(folder: Path) -> None:
    county = lines(folder / "costcy.txt")[-1]
    assert (county[25], county[26:28], county[28:31], county[39:42]) == ("0", "01", "001", "GMT")


def test_the_grid_description_has_the_cells(folder: Path) -> None:
    text = (folder / "griddesc.txt").read_text("ascii")
    assert "'TOWN_GRID'" in text
    assert "-3000.0, -3000.0, 3000.0, 3000.0, 3, 2, 1" in text


def test_the_readme_says_how_to_use_them(folder: Path) -> None:
    text = (folder / "README.txt").read_text("ascii")
    assert "SMK_DEFAULT_TZONE" in text
    assert "emis_simulated: SIMULATED: " in text


def test_names_of_pollutants() -> None:
    assert [smoke_name(code) for code in ("NOx", "PM10", "VOCs", "SO2")] == ["NOX", "PMC", "VOC", "SO2"]


def test_hourly_file_and_packets_give_the_moles_of_the_gridded_file(published: Path, tmp_path: Path) -> None:
    """What Spcmat and Smkmerge do: mass × split ÷ divisor."""
    request = request_of(published)
    write_ff10(request, tmp_path)
    references = [line.split(";")[:3] for line in lines(tmp_path / "gsref.txt")]
    profile_of = {(code, pollutant): profile for code, profile, pollutant in references}
    splits = [line.split(";") for line in lines(tmp_path / "gspro.txt")]
    amounts: dict[str, float] = {}
    for line in lines(tmp_path / f"ff10_hourly_point_town_{FIRST}.csv"):
        if line.startswith("#"):
            continue
        row = dict(zip(HOURLY_COLUMNS, line.split(","), strict=True))
        mass_g = float(row["daytot"]) * G_PER_SHORT_TON
        for profile, _, species, split, divisor, _ in splits:
            if profile == profile_of.get((row["scc"], row["poll"])):
                amounts[species] = amounts.get(species, 0.0) + mass_g * float(split) / float(divisor)
    expected = {field.species.name: field.expected for field in species_fields(request.cells, request.mix)}
    assert amounts == pytest.approx(expected, rel=1e-9)
