"""The Hampel identifier: spikes are outliers, stops and starts are not."""

import numpy as np
import pytest

from bigdata_emis.clean.readings.outliers import find_outliers, median_by_row
from bigdata_emis.clean.readings.thresholds import CleaningOptions

DAY = 24


def outliers(values, *, days=1, first_own_day=0, source=None):
    values = np.asarray(values, dtype=np.float64)
    source = np.zeros(len(values), dtype=np.int64) if source is None else np.asarray(source)
    day = np.repeat(np.arange(days), DAY)[: len(values)]
    found = find_outliers(values, source, day, first_own_day=first_own_day, options=CleaningOptions())
    return np.flatnonzero(found).tolist()


def test_a_spike_above_its_neighbours_is_an_outlier():
    values = [10.0] * 48
    values[30] = 200.0
    assert outliers(values, days=2) == [30]


def test_a_fall_and_a_start_from_rest_are_no_outliers():
    assert outliers([10.0] * 12 + [0.0] * 12) == []
    assert outliers([0.0] * 12 + [500.0] + [0.0] * 11) == []


def test_a_value_near_the_source_s_own_high_level_is_no_outlier():
    """The level is 1.5 × the 0.99 quantile of the day, here 1.5 × 100: an hour at 100 is usual for the source."""
    assert outliers([10.0] * 20 + [100.0] + [10.0] * 2 + [100.0]) == []


def test_neighbours_of_another_source_do_not_count():
    values = [10.0] * 12 + [100.0] * 12
    assert outliers(values, source=[0] * 12 + [1] * 12) == []


def test_readings_before_the_window_are_neighbours_but_are_not_judged():
    values = [10.0] * 48
    values[5] = 200.0
    assert outliers(values, days=2, first_own_day=1) == []


def test_without_readings_there_is_no_outlier():
    assert outliers([]) == []


@pytest.mark.parametrize(
    ("row", "median"), [([3.0, 1.0, 2.0], 2.0), ([4.0, 1.0, np.nan], 2.5), ([np.nan, np.nan, np.nan], np.nan)]
)
def test_the_median_of_a_row_is_that_of_its_values(row, median):
    assert median_by_row(np.array([row])) == pytest.approx([median], nan_ok=True)
