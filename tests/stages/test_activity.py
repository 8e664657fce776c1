"""From power to activity: training, estimating by model and by prior."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import reference, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.activity import estimate_activity
from bigdata_emis.region import Grid, Region
from bigdata_emis.relate.activity_model import train_activity
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.window import Window

START = datetime(2019, 1, 1, tzinfo=UTC)
FORMS = ["proportional", "affine"]


def context(forms=FORMS):
    grid = Grid("EPSG:32618", 4000, 0, 0, 1, 1)
    region = Region("test", Path(), "test", "测试", "UTC", False, grid, {}, {"activity_forms": forms}, {})
    return Context(region, Window(START, START + timedelta(days=1)), START + timedelta(days=9), "run")


def frame(spark, table, rows):
    declared = arrow_schema(schema.table(table))
    full = [{name: row.get(name) for name in declared.names} for row in rows]
    filled = pa.Table.from_pylist(full, pa.schema([(f.name, f.type) for f in declared]))
    return spark.createDataFrame(filled, schema=from_arrow_schema(filled.schema))


def power(spark, *meters):
    """Rows of (meter, list of energy by hour from the start)."""
    rows = [
        {"meter_id": meter, "hour_utc": START + timedelta(hours=hour), "energy_kwh": float(energy), "reading_count": 1, "imputation_code": "none"}
        for meter, energies in meters
        for hour, energy in enumerate(energies)
    ]
    return frame(spark, "power_hourly", rows)


def meters(spark, *rows):
    return frame(spark, "meter", [{"meter_id": m, "production_line_id": line, "meter_role_code": role, "interval_min": 60} for m, line, role in rows])


def lines(spark, *rows):
    base = {"enterprise_id": "e", "sector_code": "industrial_process", "industry_code": "cement", "activity_unit_code": "t"}
    return frame(spark, "production_line", [{**base, **row} for row in rows])


def prior(line, **values):
    return {"production_line_id": line, "capacity_per_h": 100.0, "base_load_share": 0.2, "power_elasticity": 1.0, "reference_energy_kwh": 1000.0, **values}


def measured(spark, line, activities, unit="t"):
    return frame(spark, "measured_activity_hourly", [
        {"production_line_id": line, "hour_utc": START + timedelta(hours=hour), "activity": float(value), "activity_unit_code": unit, "reading_count": 1}
        for hour, value in enumerate(activities)
    ])  # fmt: skip


def ratings(spark):
    return spark.createDataFrame(reference.read("uncertainty_rating"))


def estimated(spark, power_hourly, meter, production_line, model_version=None):
    models = model_version if model_version is not None else frame(spark, "model_version", [])
    result = estimate_activity(power_hourly, meter, production_line, models, ratings(spark), context=context()).toArrow()
    return conform(result, schema.table("activity_hourly")).to_pylist()


def trained(spark, *tables, forms=FORMS):
    result = train_activity(*tables, context=context(forms)).toArrow()
    return conform(result, schema.table("model_version"))


def test_by_prior_activity_is_capacity_times_the_share_above_base_load(spark):
    rows = estimated(spark, power(spark, ("m", [1000, 600, 200, 100])), meters(spark, ("m", "a", "production")), lines(spark, prior("a")))
    assert [row["activity"] for row in rows] == pytest.approx([100, 50, 0, 0])
    assert all(row["activity_p05"] <= row["activity"] <= row["activity_p95"] for row in rows)
    assert {row["model_version_id"] for row in rows} == {"prior"}


def test_production_meters_of_a_line_add_up_and_abatement_does_not_count(spark):
    roles = meters(spark, ("m1", "a", "production"), ("m2", "a", "production"), ("m3", "a", "abatement"), ("m4", "a", "whole_site"), ("m5", "b", "whole_site"))
    readings = power(spark, ("m1", [400]), ("m2", [600]), ("m3", [500]), ("m4", [9000]), ("m5", [600]))
    rows = estimated(spark, readings, roles, lines(spark, prior("a"), prior("b")))
    assert {row["source_id"]: row["activity"] for row in rows} == pytest.approx({"a": 100, "b": 50})


def test_a_metered_line_with_neither_model_nor_prior_is_refused_by_name(spark):
    with pytest.raises(InputError, match="first b"):
        estimated(
            spark, power(spark, ("m", [1])), meters(spark, ("m", "a", "production"), ("n", "b", "production")),
            lines(spark, prior("a"), prior("b", capacity_per_h=None)),
        )  # fmt: skip


def test_a_trained_line_is_estimated_by_its_model_and_an_untrained_one_by_its_prior(spark):
    energy = [100, 200, 300, 400] * 20
    tables = (
        power(spark, ("m", energy), ("n", [1000])), meters(spark, ("m", "a", "production"), ("n", "b", "production")),
        lines(spark, {"production_line_id": "a"}, prior("b")),
    )  # fmt: skip
    models = trained(spark, *tables, measured(spark, "a", [10 + e / 10 for e in energy]))
    rows = estimated(spark, *tables, spark.createDataFrame(models))
    by_line = {row["source_id"]: row for row in rows if row["hour_utc"] == START}
    assert by_line["a"]["activity"] == pytest.approx(20, rel=1e-3)
    assert by_line["a"]["model_version_id"] == models["model_version_id"][0].as_py()
    assert by_line["b"]["model_version_id"] == "prior"
    assert len(rows) == len(energy) + 1


def test_a_line_that_cannot_be_taught_comes_back_as_a_row_that_says_why(spark):
    energy = [100, 200] * 30
    models = trained(
        spark, power(spark, ("m", energy), ("n", [0] * 60)), meters(spark, ("m", "a", "production"), ("n", "b", "production")),
        lines(spark, prior("a"), prior("b"), prior("c")),
        measured(spark, "a", energy, unit="GJ").union(measured(spark, "b", [0] * 60)).union(measured(spark, "c", [5])),
    )  # fmt: skip
    why = {row["source_id"]: json.loads(row["parameters_json"])["error"] for row in models.to_pylist()}
    assert "measured in GJ" in why["a"]
    assert "too few" in why["b"]
    assert "too few" in why["c"]
    assert models["method_code"].null_count == 3


def test_a_form_that_there_is_none_of_is_refused(spark):
    with pytest.raises(InputError, match="guess"):
        trained(spark, power(spark), meters(spark), lines(spark), measured(spark, "a", []), forms=["guess"])
