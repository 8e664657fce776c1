"""The recipe of feeds that send one value for each source and hour."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.clean.readings.hourly_recipe import HourlyRecipe, clean_hourly, clean_hourly_rows
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from tests.clean.reading_frames import checked, context, frame, grid, hour, table

PLAIN = HourlyRecipe(
    feed="area_activity", by="activity_area_id", value="activity_index", registered={"activity_area_id": ["x"]}
)
SPIKE = [(h, 1.0) for h in range(24) if h != 12] + [(12, 500.0)]


def readings(*values):
    return [{"activity_area_id": "x", "hour_utc": hour(h), "activity_index": value} for h, value in values]


def clean(recipe, *values):
    rows, hours = table("area_activity_reading", readings(*values)), grid(lookback_days=1)
    hourly, quarantined = clean_hourly_rows(rows, recipe=recipe, rules=recipe.compile_rules(), grid=hours)
    hourly = hourly.append_column("counted_activity", pa.nulls(hourly.num_rows, pa.float64()))
    results = {"area_activity_hourly": hourly, "area_activity_quarantine": quarantined}
    return checked(results, sum(h >= 0 for h, _ in values))


def test_a_plain_recipe_gives_measured_hours_only_and_the_latest_of_duplicates():
    hourly, quarantined = clean(PLAIN, (0, 1.0), (2, 2.0), (2, 3.0), (4, -1.0))
    assert [(row["hour_utc"], row["activity_index"], row["flag_codes"]) for row in hourly] == [
        (hour(0), 1.0, []),
        (hour(2), 3.0, []),
    ]
    assert [row["reason_codes"] for row in quarantined] == [["duplicate"], ["negative"]]


def test_gaps_are_interpolated_up_to_the_longest_and_then_taken_from_the_profile():
    day_before = [(h, 5.0) for h in range(-24, 0)]
    values = [*day_before, (0, 1.0), (2, 2.0), (4, 1.0)]
    short = replace(PLAIN, longest_gap_h=1)
    assert [row["imputation_code"] for row in clean(short, *values)[0]] == [
        "none",
        "interpolated",
        "none",
        "interpolated",
        "none",
    ]
    long = replace(short, is_filled_from_profile=True)
    assert [(row["activity_index"], row["imputation_code"]) for row in clean(long, *values)[0]][5:] == [
        (5.0, "profile")
    ] * 19


@pytest.mark.parametrize(("options", "reasons"), [(None, []), (CleaningOptions().for_steady_sources, [["outlier"]])])
def test_outliers_are_sought_where_the_recipe_has_options(options, reasons):
    _, quarantined = clean(replace(PLAIN, outlier_options=options), *SPIKE)
    assert [row["reason_codes"] for row in quarantined] == reasons


def test_readings_above_capacity_are_quarantined_before_duplicates_are_sought():
    recipe = replace(PLAIN, is_above_capacity=lambda judged: np.asarray(judged.values("activity_index") > 10))
    hourly, quarantined = clean(recipe, (0, 1.0), (0, 11.0))
    assert [row["activity_index"] for row in hourly] == [1.0]
    assert [row["reason_codes"] for row in quarantined] == [["above_capacity"]]


def test_copied_fields_come_from_the_reading_of_the_hour():
    recipe = replace(PLAIN, copied=("record_number", "flag_codes"))
    rows = table("area_activity_reading", [*readings((0, 1.0)), *readings((1, 2.0))])
    flags = [["late"], []]
    rows = rows.set_column(rows.column_names.index("flag_codes"), "flag_codes", [flags])
    hourly, _ = clean_hourly_rows(rows, recipe=recipe, rules=recipe.compile_rules(), grid=grid())
    assert hourly.select(["record_number", "flag_codes"]).to_pylist() == [
        {"record_number": 1, "flag_codes": ["late"]},
        {"record_number": 2, "flag_codes": []},
    ]


def test_the_engine_gives_both_tables_of_the_feed(spark):
    result = clean_hourly(
        frame(spark, "area_activity_reading", readings((0, 1.0), (1, -1.0))), PLAIN, context=context()
    )
    hourly, quarantined = checked(result, 2)
    assert (hourly[0]["activity_index"], quarantined[0]["reason_codes"]) == (1.0, ["negative"])
