"""The simulated day by the embedded engine and by Apache Spark: equal numbers in every table."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import flow, reference, schema
from bigdata_emis.clean.clean_area_activity import clean_area_activity
from bigdata_emis.engine import spark_session
from bigdata_emis.inventory.derive_factors import MIN_HOURS_PARAMETER, derive_factors
from bigdata_emis.inventory.emit_area import emit_area
from bigdata_emis.run.stage import context_for
from bigdata_emis.schema.arrow import conform
from bigdata_emis.storage import database
from bigdata_emis.window import day_window

SAME_SHARE = 1e-9
LAKE_TABLES = [t for s in flow.STAGES for t in s.writes if schema.table(t).layer == "lake" and s.schedule == "day"]
REGISTRY_TABLES = [
    t for s in flow.STAGES for t in s.writes if schema.table(t).layer == "registry" and t != "published_version"
]
EMPTY_IN_THE_SIMULATION = ("emission_change", "traffic_restriction_ahead")
"""One day has no earlier day to be compared with (tests/relate/test_decompose.py has two), and nothing is restricted
(tests/inventory/test_emit_traffic.py)."""
WITHOUT_ROWS = (
    "abatement_device",
    "audited_emission_monthly",
    "district_emission_annual",
    "meter_share",
    "local_fleet",
    "traffic_restriction",
    "counted_area",
    "derived_factor",
    "class_factor",
)
"""Registry files that the smallest region does not have; derived factors need more hours than a day, and counted areas
are added to the day (both tested below)."""
FEW_H = 12.0
FACTOR_TABLES = (
    "production_line",
    "enterprise",
    "emission_factor",
    "abatement_device",
    "audited_emission_monthly",
    "district_emission_annual",
)
FACTOR_REFERENCES = (
    "industrial_emission_factor",
    "control_efficiency",
    "particle_size_share",
    "condensable_pm",
    "uncertainty_rating",
    "pollutant_part",
)
pytestmark = [pytest.mark.slow, pytest.mark.spark, pytest.mark.timeout(900)]


def read_current(home: Path, table: str, day: str) -> pa.Table:
    return pq.read_table(
        home / "lake" / "current" / "jjj" / table / f"day={day}" / f"{table}.parquet", partitioning=None
    )


def compare(first: pa.Table, second: pa.Table, table: str) -> None:
    """The same rows in the same order: names and counts equal, quantities equal to a billionth."""
    assert first.num_rows == second.num_rows, table
    for declared in schema.table(table).fields:
        first_column, second_column = first[declared.name], second[declared.name]
        if declared.kind != "number":
            assert first_column.equals(second_column), f"{table}.{declared.name}"
            continue
        assert first_column.is_null().equals(second_column.is_null()), f"{table}.{declared.name}"
        np.testing.assert_allclose(
            first_column.to_numpy(), second_column.to_numpy(), rtol=SAME_SHARE, err_msg=f"{table}.{declared.name}"
        )


@pytest.fixture(scope="module")
def homes(place) -> dict[str, Path]:
    return {name: place.home_of(name) for name in ("sail", "spark")}


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_a_table_of_the_day_is_the_same_from_both_engines(homes, place, table):
    first, second = (read_current(homes[name], table, place.day.isoformat()) for name in ("sail", "spark"))
    assert first.num_rows or table.endswith("_quarantine") or table in EMPTY_IN_THE_SIMULATION, (
        f"{table} has no rows: nothing is compared"
    )
    compare(first, second, table)


@pytest.mark.parametrize("table", REGISTRY_TABLES)
def test_a_registry_table_is_the_same_from_both_engines(homes, place, table):
    frames = []
    for name, home in homes.items():
        with place.working_in(home, name):
            frames.append(database.read(table, "jjj"))
    first, second = frames
    assert first.num_rows or table in WITHOUT_ROWS, f"{table} has no rows: nothing is compared"
    compare(first, second, table)


def build_frame(engine: str, table: pa.Table) -> DataFrame:
    """The types of an empty table come from an explicit schema only."""
    return spark_session.session(engine).createDataFrame(table, schema=from_arrow_schema(table.schema))


def test_factors_derived_from_a_day_are_the_same_from_both_engines(homes, place):
    frames, day = [], place.day.isoformat()
    for name, home in homes.items():
        with place.working_in(home, name) as region:
            given = [
                read_current(home, "cems_hourly", day),
                database.read("stack", "jjj"),
                read_current(home, "activity_hourly", day),
            ]
            enough = pa.table({"parameter_name": [MIN_HOURS_PARAMETER], "parameter_value": [FEW_H]})
            context = context_for(region, day_window(place.day, region.time_zone), place.known_utc, "few hours")
            registry = [database.read(table, "jjj") for table in FACTOR_TABLES]
            references = [reference.read(table, region.folder) for table in FACTOR_REFERENCES]
            tables = [*given, enough, *registry, *references]
            derived = derive_factors(*(build_frame(name, table) for table in tables), context=context)
            frames.append({table: conform(rows, schema.table(table)) for table, rows in derived.items()})
    assert frames[0]["derived_factor"].num_rows > 10
    for table in ("derived_factor", "class_factor"):
        compare(frames[0][table], frames[1][table], table)


QUAY = {"activity_area_id": "quay", "sector_code": "mobile", "industry_code": "port"}
FIELDS = {"activity_area_id": "fields", "sector_code": "biomass_burning", "industry_code": "open_burning"}
BERTHS = {"annual_activity": 10_000.0, "auxiliary_fuel_kg_per_h": 500.0, "boiler_fuel_kg_per_h": 100.0}
COUNTED_ROWS = {
    "activity_area": [{**area, "geometry_wkt": "POINT (117 39)"} for area in (QUAY, FIELDS)],
    "area_emission_annual": [
        {"activity_area_id": "fields", "pollutant_code": "PM2.5", "annual_emission_t": 60.0, "relative_sd_share": 0.8}
    ],
    "counted_area": [
        {
            **BERTHS,
            "activity_area_id": "quay",
            "activity_unit_code": "berth_h",
            "shore_power_share": 0.4,
            "source": "x",
        },
        {"activity_area_id": "fields", "activity_unit_code": "fire", "annual_activity": 60.0, "source": "x"},
    ],
}


def with_rows(table: pa.Table, rows: list[dict]) -> pa.Table:
    added = pa.Table.from_pylist([{**dict.fromkeys(table.column_names), **row} for row in rows], table.schema)
    return pa.concat_tables([table, added])


def emit_counted(engine: str, home: Path, region, place) -> dict[str, pa.Table]:
    """The day with a quay and fires, cleaned and emitted anew: counts of two hours, three fires in the afternoon."""
    start, day = day_window(place.day, region.time_zone).from_utc, place.day.isoformat()
    counts = [("quay", 0, 5.0), ("quay", 7, 0.0), ("quay", 9, -1.0), ("fields", 14, 3.0)]
    readings = [
        {"activity_area_id": area, "hour_utc": start + timedelta(hours=hour), "counted_activity": number}
        | {"record_number": 90_000 + place_in_list, "flag_codes": []}
        for place_in_list, (area, hour, number) in enumerate(counts)
    ]
    given = {"area_activity_reading": with_rows(read_current(home, "area_activity_reading", day), readings)}
    for name in (*flow.stage("clean_area_activity").reads, *flow.stage("emit_area").reads):
        if name in given or name == "area_activity_hourly":
            continue
        if name in schema.tables():
            is_stored = schema.table(name).layer == "lake"
            table = read_current(home, name, day) if is_stored else database.read(name, "jjj")
        else:
            table = reference.read(name, region.folder)
        given[name] = with_rows(table, COUNTED_ROWS.get(name, []))
    context = context_for(region, day_window(place.day, region.time_zone), place.known_utc, "counted")
    frames = {name: build_frame(engine, table) for name, table in given.items()}
    cleaned = clean_area_activity(*(frames[n] for n in flow.stage("clean_area_activity").reads), context=context)
    frames["area_activity_hourly"] = build_frame(engine, cleaned["area_activity_hourly"])
    emitted = emit_area(*(frames[n] for n in flow.stage("emit_area").reads), context=context)
    emission = emitted["emission_area_hourly"].toArrow()
    counted = emission.filter(pc.is_in(emission["source_id"], pa.array(["quay", "fields"])))
    return {
        "area_activity_hourly": conform(cleaned["area_activity_hourly"], schema.table("area_activity_hourly")),
        "area_activity_quarantine": conform(
            cleaned["area_activity_quarantine"], schema.table("area_activity_quarantine")
        ),
        "emission_area_hourly": conform(counted, schema.table("emission_area_hourly")),
    }


def test_counted_areas_are_the_same_from_both_engines(homes, place):
    frames = []
    for name, home in homes.items():
        with place.working_in(home, name) as region:
            frames.append(emit_counted(name, home, region, place))
    for table in frames[0]:
        compare(frames[0][table], frames[1][table], table)
    emission = frames[0]["emission_area_hourly"]
    by_count = emission.filter(pc.equal(emission["method_code"], "counted"))
    of_quay = by_count.filter(pc.equal(by_count["source_id"], "quay"))
    assert pc.sum(of_quay.filter(pc.equal(of_quay["pollutant_code"], "NOx"))["emission_g"]).as_py() == pytest.approx(
        5 * 400 * 47.6
    )
    of_fires = by_count.filter(pc.equal(by_count["source_id"], "fields"))
    assert pc.sum(of_fires["emission_g"]).as_py() == pytest.approx(3e6)
    reasons = frames[0]["area_activity_quarantine"]["reason_codes"].to_pylist()
    assert ["negative"] in reasons


def test_models_were_trained_and_used_so_that_the_comparison_covers_them(homes, place):
    with place.working_in(homes["spark"], "spark"):
        trained = {
            row["model_version_id"] for row in database.read("model_version", "jjj").to_pylist() if row["method_code"]
        }
    used = set(read_current(homes["spark"], "activity_hourly", place.day.isoformat())["model_version_id"].to_pylist())
    assert len(used & trained) > 10
    assert "prior" in used
