"""Rows of model_version and model_score, and the steps from one status to the next.

Belongs here: rows and their ids.
Does not: which model deserves which status (train_line, challenger_test, drift_verdict).
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from bigdata_emis import __version__
from bigdata_emis.activity_model.stored.parameters import read_card
from bigdata_emis.codes import Method, ModelStatus

TARGET = "activity"
MODEL, SCORE, RATIO = "model", "score", "ratio"
NO_PARAMETERS = "{}"
Row = dict[str, Any]


def model_row(
    source_id: str,
    parameters: dict[str, Any],
    *,
    status: str,
    card: dict[str, Any],
    training_period: tuple[datetime, datetime],
    known_utc: datetime,
) -> Row:
    """A fitted model as a row of model_version; the same source and parameters give the same id."""
    text = json.dumps(parameters, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return {
        "kind": MODEL,
        "source_id": source_id,
        "target": TARGET,
        "model_version_id": version_id(source_id, text),
        "form_code": parameters.get("form"),
        "status_code": status,
        "method_code": Method.MODELLED,
        "parameters_json": text,
        "card_json": card_text(card),
        "from_utc": training_period[0],
        "to_utc": training_period[1],
        "sample_count": card.get("hours", 0),
        "known_utc": known_utc,
        "champion_from_utc": known_utc if status == ModelStatus.CHAMPION else None,
        "champion_to_utc": None,
        "code_version": __version__,
    }


def failed_row(source_id: str, reason: str, known_utc: datetime) -> Row:
    """The row of a line whose training failed; meanwhile a pooled model or prior is used."""
    text = json.dumps({"error": reason})
    row = dict.fromkeys(
        ("form_code", "method_code", "card_json", "from_utc", "to_utc", "champion_from_utc", "champion_to_utc")
    )
    return {
        **row,
        "kind": MODEL,
        "source_id": source_id,
        "target": TARGET,
        "model_version_id": version_id(source_id, text),
        "status_code": ModelStatus.FAILED,
        "parameters_json": text,
        "sample_count": 0,
        "known_utc": known_utc,
        "code_version": __version__,
    }


def promote(row: Row, known_utc: datetime, test_result: dict[str, Any]) -> Row:
    """The challenger's row as champion, with the result of its challenger test on the card."""
    promoted = _add_test_result(row, test_result)
    return {**promoted, "kind": MODEL, "status_code": ModelStatus.CHAMPION, "champion_from_utc": known_utc}


def retire(row: Row, known_utc: datetime, test_result: dict[str, Any] | None = None) -> Row:
    """The row out of use.

    A champion keeps its parameters, so that its estimates can be repeated; a challenger that was never in use does not.
    """
    was_used = row["champion_from_utc"] is not None
    cleared = {} if was_used else {"parameters_json": NO_PARAMETERS, "method_code": None}
    tested = _add_test_result(row, test_result) if test_result else row
    ended_utc = known_utc if was_used else None
    return {**tested, **cleared, "kind": MODEL, "status_code": ModelStatus.RETIRED, "champion_to_utc": ended_utc}


def withdraw(row: Row, known_utc: datetime) -> Row:
    """The row of an unreadable model, out of use and without parameters.

    No estimate of it can be repeated.
    """
    return {**retire(row, known_utc), "parameters_json": NO_PARAMETERS, "method_code": None}


def score_row(
    source_id: str,
    form_code: str,
    known_utc: datetime,
    *,
    is_chosen: bool,
    note: str,
    hours: int,
    scores: dict[str, Any],
) -> Row:
    """The scores of a form in one candidate comparison."""
    return {
        "kind": SCORE,
        "source_id": source_id,
        "target": TARGET,
        "form_code": form_code,
        "known_utc": known_utc,
        "is_chosen": is_chosen,
        "sample_count": hours,
        "note": note,
        **{name: scores.get(name) for name in ("r2", "nmae", "nmb", "coverage_90_share")},
    }


def version_id(source_id: str, parameters_text: str) -> str:
    """The id of a model: a digest of its parameters and its source."""
    return f"{TARGET}-{hashlib.sha256(f'{source_id} {parameters_text}'.encode()).hexdigest()[:16]}"


def card_text(card: dict[str, Any]) -> str:
    """The card as JSON text, rounded to six significant digits: no score is more accurate."""
    return json.dumps(_round_floats(card), sort_keys=True, allow_nan=False, ensure_ascii=False)


def add_utc_zone(moment: datetime | None) -> datetime | None:
    """The instant with its time zone: engines return instants, always UTC, with or without it."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _add_test_result(row: Row, test_result: dict[str, Any]) -> Row:
    return {**row, "card_json": card_text({**read_card(row), "contest": test_result})}


def _round_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _round_floats(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_round_floats(inner) for inner in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
