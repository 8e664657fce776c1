"""What the manifest says about completeness and feeds of a day."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.publish.day_quality import read_partial_reasons, share_text
from bigdata_emis.publish.manifest import publish_days
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import day_window
from tests.publish.registered_grid import register_grid

DAY = date(2015, 12, 20)
MIDNIGHT = datetime(2015, 12, 20, tzinfo=UTC)


@pytest.fixture
def context(home: Path) -> Context:
    database.migrate()
    grid = Grid("EPSG:32650", 3000, 0, 0, 2, 2)
    region = Region("a", home, "A", "甲", "UTC", True, grid, {"alert": "2017"}, {}, {"power": {}})
    register_grid(region)
    return Context(region, day_window(DAY, "UTC"), MIDNIGHT + timedelta(days=1), "run-1", open_lake(region))


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return conform(pa.Table.from_pylist(rows, arrow_schema(schema.table(name))), schema.table(name))


def power_hour(hour: int) -> dict[str, Any]:
    return {
        "meter_id": "m",
        "hour_utc": MIDNIGHT + timedelta(hours=hour),
        "energy_kwh": 2.0,
        "reading_count": 1,
        "imputation_code": "none",
        "flag_codes": [],
    }


def write_inventory(context: Context, hours: int, *, has_power: bool, without: tuple[int, ...] = ()) -> None:
    rows = [
        {
            "source_id": "line1",
            "sector_code": "industrial_process",
            "pollutant_code": "SO2",
            "hour_utc": MIDNIGHT + timedelta(hours=hour),
            "emission_g": 500.0,
            "emission_g_p05": 400.0,
            "emission_g_p95": 600.0,
            "method_code": "modelled" if hour else "profile",
        }
        for hour in range(hours)
    ]
    frames = {"emission_hourly": table("emission_hourly", rows)}
    if has_power:
        reading = {
            "meter_id": "m",
            "interval_start_utc": MIDNIGHT,
            "energy_kwh": 2.0,
            "interval_min": 60.0,
            "record_number": 1,
            "flag_codes": [],
        }
        frames["power_reading"] = table("power_reading", [reading])
        frames["power_hourly"] = table("power_hourly", [power_hour(hour) for hour in range(24) if hour not in without])
    for name, frame in frames.items():
        context.store.write(name, frame, [DAY], known_utc=context.known_utc, run_id=context.run_id)


def manifest_of(context: Context, **more: Any) -> dict[str, Any]:
    database.upsert("published_version", "a", publish_days(("emission_hourly",), context, **more))
    content = context.store.read_document(f"manifest/day={DAY}.json", tree="published")
    assert content is not None
    return dict(json.loads(content))


def test_a_whole_day_is_not_partial_and_says_its_mass_by_sector_and_method(context: Context) -> None:
    write_inventory(context, 24, has_power=True)
    manifest = manifest_of(context)
    assert (manifest["is_partial"], manifest["partial_reasons"]) == (False, [])
    assert manifest["sector_kg"] == {"industrial_process": {"SO2": 12.0}}
    assert manifest["total_kg"] == {"SO2": 12.0}
    assert manifest["completeness"]["mass_share_by_method"]["SO2"]["profile"] == pytest.approx(1 / 24)
    assert manifest["static_profile_share"] == {"SO2": pytest.approx(1 / 24)}


def test_a_day_says_what_of_its_mass_rests_on_a_factor_that_nobody_verified(context: Context) -> None:
    write_inventory(context, 24, has_power=True)
    assert manifest_of(context)["unverified_factors"] == {"mass_share": {}, "least_confidence": None}
    berths = {
        "activity_area_id": "line1",
        "pollutant_code": "SO2",
        "emission_stage_code": "all",
        "hour_utc": MIDNIGHT,
        "annual_emission_t": 1.0,
        "annual_source_code": "movements",
        "relative_sd_share": 0.8,
        "confidence": 0.65,
    }
    counted = table("counted_emission", [berths])
    context.store.write("counted_emission", counted, [DAY], known_utc=context.known_utc, run_id=context.run_id)
    assert manifest_of(context)["unverified_factors"] == {"mass_share": {"SO2": 1.0}, "least_confidence": 0.65}


def test_a_day_with_missing_hours_is_partial_and_says_how_many(context: Context) -> None:
    write_inventory(context, 18, has_power=True)
    assert manifest_of(context)["partial_reasons"] == ["inventory: 18 of 24 hours"]


def test_a_share_that_is_not_whole_does_not_read_as_100_percent() -> None:
    assert [share_text(share) for share in (0.99999, 0.9995, 0.76, 0.0, 1.0)] == [
        "99.9%",
        "99.9%",
        "76.0%",
        "0.0%",
        "100.0%",
    ]


def test_a_day_whose_feed_brought_nothing_is_partial_and_names_the_feed(context: Context) -> None:
    write_inventory(context, 24, has_power=False)
    manifest = manifest_of(context)
    assert manifest["is_partial"]
    assert manifest["partial_reasons"] == ["feed power: no reading of this day"]
    assert manifest["feeds"]["power"]["rows"] == 0


def test_hours_without_any_reading_of_a_feed_are_named_in_local_time(context: Context) -> None:
    write_inventory(context, 24, has_power=True, without=(2, 3))
    assert manifest_of(context)["partial_reasons"] == ["feed power: no reading in 2 hours (02:00, 03:00)"]
    assert read_partial_reasons(context.store, DAY) == ["feed power: no reading in 2 hours (02:00, 03:00)"]


def test_an_hour_in_which_no_truck_passed_a_gate_is_not_missing(context: Context) -> None:
    """One truck at eight and none in the other hours; without a row on the whole day, the gate is silent."""
    with_gate = replace(context, region=replace(context.region, feeds={"power": {}, "gate": {}}))
    write_inventory(with_gate, 24, has_power=True)
    assert manifest_of(with_gate)["partial_reasons"] == ["feed gate: no reading of this day"]
    kind = {"vehicle_class_code": "HeavyT", "fuel_code": "diesel", "emission_stage_code": "IV"}
    truck = {**kind, "enterprise_id": "e", "hour_utc": MIDNIGHT + timedelta(hours=8), "entry_count": 1, "exit_count": 0}
    received = table("gate_reading", [{**truck, "record_number": 1, "flag_codes": []}])
    cleaned = table("gate_hourly", [{**truck, "imputation_code": "none", "reading_count": 1, "flag_codes": []}])
    for name, frame in (("gate_reading", received), ("gate_hourly", cleaned)):
        context.store.write(name, frame, [DAY], known_utc=context.known_utc, run_id=context.run_id)
    assert manifest_of(with_gate)["partial_reasons"] == []


def test_a_feed_that_is_cleaned_after_the_day_is_published_counts_as_it_was_received(context: Context) -> None:
    write_inventory(context, 24, has_power=False)
    reading = {"meter_id": "m", "energy_kwh": 2.0, "interval_min": 60.0, "record_number": 1, "flag_codes": []}
    received = [
        {**reading, "interval_start_utc": MIDNIGHT + timedelta(hours=hour, minutes=15)}
        for hour in range(24)
        if hour != 5
    ]
    frame = table("power_reading", received)
    context.store.write("power_reading", frame, [DAY], known_utc=context.known_utc, run_id=context.run_id)
    manifest = manifest_of(context)
    assert manifest["partial_reasons"] == ["feed power: no reading in 1 hours (05:00)"]
    assert manifest["feeds"]["power"]["complete_share"] is None
