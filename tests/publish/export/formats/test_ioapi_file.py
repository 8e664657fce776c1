"""Files of I/O API: widths of names, time flags, missing levels, and amounts read back."""

from datetime import UTC, datetime
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from bigdata_emis.publish.export.formats.ioapi_file import (
    HOURLY,
    NO_STEP,
    IoapiHeader,
    IoapiVariable,
    date_number,
    fixed_text,
    read_amounts,
    time_number,
    write_ioapi,
)

GRID = {
    "GDTYP": 2, "P_ALP": 36.0, "P_BET": 42.0, "P_GAM": 116.8, "XCENT": 116.8, "YCENT": 39.3,
    "XORIG": -3000.0, "YORIG": -3000.0, "XCELL": 3000.0, "YCELL": 3000.0, "NCOLS": 3, "NROWS": 2,
}  # fmt: skip
START = datetime(2015, 12, 31, 22, tzinfo=UTC)
KNOWN = datetime(2016, 1, 2, 3, 4, 5, tzinfo=UTC)


def header(step: int = HOURLY, steps: int = 3) -> IoapiHeader:
    return IoapiHeader(GRID, "TOWN_GRID", START, steps, step, KNOWN, ["one", "two 城"], {"emis_region": "town"})


def write(path: Path, **options: int) -> None:
    variables = [IoapiVariable("NO", "moles/s", "nitric oxide"), IoapiVariable("ISTACK", "none", "number", True)]
    values = np.arange(options.get("steps", 3) * 6, dtype=np.float64).reshape(-1, 2, 3)
    write_ioapi(path, header(**options), variables, [("ISTACK", np.ones_like(values)), ("NO", values)])


def test_the_file_is_classic_netcdf_with_64_bit_offsets(tmp_path: Path) -> None:
    write(tmp_path / "a.ncf")
    assert (tmp_path / "a.ncf").read_bytes()[:4] == b"CDF\x02"


def test_names_units_and_lists_have_their_widths(tmp_path: Path) -> None:
    write(tmp_path / "a.ncf")
    with netCDF4.Dataset(tmp_path / "a.ncf") as file:
        assert file.getncattr("VAR-LIST") == "NO              ISTACK          "
        assert (file.NVARS, file.NLAYS, file.NCOLS, file.NROWS, file.FTYPE) == (2, 1, 3, 2, 1)
        assert (len(file.UPNAM), len(file.GDNAM), len(file.FILEDESC)) == (16, 16, 160)
        assert (file["NO"].long_name, file["NO"].units) == ("NO              ", "moles/s         ")
        assert len(file["NO"].var_desc) == 80
        assert file["NO"].dimensions == ("TSTEP", "LAY", "ROW", "COL")
        assert (file["NO"].dtype, file["ISTACK"].dtype) == (np.dtype("f4"), np.dtype("i4"))
        assert file.VGLVLS.tolist() == [0.0, 0.0]
        assert file.P_ALP == 36.0


def test_time_flags_cross_the_end_of_the_year(tmp_path: Path) -> None:
    write(tmp_path / "a.ncf")
    with netCDF4.Dataset(tmp_path / "a.ncf") as file:
        assert (file.SDATE, file.STIME, file.TSTEP) == (2015365, 220000, 10000)
        assert file["TFLAG"][:, 0].tolist() == [[2015365, 220000], [2015365, 230000], [2016001, 0]]
        assert file["TFLAG"][:, 1].tolist() == file["TFLAG"][:, 0].tolist()


def test_the_time_stamp_is_when_the_inventory_was_known(tmp_path: Path) -> None:
    write(tmp_path / "a.ncf")
    with netCDF4.Dataset(tmp_path / "a.ncf") as file:
        assert (file.CDATE, file.CTIME, file.WDATE, file.WTIME) == (2016002, 30405, 2016002, 30405)


def test_a_file_without_time_has_flags_of_zero(tmp_path: Path) -> None:
    write(tmp_path / "a.ncf", step=NO_STEP, steps=1)
    with netCDF4.Dataset(tmp_path / "a.ncf") as file:
        assert (file.SDATE, file.STIME, file.TSTEP) == (0, 0, 0)
        assert not file["TFLAG"][:].any()


def test_amounts_are_sums_of_rates_over_the_first_steps(tmp_path: Path) -> None:
    write(tmp_path / "a.ncf")
    assert read_amounts(tmp_path / "a.ncf", steps=2, seconds=10.0) == {"NO": 10.0 * sum(range(12))}


@pytest.mark.parametrize(("text", "width", "fixed"), [("NO", 4, "NO  "), ("abcdef", 4, "abcd"), ("城", 2, "? ")])
def test_a_text_has_its_width_in_ascii(text: str, width: int, fixed: str) -> None:
    assert fixed_text(text, width) == fixed


def test_dates_and_times_are_numbers_in_utc() -> None:
    assert (date_number(START), time_number(KNOWN)) == (2015365, 30405)
