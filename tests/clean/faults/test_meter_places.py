"""Where meters are: their line, and the total of the power bureau that contains what they read."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.clean.faults.meter_places import MeterPlace, MeterPlaces, read_places
from tests.clean.reading_frames import START, grid

ENTERPRISES = [
    {"enterprise_id": "e1", "district_id": "d1", "county_id": "c1", "industry_code": "brick"},
    {"enterprise_id": "e2", "district_id": None, "county_id": "c1", "industry_code": "coal_power"},
]
LINES = [{"production_line_id": "l1", "enterprise_id": "e1"}, {"production_line_id": "l2", "enterprise_id": "e2"}]
METERS = [
    {"meter_id": "m1", "production_line_id": "l1", "meter_role_code": "production"},
    {"meter_id": "m2", "production_line_id": "l1", "meter_role_code": "self_generation"},
    {"meter_id": "m3", "production_line_id": "l2", "meter_role_code": "generation"},
    {"meter_id": "m4", "production_line_id": "l2", "meter_role_code": "abatement"},
    {"meter_id": "m5", "production_line_id": None, "meter_role_code": None},
]


def total(district: str, industry: str, hour: int, energy: float, imputation: str = "none") -> dict:
    return {
        "district_id": district,
        "industry_code": industry,
        "hour_utc": START + dt.timedelta(hours=hour),
        "district_energy_kwh": energy,
        "imputation_code": imputation,
    }


TOTALS = [
    total("d1", "brick", 0, 90.0),
    total("d1", "brick", 1, 95.0, "interpolated"),
    total("c1", "coal_power", 2, 7.0),
]


def places(totals: list[dict] = TOTALS, **options: bool) -> MeterPlaces:
    shape = pa.Table.from_pylist(TOTALS)
    share = pa.table({"meter_id": ["m1"], "production_line_id": ["l1"], "energy_share": [None]})
    frames = (pa.Table.from_pylist(rows) for rows in (LINES, ENTERPRISES))
    given = pa.Table.from_pylist(totals, shape.schema)
    return read_places(pa.Table.from_pylist(METERS), share, *frames, given, grid=grid(), **options)


def test_a_meter_has_the_total_of_the_district_and_industry_of_its_enterprise():
    """The district is the county where none is named; of power plants the bureau counts the output, not abatement."""
    found = places()
    assert found.select(["m1", "m3", "m4"]) == [
        MeterPlace("l1", "production", True, 1, "d1 brick"),
        MeterPlace("l2", "generation", False, 0, "c1 coal_power"),
        MeterPlace("l2", "abatement", False, -1, "c1 coal_power"),
    ]


@pytest.mark.parametrize(("counts", "number"), [(True, 1), (False, -1)])
def test_own_generation_is_in_the_total_where_the_bureau_counts_it(counts: bool, number: int):
    assert places(counts_self_generation=counts).place_of["m2"].total == number


def test_totals_that_were_interpolated_are_not_used():
    brick = places().total_kwh[1]
    assert brick[0] == 90.0
    assert np.isnan(brick[1:]).all()


def test_without_totals_the_meters_of_a_line_are_a_group_and_one_without_a_line_is_alone():
    found = places([])
    assert found.groups().to_pylist() == [
        {"meter_id": "m1", "group": "l1"},
        {"meter_id": "m2", "group": "l1"},
        {"meter_id": "m3", "group": "l2"},
        {"meter_id": "m4", "group": "l2"},
        {"meter_id": "m5", "group": None},
    ]
    assert {place.total for place in found.place_of.values()} == {-1}


def test_an_unknown_meter_has_no_place():
    assert places().select(["stranger"]) == [MeterPlace()]
