"""Rows of stored models and their steps from one status to the next."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bigdata_emis.relate.models.lifecycle import (
    add_utc_zone,
    card_text,
    failed_row,
    model_row,
    promote,
    retire,
    score_row,
    version_id,
    withdraw,
)

START = datetime(2019, 1, 1, tzinfo=UTC)
KNOWN, LATER = START + timedelta(days=8), START + timedelta(days=15)
PARAMETERS = {"form": "affine", "slope": 2.0}


def row(status):
    return model_row(
        "a", PARAMETERS, status=status, card={"hours": 192}, training_period=(START, KNOWN), known_utc=KNOWN
    )


def test_a_champion_is_in_use_from_when_it_is_known_and_a_challenger_is_not():
    champion, challenger = row("champion"), row("challenger")
    assert (champion["champion_from_utc"], challenger["champion_from_utc"]) == (KNOWN, None)
    assert (champion["form_code"], champion["sample_count"]) == ("affine", 192)
    assert (champion["from_utc"], champion["to_utc"]) == (START, KNOWN)


def test_the_same_parameters_of_the_same_source_have_the_same_id():
    assert row("champion")["model_version_id"] == row("reserve")["model_version_id"]
    assert version_id("a", "{}") != version_id("b", "{}")
    assert version_id("a", "{}").startswith("activity-")


def test_a_promoted_challenger_has_its_test_result_on_the_card():
    promoted = promote(row("challenger"), LATER, {"outcome": "won"})
    assert (promoted["status_code"], promoted["champion_from_utc"]) == ("champion", LATER)
    assert json.loads(promoted["card_json"]) == {"contest": {"outcome": "won"}, "hours": 192}


def test_a_retired_champion_keeps_its_parameters_and_a_challenger_does_not():
    champion, challenger = retire(row("champion"), LATER), retire(row("challenger"), LATER, {"outcome": "lost"})
    assert (champion["status_code"], champion["champion_to_utc"]) == ("retired", LATER)
    assert json.loads(champion["parameters_json"]) == PARAMETERS
    assert (challenger["parameters_json"], challenger["champion_to_utc"]) == ("{}", None)
    assert json.loads(challenger["card_json"])["contest"] == {"outcome": "lost"}


def test_a_withdrawn_model_loses_its_parameters():
    withdrawn = withdraw(row("champion"), LATER)
    assert (withdrawn["parameters_json"], withdrawn["method_code"], withdrawn["status_code"]) == ("{}", None, "retired")


def test_a_failure_holds_its_reason_and_the_same_reason_has_the_same_id():
    first, second = failed_row("a", "too few hours", KNOWN), failed_row("a", "too few hours", LATER)
    assert json.loads(first["parameters_json"]) == {"error": "too few hours"}
    assert (first["status_code"], first["form_code"]) == ("failed", None)
    assert first["model_version_id"] == second["model_version_id"]


def test_a_score_that_is_not_given_is_null():
    scores = score_row("a", "ramp", KNOWN, is_chosen=False, note="n", hours=0, scores={"r2": 0.9})
    assert (scores["r2"], scores["nmae"], scores["kind"]) == (0.9, None, "score")


def test_a_card_is_rounded_to_six_digits():
    assert card_text({"r2": 0.123456789, "list": [1.0000001]}) == '{"list": [1.0], "r2": 0.123457}'


@pytest.mark.parametrize(("moment", "expected"), [(None, None), (START, START), (START.replace(tzinfo=None), START)])
def test_an_instant_without_zone_is_utc(moment, expected):
    assert add_utc_zone(moment) == expected
