"""The share of a link's emission from banned vehicles, interpolated in speed."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.control.scenario.measure_cuts import HourCondition, MeasureCuts
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario.road_cuts import compute_road_cuts

BAN = MeasureCuts([Measure("old trucks", "red", vehicle_class_code="HeavyT", cut_share=1.0)])
RED = {0: HourCondition("red", 0)}
"""Heavy trucks are banned in full."""


def factors(*rows, **columns):
    """Rows of vehicle class, speed and factor, of one pollutant, road class and hour."""
    return pa.table(
        {
            **columns,
            "road_class_code": ["primary"] * len(rows),
            "vehicle_class_code": [row[0] for row in rows],
            "emission_stage_code": ["IV"] * len(rows),
            "pollutant_code": ["NOx"] * len(rows),
            "speed_km_per_h": [float(row[1]) for row in rows],
            "hour_utc": pa.array([0] * len(rows), pa.timestamp("us", "UTC")),
            "emission_factor_g_per_km": [float(row[2]) for row in rows],
        }
    )


def banned_shares(table, *speeds, cuts=BAN):
    roads = compute_road_cuts(table, cuts, RED)
    zeros = np.zeros(len(speeds), dtype=np.intp)
    return roads.banned_share(*roads.locate(zeros, zeros, np.array(speeds, dtype=float))).tolist()


TWO_KNOTS = factors(("HeavyT", 20, 1), ("BUS", 20, 3), ("HeavyT", 40, 3), ("BUS", 40, 1))


def test_at_a_knot_the_share_is_the_banned_factor_over_the_whole() -> None:
    assert banned_shares(TWO_KNOTS, 20, 40) == [0.25, 0.75]


def test_between_knots_both_factors_are_interpolated() -> None:
    assert banned_shares(TWO_KNOTS, 30) == [0.5]


def test_outside_the_knots_the_share_is_constant() -> None:
    assert banned_shares(TWO_KNOTS, 5, 130) == [0.25, 0.75]


def test_a_single_knot_applies_at_every_speed() -> None:
    assert banned_shares(factors(("HeavyT", 20, 1), ("BUS", 20, 3)), 5, 90) == [0.25, 0.25]


def test_a_fleet_without_emission_has_no_share() -> None:
    assert banned_shares(factors(("HeavyT", 20, 0), ("BUS", 40, 1)), 20) == [0]


def test_a_further_ban_never_reduces_the_share() -> None:
    more = MeasureCuts([*BAN.measures, Measure("buses", "red", vehicle_class_code="BUS", cut_share=0.5)], "red")
    assert banned_shares(TWO_KNOTS, 30, cuts=more) == [pytest.approx(0.75)]


def test_without_factors_there_is_nothing_to_cut() -> None:
    assert compute_road_cuts(factors(), BAN, RED).pollutants == ()


def test_a_restricted_vehicle_is_cut_only_beyond_its_restriction() -> None:
    """Half of the trucks may not drive: a ban of 80 % of all trucks cuts (0.8 − 0.5) ÷ 0.5 of those left."""
    table = factors(("HeavyT", 20, 1), ("BUS", 20, 3), restricted_share=[0.5, 0.0])
    ban = MeasureCuts([Measure("trucks", "red", vehicle_class_code="HeavyT", cut_share=0.8)])
    assert banned_shares(table, 20, cuts=ban) == [pytest.approx(0.6 * 1 / 4)]


def test_a_ban_that_is_no_stricter_than_the_restriction_cuts_nothing() -> None:
    table = factors(("HeavyT", 20, 1), ("BUS", 20, 3), restricted_share=[0.5, 0.0])
    ban = MeasureCuts([Measure("odd-even", "red", vehicle_class_code="HeavyT", cut_share=0.5)])
    assert banned_shares(table, 20, cuts=ban) == [0]


def test_a_full_ban_cuts_all_that_the_restriction_left() -> None:
    table = factors(("HeavyT", 20, 1), ("BUS", 20, 3), restricted_share=[0.5, 0.0])
    assert banned_shares(table, 20) == [0.25]


def test_what_measures_add_beside_a_restriction_sums_to_their_cut() -> None:
    """0.4, then 0.7 together: 0, then (0.7 − 0.5) ÷ 0.5 of the trucks that a restriction of half has left."""
    table = factors(("HeavyT", 20, 2), restricted_share=[0.5])
    pair = [Measure(name, "red", vehicle_class_code="HeavyT", cut_share=cut) for name, cut in (("a", 0.4), ("b", 0.5))]
    roads = compute_road_cuts(table, MeasureCuts(pair), RED)
    assert [part[0] for part in roads.banned_by_measure.values()] == pytest.approx([0, 0.8])
    assert roads.banned[0] == pytest.approx(0.8)


def test_fleets_of_places_are_apart_and_a_table_without_places_is_of_the_region() -> None:
    """The city has trucks alone, the region trucks and buses: the same ban cuts 100 % and 25 %."""
    places = ["city:X", "region", "region"]
    roads = compute_road_cuts(
        factors(("HeavyT", 20, 1), ("HeavyT", 20, 1), ("BUS", 20, 3), fleet_place=places), BAN, RED
    )
    assert roads.fleets == (("primary", "city:X"), ("primary", "region"))
    fleet = np.array([0, 1])
    assert roads.banned_share(*roads.locate(fleet, 0 * fleet, np.array([20.0, 20.0]))).tolist() == [1, 0.25]
    assert roads.shares_at_reference_speed(roads.banned, "primary", "region").tolist() == [[0.25]]
    assert compute_road_cuts(TWO_KNOTS, BAN, RED).fleets == (("primary", "region"),)
