"""Which model is in use for a source at a given time."""

from datetime import UTC, datetime, timedelta

import pytest

from bigdata_emis.activity_model.stored.champion import select_model_texts, select_models_in_use

DAY = datetime(2024, 1, 1, tzinfo=UTC)
VERSION = (
    "source_id string, target string, method_code string, model_version_id string, parameters_json string, "
    "champion_from_utc timestamp, champion_to_utc timestamp"
)
WATCH = (
    "source_id string, target string, from_utc timestamp, champion_version_id string, model_version_id string, "
    "activity_correction double, interval_correction double, blend_version_id string, blend_share double, "
    "level_to_utc timestamp"
)


def version(name, from_day=None, to_day=None, source="a", method="modelled", target="activity"):
    begin, end = (None if day is None else DAY + timedelta(days=day) for day in (from_day, to_day))
    return (source, target, method, name, f"text of {name}", begin, end)


def check(day, champion, chosen, activity=1.0, interval=1.0, blend=(None, 0.0), level_to_utc=None):
    return ("a", "activity", DAY + timedelta(days=day), champion, chosen, activity, interval, *blend, level_to_utc)


@pytest.fixture
def in_use(spark):
    def select(versions, checks=(), *, day, with_blend=False):
        rows = select_models_in_use(
            spark.createDataFrame(list(versions), VERSION),
            spark.createDataFrame(list(checks), WATCH),
            DAY + timedelta(days=day),
        )
        names = ("source_id", "model_version_id", "activity_correction", "interval_correction")
        blend = ("blend_version_id", "blend_share", "level_to_hour")
        chosen = (*names, *blend) if with_blend else names
        return sorted(tuple(row[name] for name in chosen) for row in rows.toArrow().to_pylist())

    return select


def test_the_champion_of_the_time_is_in_use_and_before_its_time_none(in_use):
    versions = [version("v1", 0, 5), version("v2", 5), version("v3")]
    assert in_use(versions, day=-1) == []
    assert in_use(versions, day=4) == [("a", "v1", 1.0, 1.0)]
    assert in_use(versions, day=5) == [("a", "v2", 1.0, 1.0)]


def test_models_of_other_methods_and_targets_are_not_in_use(in_use):
    versions = [version("v1", 0), version("v2", 0, method="none"), version("v3", 0, target="emission")]
    assert in_use(versions, day=1) == [("a", "v1", 1.0, 1.0)]


def test_the_newest_drift_test_of_the_champion_corrects_or_replaces_it(in_use):
    versions = [version("v1", 0), version("reserve")]
    checks = [check(1, "v1", "v1", 1.2, 1.5), check(2, "v1", "reserve", 0.9, 2.0)]
    assert in_use(versions, checks[:1], day=3) == [("a", "v1", 1.2, 1.5)]
    assert in_use(versions, checks, day=3) == [("a", "reserve", 0.9, 2.0)]


def test_a_blend_is_in_use_while_its_challenger_is_stored_and_ends_with_it(in_use):
    """The level is as old as the end of the truth: 1 January 2024 is hour 473,352 since 1970."""
    versions = [version("v1", 0), version("v2")]
    blended = check(1, "v1", "v1", 1.2, 1.5, blend=("v2", 0.25), level_to_utc=DAY + timedelta(hours=7))
    (row,) = in_use(versions, [blended], day=2, with_blend=True)
    assert row == ("a", "v1", 1.2, 1.5, "v2", 0.25, 473_359)
    retired = version("v2", method="none")
    (row,) = in_use([versions[0], retired], [blended], day=2, with_blend=True)
    assert row == ("a", "v1", 1.0, 1.5, "", 0.0, 473_359)


def test_a_drift_test_of_a_former_champion_does_not_count(in_use):
    versions = [version("v1", 0, 5), version("v2", 5)]
    assert in_use(versions, [check(4, "v1", "v1", 1.2, 1.5)], day=6) == [("a", "v2", 1.0, 1.0)]


def test_each_version_has_one_text(spark):
    versions = spark.createDataFrame([version("v1", 0), version("v1", 0), version("v2", method="none")], VERSION)
    rows = select_model_texts(versions).toArrow().to_pylist()
    assert rows == [{"source_id": "a", "model_version_id": "v1", "parameters_json": "text of v1"}]
