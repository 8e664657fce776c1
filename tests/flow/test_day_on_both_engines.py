"""The simulated day by the embedded engine and by Apache Spark: equal numbers in every table."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import flow, reference, schema
from bigdata_emis.engine import spark_session
from bigdata_emis.inventory.derive_factors import MIN_HOURS_PARAMETER, derive_factors
from bigdata_emis.run.stage import context_for
from bigdata_emis.schema.arrow import conform
from bigdata_emis.storage import database
from bigdata_emis.window import day_window

SAME_SHARE = 1e-9
LAKE_TABLES = [t for s in flow.STAGES for t in s.writes if schema.table(t).layer == "lake" and s.schedule == "day"]
REGISTRY_TABLES = [
    t for s in flow.STAGES for t in s.writes if schema.table(t).layer == "registry" and t != "published_version"
]
EMPTY_IN_THE_SIMULATION = ("emission_change",)
"""One day has no earlier day to be compared with (tests/relate/test_decompose.py has two)."""
WITHOUT_ROWS = (
    "abatement_device",
    "audited_emission_monthly",
    "district_emission_annual",
    "meter_share",
    "local_fleet",
    "traffic_restriction",
    "derived_factor",
    "class_factor",
)
"""Registry files that the smallest region does not have; derived factors need more hours than a day (tested below)."""
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


def test_models_were_trained_and_used_so_that_the_comparison_covers_them(homes, place):
    with place.working_in(homes["spark"], "spark"):
        trained = {
            row["model_version_id"] for row in database.read("model_version", "jjj").to_pylist() if row["method_code"]
        }
    used = set(read_current(homes["spark"], "activity_hourly", place.day.isoformat())["model_version_id"].to_pylist())
    assert len(used & trained) > 10
    assert "prior" in used
