"""Gaps of stack monitors and what takes their place in the legal series."""

import numpy as np
import pytest

from bigdata_emis import reference
from bigdata_emis.clean.legal_series.substitution import capture_share, read_substitution_rules, substitute_gaps

RULES = read_substitution_rules(reference.read("cems_substitution"))
NAN = np.nan


def legal(emission, *, stopped=(), quarter=None):
    values = np.asarray(emission, dtype=float)
    is_stopped = np.zeros(len(values), dtype=bool)
    is_stopped[list(stopped)] = True
    quarters = np.zeros(len(values), dtype=np.int64) if quarter is None else np.asarray(quarter)
    return substitute_gaps(values, is_stopped, quarters, RULES)


def test_the_captured_share_leaves_stopped_hours_out():
    """The example of HJ 75: 2208 hours, 240 stopped, 100 invalid: 1868 ÷ 1968 = 0.9492."""
    is_stopped, is_valid = np.zeros(2208, dtype=bool), np.ones(2208, dtype=bool)
    is_stopped[:240], is_valid[:340] = True, False
    assert capture_share(is_valid, is_stopped, np.zeros(2208, dtype=int))[-1] == pytest.approx(0.9492, abs=5e-5)


def test_a_gap_of_ten_hours_has_the_maximum_of_180_valid_hours_before_it():
    """The peak of 900 lies 200 valid hours back and does not count; that of 700 lies 100 back."""
    emission = np.full(400, 50.0)
    emission[150], emission[250], emission[350:360] = 900.0, 700.0, NAN
    series = legal(emission)
    assert set(series.emission_g[350:360]) == {700.0}
    assert set(series.substitute_hours[350:360]) == {180}
    assert (series.emission_g[360], series.substitute_hours[360]) == (50.0, 0)


def test_a_gap_of_more_than_a_day_has_the_maximum_of_720_hours_in_all_of_its_hours():
    emission = np.full(900, 50.0)
    emission[150], emission[800:830] = 900.0, NAN
    series = legal(emission)
    assert set(series.emission_g[800:830]) == {900.0}
    assert set(series.substitute_hours[800:830]) == {720}


def test_between_75_and_90_percent_the_maximum_is_of_2160_hours_and_below_there_is_none():
    assert legal([80.0] * 8 + [NAN] * 2).substitute_hours[-1] == 2160
    series = legal([80.0] * 7 + [NAN] * 3)
    assert np.isnan(series.emission_g[-3:]).all()
    assert series.substitute_hours[-1] == 0


def test_a_stopped_source_emits_nothing_and_its_hours_are_no_gap():
    series = legal([80.0] * 9 + [NAN] * 5, stopped=range(9, 13))
    assert series.emission_g[9:13].tolist() == [0.0] * 4
    assert (series.emission_g[13], series.substitute_hours[13]) == (80.0, 180)


def test_a_quarter_is_captured_by_itself_and_a_gap_before_any_valid_hour_has_no_substitute():
    series = legal([NAN] + [80.0] * 9 + [NAN] + [80.0] * 9, quarter=[0] * 10 + [1] * 10)
    assert np.isnan(series.emission_g[0])
    assert np.isnan(series.emission_g[10])
    assert series.capture_share[[9, 19]].tolist() == [0.9, 0.9]
