"""What the registry holds of a model as text, beside its parameters: its card, or why there is no model.

Belongs here: reading the text, and how to mend one that cannot be read. Does not: parameters (which need to know the forms), rows.
"""

import json
from collections.abc import Mapping
from typing import Any

MEND = "train it again: emis run train_activity over the days that have measured activity"


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
