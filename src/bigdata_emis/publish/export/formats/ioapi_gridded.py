"""Gridded emission for CMAQ: one I/O API file with every species in moles/s or g/s, hour by hour.

Belongs here: rates of species as variables. Does not: the file itself (ioapi_file), species (gridded_species).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.publish.export.export_masses import CellMasses, published_g
from bigdata_emis.publish.export.export_request import SECONDS_PER_HOUR, ExportRequest
from bigdata_emis.publish.export.formats.ioapi_file import HOURLY, IoapiHeader, IoapiVariable, read_amounts, write_ioapi
from bigdata_emis.publish.export.gridded_species import SpeciesField, species_fields, species_parts
from bigdata_emis.publish.export.mass_closing import Closing, close_masses
from bigdata_emis.publish.export.speciation import CONTAINED, MOLES, SectorMix, Species

Fields = dict[Species, tuple[float, float]]
"""The expected amount and the clipped mass of each species that was written."""


def write_ioapi_gridded(request: ExportRequest, folder: Path) -> Closing:
    """Write the file into the folder and close its mass against what is published.

    Raises InputError when I/O API has no type for the projection of the grid.
    """
    path = folder / f"emis_{request.grid.name.lower()}_{request.start_utc:%Y%m%d%H}.ncf"
    fields = write_fields(request, request.cells, request.mix, path)
    return close_gridded(request, fields, read_species(path, request, list(fields)))


def write_fields(request: ExportRequest, cells: CellMasses, mix: SectorMix, path: Path) -> Fields:
    """Write every species of some cells; returns the expected amount and the clipped mass of each."""
    species = sorted(species_parts(cells, mix))
    seen: Fields = {}

    def rates() -> Iterator[tuple[str, Floats]]:
        for part in species_fields(cells, mix):
            seen[part.species] = (part.expected, part.clipped_g)
            yield part.species.name, _rate(part)

    write_ioapi(path, gridded_header(request), [variable_of(part) for part in species], rates())
    return seen


def gridded_header(request: ExportRequest) -> IoapiHeader:
    """The header of a file on the grid of the request, one step longer than the day."""
    attributes = request.attributes()
    return IoapiHeader(
        grid=request.grid.parameters,
        grid_name=request.grid.name,
        start_utc=request.start_utc,
        steps=request.hours.count + 1,
        step=HOURLY,
        known_utc=request.hours.known_utc,
        description=[f"{name}: {text}" for name, text in attributes.items()],
        more=attributes,
    )


def variable_of(species: Species) -> IoapiVariable:
    """A species as a variable of I/O API."""
    unit = "moles/s" if species.unit == MOLES else "g/s"
    return IoapiVariable(species.name, unit, f"Model species {species.name}")


def read_species(path: Path, request: ExportRequest, species: list[Species]) -> dict[Species, float]:
    """The amount of each species in a file during the hours of the day."""
    amounts = read_amounts(path, steps=request.hours.count, seconds=SECONDS_PER_HOUR)
    return {part: amounts.get(part.name, 0.0) for part in species}


def close_gridded(request: ExportRequest, fields: Fields, in_file: dict[Species, float]) -> Closing:
    """The closing of files that hold all cells of the request."""
    cells = request.cells
    pollutants = [name for name in cells.by_pollutant if name not in CONTAINED]
    return close_masses(
        {name: published_g(cells, name) for name in pollutants},
        {name: cells.outside_g(name) for name in pollutants},
        {species: expected for species, (expected, _) in fields.items()},
        in_file,
        clipped_g=sum(clipped for _, clipped in fields.values()),
    )


def _rate(part: SpeciesField) -> Floats:
    """Amounts of an hour as rates by second, in single precision."""
    rates: Floats = (part.values / SECONDS_PER_HOUR).astype(np.float32)
    return rates
