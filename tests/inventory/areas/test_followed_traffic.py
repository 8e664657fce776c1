"""The traffic that minor roads and road dust follow, on a day on which half of the vehicles may not drive."""

from datetime import date

import pyarrow as pa
import pytest

from bigdata_emis.inventory.areas.followed_traffic import rows_as_frame, traffic_ratio_rows
from bigdata_emis.inventory.areas.restricted_roads import RestrictedRoads
from bigdata_emis.inventory.fleets.day_fleets import FleetTables
from bigdata_emis.reference.work_calendar import WorkCalendar
from bigdata_emis.window import Window, day_window
from tests.inventory.fleets.fleet_frames import ZONE, frame, on_engine
from tests.inventory.test_emit_area import MONDAY, context_of, profile_of, traffic_of

ROAD = {"link_id": "l", "road_class_code": "primary", "length_km": 2.0}
BAN = {"traffic_restriction_id": "b", "banned_share": 0.5, "compliance_share": 1.0, "valid_from": date(2015, 12, 21)}


def ratios(spark, restrictions=(), method="measured"):
    """The ratio of each industry: 1000 vehicles on the day before and 500 on this one."""
    mix = [
        {
            "road_class_code": "primary",
            "local_hour": hour,
            "vehicle_class_code": "HeavyT",
            "fuel_code": "diesel",
            "emission_stage_code": "IV",
            "fleet_share": 1.0,
        }
        for hour in range(24)
    ]
    rows = [frame("fleet_mix", mix), frame("local_fleet", []), frame("traffic_restriction", list(restrictions))]
    before = day_window(date(2015, 12, 18), ZONE)
    roads = RestrictedRoads.of_region(
        frame("road_link", [ROAD]),
        frame("activity_area", []),
        FleetTables(*rows),
        hours=list(Window(before.from_utc, MONDAY.to_utc).hour_starts_utc()),
        time_zone=ZONE,
        calendar=WorkCalendar({}),
    )
    counted = [
        {"link_id": "l", "hour_utc": hour, **row}
        for day, flow in ((18, 1000.0), (21, 500.0))
        for hour, row in traffic_of(date(2015, 12, day), lambda h, flow=flow: flow, method)
    ]
    profiles = [row for name in ("minor_road", "road_dust") for row in profile_of("mobile", name)]
    context = context_of(MONDAY)
    found = traffic_ratio_rows(
        on_engine(spark, frame("traffic_hourly", counted)),
        on_engine(spark, frame("road_link", [ROAD])),
        pa.Table.from_pylist(profiles),
        roads if restrictions else None,
        WorkCalendar({}),
        type(context)(**{**vars(context), "lookback_days": 7}),
    )
    by_industry = {}
    for row in found.toArrow().to_pylist():
        by_industry.setdefault(row["profile_industry_code"], []).append(row["traffic_ratio"])
    return by_industry


def test_counted_traffic_is_the_ratio_of_both_without_restrictions(spark):
    assert ratios(spark) == {name: pytest.approx([0.5] * 24) for name in ("minor_road", "road_dust")}


def test_minor_roads_follow_the_traffic_without_restrictions_and_dust_what_drives(spark):
    given = ratios(spark, [BAN])
    assert given == {"minor_road": pytest.approx([1.0] * 24), "road_dust": pytest.approx([0.5] * 24)}


def test_a_frame_without_rows_has_its_columns(spark):
    declared = pa.schema([("link_id", pa.string()), ("kept_share", pa.float64())])
    assert rows_as_frame(spark, [], declared).columns == ["link_id", "kept_share"]
    assert rows_as_frame(spark, [{"link_id": "l", "kept_share": 0.5}], declared).collect()[0]["kept_share"] == 0.5
