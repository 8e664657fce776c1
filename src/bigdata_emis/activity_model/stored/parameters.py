"""The parameters of a stored model, read back from the text in which the registry holds them, or why they cannot be read.

Belongs here: one row's parameters; a text that cannot be read here is unreadable everywhere. Does not: what a form must hold
(model_structure), the card (stored_text), evaluating (stored), which model is in use (in_use).
"""

import json
from collections.abc import Mapping
from typing import Any

from bigdata_emis.activity_model.stored.model_schema import check_structure
from bigdata_emis.errors import InputError

UNREADABLE_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What an evaluation may end in when the numbers of a model are not those of its form."""


def parameters_of(model: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a row of model_version (or of one that carries its model_version_id and parameters_json).

    Raises InputError when the text is no whole model: which version, of which source, and what of it.
    """
    told, why = read_parameters(model["parameters_json"])
    if why:
        source = model.get("source_id") or model.get("production_line_id")
        raise InputError(
            f"table model_version, {model.get('model_version_id')} of source {source}: parameters_json {why}", REMEDY
        )
    return told


def why_unreadable(parameters_json: str | None) -> str:
    """What keeps the text from being a model; empty when it is one."""
    return read_parameters(parameters_json)[1]


def read_parameters(parameters_json: str | None) -> tuple[dict[str, Any], str]:
    """The parameters, and what keeps the text from being a model, as why_unreadable has it."""
    told = object_of(parameters_json)
    if told is None:
        return {}, "is not a JSON object"
    try:
        check_structure(told)
    except UNREADABLE_ERRORS as problem:
        return {}, str(problem) if type(
            problem
        ) is ValueError else f"cannot be read ({type(problem).__name__}: {str(problem)[:80]})"
    return told, ""


REMEDY = "train it again: emis run train_activity over the days that have measured activity"


def card_of(model: Mapping[str, Any]) -> dict[str, Any]:
    """The card of a row of model_version; one that cannot be read says just that, since no estimate hangs on it."""
    text = model["card_json"]
    told = object_of(text) if text else {}
    return {"unreadable": "card_json is not a JSON object"} if told is None else told


def told_failure(parameters_json: str | None) -> str:
    """Why a source has no model, from the text that stands in place of its parameters."""
    told = object_of(parameters_json) or {}
    return str(told.get("error", "the stored reason cannot be read"))


def object_of(text: str | None) -> dict[str, Any] | None:
    """The JSON object that the text is; None when it is none."""
    try:
        told = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
