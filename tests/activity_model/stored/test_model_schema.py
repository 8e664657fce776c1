"""Schema of stored models: every value that a prediction reads must be there, of its kind and of a normal size."""

import copy
import json

import numpy as np
import pytest

from bigdata_emis.activity_model.cross_validation import fit_candidates
from bigdata_emis.activity_model.forms.boosted_fit import FEATURES
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.pooled_industry import POOLED_FORM
from bigdata_emis.activity_model.stored.model_schema import check_model
from tests.activity_model.builders import (
    AFFINE,
    BOOSTED,
    INTERVAL,
    PIECEWISE,
    POOLED,
    PROFILE,
    PROPORTIONAL,
    VALID_MODELS,
    series,
)

NAN, INFINITE = float("nan"), float("inf")
ABSENT = object()


def changed(model, place, value):
    """A model, read back from its text, with one value changed or removed."""
    copied = json.loads(json.dumps(copy.deepcopy(model)))
    *path, last = place.split(".")
    inner = copied
    for step in path:
        inner = inner[int(step) if step.isdigit() else step]
    if value is ABSENT:
        del inner[last]
    else:
        inner[int(last) if last.isdigit() else last] = value
    return copied


@pytest.mark.parametrize("model", VALID_MODELS, ids=lambda model: model["form"])
def test_a_whole_model_is_accepted(model):
    check_model(model)


def test_other_keys_are_allowed():
    check_model({**PROPORTIONAL, "remark": "fitted by hand"})


def test_every_form_has_a_schema():
    def error_of(form):
        with pytest.raises(ValueError, match=r".") as caught:
            check_model({"form": form})
        return str(caught.value)

    unknown = error_of("spline")
    assert "spline" in unknown
    assert all("does not match" not in error_of(form) for form in (*FORMS, POOLED_FORM))


def test_whatever_is_fitted_is_accepted():
    hour = np.arange(1500)
    energy = np.where(hour % 50 < 5, 0.0, 100 + 50 * np.sin(hour / 7) + hour % 13)
    hours = series(energy, air_temperature_degc=10 + 5 * np.cos(hour / 24))
    fitted = fit_candidates(hours, 2 * energy + energy**2 / 200, tuple(FORMS))
    assert [candidate.form.name for candidate in fitted] == list(FORMS)
    for candidate in fitted:
        check_model(json.loads(json.dumps(candidate.parameters)))


INVALID = [
    *(
        (model, "taught_kwh", value)
        for model in (PROPORTIONAL, POOLED)
        for value in ("abc", [1, 2, 3], ["1", "2"], [None, 1], {"a": 1}, [5, 1], [-5, -1], [NAN, 1], None, [])
    ),
    *(
        (model, "covariates", value)
        for model in (PROPORTIONAL, POOLED)
        for value in (None, 5, [1, 2], {"x": "y"}, {"x": None}, {"x": NAN})
    ),
    *((PROPORTIONAL, "activity_per_kwh", value) for value in (NAN, INFINITE, 1e307, "2", None, True, [2.0], ABSENT)),
    *(
        (PROPORTIONAL, "most", value)
        for value in (
            "x",
            None,
            {"activity": 1.0},
            {"activity": NAN, "energy_kwh": 1.0},
            {"activity": 1.0, "energy_kwh": "1"},
        )
    ),
    *((PROPORTIONAL, "interval", value) for value in (None, {}, {"x": 1}, [1, 2], ABSENT)),
    *(
        (PROPORTIONAL, "interval.running", value)
        for value in ([[-1, 1]], [[-1, 1]] * 3, [-1, 1], [[1, -1]] * 2, [[NAN, 1]] * 2, [["-1", "1"]] * 2, None)
    ),
    *((PROPORTIONAL, "interval.edges", value) for value in ([], None, ["50"], [NAN], [[50]], 50)),
    *((PROPORTIONAL, "interval.starting", value) for value in ([1], [-1, 0, 1], None, [None, 1], ABSENT)),
    *((AFFINE, "coefficients", value) for value in ([1.0], [1.0, 2.0, 3.0], [NAN, 1], [1e200, 1], None, 5)),
    *((PIECEWISE, "knots_kwh", value) for value in ([20, 10], [10], [10, NAN], "ab", None, ABSENT)),
    *((PROFILE, "mean_by_hour_of_week", value) for value in ([1.0, 2.0], [1.0] * 169, [None] * 168, [NAN] * 168, None)),
    *(
        (POOLED, name, value)
        for name in ("activity_per_kwh", "lower_relative", "upper_relative")
        for value in (NAN, -1.0, "1", ABSENT)
    ),
    *((POOLED, "activity_unit_code", value) for value in (None, "", 5, ABSENT)),
    *((BOOSTED, "scale", value) for value in (NAN, 0, "1", ABSENT)),
    *((BOOSTED, "parts", value) for value in ([], None, [1], {"a": 1})),
    *((BOOSTED, "features", value) for value in ([*FEATURES], 5, ABSENT)),
    *((BOOSTED, "covariates", value) for value in ({}, ABSENT)),
    (BOOSTED, "interval_alone", {}),
    (PROPORTIONAL, "interval_alone", INTERVAL),
    (PROPORTIONAL, "form", ABSENT),
    (PROPORTIONAL, "form", "spline"),
    (PROPORTIONAL, "form", ["proportional"]),
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
    ("model", "place", "value"),
    INVALID,
    ids=[f"{model['form']} {place} {str(value)[:20]}" for model, place, value in INVALID],
)
def test_a_model_with_one_invalid_value_is_refused(model, place, value):
    with pytest.raises(ValueError, match=r"."):
        check_model(changed(model, place, value))


@pytest.mark.parametrize(
    ("model", "place", "value", "reason"),
    [
        (PROPORTIONAL, "taught_kwh", "abc", "taught_kwh"),
        (PROPORTIONAL, "interval.running", [[-1, 1]], "running needs 2 pairs"),
        (AFFINE, "coefficients", [1.0], "holds 1 numbers, expected 2"),
        (PIECEWISE, "knots_kwh", [20, 10], "knots_kwh: .*not in ascending order"),
        (BOOSTED, "parts.0.asks_beside", True, "every part uses covariates"),
    ],
)
def test_the_reason_names_the_place(model, place, value, reason):
    with pytest.raises(ValueError, match=reason):
        check_model(changed(model, place, value))


def test_a_reason_is_short_however_long_the_stored_text():
    with pytest.raises(ValueError, match=r".") as caught:
        check_model({"form": "x" * 10_000})
    assert len(str(caught.value)) <= 200
