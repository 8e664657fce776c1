"""Emission under the restrictions of another day: cars emit 3 and trucks 1 g/km of an unrestricted flow."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.control.projection.restricted_days import (
    KeptEmissions,
    RestrictionRatios,
    restrict_factors,
    road_fleets,
)

DAY = date(2015, 12, 23)
START = datetime(2015, 12, 22, 16, tzinfo=UTC)
CAR, TRUCK = ("CAR", "gasoline", "IV"), ("HeavyT", "diesel", "III")
POLLUTANTS = ["NOx", "SO2"]
PRIMARY = ("primary", "region")
INSTANT = pa.timestamp("us", "UTC")


def factors(restricted, hours=2, place="region"):
    """Factors at 30 and 60 km/h of a flow in which this share of cars does not drive."""
    names = (
        "road_class_code",
        "fleet_place",
        "vehicle_class_code",
        "fuel_code",
        "emission_stage_code",
        "pollutant_code",
        "hour_utc",
        "speed_km_per_h",
        "restricted_share",
        "emission_factor_g_per_km",
        "unrestricted_emission_factor_g_per_km",
    )
    rows = [
        ("primary", place, *vehicle, "NOx", START + timedelta(hours=hour), speed, share, left, whole)
        for hour in range(hours)
        for speed in (30.0, 60.0)
        for vehicle, share, left, whole in (
            (CAR, restricted, 3.0 * (1 - restricted) / (1 - 0.8 * restricted), 3.0),
            (TRUCK, 0.0, 1.0 / (1 - 0.8 * restricted), 1.0),
        )
    ]
    columns = [
        pa.array(c, INSTANT) if n == "hour_utc" else pa.array(c)
        for n, c in zip(names, zip(*rows, strict=True), strict=True)
    ]
    return pa.table(columns, names=names)


def ahead(share, hours=(0,)):
    """Cars, 0.8 of the vehicles, are restricted in these hours."""
    rows = [
        {
            "restricted_hour_utc": START + timedelta(hours=hour),
            "road_class_code": "primary",
            "fleet_place": "region",
            **dict(zip(("vehicle_class_code", "fuel_code", "emission_stage_code"), CAR, strict=True)),
            "restricted_share": share,
            "kept_share": 1 - 0.8 * share,
        }
        for hour in hours
    ]
    return pa.Table.from_pylist(rows) if rows else ahead(share, (0,)).slice(0, 0)


def kept(restricted):
    table = factors(restricted)
    hour = np.repeat([0, 1], table.num_rows // 2)
    return KeptEmissions.of_factors(table, hour, POLLUTANTS)


def test_factors_have_the_restrictions_of_the_day_to_come_in_their_hours():
    """Half of the cars: 3 × 0.5 ÷ 0.6 and 1 ÷ 0.6 in the first hour, all of them in the second."""
    rows = restrict_factors(factors(0.0), ahead(0.5)).to_pylist()
    first, second = ([r for r in rows if r["hour_utc"] == START + timedelta(hours=h)] for h in (0, 1))
    assert [r["emission_factor_g_per_km"] for r in first] == pytest.approx([2.5, 1 / 0.6] * 2)
    assert [r["restricted_share"] for r in first] == [0.5, 0.0] * 2
    assert [r["emission_factor_g_per_km"] for r in second] == [3.0, 1.0] * 2


def test_what_was_restricted_and_will_not_be_drives_again():
    """Also vehicles that may not drive at all today."""
    for today in (0.5, 1.0):
        rows = restrict_factors(factors(today), ahead(0.5, hours=())).to_pylist()
        assert [r["emission_factor_g_per_km"] for r in rows] == [3.0, 1.0] * 4
        assert {r["restricted_share"] for r in rows} == {0.0}


def test_the_same_restriction_gives_the_same_factors():
    today = factors(0.5)
    rows = restrict_factors(today, ahead(0.5, hours=(0, 1)))
    for name in ("emission_factor_g_per_km", "restricted_share"):
        assert rows[name].to_pylist() == pytest.approx(today[name].to_pylist())


def test_what_is_left_of_an_emission_is_that_of_the_vehicles_at_the_reference_speed():
    """Half of 3 of 4 g/km is gone; of SO2 there are no factors."""
    left = kept(0.5).by_fleet[PRIMARY]
    assert left[0, :2].tolist() == [0.625, 0.625]
    assert left[1].tolist() == [1.0] * 24
    assert kept(0.0).by_fleet == {}


def test_the_emission_of_a_recent_day_is_divided_by_what_was_left_of_it():
    """From a day with half of the cars to one with all, and to one without any: 1 ÷ 0.625 and 0.25 ÷ 0.625."""
    free, banned = date(2015, 12, 23), date(2015, 12, 24)
    rows = np.array([0, 1])  # a link, and a plant
    given = RestrictionRatios.between(kept(0.5), {free: kept(0.0), banned: kept(1.0)}, [PRIMARY], rows)
    assert given is not None
    source, pollutant = np.array([0, 1, 0]), np.array([0, 0, 1])
    assert given.of_rows(free, source, pollutant)[:, 0].tolist() == [1.6, 1.0, 1.0]
    assert given.of_rows(banned, source, pollutant)[:, 0].tolist() == [0.4, 1.0, 1.0]


def test_days_with_the_same_restrictions_need_no_ratio():
    assert RestrictionRatios.between(kept(0.5), {DAY: kept(0.5)}, [PRIMARY], np.array([0])) is None


def test_links_and_roads_without_a_link_have_a_fleet_and_others_none():
    basis = pa.table(
        {
            "source_id": ["link", "lanes", "plant"],
            "road_class_code": pa.array(["primary", None, None]),
            "industry_code": pa.array([None, "minor_road", "sinter"]),
            "fleet_place": pa.array(["city:a", "city:a", None]),
        }
    )
    fleets, rows = road_fleets(basis, ["lanes", "link", "plant"], ["primary", "secondary"])
    assert fleets == [("primary", "city:a"), ("secondary", "city:a")]
    assert rows.tolist() == [1, 0, 2]
    earlier, _ = road_fleets(basis.drop_columns(["fleet_place"]), ["link"], ["primary", "secondary"])
    assert earlier == [("primary", "region"), ("secondary", "region")]
