"""Concentrations that outdoor air can have."""

import pyarrow as pa

from bigdata_emis import reference
from bigdata_emis.reference.air_bounds import exceeds_bound, highest_concentrations


def test_a_concentration_is_compared_with_the_bound_of_its_pollutant():
    pollutants = pa.chunked_array([["PM2.5", "PM2.5", "O3"], ["PM10", "PM2.5", None]])
    values = pa.chunked_array([[5000.0, 5000.5, 5000.5], [9e4, None, 9e4]])
    assert exceeds_bound(pollutants, values, {"PM2.5": 5000.0, "O3": 6000.0}).tolist() == [
        *(False, True, False),
        *(False, False, False),
    ]


def test_without_bounds_nothing_is_above_one():
    assert exceeds_bound(pa.chunked_array([["O3"]]), pa.chunked_array([[9e4]]), {}).tolist() == [False]


def test_the_bounds_leave_dust_storms_and_refuse_the_fill_value_9999():
    bounds = highest_concentrations(reference.read("station_rule"))
    assert sorted(bounds) == ["NO2", "O3", "PM2.5", "SO2"]
    assert max(bounds.values()) < 9999
