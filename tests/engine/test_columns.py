"""Sums that do not depend on order, and pollutants as columns and as rows again."""

import pytest
from pyspark.sql import functions as F

from bigdata_emis.engine.columns import (
    exact_mean,
    exact_sum,
    pollutant_column,
    pollutants_as_columns,
    pollutants_as_rows,
    values_of,
    whole_sum,
)

HOURS = [("l1", "SO2", 1.0, 0.5), ("l1", "PM2.5", 2.0, 0.25), ("l2", "SO2", 4.0, 0.125)]
SCHEMA = "source_id string, pollutant_code string, emission_g double, error_g double"


@pytest.fixture
def emission(spark):
    return spark.createDataFrame(HOURS, SCHEMA)


def test_a_sum_is_the_same_in_every_order_where_a_sum_of_floats_is_not(spark):
    amounts = [0.1, 0.2, 0.3, 1e8, -1e8]
    sums = []
    for order in (amounts, amounts[::-1]):
        frame = spark.createDataFrame([(x,) for x in order], "x double").coalesce(1)
        sums.append(frame.agg(exact_sum(F.col("x"))).first()[0])
    assert sums == [0.6, 0.6]
    assert sum(amounts) != sum(amounts[::-1])


def test_a_sum_of_whole_micrograms_is_the_same_in_every_order(spark):
    amounts = [0.1, 0.2, 0.3, 1e8, -1e8, 4e-7]
    sums = []
    for order in (amounts, amounts[::-1]):
        frame = spark.createDataFrame([(x,) for x in order], "x double").coalesce(1)
        sums.append(frame.agg(whole_sum(F.col("x"), per_unit=1e6)).first()[0])
    assert sums == [0.6, 0.6]


@pytest.mark.parametrize("amounts", [[5e12], [2e12, 2e12, 2e12], [1.0, -1e300]])
def test_a_sum_that_could_exceed_the_integers_is_null_rather_than_wrong(spark, amounts):
    """2 to the power of 62 micrograms are 4.6e12 g."""
    frame = spark.createDataFrame([(x,) for x in amounts], "x double")
    assert frame.agg(whole_sum(F.col("x"), per_unit=1e6)).first()[0] is None


def test_a_mean_counts_only_values_and_is_null_without_any(spark):
    frame = spark.createDataFrame([("a", 1.0), ("a", 2.0), ("a", None), ("b", None)], "k string, x double")
    means = {row.k: row.m for row in frame.groupBy("k").agg(exact_mean(F.col("x")).alias("m")).collect()}
    assert means == {"a": 1.5, "b": None}


def test_values_of_a_code_are_distinct_and_sorted(emission):
    assert values_of(emission, "pollutant_code") == ["PM2.5", "SO2"]


def test_a_column_of_a_pollutant_has_no_dot():
    assert pollutant_column("emission_g", "PM2.5") == "emission_g_PM2_5"


def test_pollutants_become_columns_with_null_where_a_source_has_none(emission):
    wide = pollutants_as_columns(emission, ["source_id"], ["emission_g", "error_g"], ["SO2", "PM2.5"])
    rows = {row.source_id: row.asDict() for row in wide.collect()}
    assert rows["l1"] == {
        "source_id": "l1",
        "emission_g_SO2": 1.0,
        "emission_g_PM2_5": 2.0,
        "error_g_SO2": 0.5,
        "error_g_PM2_5": 0.25,
    }
    assert (rows["l2"]["emission_g_SO2"], rows["l2"]["emission_g_PM2_5"]) == (4.0, None)


def test_pollutants_become_rows_again_with_one_value_each(emission):
    wide = pollutants_as_columns(emission, ["source_id"], ["emission_g"], ["SO2", "PM2.5"])
    values = {p: F.col(pollutant_column("emission_g", p)) for p in ("SO2", "PM2.5")}
    rows = pollutants_as_rows(wide, ["source_id"], "emission_g", values).collect()
    assert {(row.source_id, row.pollutant_code): row.emission_g for row in rows} == {
        ("l1", "SO2"): 1.0,
        ("l1", "PM2.5"): 2.0,
        ("l2", "SO2"): 4.0,
        ("l2", "PM2.5"): None,
    }
