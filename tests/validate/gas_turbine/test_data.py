"""How files of the gas turbine are read."""

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.gas_turbine.data import HOURS_A_YEAR, read_turbine
from tests.validate.gas_turbine.year_files import ROWS, write_year


def test_a_header_with_blanks_is_read_and_columns_from_inside_the_turbine_are_not(tmp_path):
    write_year(tmp_path, 2015, header=" NOX ")
    rows = read_turbine(tmp_path, (2015,))
    assert rows.inputs.shape == (ROWS, 5)
    assert np.isfinite(rows.truth["NOx"]).all()


def test_numbering_skips_a_year_that_is_left_out(tmp_path):
    for year in (2013, 2015):
        write_year(tmp_path, year)
    rows = read_turbine(tmp_path, (2015, 2013))
    assert rows.hour_number[[0, ROWS - 1, ROWS]].tolist() == [0, ROWS - 1, ROWS + HOURS_A_YEAR]
    assert rows.year[[0, -1]].tolist() == [2013, 2015]


def test_the_last_input_is_the_change_of_load(tmp_path):
    write_year(tmp_path, 2013)
    inputs = read_turbine(tmp_path, (2013,)).inputs
    assert inputs[0, 4] == 0
    assert inputs[1:, 4] == pytest.approx(np.diff(inputs[:, 0]))


def test_a_text_among_the_numbers_is_refused_with_the_file(tmp_path):
    path = tmp_path / "gt_2013.csv.gz"
    write_year(tmp_path, 2013)
    path.with_suffix("").write_text("TEY,AT,AP,AH,NOX,CO\n1,2,3,4,5,off\n", "utf-8")
    path.unlink()
    path.write_bytes(path.with_suffix("").read_bytes())
    with pytest.raises(InputError, match=r"gt_2013\.csv\.gz"):
        read_turbine(tmp_path, (2013,))
