"""How the file of the steel plant is read."""

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.steel.data import read_quarters
from tests.validate.steel.plant_file import write_plant


def test_the_time_stamp_is_the_end_of_its_quarter_and_midnight_ends_the_day(tmp_path):
    write_plant(tmp_path, days=2)
    quarters = read_quarters(tmp_path)
    assert quarters.day.tolist() == [0] * 96 + [1] * 96
    assert quarters.quarter[[0, 31, 32, 95]].tolist() == [0, 31, 32, 95]
    assert quarters.label[[31, 32, 36]].tolist() == [0, 1, 2]


def test_the_inputs_of_a_quarter_hold_its_neighbours_and_its_clock(tmp_path):
    write_plant(tmp_path, days=2)
    quarters = read_quarters(tmp_path)
    usage, lag_1, lead_1 = quarters.power[:, 0], quarters.power[:, 5], quarters.power[:, 8]
    assert lag_1[1:] == pytest.approx(usage[:-1])
    assert lead_1[:-1] == pytest.approx(usage[1:])
    assert quarters.clock[:, 0].tolist() == quarters.quarter.tolist()
    assert np.ptp(quarters.clock[:96, 3]) == 0


def test_a_selection_has_the_inputs_of_the_whole_series(tmp_path):
    write_plant(tmp_path, days=2)
    quarters = read_quarters(tmp_path)
    middle_quarter = quarters.where(np.arange(192) == 40)
    assert middle_quarter.power[0].tolist() == quarters.power[40].tolist()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="Steel_industry_data"):
        read_quarters(tmp_path)
