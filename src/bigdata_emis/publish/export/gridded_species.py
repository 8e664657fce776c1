"""Fields of species on the grid: amounts in each hour and cell, from published masses and the mix of each sector.

Belongs here: sums over sectors, coarse particulate as a difference, and their expected totals. Does not: files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import Pollutant
from bigdata_emis.publish.export.export_masses import NOWHERE, CellMasses, CellRows, sums_by_number
from bigdata_emis.publish.export.speciation import CONTAINED, SectorMix, Species

COARSE = "PMC"


@dataclass(frozen=True)
class SpeciesField:
    """The amount of a species (mol or g) in each hour and cell, shape (steps, rows, columns).

    steps: the hours of the day and one more, the hour after it; the last hour again where that is not published.
    expected: its amount during the hours, by sector masses and mixes alone; clipped_g: coarse mass that was negative.
    """

    species: Species
    values: Floats
    expected: float
    clipped_g: float = 0.0


def species_fields(cells: CellMasses, mix: SectorMix) -> Iterator[SpeciesField]:
    """The field of each species, one after another, sorted by pollutant and name.

    Species of several pollutants (of PM2.5 and its condensable part) are one field.
    """
    for species, parts in sorted(species_parts(cells, mix).items()):
        if species.name == COARSE:
            yield _coarse(cells, species)
        else:
            yield _sum_of_parts(cells, species, parts)


def species_parts(cells: CellMasses, mix: SectorMix) -> dict[Species, list[tuple[str, dict[str, float]]]]:
    """For each species the pollutants it is in, each with the amount by gram in every sector."""
    parts: dict[Species, list[tuple[str, dict[str, float]]]] = {}
    for pollutant in cells.by_pollutant:
        if pollutant in CONTAINED:
            continue
        for species, by_sector in mix.amounts(pollutant).items():
            parts.setdefault(species, []).append((pollutant, by_sector))
    return parts


def _sum_of_parts(cells: CellMasses, species: Species, parts: list[tuple[str, dict[str, float]]]) -> SpeciesField:
    values = np.zeros((cells.hours.count + 1) * cells.rows * cells.columns)
    expected = 0.0
    for pollutant, by_sector in parts:
        amount = np.array([by_sector.get(sector, 0.0) for sector in cells.sectors])
        values += dense_sums(cells, cells.by_pollutant[pollutant], amount)
        inside = cells.inside_g(pollutant)
        expected += sum(inside[sector] * by_sector.get(sector, 0.0) for sector in cells.sectors)
    # Cells whose points were taken out keep rounding errors, some below zero.
    return SpeciesField(species, _with_last_step(cells, np.maximum(values, 0.0)), expected)


def _coarse(cells: CellMasses, species: Species) -> SpeciesField:
    """PM10 less PM2.5, not below zero; what is cut off is counted."""
    ones = np.ones(len(cells.sectors))
    values, expected = np.zeros((cells.hours.count + 1) * cells.rows * cells.columns), 0.0
    for pollutant, sign in ((Pollutant.PM10, 1.0), (Pollutant.PM2_5, -1.0)):
        if pollutant in cells.by_pollutant:
            values += sign * dense_sums(cells, cells.by_pollutant[pollutant], ones)
            expected += sign * sum(cells.inside_g(pollutant).values())
    counted = values[: cells.hours.count * cells.rows * cells.columns]
    clipped_g = -float(counted[counted < 0].sum())
    return SpeciesField(species, _with_last_step(cells, np.maximum(values, 0.0)), expected + clipped_g, clipped_g)


def dense_sums(cells: CellMasses, rows: CellRows, amount: Floats) -> Floats:
    """Sum of mass × amount of its sector in each step and cell."""
    size = cells.rows * cells.columns
    is_inside = rows.cell != NOWHERE
    if is_inside.all():
        key, weight = rows.hour * size + rows.cell, rows.emission_g * amount[rows.sector]
    else:
        key = (rows.hour * size + rows.cell)[is_inside]
        weight = (rows.emission_g * amount[rows.sector])[is_inside]
    return sums_by_number(key, weight, (cells.hours.count + 1) * size)


def _with_last_step(cells: CellMasses, values: Floats) -> Floats:
    """As (steps, rows, columns); the step after the last hour repeats it where it is not published."""
    shaped = values.reshape(cells.hours.count + 1, cells.rows, cells.columns)
    if cells.hours.following is None:
        shaped[-1] = shaped[-2]
    return shaped
