"""The parameters of a stored model, read back from the text in which the registry holds them, or why they cannot be read.

Belongs here: one row's parameters. Does not: its card (stored_text), evaluating it (stored), which model is in use (in_use).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bigdata_emis.errors import InputError
from bigdata_emis.proxy.forms import FORMS
from bigdata_emis.proxy.pooled import FORM as POOLED
from bigdata_emis.proxy.series import line_series
from bigdata_emis.proxy.stored import estimate_stored
from bigdata_emis.proxy.stored_text import MEND, object_of

UNREADABLE_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What an evaluation may end in when the numbers of a model are not those of its form."""
TRIAL = line_series(np.array([0, 1]), np.array([0, 1]), np.array([1.0, 0.0]))


def parameters_of(model: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a row of model_version (or of one that carries its model_version_id and parameters_json).

    Raises InputError when the text is not JSON or names no form that there is: which version, of which source.
    """
    told = object_of(model["parameters_json"])
    why = _why_no_model(told)
    if told is None or why:
        source = model.get("source_id") or model.get("production_line_id")
        raise InputError(f"table model_version, {model.get('model_version_id')} of source {source}: parameters_json {why}", MEND)
    return told


def why_unreadable(parameters_json: str | None) -> str:
    """What keeps the text from being a model; empty when it is one, which a trial over two hours shows."""
    return tried_parameters(parameters_json)[1]


def tried_parameters(parameters_json: str | None) -> tuple[dict[str, Any], str]:
    """The parameters, and what keeps the text from being a model, as why_unreadable has it: for those who would read the text again."""
    told = object_of(parameters_json)
    why = _why_no_model(told)
    if told is None or why:
        return {}, why
    try:
        estimate_stored(told, TRIAL)
    except UNREADABLE_ERRORS as problem:
        return {}, f"cannot be evaluated ({type(problem).__name__}: {str(problem)[:80]})"
    return told, ""


def _why_no_model(told: dict[str, Any] | None) -> str:
    if told is None:
        return "is not a JSON object"
    form = told.get("form")
    if form is None:
        return "names no form"
    if not isinstance(form, str) or form not in {*FORMS, POOLED}:
        return f"names the form '{form}', which there is none of"
    return "" if form == POOLED or "interval" in told else "has no interval"
