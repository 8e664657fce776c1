"""The speed correction: knots, values at the knots, and the position of a speed."""

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from bigdata_emis.inventory.roads.speed_correction import (
    share_of_segment,
    speed_corrections,
    speed_knots,
    speed_segment,
)

KNOTS = [10.0, 25.0, 30.0, 60.0]
TABLE = pa.table(
    {
        "fuel_code": ["diesel"] * 3,
        "emission_stage_code": ["IV"] * 3,
        "pollutant_code": ["NOx"] * 3,
        "centre_speed_km_per_h": [10.0, 25.0, 60.0],
        "speed_correction": [1.5, 1.2, 0.8],
    }
)


def test_the_knots_are_the_bin_centres_and_the_reference_speed():
    assert speed_knots(TABLE) == KNOTS


def test_the_correction_is_that_of_the_bin_at_its_centre_and_one_at_the_reference_speed():
    corrections = speed_corrections(TABLE, [("BUS", "diesel", "IV")], ["NOx"], KNOTS)
    assert corrections.tolist() == [[[1.5, 1.2, 1.0, 0.8]]]


def test_the_correction_is_linear_between_the_centres_of_a_vehicle():
    corrections = speed_corrections(TABLE, [("BUS", "diesel", "IV")], ["NOx"], [45.0])
    assert corrections[0, 0, 0] == pytest.approx(0.9)


def test_a_pollutant_without_rows_has_no_correction():
    assert speed_corrections(TABLE, [("BUS", "diesel", "V")], ["NOx"], KNOTS).tolist() == [[[1.0] * 4]]


@pytest.mark.parametrize(
    ("speed", "segment", "share"),
    [(5.0, 0, 0.0), (17.5, 0, 0.5), (25.0, 1, 0.0), (45.0, 2, 0.5), (90.0, 2, 1.0)],
    ids=["below the first knot", "in the first segment", "at a knot", "in the last segment", "above the last knot"],
)
def test_a_speed_has_a_segment_and_a_position_in_it(spark, speed, segment, share):
    lower, upper = KNOTS[segment], KNOTS[segment + 1]
    frame = spark.createDataFrame(
        pa.table({"v": [speed], "lower_speed_km_per_h": [lower], "upper_speed_km_per_h": [upper]})
    )
    (row,) = (
        frame.select(
            speed_segment(F.col("v"), KNOTS).alias("segment"), share_of_segment(F.col("v"), KNOTS).alias("share")
        )
        .toArrow()
        .to_pylist()
    )
    assert row == {"segment": segment, "share": share}
