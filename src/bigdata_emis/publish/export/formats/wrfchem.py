"""Anthropogenic emission of WRF-Chem: one wrfchemi file with a frame for each hour, on the published grid.

Belongs here: variables, units and attributes of such a file. Does not: species (gridded_species).

**Source**: WRF-Chem emission guide (wrfchemi files; E_ variables in mol km-2 hr-1 and ug m-2 s-1); emission names of
MADE/SORGAM. Gases have the names of the mechanism. There is no size split with a source: fine particulate is all in
the accumulation mode (J).
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import netCDF4
import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.export_request import SECONDS_PER_HOUR, ExportRequest
from bigdata_emis.publish.export.formats.ioapi_gridded import Fields, close_gridded
from bigdata_emis.publish.export.gridded_species import COARSE, species_fields, species_parts
from bigdata_emis.publish.export.mass_closing import Closing
from bigdata_emis.publish.export.speciation import MASS_OF_VOC, MOLES, Species

GAS_UNIT, PARTICLE_UNIT, MASS_UNIT = "mol km^-2 hr^-1", "ug m^-2 s^-1", "g km^-2 hr^-1"
UG_PER_G, M2_PER_KM2 = 1e6, 1e6
FORMAT, FIELD_TYPE, TIME_LENGTH = "NETCDF3_64BIT_OFFSET", 104, 19
FINE_NAMES = {"PEC": "E_ECJ", "POC": "E_ORGJ", "PNCOM": "E_ORGJ", "PSO4": "E_SO4J", "PNO3": "E_NO3J"}
OTHER_FINE, COARSE_NAME = "E_PM25J", "E_PM_10"
MAP_PROJECTIONS = {1: 6, 2: 1, 6: 2, 7: 3}
"""WRF's MAP_PROJ by GDTYP of I/O API: latitude-longitude, Lambert, polar stereographic, Mercator."""
LATITUDE_LONGITUDE = 1


class WrfVariable(NamedTuple):
    """A variable of the file, and the species that it is in the closing."""

    name: str
    unit: str
    species: Species


def write_wrfchem(request: ExportRequest, folder: Path) -> Closing:
    """Write the file into the folder and close its mass against what is published.

    Raises InputError when WRF does not have the projection of the grid.
    """
    path = folder / f"wrfchemi_d01_{request.start_utc:%Y-%m-%d_%H:00:00}"
    attributes = _attributes(request)
    area_km2 = areas_of_cells(request)
    expected: Fields = {}
    variables = sorted({variable_of_species(species) for species in species_parts(request.cells, request.mix)})
    with netCDF4.Dataset(path, "w", format=FORMAT) as file:
        file.set_fill_off()
        _create(file, request, variables, attributes)
        for variable, amounts in _amounts(request, expected):
            file.variables[variable.name][:] = (amounts / _divisor(variable, area_km2))[:, np.newaxis]
    return close_gridded(request, expected, read_wrfchem(path, variables, area_km2))


def read_wrfchem(path: Path, variables: list[WrfVariable], area_km2: Floats) -> dict[Species, float]:
    """The amount of each variable in a file, from its rates by area."""
    with netCDF4.Dataset(path, "r") as file:
        file.set_auto_mask(False)
        return {
            variable.species: float((file[variable.name][:, 0].astype(np.float64) * _divisor(variable, area_km2)).sum())
            for variable in variables
        }


def areas_of_cells(request: ExportRequest) -> Floats:
    """The published area of each cell in km2, shape (rows, columns); on the user's grid that of its cells."""
    if request.user_grid is not None:
        return request.user_grid.area_km2
    table = request.hours.days[0].region_table("grid", ["row_index", "column_index", "area_km2"])
    area = np.empty((request.grid.rows, request.grid.columns))
    area[table["row_index"].to_numpy(), table["column_index"].to_numpy()] = table["area_km2"].to_numpy()
    return area


def variable_of_species(species: Species) -> WrfVariable:
    """The variable that a species is added to."""
    if species.unit == MOLES:
        return WrfVariable(f"E_{species.name}", GAS_UNIT, species)
    if species.name in MASS_OF_VOC:
        return WrfVariable(f"E_{species.name}", MASS_UNIT, species)
    if species.name == COARSE:
        return WrfVariable(COARSE_NAME, PARTICLE_UNIT, species)
    name = FINE_NAMES.get(species.name, OTHER_FINE)
    return WrfVariable(name, PARTICLE_UNIT, Species(name, species.unit))


def _amounts(request: ExportRequest, expected: Fields) -> Iterator[tuple[WrfVariable, Floats]]:
    """The amount of each variable in each hour and cell; fine particulate is added up before it is given."""
    sums: dict[WrfVariable, Floats] = {}
    for field in species_fields(request.cells, request.mix):
        variable, amounts = variable_of_species(field.species), field.values[: request.hours.count]
        before = expected.get(variable.species, (0.0, 0.0))
        expected[variable.species] = (before[0] + field.expected, before[1] + field.clipped_g)
        if variable.species == field.species:
            yield variable, amounts
        else:
            sums[variable] = sums[variable] + amounts if variable in sums else amounts
    yield from sums.items()


def _divisor(variable: WrfVariable, area_km2: Floats) -> Floats:
    """What an amount of an hour (mol or g) in a cell is divided by."""
    if variable.unit == PARTICLE_UNIT:
        return area_km2 * (M2_PER_KM2 * SECONDS_PER_HOUR / UG_PER_G)
    return area_km2


def _create(file: Any, request: ExportRequest, variables: list[WrfVariable], attributes: dict[str, Any]) -> None:
    """Dimensions, attributes, times and empty variables."""
    sizes = {
        "Time": None,
        "DateStrLen": TIME_LENGTH,
        "west_east": request.grid.columns,
        "south_north": request.grid.rows,
        "emissions_zdim_stag": 1,
    }
    for name, size in sizes.items():
        file.createDimension(name, size)
    file.setncatts(attributes)
    times = file.createVariable("Times", "S1", ("Time", "DateStrLen"))
    for variable in variables:
        created = file.createVariable(variable.name, "f4", ("Time", "emissions_zdim_stag", "south_north", "west_east"))
        created.setncatts(
            {
                "FieldType": np.int32(FIELD_TYPE),
                "MemoryOrder": "XYZ",
                "description": f"emission of {variable.species.name}",
                "units": variable.unit,
                "stagger": "",
                "coordinates": "XLONG XLAT",
            }
        )
    starts = [request.start_utc + timedelta(hours=number) for number in range(request.hours.count)]
    times[:] = np.array([list(f"{at:%Y-%m-%d_%H:00:00}") for at in starts], dtype="S1")


def _attributes(request: ExportRequest) -> dict[str, Any]:
    """The global attributes by which WRF knows its grid."""
    p = request.grid.parameters
    if int(p["GDTYP"]) not in MAP_PROJECTIONS:
        raise InputError(
            f"WRF does not have the projection of grid {request.grid.name} (GDTYP {p['GDTYP']})",
            "use a Lambert, polar stereographic, Mercator or latitude-longitude grid",
        )
    middle = (request.grid.x_sides[[0, -1]].mean(), request.grid.y_sides[[0, -1]].mean())
    longitude, latitude = (float(np.asarray(part).item()) for part in request.grid.degrees(*map(np.asarray, middle)))
    is_plane = int(p["GDTYP"]) != LATITUDE_LONGITUDE
    numbers = {
        "CEN_LAT": latitude,
        "CEN_LON": longitude,
        "TRUELAT1": p["P_ALP"] if is_plane else 0.0,
        "TRUELAT2": p["P_BET"] if is_plane else 0.0,
        "MOAD_CEN_LAT": p["YCENT"] if is_plane else latitude,
        "STAND_LON": p["P_GAM"] if is_plane else longitude,
        "DX": p["XCELL"],
        "DY": p["YCELL"],
    }
    return {
        "TITLE": "anthropogenic emission written by bigdata_emis",
        "START_DATE": f"{request.start_utc:%Y-%m-%d_%H:00:00}",
        "WEST-EAST_GRID_DIMENSION": np.int32(request.grid.columns + 1),
        "SOUTH-NORTH_GRID_DIMENSION": np.int32(request.grid.rows + 1),
        **{name: np.float32(value) for name, value in numbers.items()},
        "MAP_PROJ": np.int32(MAP_PROJECTIONS[int(p["GDTYP"])]),
        **{name: text.encode("ascii", "replace").decode() for name, text in request.attributes().items()},
    }
