"""The plan of a day: shares of sources, and the position of each link's speed in the factors."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bigdata_emis import schema
from bigdata_emis.control.scenario.day_plan import ABSENT
from bigdata_emis.control.scenario.measure_cuts import HourCondition
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.errors import RefusedError
from tests.control.scenario.day_frames import SOURCES, factors, planned, sources, traffic

NOX, SO2 = (list(schema.codes()["pollutant"]).index(code) for code in ("NOx", "SO2"))
MINOR = sources(("area", "mobile", "minor_road", None, None), ("link", "mobile", None, None, "primary"))
TRUCKS = Measure("trucks", "red", vehicle_class_code="HeavyT", cut_share=1.0)


def test_a_plant_has_its_share_and_a_link_its_row() -> None:
    plan = planned()
    assert plan.cuts.shares[plan.cuts.kind_of_source, NOX, 0].tolist() == [0.25, 0.0]
    assert plan.link_rows.tolist() == [ABSENT, 0]
    assert plan.source_ids.to_pylist() == ["plant", "link"]


def test_a_speed_between_two_knots_has_its_position() -> None:
    plan = planned(traffic_hourly=traffic(speed=25.0))
    assert set(plan.fractions[0]) == {0.25}
    assert len(set(plan.entries[0])) == 24


def test_an_hour_without_traffic_or_without_factors_is_absent() -> None:
    plan = planned(traffic_hourly=traffic(range(20)), road_factors=factors(range(4, 24)))
    assert np.flatnonzero(plan.entries[0] != ABSENT).tolist() == list(range(4, 20))


def test_a_pollutant_without_road_factors_has_no_offset() -> None:
    offsets = planned().offsets
    assert (offsets != ABSENT).sum() == 1


def test_without_a_ban_no_factor_is_banned() -> None:
    assert planned().has_bans
    assert not planned(measures=[]).has_bans


def test_traffic_of_a_link_outside_the_control_basis_is_refused() -> None:
    with pytest.raises(RefusedError, match="link other has traffic but is not in the control basis"):
        planned(traffic_hourly=traffic(link="other"))


def test_a_vehicle_ban_reaches_roads_without_a_link_at_the_reference_speed() -> None:
    """At 30 km/h trucks and cars emit 2 g/km each; the fleet of the region has no lower class than primary."""
    knots = [(20, 1, 3), (30, 2, 2), (40, 3, 1)]
    rows = factors()
    plan = planned(sources=MINOR, measures=[TRUCKS], road_factors=at_knots(rows, knots))
    share = plan.cuts.shares[plan.cuts.kind_of_source[0], NOX]
    assert share.tolist() == [0.5] * 24
    assert plan.cuts.shares[plan.cuts.kind_of_source[0], SO2].tolist() == [0.0] * 24
    assert plan.minor_road_class == "primary"


def at_knots(rows, knots):
    """The factors at other knots: speed, trucks, cars."""
    from itertools import product

    hours = sorted(set(rows["hour_utc"].to_pylist()))
    listed = [
        (h, v, s, g) for h, (s, *both) in product(hours, knots) for v, g in zip(("HeavyT", "CAR"), both, strict=True)
    ]
    count = len(listed)
    return pa.table(
        {
            "road_class_code": ["primary"] * count,
            "vehicle_class_code": [row[1] for row in listed],
            "emission_stage_code": ["IV"] * count,
            "pollutant_code": ["NOx"] * count,
            "speed_km_per_h": [float(row[2]) for row in listed],
            "hour_utc": pa.array([row[0] for row in listed], pa.timestamp("us", "UTC")),
            "emission_factor_g_per_km": [float(row[3]) for row in listed],
        }
    )


def test_a_measure_of_roads_without_a_link_acts_on_what_a_ban_leaves() -> None:
    source = Measure("close", "red", industry_code="minor_road", cut_share=0.5)
    knots = [(20, 1, 3), (30, 1, 3), (40, 1, 3)]
    plan = planned(sources=MINOR, measures=[TRUCKS, source], road_factors=at_knots(factors(), knots))
    assert plan.cuts.shares[plan.cuts.kind_of_source[0], NOX, 0] == pytest.approx(1 - 0.5 * 0.75)


def test_a_measure_of_all_traffic_reaches_roads_without_a_link_once() -> None:
    everything = Measure("all", "red", sector_code="mobile", cut_share=0.1)
    plan = planned(sources=MINOR, measures=[everything])
    assert plan.cuts.shares[plan.cuts.kind_of_source[0], NOX, 0] == pytest.approx(0.1)


def test_hours_with_the_same_measures_are_one_segment() -> None:
    night = Measure("night", "red", industry_code="sinter", cut_share=1.0, from_local_hour=20, to_local_hour=8)
    plan = planned(measures=[night])
    assert plan.segments.tolist() == [0, 8, 20]
    assert plan.segment_of_hour().tolist() == [0] * 8 + [1] * 12 + [2] * 4
    assert planned().segments.tolist() == [0]


def test_conditions_before_the_day_belong_to_the_same_event() -> None:
    conditions = [HourCondition("red", hour % 24) for hour in range(48)]
    plan = planned(sources=SOURCES, conditions=conditions)
    assert len(plan.cuts.variant_of_hour) == 24


def restricted(share, place):
    """The factors at 30 km/h of a place: 2 g/km each of trucks, of which this share may not drive, and cars."""
    rows = at_knots(factors(), [(20, 2, 2), (30, 2, 2), (40, 2, 2)])
    is_truck = pc.equal(rows["vehicle_class_code"], "HeavyT")
    left = pc.multiply(rows["emission_factor_g_per_km"], pc.if_else(is_truck, 1 - share, 1.0))
    rows = rows.set_column(rows.schema.get_field_index("emission_factor_g_per_km"), "emission_factor_g_per_km", left)
    return rows.append_column("restricted_share", pc.if_else(is_truck, share, 0.0)).append_column(
        "fleet_place", pa.repeat(pa.scalar(place), rows.num_rows)
    )


def test_roads_without_a_link_are_cut_by_what_the_restrictions_of_their_place_leave() -> None:
    """Half of the trucks of the city may not drive: 0.75 cuts half of their 1 g/km of 3; elsewhere 0.75 of 2 of 4."""
    roads = pa.concat_tables([restricted(0.5, "city:唐山"), restricted(0.0, "region")])
    areas = sources(
        ("city", "mobile", "minor_road", None, None),
        ("country", "mobile", "minor_road", None, None),
        ("link", "mobile", None, None, "primary"),
    ).append_column("fleet_place", pa.array(["city:唐山", "region", "region"]))
    order = Measure("trucks", "red", vehicle_class_code="HeavyT", cut_share=0.75)
    plan = planned(sources=areas, measures=[order], road_factors=roads)
    shares = plan.cuts.shares[plan.cuts.kind_of_source, NOX, 0]
    assert shares.tolist() == pytest.approx([0.5 * 1 / 3, 0.75 * 2 / 4, 0.0])


def test_of_vehicles_that_may_not_drive_at_all_nothing_is_left_to_cut() -> None:
    roads = restricted(1.0, "region")
    plan = planned(sources=MINOR, measures=[TRUCKS], road_factors=roads)
    assert set(plan.cuts.shares[plan.cuts.kind_of_source[0], NOX].tolist()) == {0.0}
    assert not plan.has_bans
