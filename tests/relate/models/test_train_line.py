"""The training of one line, free of the engine."""

import json
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.relate.models.train_line import (
    LineTraining,
    compare_line_candidates,
    line_trainer,
    read_training_line,
)
from tests.relate.models.plants import START, line_rows

FORMS = ("proportional", "affine")


def affine_law(kwh, _day):
    return 10 + kwh / 10


def halved_law(kwh, day):
    """From the ninth day on half the activity of the same energy."""
    return affine_law(kwh, day) * (1 if day < 8 else 0.5)


def train(days, law, stored=(), forms=FORMS, **rows):
    training = LineTraining(forms, ModelRules(), "UTC", START + timedelta(days=days, hours=3))
    return training.train(line_rows(days, law, **rows), list(stored))


def by_status(rows):
    return {row["status_code"]: row for row in rows if row["kind"] == "model"}


def test_the_first_champion_has_the_smallest_error_and_a_simpler_reserve():
    rows = train(8, affine_law)
    models = by_status(rows)
    assert (models["champion"]["form_code"], models["reserve"]["form_code"]) == ("affine", "proportional")
    assert (models["champion"]["from_utc"], models["champion"]["to_utc"]) == (START, START + timedelta(days=8))
    assert [row["kind"] for row in rows] == ["ratio", "model", "model", "score", "score"]


def test_without_new_truth_only_the_ratio_of_the_line_is_new():
    stored = by_status(train(8, affine_law)).values()
    assert [row["kind"] for row in train(8, affine_law, stored)] == ["ratio"]


def test_new_truth_gives_a_challenger_that_later_wins_its_test():
    champion = by_status(train(8, halved_law))["champion"]
    challenger = by_status(train(12, halved_law, [champion]))["challenger"]
    assert by_status(train(15, halved_law, [champion, challenger])) == {}
    models = by_status(train(20, halved_law, [champion, challenger]))
    assert models["champion"]["model_version_id"] == challenger["model_version_id"]
    assert models["retired"]["model_version_id"] == champion["model_version_id"]
    assert json.loads(models["champion"]["card_json"])["contest"]["outcome"] == "won"
    assert models["challenger"]["form_code"] in FORMS


def test_a_form_without_enough_hours_has_a_score_row_with_the_reason():
    rows = train(2, affine_law, forms=("affine", "boosted"))
    (note,) = [row["note"] for row in rows if row.get("form_code") == "boosted"]
    assert note.startswith("needs ")
    assert note.endswith(" running hours")


def test_a_failure_is_a_row_with_its_reason_reported_once():
    failed = by_status(train(1, affine_law, forms=("ramp",)))["failed"]
    assert json.loads(failed["parameters_json"])["error"] == "24 running hours with measured activity are too few"
    assert by_status(train(1, affine_law, [failed], forms=("ramp",))) == {}


def test_activity_in_another_unit_fails_by_name_and_gives_no_ratio():
    (row,) = train(8, affine_law, unit="GJ")
    assert "activity is measured in GJ, expected t" in row["parameters_json"]


def test_an_unreadable_champion_is_withdrawn_and_replaced():
    champion = {**by_status(train(8, affine_law))["champion"], "parameters_json": "{", "model_version_id": "x"}
    models = by_status(train(8, affine_law, [champion]))
    assert (models["retired"]["model_version_id"], models["retired"]["parameters_json"]) == ("x", "{}")
    assert models["champion"]["form_code"] == "affine"


def test_an_hour_without_truth_is_not_fitted():
    rows = line_rows(8, lambda kwh, day: affine_law(kwh, day) if day < 4 else np.nan)
    line = read_training_line(rows, "UTC")
    assert line.has_truth.sum() == 96
    assert len(line.hours_with_truth()[1]) == 96
    assert len(line.hours_with_truth(START + timedelta(days=3))[1]) == 24
    candidates, dominated = compare_line_candidates(line, FORMS)
    assert [(candidate.form.name, candidate.sample_count) for candidate in candidates] == [(f, 96) for f in FORMS]
    assert dominated == []


def test_a_line_without_hours_trains_nothing():
    training = LineTraining(FORMS, ModelRules(), "UTC", START)
    rows = line_rows(1, affine_law).slice(0, 0).append_column("model_json", pa.array([], pa.string()))
    trained = line_trainer(training, lambda rows: pa.table({"count": [len(rows)]}))(rows)
    assert trained["count"].to_pylist() == [0]


@pytest.mark.parametrize("forms", [("ramp",), ()])
def test_no_form_with_enough_hours_is_an_error(forms):
    with pytest.raises(ValueError, match="24 running hours"):
        compare_line_candidates(read_training_line(line_rows(1, affine_law), "UTC"), forms)
