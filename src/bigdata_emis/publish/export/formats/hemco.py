"""Emission of HEMCO (GEOS-Chem): a COARDS file on a grid of longitude and latitude, and lines for HEMCO_Config.rc.

Belongs here: fluxes in kg/m2/s, coordinates, configuration lines. Does not: shares of cells (conservative_regrid).

**Source**: HEMCO user guide, input file format (COARDS) and HEMCO_Config.rc; molar masses of CB6 species that are
single compounds: SMOKE parameter file for cmaq_cb6ae7 (CEMPD/SMOKE).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.conservative_regrid import DegreeGrid, cell_shares, degree_grid_around
from bigdata_emis.publish.export.export_request import SECONDS_PER_HOUR, ExportRequest
from bigdata_emis.publish.export.formats.ioapi_gridded import Fields, close_gridded
from bigdata_emis.publish.export.gridded_species import species_fields, species_parts
from bigdata_emis.publish.export.mass_closing import Closing
from bigdata_emis.publish.export.speciation import GRAMS, Species

FORMAT, UNIT, G_PER_KG = "NETCDF3_64BIT_OFFSET", "kg m-2 s-1", 1000.0
TRUE_MOLAR_MASS_G_PER_MOL = {"NO": 30.006, "NO2": 46.0055, "HONO": 47.013}
"""Of the molecules (IUPAC atomic weights): the inventory counts all of them as NO2, HEMCO wants their own mass."""
SINGLE_COMPOUND_G_PER_MOL = {
    "ETH": 28.053, "ETHA": 30.069, "PRPA": 44.096, "ETHY": 26.037, "BENZ": 78.1118, "ISOP": 68.117, "FORM": 30.026,
    "ALD2": 44.0526, "ACET": 58.079, "MEOH": 32.042, "ETOH": 46.068, "ETHE": 28.053, "ACYE": 26.037, "HCHO": 30.026,
    "CCHO": 44.0526, "TOLU": 92.138,
}  # fmt: skip
"""Species of CB6 and SAPRC07 that are one compound; lumped ones have no mass of a molecule and are left to VOC_INV."""
GEOS_CHEM_NAMES = {
    "NO": "NO", "NO2": "NO2", "HONO": "HNO2", "CO": "CO", "SO2": "SO2", "NH3": "NH3", "CO2": "CO2", "ETH": "C2H4",
    "ETHA": "C2H6", "PRPA": "C3H8", "ETHY": "C2H2", "BENZ": "BENZ", "ISOP": "ISOP", "FORM": "CH2O", "ALD2": "ALD2",
    "ACET": "ACET", "MEOH": "MOH", "ETOH": "EOH", "ETHE": "C2H4", "ACYE": "C2H2", "HCHO": "CH2O", "CCHO": "ALD2",
    "TOLU": "TOLU",
}  # fmt: skip
"""Names of GEOS-Chem for the lines of HEMCO_Config.rc; particles get no line: their split is a choice of the user."""


def write_hemco(request: ExportRequest, folder: Path) -> Closing:
    """Write the file and the configuration lines into the folder and close the mass against what is published.

    Raises InputError when the cells of the target grid do not fit, or are the user's own.
    """
    if request.user_grid is not None:
        raise InputError("--grid: HEMCO needs cells of longitude and latitude", "give --cell-deg instead of --grid")
    target = degree_grid_around(request.grid, request.cell_deg)
    path = folder / f"hemco_{request.grid.name.lower()}_{request.start_utc:%Y%m%d%H}.nc"
    shares = cell_shares(request.grid, target)
    species = sorted(species_parts(request.cells, request.mix))
    written = [part for part in species if molar_mass(part) is not None]
    expected: Fields = {}
    with netCDF4.Dataset(path, "w", format=FORMAT) as file:
        file.set_fill_off()
        _create(file, request, target, written)
        for field in species_fields(request.cells, request.mix):
            if field.species in written:
                expected[field.species] = (field.expected, field.clipped_g)
                amounts = field.values[: request.hours.count].reshape(request.hours.count, -1)
                mass_kg = (shares @ amounts.T).T * ((molar_mass(field.species) or 1.0) / G_PER_KG)
                flux = mass_kg.reshape(-1, target.rows, target.columns) / (target.area_m2 * SECONDS_PER_HOUR)
                file.variables[field.species.name][:] = flux
    lumped = ", ".join(part.name for part in species if part not in written)
    lines = [*configuration_lines(path.name, request, written), f"# Lumped, in VOC_INV only: {lumped or 'none'}"]
    (folder / "HEMCO_Config.rc.lines").write_text("".join(f"{line}\n" for line in lines), "ascii")
    return close_gridded(request, expected, read_hemco(path, written, target))


def read_hemco(path: Path, written: Sequence[Species], target: DegreeGrid) -> dict[Species, float]:
    """The amount of each species in a file (mol or g), from its fluxes."""
    with netCDF4.Dataset(path, "r") as file:
        file.set_auto_mask(False)
        amounts = {}
        for species in written:
            kilograms = float((file[species.name][:].astype(np.float64) * target.area_m2).sum()) * SECONDS_PER_HOUR
            amounts[species] = kilograms * G_PER_KG / (molar_mass(species) or 1.0)
    return amounts


def molar_mass(species: Species) -> float | None:
    """The mass by amount that the file has: 1 for species in grams, else g/mol; None for lumped species."""
    if species.unit == GRAMS:
        return 1.0
    known = TRUE_MOLAR_MASS_G_PER_MOL | SINGLE_COMPOUND_G_PER_MOL
    return known.get(species.name, species.molar_mass_g_per_mol)


def configuration_lines(file_name: str, request: ExportRequest, written: Sequence[Species]) -> list[str]:
    """The lines of base emission for HEMCO_Config.rc; the hours of the file are used exactly (flag E)."""
    start, end = request.start_utc, request.hours.window.to_utc
    days = f"{start:%d}" if start.date() == end.date() else f"{start:%d}-{end:%d}"
    time = f"{start:%Y}/{start:%m}/{days}/0-23"
    lines = [
        "# Base emission: ExtNr Name sourceFile sourceVar sourceTime C/R/E SrcDim SrcUnit Species ScalIDs Cat Hier",
        "# Particles, VOC_INV and VOC_UNASSIGNED have no line: their names in a model are a choice of the user.",
    ]
    for species in written:
        if species.name in GEOS_CHEM_NAMES:
            name = GEOS_CHEM_NAMES[species.name]
            lines.append(f"0 EMIS_{name} {file_name} {species.name} {time} E xy kg/m2/s {name} - 1 50")
    return lines


def _create(file: Any, request: ExportRequest, target: DegreeGrid, written: Sequence[Species]) -> None:
    """Dimensions, coordinates, attributes and empty variables."""
    for name, size in (("time", None), ("lat", target.rows), ("lon", target.columns)):
        file.createDimension(name, size)
    texts = {name: text.encode("ascii", "replace").decode() for name, text in request.attributes().items()}
    file.setncatts(
        {
            "Conventions": "CF-1.8 COARDS",
            "title": f"emission of {texts['emis_title']}",
            "institution": "written by bigdata_emis",
            "source": "near-real-time emission inventory, published versions",
            "history": f"inventory known at {texts['emis_known_utc']}",
            "references": "emis_versions names the published versions",
            "comment": texts["emis_simulated"],
            **texts,
        }
    )
    _coordinate(file, "lat", target.latitude_deg, "latitude", "degrees_north", "Y")
    _coordinate(file, "lon", target.longitude_deg, "longitude", "degrees_east", "X")
    hours = np.arange(request.hours.count, dtype=np.float64)
    _coordinate(file, "time", hours, "time", f"hours since {request.start_utc:%Y-%m-%d %H:00:00}", "T")
    file.variables["time"].calendar = "standard"
    for species in written:
        created = file.createVariable(species.name, "f4", ("time", "lat", "lon"))
        created.setncatts({"long_name": f"emission flux of {species.name}", "units": UNIT})


def _coordinate(file: Any, name: str, values: Floats, standard_name: str, unit: str, axis: str) -> None:
    created = file.createVariable(name, "f8", (name,))
    created.setncatts({"standard_name": standard_name, "long_name": standard_name, "units": unit, "axis": axis})
    created[:] = values
