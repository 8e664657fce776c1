"""Inline points of CMAQ: stack groups, rates by stack, and the grid without them; together they close."""

from pathlib import Path

import netCDF4
import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.formats.cmaq_inline import STACK_VARIABLES, write_cmaq_inline
from tests.publish.export.exported_town import EXPORTED, request_of, rows_of_sources
from tests.publish.published_town import publish_town

NAME = "town_grid_2015121816.ncf"


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    assert write_cmaq_inline(request_of(published), tmp_path).closes
    return tmp_path


def test_stack_groups_have_kelvin_flow_and_the_cell_from_one(folder: Path) -> None:
    with netCDF4.Dataset(folder / f"stack_groups_{NAME}") as file:
        assert [name for name in file.variables if name != "TFLAG"] == [variable.name for variable in STACK_VARIABLES]
        values = {name: float(file[name][0, 0, 0, 0]) for name in file.variables if name != "TFLAG"}
        assert (file.NCOLS, file.NROWS, file.GDTYP, file.dimensions["TSTEP"].size) == (1, 1, 2, 1)
    assert (values["STKHT"], values["STKDM"], values["STKVE"]) == (120.0, 4.0, 10.0)
    assert values["STKTK"] == pytest.approx(400.0)
    assert values["STKFLW"] == pytest.approx(10 * np.pi * 4)
    assert (values["ROW"], values["COL"], values["ISTACK"]) == (2, 3, 1)
    assert values["LONGITUDE"] == pytest.approx(116.85)
    assert 3000 < values["XLOCA"] < 6000


def test_rates_of_a_stack_are_those_of_its_line(folder: Path) -> None:
    with netCDF4.Dataset(folder / f"inline_{NAME}") as file:
        assert file["NO"].shape == (25, 1, 1, 1)
        assert float(file["NO"][0, 0, 0, 0]) == pytest.approx(750 * 0.9 / 46 / 3600, rel=1e-6)
        assert float(file["NO"][24, 0, 0, 0]) == pytest.approx(1500 * 0.9 / 46 / 3600, rel=1e-6)
        assert float(file["PEC"][3, 0, 0, 0]) == pytest.approx(450 * 0.02 / 3600, rel=1e-6)


def test_the_grid_without_them_is_empty_where_the_line_was_alone(folder: Path) -> None:
    with netCDF4.Dataset(folder / f"emis_without_inline_{NAME}") as file:
        assert float(np.abs(file["NO"][:]).max()) == pytest.approx(0.0, abs=1e-12)


def test_the_last_hour_is_repeated_for_stacks_too(published: Path, tmp_path: Path) -> None:
    request = request_of(published)
    object.__setattr__(request.hours, "following", None)
    write_cmaq_inline(request, tmp_path)
    with netCDF4.Dataset(tmp_path / f"inline_{NAME}") as file:
        assert float(file["NO"][24, 0, 0, 0]) == float(file["NO"][23, 0, 0, 0]) > 0


def test_without_a_described_stack_the_format_is_refused(home: Path, tmp_path: Path) -> None:
    publish_town(home)
    with pytest.raises(InputError, match="no stack of region town in the grid has height, diameter"):
        write_cmaq_inline(request_of(home), tmp_path)


def test_a_stack_in_the_grid_whose_enterprise_lies_beyond_it_is_no_point(home: Path, tmp_path: Path) -> None:
    """The mass of the line is beyond the grid, at its enterprise; to write it at the stack would add to the cells."""
    stack = {**EXPORTED["stack"][0], "longitude_deg": 116.85, "latitude_deg": 39.31}
    far = {**EXPORTED["enterprise"][0], "longitude_deg": 110.0, "latitude_deg": 30.0}
    publish_town(home, registry={**EXPORTED, "enterprise": [far], "stack": [stack]}, rows=rows_of_sources)
    with pytest.raises(InputError, match="no stack of region town in the grid has height"):
        write_cmaq_inline(request_of(home), tmp_path)
