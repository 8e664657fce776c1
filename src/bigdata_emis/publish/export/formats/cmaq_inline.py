"""Inline point sources of CMAQ: stacks with their hourly emission for plume rise, and the grid without them.

Belongs here: stack groups, rates of stacks, and the closing of all files. Does not: which lines are points.

**Source**: CMAQ user guide, inline point emission files; STACK_GROUPS as SMOKE writes it (CEMPD/SMOKE, openeout).
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import Pollutant
from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.export_masses import NOWHERE, sums_by_number
from bigdata_emis.publish.export.export_request import SECONDS_PER_HOUR, ExportRequest
from bigdata_emis.publish.export.formats.ioapi_file import HOURLY, IoapiHeader, IoapiVariable, write_ioapi
from bigdata_emis.publish.export.formats.ioapi_gridded import (
    Fields,
    close_gridded,
    gridded_header,
    read_species,
    variable_of,
    write_fields,
)
from bigdata_emis.publish.export.gridded_species import COARSE
from bigdata_emis.publish.export.mass_closing import Closing
from bigdata_emis.publish.export.point_sources import (
    PointMasses,
    PointStack,
    cell_numbers,
    lines_in_grid,
    separate_points,
)
from bigdata_emis.publish.export.speciation import CONTAINED, Kind, Species, mix_of_sectors

KELVIN_AT_0_DEGC = 273.15
STACK_VARIABLES = (
    IoapiVariable("ISTACK", "none", "Stack group number", True),
    IoapiVariable("LATITUDE", "degrees", "Latitude"),
    IoapiVariable("LONGITUDE", "degrees", "Longitude"),
    IoapiVariable("STKDM", "m", "Inside stack diameter"),
    IoapiVariable("STKHT", "m", "Stack height above ground surface"),
    IoapiVariable("STKTK", "degrees K", "Stack exit temperature"),
    IoapiVariable("STKVE", "m/s", "Stack exit velocity"),
    IoapiVariable("STKFLW", "m**3/s", "Stack exit flow rate"),
    IoapiVariable("STKCNT", "none", "Number of stacks in the group", True),
    IoapiVariable("ROW", "none", "Grid row number", True),
    IoapiVariable("COL", "none", "Grid column number", True),
    IoapiVariable("XLOCA", "m", "Projection x coordinate"),
    IoapiVariable("YLOCA", "m", "Projection y coordinate"),
    IoapiVariable("IFIP", "none", "Region code", True),
    IoapiVariable("LMAJOR", "none", "1 = major source", True),
    IoapiVariable("LPING", "none", "1 = plume in grid", True),
)
"""The variables in the order in which SMOKE writes them."""
MAJOR, NO_REGION, NOT_IN_GRID = 1, 0, 0


def write_cmaq_inline(request: ExportRequest, folder: Path) -> Closing:
    """Write stack groups, the emission of the stacks and the grid without them; closes all against what is published.

    A line whose stacks are not described, or whose stacks or enterprise lie beyond the grid, stays in the gridded file.
    Raises InputError when no line has stacks with height, diameter, temperature and velocity.
    """
    points = separate_points(request, _is_inline(request))
    if not points.stacks:
        raise InputError(
            f"no stack of region {request.hours.region.region_id} in the grid has height, diameter, temperature and"
            " velocity, from which CMAQ computes plume rise",
            "fill these columns of registry/stack.csv and publish again, or use --format ioapi",
        )
    name = f"{request.grid.name.lower()}_{request.start_utc:%Y%m%d%H}.ncf"
    groups, inline, gridded = (folder / f"{kind}_{name}" for kind in ("stack_groups", "inline", "emis_without_inline"))
    write_ioapi(groups, _header(request, len(points.stacks), 1), STACK_VARIABLES, _stack_values(request, points.stacks))
    stack_fields = _write_stacks(request, points, inline)
    mix = mix_of_sectors(request.profiles, points.remaining_kinds)
    cell_fields = write_fields(request, points.remaining, mix, gridded)
    species = sorted({*stack_fields, *cell_fields})
    parts = [read_species(path, request, species) for path in (inline, gridded)]
    in_file = {one: sum(part[one] for part in parts) for one in species}
    return close_gridded(request, _added(stack_fields, cell_fields), in_file)


def _is_inline(request: ExportRequest) -> Callable[[list[PointStack]], bool]:
    in_grid_lines = lines_in_grid(request)

    def is_inline(stacks: list[PointStack]) -> bool:
        degrees = np.array([(stack.longitude_deg, stack.latitude_deg) for stack in stacks])
        in_grid = cell_numbers(request, degrees[:, 0], degrees[:, 1]) != NOWHERE
        is_line_in_grid = stacks[0].source_id in in_grid_lines
        return is_line_in_grid and bool(in_grid.all()) and all(stack.is_described for stack in stacks)

    return is_inline


def _header(request: ExportRequest, stack_count: int, steps: int) -> IoapiHeader:
    """A header with one row for each stack; the projection is that of the grid."""
    header = gridded_header(request)
    return IoapiHeader(
        grid={**header.grid, "NCOLS": 1, "NROWS": stack_count},
        grid_name=header.grid_name,
        start_utc=header.start_utc,
        steps=steps,
        step=HOURLY,
        known_utc=header.known_utc,
        description=header.description,
        more=header.more,
    )


def _stack_values(request: ExportRequest, stacks: tuple[PointStack, ...]) -> Iterator[tuple[str, Floats]]:
    """Each variable of the stack groups, shape (1, stacks, 1)."""
    longitude, latitude = (np.array([getattr(s, name) for s in stacks]) for name in ("longitude_deg", "latitude_deg"))
    cell = cell_numbers(request, longitude, latitude)
    x, y = request.grid.plane(longitude, latitude)
    shift_x, shift_y = (
        request.grid.parameters[n] - s for n, s in (("XORIG", request.grid.x_side), ("YORIG", request.grid.y_side))
    )
    diameter, velocity, height, degc = (
        np.array([getattr(stack, name) for stack in stacks], dtype=np.float64)
        for name in ("diameter_m", "velocity_m_per_s", "height_m", "temperature_degc")
    )
    ones = np.ones(len(stacks))
    values = {
        "ISTACK": np.arange(1, len(stacks) + 1),
        "LATITUDE": latitude,
        "LONGITUDE": longitude,
        "STKDM": diameter,
        "STKHT": height,
        "STKTK": degc + KELVIN_AT_0_DEGC,
        "STKVE": velocity,
        "STKFLW": velocity * math.pi * diameter**2 / 4,
        "STKCNT": ones,
        "ROW": cell // request.grid.columns + 1,
        "COL": cell % request.grid.columns + 1,
        "XLOCA": x + shift_x,
        "YLOCA": y + shift_y,
        "IFIP": NO_REGION * ones,
        "LMAJOR": MAJOR * ones,
        "LPING": NOT_IN_GRID * ones,
    }
    return ((name, array.reshape(1, -1, 1)) for name, array in values.items())


def _write_stacks(request: ExportRequest, points: PointMasses, path: Path) -> Fields:
    """Write the rates of every species of every stack; returns expected amounts and clipped mass."""
    hours, steps = request.hours.count, request.hours.count + 1
    masses = _masses_of_stacks(request, points)
    amounts, clipped_g = _species_of_stacks(request, points, masses, hours)
    fields = {species: (float(rows[:, :hours].sum()), 0.0) for species, rows in amounts.items()}
    for species in fields:
        if species.name == COARSE:
            fields[species] = (fields[species][0], clipped_g)
    written = sorted(amounts)
    rates = ((part.name, (amounts[part].T / SECONDS_PER_HOUR).reshape(steps, -1, 1)) for part in written)
    write_ioapi(path, _header(request, len(points.stacks), steps), [variable_of(part) for part in written], rates)
    return fields


def _masses_of_stacks(request: ExportRequest, points: PointMasses) -> dict[str, Floats]:
    """The mass of each pollutant, shape (stacks, steps); the step after the day repeats the last hour if need be."""
    steps = request.hours.count + 1
    number = {name: place for place, name in enumerate(points.lines)}
    line = np.array([number[stack.source_id] for stack in points.stacks], dtype=np.int64)
    share = np.array([stack.share for stack in points.stacks])[:, np.newaxis]
    masses = {}
    for pollutant, rows in points.rows.items():
        sums = sums_by_number(rows.cell * steps + rows.hour, rows.emission_g, len(points.lines) * steps)
        mass = sums.reshape(len(points.lines), steps)[line] * share
        if request.hours.following is None:
            mass[:, -1] = mass[:, -2]
        masses[pollutant] = mass
    return masses


def _species_of_stacks(
    request: ExportRequest, points: PointMasses, masses: dict[str, Floats], hours: int
) -> tuple[dict[Species, Floats], float]:
    """The amount of each species, shape (stacks, steps), and the coarse mass of the hours that was below zero."""
    amounts: dict[Species, Floats] = {}
    clipped_g = 0.0
    for pollutant, mass in masses.items():
        if pollutant in CONTAINED:
            continue
        if pollutant == Pollutant.PM10:
            mass = mass - masses.get(Pollutant.PM2_5, np.zeros_like(mass))
            clipped_g = -float(np.minimum(mass[:, :hours], 0.0).sum())
            mass = np.maximum(mass, 0.0)
        by_kind = [request.profiles.species_of(Kind(pollutant, s.sector, s.industry)) for s in points.stacks]
        for species in sorted({name for shares in by_kind for name in shares}):
            by_gram = np.array([shares.get(species, 0.0) for shares in by_kind])[:, np.newaxis]
            amounts[species] = amounts.get(species, np.zeros_like(mass)) + mass * by_gram
    return amounts, clipped_g


def _added(first: Fields, second: Fields) -> Fields:
    sums: Fields = {}
    for species in sorted({*first, *second}):
        one, other = (fields.get(species, (0.0, 0.0)) for fields in (first, second))
        sums[species] = (one[0] + other[0], one[1] + other[1])
    return sums
