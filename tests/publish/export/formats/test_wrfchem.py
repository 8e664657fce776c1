"""WRF-Chem: rates by area, frames by hour, names of MADE/SORGAM for particles, and the projection of the grid."""

from dataclasses import replace
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.export_request import ExportRequest
from bigdata_emis.publish.export.formats.wrfchem import areas_of_cells, read_wrfchem, variable_of_species, write_wrfchem
from bigdata_emis.publish.export.speciation import Species
from tests.publish.export.exported_town import request_of

NAME = "wrfchemi_d01_2015-12-18_16:00:00"


@pytest.fixture
def path(published: Path, tmp_path: Path) -> Path:
    assert write_wrfchem(request_of(published), tmp_path).closes
    return tmp_path / NAME


def test_gases_are_moles_by_square_kilometre_and_hour(published: Path, path: Path) -> None:
    area_km2 = areas_of_cells(request_of(published))[1, 2]
    with netCDF4.Dataset(path) as file:
        assert float(file["E_NO"][0, 0, 1, 2]) == pytest.approx(750 * 0.9 / 46 / area_km2, rel=1e-6)
        assert (file["E_NO"].units, file["E_NO"].FieldType, file["E_NO"].MemoryOrder) == ("mol km^-2 hr^-1", 104, "XYZ")
        assert file["E_NO"].dimensions == ("Time", "emissions_zdim_stag", "south_north", "west_east")


def test_particles_are_micrograms_by_square_metre_and_second(published: Path, path: Path) -> None:
    area_m2 = areas_of_cells(request_of(published))[1, 2] * 1e6
    with netCDF4.Dataset(path) as file:
        assert float(file["E_ECJ"][0, 0, 1, 2]) == pytest.approx(450 * 0.02 * 1e6 / area_m2 / 3600, rel=1e-6)
        organic = 450 * (0.05 + 0.02) * 1e6 / area_m2 / 3600
        assert float(file["E_ORGJ"][0, 0, 1, 2]) == pytest.approx(organic, rel=1e-6)
        assert file["E_ECJ"].units == "ug m^-2 s^-1"


def test_there_is_a_frame_for_each_hour_of_the_day(path: Path) -> None:
    with netCDF4.Dataset(path) as file:
        times = ["".join(row) for row in file["Times"][:].astype(str)]
    assert len(times) == 24
    assert (times[0], times[-1]) == ("2015-12-18_16:00:00", "2015-12-19_15:00:00")


def test_the_attributes_are_those_of_the_grid(path: Path) -> None:
    with netCDF4.Dataset(path) as file:
        assert (file.MAP_PROJ, file.TRUELAT1, file.TRUELAT2) == (1, 36.0, 42.0)
        assert float(file.STAND_LON) == pytest.approx(116.8)
        assert (file.getncattr("WEST-EAST_GRID_DIMENSION"), file.getncattr("SOUTH-NORTH_GRID_DIMENSION")) == (4, 3)
        assert float(file.CEN_LON) == pytest.approx(116.8 + 1500 / 86_200, abs=1e-3)


def test_a_file_that_lost_mass_does_not_close(published: Path, path: Path) -> None:
    request = request_of(published)
    variable = variable_of_species(Species("NO", "moles", 46.0))
    before = read_wrfchem(path, [variable], areas_of_cells(request))[variable.species]
    with netCDF4.Dataset(path, "a") as file:
        file["E_NO"][0] = np.zeros((1, 2, 3))
    assert read_wrfchem(path, [variable], areas_of_cells(request))[variable.species] == pytest.approx(before * 23 / 24)


@pytest.mark.parametrize(
    ("species", "name"),
    [
        ("PEC", "E_ECJ"),
        ("PNCOM", "E_ORGJ"),
        ("PCA", "E_PM25J"),
        ("PMC", "E_PM_10"),
        ("VOC_INV", "E_VOC_INV"),
        ("VOC_UNASSIGNED", "E_VOC_UNASSIGNED"),
    ],
)
def test_a_species_has_its_variable(species: str, name: str) -> None:
    assert variable_of_species(Species(species, "g")).name == name


def test_a_projection_that_wrf_does_not_have_is_refused(published: Path, tmp_path: Path) -> None:
    request: ExportRequest = request_of(published)
    parameters = {**request.grid.parameters, "GDTYP": 5}
    request.__dict__["grid"] = replace(request.grid, ioapi=parameters)
    with pytest.raises(InputError, match="WRF does not have the projection"):
        write_wrfchem(request, tmp_path)
    assert list(tmp_path.iterdir()) == []
