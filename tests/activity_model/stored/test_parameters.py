"""Reading stored parameters, cards and failures, and saying why a text cannot be read."""

import json

import pytest

from bigdata_emis.activity_model.stored.parameters import (
    load_parameters,
    parse_json_object,
    parse_parameters,
    read_card,
    read_failure,
    unreadable_reason,
)
from bigdata_emis.errors import InputError
from tests.activity_model.builders import PROPORTIONAL

TEXT = json.dumps(PROPORTIONAL)


def row(text):
    return {"model_version_id": "v1", "source_id": "a", "parameters_json": text}


def test_a_whole_model_is_read_as_it_was_stored():
    assert load_parameters(row(TEXT)) == PROPORTIONAL
    assert parse_parameters(TEXT) == (PROPORTIONAL, "")
    assert unreadable_reason(TEXT) == ""


@pytest.mark.parametrize("text", ["", None, "{", "[]", "5", "[" * 100_000], ids=lambda text: str(text)[:5])
def test_a_text_that_is_not_a_json_object_is_unreadable(text):
    assert parse_json_object(text) is None
    assert unreadable_reason(text) == "is not a JSON object"


def test_an_invalid_model_is_refused_with_its_version_its_source_and_what_to_do():
    text = json.dumps({**PROPORTIONAL, "activity_per_kwh": None})
    with pytest.raises(InputError, match="v1 of source a: parameters_json .*activity_per_kwh.*train it again"):
        load_parameters(row(text))


def test_a_row_without_a_source_names_its_line():
    with pytest.raises(InputError, match="v1 of source line-7"):
        load_parameters({"model_version_id": "v1", "production_line_id": "line-7", "parameters_json": "{"})


@pytest.mark.parametrize(
    ("text", "card"),
    [('{"hours": 3}', {"hours": 3}), ("", {}), (None, {}), ("[", {"unreadable": "card_json is not a JSON object"})],
)
def test_a_card_is_read_or_says_that_it_cannot_be_read(text, card):
    assert read_card({"card_json": text}) == card


def test_the_reason_of_a_failed_training_is_read_from_the_text_in_place_of_parameters():
    assert read_failure('{"error": "too few hours"}') == "too few hours"
    assert read_failure("{") == "the stored reason cannot be read"
