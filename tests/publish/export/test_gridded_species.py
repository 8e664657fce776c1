"""Fields of species: amounts in cells, the step after the day, and coarse particulate as a difference."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bigdata_emis.publish.export.export_masses import CellMasses, CellRows
from bigdata_emis.publish.export.gridded_species import SpeciesField, dense_sums, species_fields, species_parts
from bigdata_emis.publish.export.speciation import Kind, SectorMix, Species, load_profiles, mix_of_sectors
from tests.publish.export.exported_town import request_of
from tests.publish.published_town import SECOND


def fields(home: Path, *more: object) -> dict[str, SpeciesField]:
    request = request_of(home, *more)
    return {field.species.name: field for field in species_fields(request.cells, request.mix)}


def test_nitric_oxide_of_a_cell_is_in_moles(published: Path) -> None:
    no = fields(published)["NO"]
    assert no.values.shape == (25, 2, 3)
    assert no.values[0, 1, 2] == pytest.approx(750 * 0.9 / 46)
    assert no.values[24, 1, 2] == pytest.approx(2 * 750 * 0.9 / 46)
    assert no.values[:24].sum() == pytest.approx(no.expected)
    assert no.values[:, 0].sum() == 0


def test_condensable_particulate_adds_to_the_same_species(published: Path) -> None:
    assert fields(published)["PEC"].values[3, 1, 2] == pytest.approx((500 + 100) * 0.75 * 0.02)


def test_the_last_hour_is_repeated_where_the_next_is_not_published(published: Path) -> None:
    no = fields(published, SECOND)["NO"]
    assert (no.values[24] == no.values[23]).all()
    assert no.values[24, 1, 2] > 0


def test_parts_name_the_pollutants_of_a_species(published: Path) -> None:
    request = request_of(published)
    parts = species_parts(request.cells, request.mix)
    assert [pollutant for pollutant, _ in parts[Species("PEC", "g")]] == ["PM2.5", "PM_condensable"]


def particulate(published: Path, pm10_g: list[float], pm25_g: list[float]) -> SpeciesField:
    """Coarse particulate of two cells in the first hour."""
    hour, cell, sector = np.zeros(2, dtype=np.int64), np.array([0, 1]), np.zeros(2, dtype=np.int64)
    cells: CellMasses = replace(
        request_of(published).cells,
        by_pollutant={
            name: CellRows(hour, cell, sector, np.array(mass)) for name, mass in (("PM10", pm10_g), ("PM2.5", pm25_g))
        },
    )
    kinds = {Kind(name, "industrial_process", "sinter"): 1.0 for name in ("PM10", "PM2.5")}
    mix: SectorMix = mix_of_sectors(load_profiles("cb6"), kinds)
    return {field.species.name: field for field in species_fields(cells, mix)}["PMC"]


def test_coarse_particulate_is_pm10_less_pm25(published: Path) -> None:
    coarse = particulate(published, [10.0, 8.0], [4.0, 8.0])
    assert coarse.values[0, 0].tolist() == [6.0, 0.0, 0.0]
    assert (coarse.expected, coarse.clipped_g) == (6.0, 0.0)


def test_coarse_particulate_below_zero_is_cut_off_and_counted(published: Path) -> None:
    coarse = particulate(published, [10.0, 5.0], [4.0, 8.0])
    assert coarse.values[0, 0].tolist() == [6.0, 0.0, 0.0]
    assert (coarse.expected, coarse.clipped_g) == (6.0, 3.0)


def test_sums_leave_mass_beyond_the_grid_out(published: Path) -> None:
    cells = request_of(published).cells
    dense = dense_sums(cells, cells.by_pollutant["NOx"], np.array([2.0]))
    assert dense.sum() == pytest.approx(2 * (24 * 750 + 1500))
