"""The daily gate: new truth against the champion, and what the next estimate goes by."""

from datetime import timedelta

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.activity_model.stored.champion import versions_in_use
from bigdata_emis.context import Context
from bigdata_emis.relate.watch_models import watch_models
from bigdata_emis.schema.arrow import conform
from bigdata_emis.window import Window
from tests.relate.test_train_activity import (
    START,
    by_status,
    context,
    energy,
    frame,
    lines,
    moved_law,
    noisy_law,
    trained,
    truth,
)

TAUGHT_DAYS = 8


@pytest.fixture(scope="module")
def models(spark):
    return trained(spark, TAUGHT_DAYS, {"a": noisy_law})["model_version"]


def watched(spark, models, day, laws, before=None, truth_days=None):
    """The verdict of the local day before `day`."""
    region = context(day).region
    window = Window(START + timedelta(days=day - 1), START + timedelta(days=day))
    told = frame(spark, "model_watch", before or [])
    tables = (
        energy(spark, laws, day),
        lines(spark, *laws),
        truth(spark, truth_days or day, **laws),
        spark.createDataFrame(models),
        told,
    )
    tables = *tables, frame(spark, "weather_hourly", [])
    result = watch_models(*tables, context=Context(region, window, window.to_utc, "run"))
    return conform(result.toArrow(), schema.table("model_watch")).to_pylist()


def in_use(spark, models, verdicts, day):
    rows = versions_in_use(
        spark.createDataFrame(models), frame(spark, "model_watch", verdicts), START + timedelta(days=day)
    ).toArrow()
    return {row["source_id"]: row for row in rows.to_pylist()}


def test_a_champion_that_still_holds_is_steady_and_stays_in_use(spark, models):
    (row,) = watched(spark, models, 18, {"a": noisy_law})
    champion = by_status(models)["champion"]["model_version_id"]
    assert (row["watch_status_code"], row["model_version_id"], row["sample_count"]) == ("steady", champion, 240)
    assert in_use(spark, models, [row], 18)["a"]["model_version_id"] == champion


def test_a_line_that_makes_half_as_much_of_the_same_energy_is_corrected_from_then_on(spark, models):
    (row,) = watched(spark, models, 18, {"a": moved_law})
    assert (row["watch_status_code"], row["watch_reason_code"]) == ("recalibrated", "error")
    assert row["activity_correction"] == pytest.approx(0.5, rel=0.01)
    assert in_use(spark, models, [row], 18)["a"]["activity_correction"] == row["activity_correction"]


def test_a_day_without_truth_carries_the_verdict_before_it(spark, models):
    before = watched(spark, models, 18, {"a": moved_law})
    (row,) = watched(spark, models, 19, {"a": moved_law}, before=before, truth_days=TAUGHT_DAYS)
    assert (row["watch_status_code"], row["watch_reason_code"]) == ("recalibrated", "carried")
    assert row["activity_correction"] == before[0]["activity_correction"]


def test_a_champion_that_cannot_be_read_is_called_so_and_costs_no_other_line_its_verdict(spark):
    both = trained(spark, TAUGHT_DAYS, {"a": noisy_law, "b": noisy_law})["model_version"]
    rows = [
        {**row, "parameters_json": "{"} if (row["source_id"], row["status_code"]) == ("a", "champion") else row
        for row in both.to_pylist()
    ]
    found = {
        row["source_id"]: row
        for row in watched(spark, pa.Table.from_pylist(rows, both.schema), 18, {"a": noisy_law, "b": noisy_law})
    }
    assert [found[name]["watch_status_code"] for name in "ab"] == ["unreadable", "steady"]
    assert "is not a JSON object; train it again" in found["a"]["note"]


def test_a_verdict_on_another_champion_counts_no_more(spark, models):
    (row,) = watched(spark, models, 18, {"a": moved_law})
    other = {**row, "champion_version_id": "activity-of-last-year"}
    found = in_use(spark, models, [other], 18)["a"]
    assert (found["model_version_id"], found["activity_correction"]) == (
        by_status(models)["champion"]["model_version_id"],
        1.0,
    )


def test_before_it_was_known_a_champion_estimates_nothing(spark, models):
    assert in_use(spark, models, [], 8) == {}
