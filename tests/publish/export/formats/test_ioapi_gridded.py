"""The gridded file: rates by second of every species, and its mass against what is published."""

from pathlib import Path

import netCDF4
import pytest

from bigdata_emis.publish.export.formats.ioapi_gridded import (
    close_gridded,
    gridded_header,
    read_species,
    variable_of,
    write_fields,
    write_ioapi_gridded,
)
from bigdata_emis.publish.export.speciation import Species
from tests.publish.export.exported_town import request_of
from tests.publish.published_town import FIRST


def test_rates_are_moles_and_grams_by_second(published: Path, tmp_path: Path) -> None:
    closing = write_ioapi_gridded(request_of(published), tmp_path)
    assert closing.closes
    with netCDF4.Dataset(tmp_path / "emis_town_grid_2015121816.ncf") as file:
        assert file["NO"].shape == (25, 1, 2, 3)
        assert float(file["NO"][0, 0, 1, 2]) == pytest.approx(750 * 0.9 / 46 / 3600, rel=1e-6)
        assert float(file["NO"][24, 0, 1, 2]) == pytest.approx(2 * 750 * 0.9 / 46 / 3600, rel=1e-6)
        assert float(file["PEC"][5, 0, 1, 2]) == pytest.approx(600 * 0.75 * 0.02 / 3600, rel=1e-6)
        assert (file["NO"].units.strip(), file["PEC"].units.strip()) == ("moles/s", "g/s")
        assert (file.SDATE, file.STIME) == (2015352, 160000)
        assert file.emis_region == "town"


def test_a_day_in_utc_begins_at_midnight(published: Path) -> None:
    header = gridded_header(request_of(published, FIRST, "utc"))
    assert (header.start_utc.hour, header.steps) == (0, 25)


def test_a_species_is_a_variable_with_its_unit() -> None:
    assert variable_of(Species("NO", "moles", 46.0)).unit == "moles/s"
    assert variable_of(Species("PEC", "g")).unit == "g/s"


def test_a_file_that_lost_mass_does_not_close(published: Path, tmp_path: Path) -> None:
    request = request_of(published)
    fields = write_fields(request, request.cells, request.mix, tmp_path / "a.ncf")
    with netCDF4.Dataset(tmp_path / "a.ncf", "a") as file:
        file["NO"][3] = 0.0
    closing = close_gridded(request, fields, read_species(tmp_path / "a.ncf", request, list(fields)))
    assert [row.pollutant for row in closing.masses if not row.closes] == ["NOx"]
    assert [row.species for row in closing.species if not row.closes] == ["NO"]


def test_moles_of_the_file_are_the_published_mass_in_the_grid(published: Path, tmp_path: Path) -> None:
    """Published mass = moles of the file × 46 g, over 24 hours, plus what lies beyond the grid."""
    write_ioapi_gridded(request_of(published), tmp_path)
    with netCDF4.Dataset(tmp_path / "emis_town_grid_2015121816.ncf") as file:
        moles = sum(float(file[name][:24].astype("f8").sum()) for name in ("NO", "NO2"))
    assert moles * 3600 * 46 == pytest.approx(24 * 750, rel=1e-6)
