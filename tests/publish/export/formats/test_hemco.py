"""HEMCO: fluxes on longitude and latitude with the mass of molecules, coordinates of COARDS, configuration lines."""

from pathlib import Path

import netCDF4
import numpy as np
import pytest

from bigdata_emis.publish.export.conservative_regrid import degree_grid_around
from bigdata_emis.publish.export.formats.hemco import configuration_lines, molar_mass, read_hemco, write_hemco
from bigdata_emis.publish.export.speciation import Species
from tests.publish.export.exported_town import request_of

NO = Species("NO", "moles", 46.0)
NAME = "hemco_town_grid_2015121816.nc"


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    assert write_hemco(request_of(published), tmp_path).closes
    return tmp_path


def test_nitric_oxide_has_the_mass_of_its_molecule(published: Path, folder: Path) -> None:
    target = degree_grid_around(request_of(published).grid, 0.1)
    with netCDF4.Dataset(folder / NAME) as file:
        kilograms = float((file["NO"][0].astype("f8") * target.area_m2).sum()) * 3600
    assert kilograms == pytest.approx(750 * 0.9 / 46 * 30.006 / 1000, rel=1e-6)


def test_coordinates_rise_and_have_the_attributes_of_coards(folder: Path) -> None:
    with netCDF4.Dataset(folder / NAME) as file:
        assert file["NO"].dimensions == ("time", "lat", "lon")
        assert (file["lat"].units, file["lon"].units, file["NO"].units) == (
            "degrees_north",
            "degrees_east",
            "kg m-2 s-1",
        )
        assert file["time"].units == "hours since 2015-12-18 16:00:00"
        assert (file["time"].calendar, file["time"].shape) == ("standard", (24,))
        assert (np.diff(file["lat"][:]) > 0).all()
        assert file["lon"][0] == pytest.approx(116.75)


def test_the_amount_is_read_back_in_moles(published: Path, folder: Path) -> None:
    target = degree_grid_around(request_of(published).grid, 0.1)
    amounts = read_hemco(folder / NAME, [NO], target)
    assert amounts[NO] == pytest.approx(24 * 750 * 0.9 / 46, rel=1e-6)


@pytest.mark.parametrize(
    ("species", "mass"),
    [(NO, 30.006), (Species("PEC", "g"), 1.0), (Species("FORM", "moles"), 30.026), (Species("PAR", "moles"), None),
     (Species("CO", "moles", 28.0), 28.0)],
)  # fmt: skip
def test_lumped_species_have_no_mass_of_a_molecule(species: Species, mass: float | None) -> None:
    assert molar_mass(species) == mass


def test_configuration_lines_name_file_time_and_species(published: Path, folder: Path) -> None:
    request = request_of(published)
    line = configuration_lines("a.nc", request, [NO, Species("PEC", "g")])[-1]
    assert line == "0 EMIS_NO a.nc NO 2015/12/18-19/0-23 E xy kg/m2/s NO - 1 50"
    assert "EMIS_NO2 " in (folder / "HEMCO_Config.rc.lines").read_text("ascii")
