"""Functions of equations on each kind of value: numbers, arrays, quantities and columns."""

import math
from typing import Any

import numpy as np
import pint
import pytest

from bigdata_emis.equations.functions import ceiling, clip, exp, ln, maximum, minimum, where

GRAM = pint.UnitRegistry().gram


def test_numbers_stay_numbers():
    assert [type(f(2.0)) for f in (exp, ln, ceiling)] == [float, float, float]
    assert (exp(0.0), ln(math.e), ceiling(1.2), minimum(1.0, 2.0), maximum(1.0, 2.0)) == (1.0, 1.0, 2.0, 1.0, 2.0)


def test_clip_moves_to_the_nearer_bound():
    assert clip(np.array([-1.0, 0.5, 7.0]), lower=0.0, upper=1.0).tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("function", [minimum, maximum])
def test_a_missing_value_stays_missing_next_to_a_bound(function: Any):
    assert np.isnan(function(np.array([np.nan]), 0.0)).all()
    assert math.isnan(function(math.nan, 0.0))


def test_a_plain_zero_takes_the_unit_of_the_other():
    assert maximum(-3 * GRAM, 0.0) == 0 * GRAM
    assert minimum(2 * GRAM, 0) == 0 * GRAM


def test_where_chooses_row_by_row():
    assert where(np.array([True, False]), np.array([1.0, 2.0]), 0.0).tolist() == [1.0, 0.0]
    assert where(False, 1.0, 2.0) == 2.0


def test_columns_of_the_engine_give_the_same_and_keep_null(spark: Any):
    from pyspark.sql import functions as F

    frame = spark.createDataFrame([(1, -1.0), (2, 0.5), (3, 7.0), (4, None)], "row int, v double")
    v = F.col("v")
    rows = (
        frame.select(
            "row",
            clip(v, lower=0.0, upper=1.0).alias("clipped"),
            maximum(0.0, v).alias("floor"),
            where(v > 0.6, v, 0.0).alias("chosen"),
            ceiling(v).cast("double").alias("up"),
            exp(ln(v * v)).alias("square"),
        )
        .orderBy("row")
        .collect()
    )
    assert [r["clipped"] for r in rows] == [0.0, 0.5, 1.0, None]
    assert [r["floor"] for r in rows] == [0.0, 0.5, 7.0, None]
    assert [r["chosen"] for r in rows][:3] == [0.0, 0.0, 7.0]
    assert [r["up"] for r in rows] == [-1.0, 1.0, 7.0, None]
    assert [r["square"] for r in rows][:3] == pytest.approx([1.0, 0.25, 49.0])
