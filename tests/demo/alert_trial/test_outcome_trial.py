"""The trial of several seeds: every goal is in the document, and the judgement beats believing the plan."""

from datetime import UTC, datetime

import pytest

from bigdata_emis.demo.alert_trial.outcome_trial import try_outcome

NOW = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def document():
    return try_outcome(seeds=[4, 5], size="tiny", known_utc=NOW)


def test_each_seed_is_scored_and_the_means_are_over_them(document):
    assert [trial["seed"] for trial in document["trials"]] == [4, 5]
    f1 = [trial["compliance"]["judged"]["f1"] for trial in document["trials"]]
    assert document["mean"]["f1"] == pytest.approx(sum(f1) / 2)


def test_most_breaches_are_seen_and_few_lines_are_accused_wrongly(document):
    assert document["mean"]["f1"] > 0.85
    assert document["mean"]["false_accusation_share"] < 0.03


def test_an_offline_meter_is_never_accused(document):
    assert document["mean"]["accused_offline_hours"] == 0


def test_the_estimate_is_nearer_to_the_truth_than_the_plan(document):
    scores = [score for trial in document["trials"] for score in trial["achieved"].values()]
    error = sum(abs(score["error_points"]) for score in scores)
    assert error < sum(abs(score["plan_only_error_points"]) for score in scores)
