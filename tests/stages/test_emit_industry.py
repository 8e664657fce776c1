"""From activity to the emission of production lines, with and without a stack monitor."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import reference, schema
from bigdata_emis.errors import RefusedError
from bigdata_emis.inventory.industry import emit_industry
from bigdata_emis.schema.arrow import arrow_schema, conform

START = datetime(2019, 1, 1, tzinfo=UTC)


def frame(spark, table, rows):
    declared = arrow_schema(schema.table(table))
    full = [{name: row.get(name) for name in declared.names} for row in rows]
    filled = pa.Table.from_pylist(full, pa.schema([(f.name, f.type) for f in declared]))
    return spark.createDataFrame(filled, schema=from_arrow_schema(filled.schema))


def activity(line, hour, value, p05, p95):
    return {"source_id": line, "hour_utc": START + timedelta(hours=hour), "activity": value, "activity_p05": p05, "activity_p95": p95}


def cems(stack, hour, best_emission_g, is_valid=True):
    return {"stack_id": stack, "pollutant_code": "NOx", "hour_utc": START + timedelta(hours=hour), "best_emission_g": best_emission_g, "is_valid": is_valid}


def emitted(spark, activities, factors, monitors=(), stacks=()):
    lines = [{"production_line_id": line, "sector_code": "industrial_process"} for line in ("a", "b")]
    factor_rows = [{"production_line_id": line, "pollutant_code": "NOx", "emission_factor_g_per_unit": ef, "removal_share": removal, "relative_sd_share": sd}
                   for line, ef, removal, sd in factors]  # fmt: skip
    stack_rows = [{"stack_id": stack, "production_line_id": line} for stack, line in stacks]
    frames = (("activity_hourly", activities), ("production_line", lines), ("emission_factor", factor_rows), ("cems_hourly", monitors), ("stack", stack_rows))
    ratings = spark.createDataFrame(reference.read("uncertainty_rating"))
    result = emit_industry(*(frame(spark, name, list(rows)) for name, rows in frames), ratings).toArrow()
    return {(row["source_id"], row["hour_utc"].hour): row for row in conform(result, schema.table("emission_industry_hourly")).to_pylist()}


def test_emission_is_activity_times_factor_less_what_is_removed(spark):
    row = emitted(spark, [activity("a", 0, 10.0, 9.0, 11.0)], [("a", 50.0, 0.8, 0.0)])["a", 0]
    assert row["emission_g"] == pytest.approx(100)
    assert row["emission_g_p05"] <= 90.0 + 1e-9
    assert row["emission_g_p95"] >= 110.0 - 1e-9
    assert row["method_code"] == "modelled"


def test_an_idle_hour_emits_nothing_and_keeps_what_the_activity_does_not_rule_out(spark):
    rows = emitted(spark, [activity("a", 0, 0.0, 0.0, 0.0), activity("a", 1, 0.0, 0.0, 4.0)], [("a", 50.0, 0.0, 0.5)])
    assert (rows["a", 0]["emission_g"], rows["a", 0]["emission_g_p95"]) == (0, 0)
    assert (rows["a", 1]["emission_g"], rows["a", 1]["emission_g_p95"]) == (0, 200)


def test_monitors_rule_only_where_every_stack_of_the_line_speaks(spark):
    hours = [activity("a", hour, 10.0, 9.0, 11.0) for hour in range(3)]
    monitors = [cems("s1", 0, 30.0), cems("s2", 0, 40.0), cems("s1", 1, 30.0), cems("s1", 2, 30.0), cems("s2", 2, 5.0, is_valid=False), cems("s3", 0, 7.0)]
    rows = emitted(spark, hours, [("a", 50.0, 0.0, 0.1)], monitors, [("s1", "a"), ("s2", "a"), ("s3", "b")])
    assert (rows["a", 0]["emission_g"], rows["a", 0]["method_code"]) == (70, "measured")
    assert (rows["a", 1]["emission_g"], rows["a", 1]["method_code"]) == (500, "modelled")
    assert (rows["a", 2]["emission_g"], rows["a", 2]["method_code"]) == (35, "modelled")
    assert (rows["b", 0]["emission_g"], rows["b", 0]["method_code"]) == (7, "measured")


def test_a_line_with_activity_but_no_factor_is_refused_by_name(spark):
    with pytest.raises(RefusedError, match="first b"):
        emitted(spark, [activity("a", 0, 1.0, 1.0, 1.0), activity("b", 0, 1.0, 1.0, 1.0)], [("a", 50.0, 0.0, 0.1)])
