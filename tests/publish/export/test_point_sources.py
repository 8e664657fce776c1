"""Production lines leave the cells with their mass, and each stack has its share."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.point_sources import cell_numbers, read_stacks, separate_points
from bigdata_emis.publish.export.speciation import Kind
from tests.publish.export.exported_town import request_of


def test_a_stack_has_the_place_and_the_parameters_of_the_registry(published: Path) -> None:
    (stack,) = read_stacks(request_of(published))
    assert (stack.source_id, stack.stack_id, stack.industry, stack.share) == ("L1", "S1", "sinter", 1.0)
    assert (stack.longitude_deg, stack.height_m, stack.diameter_m) == (116.85, 120.0, 4.0)
    assert stack.is_described
    assert not stack._replace(diameter_m=None).is_described


def test_mass_of_lines_and_of_the_remaining_cells_is_what_is_published(published: Path) -> None:
    request = request_of(published)
    points = separate_points(request, lambda stacks: True)
    assert points.kinds[Kind("NOx", "industrial_process", "sinter")] == 24 * 750.0
    rows, before = points.remaining.by_pollutant["NOx"], request.cells.by_pollutant["NOx"]
    taken = points.rows["NOx"]
    assert rows.emission_g.sum() + taken.emission_g.sum() == pytest.approx(before.emission_g.sum())


def test_without_chosen_lines_the_cells_stay_as_they_are(published: Path) -> None:
    request = request_of(published)
    points = separate_points(request, lambda stacks: False)
    assert (points.lines, points.stacks, points.kinds) == ((), (), {})
    assert points.remaining.inside_g("NOx") == request.cells.inside_g("NOx")


def test_a_point_beyond_the_grid_has_no_cell(published: Path) -> None:
    request = request_of(published)
    cells = cell_numbers(request, np.array([116.8, 100.0]), np.array([39.3, 39.3]))
    assert cells.tolist()[1] == -1
    assert cells.tolist()[0] in (1, 4)


def test_remaining_kinds_are_those_of_other_sources(published: Path) -> None:
    request = request_of(published)
    other = Kind("NOx", "industrial_process", "scattered_workshop")
    request = replace(request)
    request.__dict__["kinds"] = {**request_of(published).kinds, other: 5.0}
    points = separate_points(request, lambda stacks: True)
    assert points.remaining_kinds[other] == 5.0
    assert Kind("NOx", "industrial_process", "sinter") not in points.remaining_kinds


def test_lines_that_the_published_cells_do_not_hold_are_refused(published: Path) -> None:
    request = request_of(published)
    rows = request.cells.by_pollutant["NOx"]
    request.cells.by_pollutant["NOx"] = replace(rows, cell=np.where(rows.cell == 5, 0, rows.cell))
    with pytest.raises(InputError, match="emit more NOx than the published cell r1c2 holds"):
        separate_points(request, lambda stacks: True)
