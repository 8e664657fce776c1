"""What makes a text a model: every number that an evaluation reads is there, of its kind, and of a size that can be counted with."""

import copy
import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.activity_model.cross_validation import fit_candidates
from bigdata_emis.activity_model.forms.boosted_fit import FEATURES, Binned, fit_trees
from bigdata_emis.activity_model.forms.boosted_predict import MOST_FEATURES
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.pooled_industry import FORM as POOLED
from bigdata_emis.activity_model.inputs.line_series import line_series
from bigdata_emis.activity_model.stored.model_schema import CHECKS
from bigdata_emis.activity_model.stored.parameters import parameters_of, why_unreadable
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.activity.model_choice import ModelChoice
from bigdata_emis.inventory.activity.predict_lines import EnergyRule, estimator
from bigdata_emis.relate.models.industry_model import industry_rows
from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.relate.models.train_line import Course

START = datetime(2024, 1, 1, tzinfo=UTC)
NAN, ENDLESS = float("nan"), float("inf")
INTERVAL = {"edges": [50.0], "running": [[-1.0, 1.0], [-2.0, 2.0]], "starting": [-1.0, 1.0]}
MOST = {"activity": 100.0, "energy_kwh": 50.0}
PLAIN = {
    "form": "proportional",
    "activity_per_kwh": 2.0,
    "most": MOST,
    "taught_kwh": [1.0, 500.0],
    "interval": INTERVAL,
}
AFFINE = {"form": "affine", "knots_kwh": [], "coefficients": [5.0, 2.0], "interval": INTERVAL}
PIECEWISE = {"form": "piecewise", "knots_kwh": [10.0, 20.0], "coefficients": [5.0, 2.0, 1.0, 0.0], "interval": INTERVAL}
PROFILE = {"form": "static_profile", "mean_by_hour_of_week": [1.0] * 168, "interval": INTERVAL}
OF_INDUSTRY = {
    "form": "pooled",
    "activity_per_kwh": 0.2,
    "lower_relative": 0.5,
    "upper_relative": 2.0,
    "activity_unit_code": "t",
}
TREES = {"nodes": "a.. ab...", "threshold": [10, 20, 5.5], "leaf_millionths": [1, 2, 3, 4, 5]}
BOOSTED = {
    "form": "boosted",
    "scale": 2.0,
    "covariates": {"air_temperature_degc": 0.0},
    "features": [*FEATURES, "air_temperature_degc"],
    "interval": INTERVAL,
    "interval_alone": INTERVAL,
    "parts": [
        {"form": "proportional", "base": {"activity_per_kwh": 2.0}, "asks_beside": asks, "trees": TREES}
        for asks in (False, True)
    ],
}
WHOLE = [PLAIN, AFFINE, PIECEWISE, PROFILE, OF_INDUSTRY, BOOSTED]
ABSENT = object()


def bent(model, place, value):
    """The text of a model with one thing in it changed."""
    told = copy.deepcopy(model)
    *way, last = place.split(".")
    inner = told
    for step in way:
        inner = inner[int(step) if step.isdigit() else step]
    if value is ABSENT:
        del inner[last]
    else:
        inner[int(last) if last.isdigit() else last] = value
    return json.dumps(told)


@pytest.mark.parametrize("model", WHOLE, ids=lambda model: model["form"])
def test_a_whole_model_is_readable(model):
    assert why_unreadable(json.dumps(model)) == ""


def test_every_form_says_what_it_must_hold():
    assert set(CHECKS) == {*FORMS, POOLED}


def test_whatever_is_fitted_is_readable():
    hour = np.arange(1500)
    energy = np.where(hour % 50 < 5, 0.0, 100 + 50 * np.sin(hour / 7) + hour % 13)
    warmth = {"air_temperature_degc": 10 + 5 * np.cos(hour / 24)}
    fitted = fit_candidates(
        line_series(hour, hour % 168, energy, covariates=warmth), 2 * energy + energy**2 / 200, tuple(FORMS)
    )
    assert {c.form.name: why_unreadable(json.dumps(c.parameters)) for c in fitted} == dict.fromkeys(FORMS, "")


ILL = [
    *(
        (model, "taught_kwh", value)
        for model in (PLAIN, OF_INDUSTRY)
        for value in ("abc", [1, 2, 3], ["1", "2"], [None, 1], {"a": 1}, [5, 1], [-5, -1], [NAN, 1], None, [])
    ),
    *(
        (model, "covariates", value)
        for model in (PLAIN, OF_INDUSTRY)
        for value in (None, 5, [1, 2], {"x": "y"}, {"x": None}, {"x": NAN})
    ),
    *((PLAIN, "activity_per_kwh", value) for value in (NAN, ENDLESS, 1e307, "2", None, True, [2.0], ABSENT)),
    *(
        (PLAIN, "most", value)
        for value in (
            "x",
            None,
            {"activity": 1.0},
            {"activity": NAN, "energy_kwh": 1.0},
            {"activity": 1.0, "energy_kwh": "1"},
        )
    ),
    *((PLAIN, "interval", value) for value in (None, {}, {"x": 1}, [1, 2], ABSENT)),
    *(
        (PLAIN, "interval.running", value)
        for value in ([[-1, 1]], [[-1, 1]] * 3, [-1, 1], [[1, -1]] * 2, [[NAN, 1]] * 2, [["-1", "1"]] * 2, None)
    ),
    *((PLAIN, "interval.edges", value) for value in ([], None, ["50"], [NAN], [[50]], 50)),
    *((PLAIN, "interval.starting", value) for value in ([1], [-1, 0, 1], None, [None, 1], ABSENT)),
    *((AFFINE, "coefficients", value) for value in ([1.0], [1.0, 2.0, 3.0], [NAN, 1], [1e200, 1], None, 5)),
    *((PIECEWISE, "knots_kwh", value) for value in ([20, 10], [10], [10, NAN], "ab", None, ABSENT)),
    *((PROFILE, "mean_by_hour_of_week", value) for value in ([1.0, 2.0], [1.0] * 169, [None] * 168, [NAN] * 168, None)),
    *(
        (OF_INDUSTRY, name, value)
        for name in ("activity_per_kwh", "lower_relative", "upper_relative")
        for value in (NAN, -1.0, "1", ABSENT)
    ),
    *((OF_INDUSTRY, "activity_unit_code", value) for value in (None, "", 5, ABSENT)),
    *((BOOSTED, "scale", value) for value in (NAN, 0, "1", ABSENT)),
    *((BOOSTED, "parts", value) for value in ([], None, [1], {"a": 1})),
    *((BOOSTED, "features", value) for value in ([*FEATURES], 5, ABSENT)),
    *((BOOSTED, "covariates", value) for value in ({}, ABSENT)),
    (BOOSTED, "interval_alone", {}),
    (PLAIN, "interval_alone", INTERVAL),
    (BOOSTED, "parts.0.asks_beside", True),
    (BOOSTED, "parts.0.asks_beside", "no"),
    (BOOSTED, "parts.0.form", "boosted"),
    (BOOSTED, "parts.0.form", ["a"]),
    (BOOSTED, "parts.1.base", {}),
    (BOOSTED, "parts.1.base.activity_per_kwh", NAN),
    (BOOSTED, "parts.1.base.most", {}),
    (BOOSTED, "parts.0.trees", [{}]),
    *((BOOSTED, "parts.0.trees.leaf_millionths.0", value) for value in (NAN, 10**400, "1", None, 1e200)),
    *((BOOSTED, "parts.0.trees.threshold.0", value) for value in (NAN, None, "1")),
    *(
        (BOOSTED, "parts.0.trees.nodes", value)
        for value in (7, "A.. ab...", "a.. ab..", "o.. ab...", "a" * 5000 + "." * 5001)
    ),
]


@pytest.mark.parametrize(
    ("model", "place", "value"), ILL, ids=[f"{model['form']} {place} {str(value)[:20]}" for model, place, value in ILL]
)
def test_a_text_that_an_evaluation_would_stumble_over_is_unreadable_and_says_where(model, place, value):
    told = bent(model, place, value)
    assert why_unreadable(told)
    with pytest.raises(InputError, match="v1 of source a: parameters_json .*train it again"):
        parameters_of({"model_version_id": "v1", "source_id": "a", "parameters_json": told})


def test_why_a_text_is_unreadable_names_the_place():
    assert "taught_kwh" in why_unreadable(bent(PLAIN, "taught_kwh", "abc"))
    assert "running" in why_unreadable(bent(PLAIN, "interval.running", [[-1, 1]]))


def hours_of(energy_by_line):
    rows = [(line, hour, kwh) for line, energies in energy_by_line.items() for hour, kwh in enumerate(energies)]
    return pa.table(
        {
            "production_line_id": [line for line, _, _ in rows],
            "hour_utc": pa.array([START + timedelta(hours=hour) for _, hour, _ in rows], pa.timestamp("us", "UTC")),
            "energy_kwh": [kwh for _, _, kwh in rows],
            "energy_sd_kwh": [0.0] * len(rows),
            "method_code": ["modelled"] * len(rows),
            "imputation_code": [""] * len(rows),
        }
    )


def models_of(text_by_line):
    count = len(text_by_line)
    return pa.table(
        {
            "production_line_id": list(text_by_line),
            "activity_unit_code": ["t"] * count,
            "model_version_id": ["v"] * count,
            "parameters_json": list(text_by_line.values()),
            "activity_correction": [1.0] * count,
            "interval_correction": [1.0] * count,
        }
    )


def estimated(energy_by_line, text_by_line):
    found = estimator("UTC", EnergyRule(0.03, 0.2))(hours_of(energy_by_line), models_of(text_by_line)).to_pylist()
    return {line: [row["activity"] for row in found if row["source_id"] == line] for line in text_by_line}


@pytest.mark.parametrize("text", ["{", bent(PLAIN, "taught_kwh", "abc"), bent(PLAIN, "interval.running", [[-1, 1]])])
def test_one_model_that_cannot_be_read_costs_no_other_line_its_day(text):
    """Two t a kWh of 10, 20 and 100 kWh; the middle line has one row without activity."""
    energy = {"a": [10.0, 20.0, 100.0], "b": [10.0] * 3, "c": [10.0]}
    assert estimated(energy, {"a": json.dumps(PLAIN), "b": text, "c": json.dumps(PLAIN)}) == {
        "a": [20, 40, 200],
        "b": [None],
        "c": [20],
    }


def test_lines_of_which_no_model_can_be_read_have_a_row_each():
    assert estimated({"a": [10.0], "b": [10.0]}, {"a": "{", "b": ""}) == {"a": [None], "b": [None]}


@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_a_line_whose_estimate_is_no_number_goes_without_its_model():
    """1e300 kWh at 1e90 t a kWh are more than a number can hold."""
    text = json.dumps({"form": "proportional", "activity_per_kwh": 1e90, "interval": INTERVAL})
    assert estimated({"a": [10.0], "b": [1e300]}, {"a": json.dumps(PLAIN), "b": text}) == {"a": [20], "b": [None]}


def test_a_fault_that_is_no_models_is_not_laid_on_the_models():
    with pytest.raises(KeyError):
        estimator("UTC", EnergyRule(0.03, 0.2))(
            hours_of({"a": [1.0]}).drop_columns(["energy_sd_kwh"]), models_of({"a": json.dumps(PLAIN)})
        )


def chosen_of(choice, unreadable=frozenset()):
    return {row["production_line_id"]: row["source_id"] for row in choice.without(unreadable).to_pylist()}


def test_a_model_that_cannot_be_read_takes_no_other_of_its_version_name_with_it():
    registered = [
        {"production_line_id": name, "enterprise_id": "e", "activity_unit_code": "t", "industry_code": "cement"}
        for name in "ab"
    ]
    in_use = {
        name: {"source_id": name, "model_version_id": "v1", "activity_correction": 1.0, "interval_correction": 1.0}
        for name in ("a", "b")
    }
    choice = ModelChoice(registered, in_use, {})
    assert chosen_of(choice) == {"a": "a", "b": "b"}
    assert chosen_of(choice, {("b", "b")}) == {"a": "a"}


def test_more_features_than_there_are_letters_are_not_fitted():
    asked = np.random.default_rng(0).normal(size=(50, MOST_FEATURES + 1))
    with pytest.raises(ValueError, match="at most 26"):
        fit_trees(Binned(asked), asked[:, 0], np.ones(50))


@pytest.mark.parametrize(
    ("text", "standing"), [(bent(OF_INDUSTRY, "activity_unit_code", None), ["retired"]), (json.dumps(OF_INDUSTRY), [])]
)
def test_the_model_of_an_industry_that_cannot_be_read_is_withdrawn_even_when_no_plant_teaches_another(text, standing):
    row = {
        "source_id": "industry:cement",
        "parameters_json": text,
        "champion_from_utc": START,
        "card_json": "{}",
        "method_code": "modelled",
    }
    assert [told["status_code"] for told in industry_rows([], [row], set(), START)] == standing


def hours_with_truth(days):
    energy = [100 + 50 * float(np.sin(hour / 7)) + hour % 5 for hour in range(24 * days)]
    count = len(energy)
    return pa.table(
        {
            "production_line_id": ["a"] * count,
            "hour_utc": pa.array([START + timedelta(hours=hour) for hour in range(count)], pa.timestamp("us", "UTC")),
            "energy_kwh": energy,
            "activity": [2 * kwh for kwh in energy],
            "activity_unit_code": ["t"] * count,
            "line_unit_code": ["t"] * count,
            "industry_code": ["cement"] * count,
        }
    )


@pytest.mark.parametrize(
    "text",
    [
        bent(PROFILE, "mean_by_hour_of_week", [1.0, 2.0]),
        bent(PLAIN, "interval.running", [[-1, 1]]),
        bent(PLAIN, "activity_per_kwh", NAN),
    ],
    ids=["too short", "too few residuals", "no number"],
)
def test_a_champion_that_cannot_be_evaluated_is_withdrawn_by_the_next_training(text):
    course = Course(("proportional",), ModelRules(), "UTC", START + timedelta(days=61))
    fitted = next(
        row
        for row in course.train(hours_with_truth(10), [])
        if row["kind"] == "model" and row["status_code"] == "champion"
    )
    broken = {**fitted, "parameters_json": text, "model_version_id": "x"}
    waiting = {**fitted, "status_code": "challenger", "champion_from_utc": None, "model_version_id": "y"}
    rows = [row for row in course.train(hours_with_truth(30), [broken, waiting]) if row["kind"] == "model"]
    told = {row["model_version_id"]: (row["status_code"], row["parameters_json"]) for row in rows}
    assert told["x"] == ("retired", "{}")
    assert [row["status_code"] for row in rows if row["model_version_id"] not in "xy"] == ["champion"]
