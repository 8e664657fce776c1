"""The parameters of a stored model, read back from the text in which the registry holds them, or why they cannot be read.

Belongs here: one row's parameters. Does not: its card (stored_text), evaluating it (stored), which model is in use (in_use).
"""

from collections.abc import Mapping
from typing import Any

from bigdata_emis.errors import InputError
from bigdata_emis.proxy.forms import FORMS
from bigdata_emis.proxy.pooled import FORM as POOLED
from bigdata_emis.proxy.stored_text import MEND, object_of


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
    """What keeps the text from being a model; empty when it is one."""
    return _why_no_model(object_of(parameters_json))


def _why_no_model(told: dict[str, Any] | None) -> str:
    if told is None:
        return "is not a JSON object"
    form = told.get("form")
    if form is None:
        return "names no form"
    if form not in FORMS and form != POOLED:
        return f"names the form '{form}', which there is none of"
    return "" if form == POOLED or "interval" in told else "has no interval"
