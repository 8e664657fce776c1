"""Parameters of a stored model, read from the registry's JSON text, or the reason why they cannot be read.

Belongs here: reading one row; a text that is unreadable here is unreadable everywhere.
Does not: what a form must hold (model_schema), prediction (predict), which model is in use (champion).
"""

import json
from collections.abc import Mapping
from typing import Any

from bigdata_emis.activity_model.stored.model_schema import check_model
from bigdata_emis.errors import InputError

UNREADABLE_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""Errors of a prediction whose stored numbers do not fit its form."""
TRAIN_AGAIN = "train it again: emis run train_activity over the days that have measured activity"


def load_parameters(model: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a row that has model_version_id and parameters_json.

    Raises:
        InputError: the text is not a whole model; the message names the version, the source and the fault.
    """
    parameters, reason = parse_parameters(model["parameters_json"])
    if reason:
        source = model.get("source_id") or model.get("production_line_id")
        version = model.get("model_version_id")
        raise InputError(f"table model_version, {version} of source {source}: parameters_json {reason}", TRAIN_AGAIN)
    return parameters


def unreadable_reason(parameters_json: str | None) -> str:
    """Why the text is not a model; empty if it is one."""
    return parse_parameters(parameters_json)[1]


def parse_parameters(parameters_json: str | None) -> tuple[dict[str, Any], str]:
    """The parameters, and the reason why the text is not a model (empty if it is one)."""
    parameters = parse_json_object(parameters_json)
    if parameters is None:
        return {}, "is not a JSON object"
    try:
        check_model(parameters)
    except UNREADABLE_ERRORS as error:
        is_plain = type(error) is ValueError
        return {}, str(error) if is_plain else f"cannot be read ({type(error).__name__}: {str(error)[:80]})"
    return parameters, ""


def read_card(model: Mapping[str, Any]) -> dict[str, Any]:
    """Card of a row of model_version; an unreadable one says so, as no estimate depends on it."""
    text = model["card_json"]
    card = parse_json_object(text) if text else {}
    return {"unreadable": "card_json is not a JSON object"} if card is None else card


def read_failure(parameters_json: str | None) -> str:
    """Why a source has no model, from the text stored in place of its parameters."""
    stored = parse_json_object(parameters_json) or {}
    return str(stored.get("error", "the stored reason cannot be read"))


def parse_json_object(text: str | None) -> dict[str, Any] | None:
    """The JSON object in a text; None if the text is not one."""
    try:
        parsed = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
