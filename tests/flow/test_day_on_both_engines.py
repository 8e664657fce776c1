"""The simulated day made by the embedded engine and by Apache Spark: equal numbers in every table, and alike in any window."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis import flow, schema
from bigdata_emis.engine import spark_session
from bigdata_emis.inventory.derive_factors import LEAST, derive_factors
from bigdata_emis.run.stage import context_for
from bigdata_emis.schema.arrow import conform
from bigdata_emis.storage import database
from bigdata_emis.window import day_window

SAME_SHARE = 1e-9
LAKE_TABLES = [t for s in flow.STAGES for t in s.writes if schema.table(t).layer == "lake" and s.schedule == "day"]
REGISTRY_TABLES = [
    t for s in flow.STAGES for t in s.writes if schema.table(t).layer == "registry" and t != "published_version"
]
NEED_AN_EARLIER_DAY = ("emission_change",)
"""One day alone has nothing to be compared with; tests/stages/test_decompose.py has two."""
WITHOUT_ROWS = ("abatement_device", "audited_emission_monthly", "measure", "meter_share", "derived_factor")
"""Registry files that the smallest region has none of, and what needs more hours of monitors than a day has (its own test is below)."""
FEW_H = 12.0
pytestmark = [pytest.mark.slow, pytest.mark.spark, pytest.mark.timeout(900)]


def of_home(home: Path, table: str, day: str) -> pa.Table:
    return pq.read_table(
        home / "lake" / "current" / "jjj" / table / f"day={day}" / f"{table}.parquet", partitioning=None
    )


def compare(one: pa.Table, other: pa.Table, table: str) -> None:
    """Same rows in the same order; what is counted or named equal, what is measured equal to a billionth."""
    assert one.num_rows == other.num_rows, table
    for declared in schema.table(table).fields:
        left, right = one[declared.name], other[declared.name]
        if declared.kind != "number":
            assert left.equals(right), f"{table}.{declared.name}"
            continue
        assert left.is_null().equals(right.is_null()), f"{table}.{declared.name}"
        np.testing.assert_allclose(
            left.to_numpy(), right.to_numpy(), rtol=SAME_SHARE, err_msg=f"{table}.{declared.name}"
        )


@pytest.fixture(scope="module")
def homes(place) -> dict[str, Path]:
    return {name: place.home_of(name) for name in ("sail", "spark")}


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_a_table_of_the_day_is_the_same_whichever_engine_made_it(homes, place, table):
    one, other = (of_home(homes[name], table, place.day.isoformat()) for name in ("sail", "spark"))
    assert one.num_rows or table.endswith("_quarantine") or table in NEED_AN_EARLIER_DAY, (
        f"{table} has no rows: nothing is compared"
    )
    compare(one, other, table)


@pytest.mark.parametrize("table", REGISTRY_TABLES)
def test_a_registry_table_is_the_same_whichever_engine_filled_it(homes, place, table):
    frames = []
    for name, home in homes.items():
        with place.working_in(home, name):
            frames.append(database.read(table, "jjj"))
    one, other = frames
    assert one.num_rows or table in WITHOUT_ROWS, f"{table} has no rows: nothing is compared"
    compare(one, other, table)


def test_factors_derived_from_a_day_are_the_same_whichever_engine_derived_them(homes, place):
    frames, day = [], place.day.isoformat()
    for name, home in homes.items():
        with place.working_in(home, name) as region:
            given = [
                of_home(home, "cems_hourly", day),
                database.read("stack", "jjj"),
                of_home(home, "activity_hourly", day),
            ]
            enough = pa.table({"parameter_name": [LEAST], "parameter_value": [FEW_H]})
            context = context_for(region, day_window(place.day, region.time_zone), place.known_utc, "few hours")
            found = derive_factors(*map(spark_session.session(name).createDataFrame, [*given, enough]), context=context)
            frames.append(conform(found.toArrow(), schema.table("derived_factor")))
    assert frames[0].num_rows > 10
    compare(*frames, "derived_factor")


def test_models_were_learnt_and_used_so_that_the_engines_had_something_to_disagree_on(homes, place):
    with place.working_in(homes["spark"], "spark"):
        learnt = {
            row["model_version_id"] for row in database.read("model_version", "jjj").to_pylist() if row["method_code"]
        }
    used = set(of_home(homes["spark"], "activity_hourly", place.day.isoformat())["model_version_id"].to_pylist())
    assert len(used & learnt) > 10
    assert "prior" in used
