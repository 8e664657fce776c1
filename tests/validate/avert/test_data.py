"""How AVERT files are read."""

import numpy as np
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.avert.data import G_PER_LB, read_year, years_present
from tests.validate.avert.unit_files import BINS, write_year


def test_each_hour_of_regional_load_counts_for_the_nearest_bin_of_its_season(tmp_path):
    write_year(tmp_path, 2021, plants=1)
    year = read_year(tmp_path, 2021)
    assert year.hours["non"][0].tolist() == [1] * BINS
    assert year.hours["oz"][0].tolist() == [1] * (BINS - 1) + [2]


def test_emission_is_converted_from_pounds_per_hour(tmp_path):
    write_year(tmp_path, 2021, plants=1)
    year = read_year(tmp_path, 2021)
    first = float(year.emission_g["SO2", "non"][0, 0])
    assert first == pytest.approx(3 * year.energy_kwh[0, 0] / 1000 * G_PER_LB)


def test_the_mean_over_the_year_weights_seasons_by_their_hours(tmp_path):
    write_year(tmp_path, 2021, plants=1)
    year = read_year(tmp_path, 2021)
    summer, rest = year.emission_g["NOx", "oz"][0, -1], year.emission_g["NOx", "non"][0, -1]
    assert year.emission("NOx")[0, -1] == pytest.approx((2 * summer + rest) / 3)


def test_without_regional_load_all_bins_have_equal_hours(tmp_path):
    write_year(tmp_path, 2021, plants=1)
    (tmp_path / "regional_load_hourly_2021.parquet").unlink()
    year = read_year(tmp_path, 2021)
    assert not year.has_regional_load
    assert np.ptp(year.weight_h) == 0


def test_the_years_with_a_file_are_listed_in_order(tmp_path):
    for year in (2022, 2021):
        write_year(tmp_path, year, plants=1)
    assert years_present(tmp_path) == (2021, 2022)


def test_a_folder_without_files_is_refused(tmp_path):
    with pytest.raises(InputError, match="unit_by_load_bin"):
        years_present(tmp_path)
