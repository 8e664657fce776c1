"""Whether the parameters of a stored model are those of its form: all that an evaluation reads is there, of its kind, length and size.

Belongs here: what each form must hold, so that no evaluation of it can fail. Does not: reading the text (parameters), evaluating it (stored).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from bigdata_emis.activity_model.forms.boosted_fit import FEATURES
from bigdata_emis.activity_model.forms.boosted_predict import check_trees
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.linear import HOURS_A_WEEK, LINEAR, SIMPLE_FORMS, term_count
from bigdata_emis.activity_model.forms.pooled_industry import FORM as POOLED
from bigdata_emis.activity_model.numbers import LARGEST, number_at, numbers_at
from bigdata_emis.arrays import Floats

Told = Mapping[str, Any]


def check_structure(told: Told) -> None:
    """Passes what an evaluation can count with, whatever the hours.

    Raises:
        ValueError: what of it is not as its form needs it.
    """
    form = told.get("form")
    if form is None:
        raise ValueError("names no form")
    if not isinstance(form, str) or form not in CHECKS:
        raise ValueError(f"names the form '{str(form)[:40]}', which there is none of")
    CHECKS[form](told)
    _check_around(told)
    if form != POOLED:
        _check_bounds(told)


def _check_around(told: Told) -> None:
    """What is read of every model, of whatever form: what it asks for beside the energy, and the loads that taught it."""
    if "covariates" in told:
        numbers_at([*_object(told, "covariates").values()], "covariates")
    if "taught_kwh" in told:
        least, most = _pairs(told["taught_kwh"], "taught_kwh", 1)[0]
        # Loads beyond the most are carried on in proportion to it.
        if least < 0 or most < 1 / LARGEST:
            raise ValueError("taught_kwh holds no loads")


def _check_bounds(told: Told) -> None:
    """What the models of lines have in common: the most that was seen, and the residuals that make the interval."""
    _check_most(told)
    _check_interval(_object(told, "interval"), "interval")
    if "interval_alone" in told:
        _object(told, "covariates")
        _check_interval(_object(told, "interval_alone"), "interval_alone")


def _check_most(told: Told) -> None:
    if "most" in told:
        most = _object(told, "most")
        for name in ("activity", "energy_kwh"):
            _not_negative(most, name, "most.")


def _check_interval(interval: Told, name: str) -> None:
    edges = _rising(interval.get("edges"), f"{name}.edges")
    _pairs(interval.get("running"), f"{name}.running", len(edges) + 1)
    _pairs(interval.get("starting"), f"{name}.starting", 1)


def _check_profile(told: Told) -> None:
    numbers_at(told.get("mean_by_hour_of_week"), "mean_by_hour_of_week", HOURS_A_WEEK)


def _check_proportional(told: Told) -> None:
    number_at(told.get("activity_per_kwh"), "activity_per_kwh")


def _check_linear(name: str, told: Told) -> None:
    knots = _rising(told.get("knots_kwh"), "knots_kwh")
    numbers_at(told.get("coefficients"), "coefficients", term_count(name, len(knots)))


def _check_pooled(told: Told) -> None:
    for name in ("activity_per_kwh", "lower_relative", "upper_relative"):
        _not_negative(told, name)
    unit = told.get("activity_unit_code")
    if not isinstance(unit, str) or not unit:
        raise ValueError("activity_unit_code names no unit")


def _check_boosted(told: Told) -> None:
    if _not_negative(told, "scale") == 0:
        raise ValueError("scale is nothing")
    if told.get("features") != [*FEATURES, *_object(told, "covariates")]:
        raise ValueError("features: its trees ask for other features than there are")
    parts = told.get("parts")
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise ValueError("parts is no list of parts")
    for part in parts:
        _check_part(part)
    if all(part["asks_beside"] for part in parts):
        raise ValueError("parts: none of them asks for nothing beside the line")
    check_trees(
        [part["trees"] for part in parts],
        [len(told["features"]) if part["asks_beside"] else len(FEATURES) for part in parts],
    )


def _check_part(part: Told) -> None:
    form = part.get("form")
    if not isinstance(form, str) or form not in SIMPLE_FORMS:
        raise ValueError("parts: the base is of no simple form")
    if not isinstance(part.get("asks_beside"), bool):
        raise ValueError("parts: asks_beside is neither true nor false")
    base = _object(part, "base")
    CHECKS[form](base)
    _check_most(base)
    _object(part, "trees")


def _object(told: Told, name: str) -> dict[str, Any]:
    inner = told.get(name)
    if not isinstance(inner, dict):
        raise ValueError(f"{name} is no object" if name in told else f"has no {name}")
    return inner


def _not_negative(told: Told, name: str, within: str = "") -> float:
    value = number_at(told.get(name), f"{within}{name}")
    if value < 0:
        raise ValueError(f"{within}{name} is below zero")
    return value


def _rising(value: Any, name: str) -> Floats:
    found = numbers_at(value, name)
    if (np.diff(found) < 0).any():
        raise ValueError(f"{name} falls")
    return found


def _pairs(value: Any, name: str, count: int) -> list[list[float]]:
    """So many pairs, or one that stands alone, each of a lower and an upper value."""
    pairs = [value] if count == 1 and not (isinstance(value, list) and value and isinstance(value[0], list)) else value
    if not isinstance(pairs, list) or len(pairs) != count:
        raise ValueError(f"{name} needs {count} pairs")
    for pair in pairs:
        lower, upper = numbers_at(pair, name, 2)
        if lower > upper:
            raise ValueError(f"{name} falls")
    return pairs


CHECKS: dict[str, Callable[[Told], None]] = {
    "static_profile": _check_profile,
    "proportional": _check_proportional,
    **{name: partial(_check_linear, name) for name in LINEAR},
    **{name: _check_boosted for name in FORMS if name not in SIMPLE_FORMS},
    POOLED: _check_pooled,
}
"""What each form must hold of its own."""
