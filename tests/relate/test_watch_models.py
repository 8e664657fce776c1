"""The stage watch_models: new truth against the champion, and what the next estimate uses."""

from datetime import timedelta

import pytest

from bigdata_emis import schema
from bigdata_emis.activity_model.stored.champion import select_models_in_use
from bigdata_emis.context import Context
from bigdata_emis.relate.watch_models import watch_models
from bigdata_emis.schema.arrow import conform
from bigdata_emis.window import Window
from tests.relate.training_frames import (
    START,
    break_champion,
    build_context,
    build_frame,
    by_status,
    energy_frame,
    halved_law,
    lines_frame,
    noisy_law,
    train,
    truth_frame,
)

TRAINED_DAYS = 8


@pytest.fixture(scope="module")
def models(spark):
    return train(spark, TRAINED_DAYS, {"a": noisy_law})["model_version"]


def watch(spark, models, day, laws, earlier=(), truth_days=None):
    """The verdicts of the local day before `day`."""
    window = Window(START + timedelta(days=day - 1), START + timedelta(days=day))
    verdicts = watch_models(
        energy_frame(spark, laws, day),
        lines_frame(spark, *laws),
        truth_frame(spark, truth_days or day, **laws),
        spark.createDataFrame(models),
        build_frame(spark, "model_watch", earlier),
        build_frame(spark, "weather_hourly", []),
        context=Context(build_context(day).region, window, window.to_utc, "run", store=None),
    )
    return conform(verdicts.toArrow(), schema.table("model_watch")).to_pylist()


def models_in_use(spark, models, verdicts, day):
    known_utc = START + timedelta(days=day)
    watch_frame = build_frame(spark, "model_watch", verdicts)
    rows = select_models_in_use(spark.createDataFrame(models), watch_frame, known_utc).toArrow()
    return {row["source_id"]: row for row in rows.to_pylist()}


def test_a_champion_without_drift_is_steady_and_stays_in_use(spark, models):
    (row,) = watch(spark, models, 18, {"a": noisy_law})
    champion = by_status(models)["champion"]["model_version_id"]
    assert (row["watch_status_code"], row["model_version_id"], row["sample_count"]) == ("steady", champion, 240)
    assert models_in_use(spark, models, [row], 18)["a"]["model_version_id"] == champion


def test_half_the_activity_of_the_same_energy_is_corrected_from_then_on(spark, models):
    (row,) = watch(spark, models, 18, {"a": halved_law})
    assert (row["watch_status_code"], row["watch_reason_code"]) == ("recalibrated", "error")
    assert row["activity_correction"] == pytest.approx(0.5, rel=0.01)
    assert models_in_use(spark, models, [row], 18)["a"]["activity_correction"] == row["activity_correction"]


def test_a_day_without_truth_carries_the_last_verdict_on(spark, models):
    earlier = watch(spark, models, 18, {"a": halved_law})
    (row,) = watch(spark, models, 19, {"a": halved_law}, earlier=earlier, truth_days=TRAINED_DAYS)
    assert (row["watch_status_code"], row["watch_reason_code"]) == ("recalibrated", "carried")
    assert row["activity_correction"] == earlier[0]["activity_correction"]


def test_truth_that_is_a_month_late_still_corrects_and_says_up_to_when_it_reaches(spark, models):
    """The truth of days 8 to 18, judged on day 48."""
    (row,) = watch(spark, models, 48, {"a": halved_law}, truth_days=18)
    assert (row["watch_status_code"], row["activity_correction"]) == ("recalibrated", pytest.approx(0.5, rel=0.01))
    assert (row["level_to_utc"], row["blend_version_id"]) == (START + timedelta(days=18), None)


def test_an_unreadable_champion_has_its_own_status_and_other_lines_have_their_verdicts(spark):
    laws = {"a": noisy_law, "b": noisy_law}
    registry = break_champion(train(spark, TRAINED_DAYS, laws)["model_version"], "a")
    verdicts = {row["source_id"]: row for row in watch(spark, registry, 18, laws)}
    assert [verdicts[name]["watch_status_code"] for name in "ab"] == ["unreadable", "steady"]
    assert "is not a JSON object; train it again" in verdicts["a"]["note"]


def test_a_verdict_on_another_champion_is_ignored(spark, models):
    (row,) = watch(spark, models, 18, {"a": halved_law})
    other = {**row, "champion_version_id": "activity-of-last-year"}
    in_use = models_in_use(spark, models, [other], 18)["a"]
    assert in_use["model_version_id"] == by_status(models)["champion"]["model_version_id"]
    assert in_use["activity_correction"] == 1.0


def test_a_champion_is_not_in_use_before_it_is_known(spark, models):
    assert models_in_use(spark, models, [], TRAINED_DAYS) == {}
