"""Meters with the same readings are marked, both, in the six hours in which they are alike."""

import datetime as dt

import pyarrow as pa

from bigdata_emis.clean.faults.twin_meters import find_twin_hours
from tests.clean.reading_frames import START

RISING = [10.0, 11.0, 12.0, 13.0, 14.0, 15.0]


def hours(**energy: list[float]) -> pa.Table:
    rows = [
        {"meter_id": meter, "hour_utc": START + dt.timedelta(hours=2 + n), "energy_kwh": kwh, "imputation_code": "none"}
        for meter, values in energy.items()
        for n, kwh in enumerate(values)
    ]
    return pa.Table.from_pylist(rows)


def test_both_meters_are_marked():
    assert find_twin_hours(hours(a=RISING, b=RISING, c=[*RISING[:5], 16.0])).tolist() == [True] * 12 + [False] * 6


def test_idle_meters_are_alike_without_doubt():
    assert not find_twin_hours(hours(a=[1.0] * 6, b=[1.0] * 6)).any()


def test_no_hour_has_no_twin():
    assert find_twin_hours(hours(a=RISING).slice(0, 0)).tolist() == []


def test_imputed_hours_are_not_compared():
    table = hours(a=RISING, b=RISING)
    imputed = pa.array(["profile"] * 12)
    assert not find_twin_hours(table.set_column(3, "imputation_code", imputed)).any()
