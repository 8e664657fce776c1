"""The control basis: the traits by which measures select sources, for each day."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from bigdata_emis import reference
from bigdata_emis.control.control_basis import control_basis
from tests.inventory.industry_frames import context_of, make_table

START = datetime(2019, 1, 1, tzinfo=UTC)
LINES = [
    {"production_line_id": "own", "enterprise_id": "e", "industry_code": "sinter", "grade_code": "A"},
    {"production_line_id": "of enterprise", "enterprise_id": "e", "industry_code": "sinter"},
    {"production_line_id": "ungraded", "enterprise_id": "f", "industry_code": "sinter"},
]
CORRECTIONS = ("base_emission_factor", "speed_correction", "temperature_correction", "humidity_correction")


def basis(days=1):
    lines = [{"sector_code": "industrial_process", **line} for line in LINES]
    fleet = [
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
    weather = pa.table(
        {
            "station_id": ["s"],
            "hour_utc": pa.array([START], pa.timestamp("us", "UTC")),
            "air_temperature_degc": [15.0],
            "relative_humidity_share": [0.5],
        }
    )
    return control_basis(
        make_table("production_line", lines),
        make_table("enterprise", [{"enterprise_id": "e", "grade_code": "B"}]),
        make_table("activity_area", [{"activity_area_id": "farm", "sector_code": "agriculture"}]),
        make_table("road_link", [{"link_id": "link", "road_class_code": "primary"}]),
        make_table("fleet_mix", fleet),
        weather,
        *(reference.read(f"road_{name}") for name in CORRECTIONS),
        context=context_of(days=days),
    )


def test_a_line_has_its_own_grade_or_that_of_its_enterprise_or_d() -> None:
    rows = {row["source_id"]: row for row in basis()["control_source"].to_pylist()}
    grades = {name: rows[name]["grade_code"] for name in ("own", "of enterprise", "ungraded", "farm", "link")}
    assert grades == {"own": "A", "of enterprise": "B", "ungraded": "D", "farm": None, "link": None}


def test_only_a_link_has_a_road_class_and_it_is_mobile() -> None:
    rows = [row for row in basis()["control_source"].to_pylist() if row["road_class_code"]]
    assert [(row["source_id"], row["sector_code"]) for row in rows] == [("link", "mobile")]


def test_every_day_of_the_window_has_all_sources() -> None:
    tables = basis(days=2)
    assert set(tables["control_source"]["hour_utc"].to_pylist()) == {START, START + timedelta(days=1)}
    assert tables["control_source"].num_rows == 2 * 5
    assert len(set(tables["road_emission_factor_hourly"]["hour_utc"].to_pylist())) == 48
