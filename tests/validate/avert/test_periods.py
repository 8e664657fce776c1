"""Fit and score periods of AVERT years."""

import pytest

from bigdata_emis.validate.avert.data import read_year
from bigdata_emis.validate.avert.periods import score_seasons, score_years
from tests.validate.avert.unit_files import write_year


def test_a_factor_that_rises_by_a_fifth_from_year_to_year_is_a_bias_of_the_last_factor(tmp_path):
    write_year(tmp_path, 2021, plants=4)
    write_year(tmp_path, 2022, plants=4, factor=1.2)
    years = {year: read_year(tmp_path, year) for year in (2021, 2022)}
    transfer = score_years(years, (2021,), (2022,))["NOx per_kwh"]
    assert transfer["models"]["last_period_proportional"]["median_abs_nmb"] == pytest.approx(1 - 1 / 1.2, abs=0.02)
    assert transfer["units_new"] == 0


def test_summer_factors_are_ten_percent_too_high_for_the_rest_of_the_year(tmp_path):
    write_year(tmp_path, 2021, plants=2)
    transfer = score_seasons(read_year(tmp_path, 2021))["NOx per_gj"]
    assert transfer["models"]["last_period_proportional"]["median_abs_nmb"] == pytest.approx(0.1, abs=0.01)
