"""Where a model stands: the rows of model_version and model_score, and how a row moves from one standing to the next.

Belongs here: rows and their names. Does not: which model deserves which standing (training, contest).
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from bigdata_emis import __version__
from bigdata_emis.activity_model.stored.parameters import card_of

TARGET = "activity"
MODELLED = "modelled"
CHAMPION, CHALLENGER, RESERVE, RETIRED, FAILED = "champion", "challenger", "reserve", "retired", "failed"
MODEL, SCORE, RATIO = "model", "score", "ratio"
NO_PARAMETERS = "{}"
Row = dict[str, Any]


def model_row(
    source_id: str,
    parameters: dict[str, Any],
    *,
    status: str,
    card: dict[str, Any],
    taught: tuple[datetime, datetime],
    known_utc: datetime,
) -> Row:
    """A fitted model as a row of model_version; the same parameters of the same source have the same name."""
    text = json.dumps(parameters, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return {
        "kind": MODEL,
        "source_id": source_id,
        "target": TARGET,
        "model_version_id": version_id(source_id, text),
        "form_code": parameters.get("form"),
        "status_code": status,
        "method_code": MODELLED,
        "parameters_json": text,
        "card_json": card_text(card),
        "from_utc": taught[0],
        "to_utc": taught[1],
        "sample_count": card.get("hours", 0),
        "known_utc": known_utc,
        "champion_from_utc": known_utc if status == CHAMPION else None,
        "champion_to_utc": None,
        "code_version": __version__,
    }


def failed_row(source_id: str, why: str, known_utc: datetime) -> Row:
    """A line that could not be taught: it goes by its industry or its prior until it can."""
    text = json.dumps({"error": why})
    row = dict.fromkeys(
        ("form_code", "method_code", "card_json", "from_utc", "to_utc", "champion_from_utc", "champion_to_utc")
    )
    return {
        **row,
        "kind": MODEL,
        "source_id": source_id,
        "target": TARGET,
        "model_version_id": version_id(source_id, text),
        "status_code": FAILED,
        "parameters_json": text,
        "sample_count": 0,
        "known_utc": known_utc,
        "code_version": __version__,
    }


def promoted(row: Row, known_utc: datetime, account: dict[str, Any]) -> Row:
    """The challenger's row as champion, with the contest that made it so on its card."""
    return {**_with_contest(row, account), "kind": MODEL, "status_code": CHAMPION, "champion_from_utc": known_utc}


def retired(row: Row, known_utc: datetime, account: dict[str, Any] | None = None) -> Row:
    """The row out of use. A champion keeps its parameters, so that what it once estimated can be repeated; a challenger that never was in use does not."""
    was_used = row["champion_from_utc"] is not None
    kept = {} if was_used else {"parameters_json": NO_PARAMETERS, "method_code": None}
    told = _with_contest(row, account) if account else row
    return {**told, **kept, "kind": MODEL, "status_code": RETIRED, "champion_to_utc": known_utc if was_used else None}


def withdrawn(row: Row, known_utc: datetime) -> Row:
    """The row of a model that cannot be read, out of use for good: nothing that it estimated can be repeated, so its text goes too."""
    return {**retired(row, known_utc), "parameters_json": NO_PARAMETERS, "method_code": None}


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
    """How a form did in one competition."""
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
    """The name of a model: a digest of what it says and for whom."""
    return f"{TARGET}-{hashlib.sha256(f'{source_id} {parameters_text}'.encode()).hexdigest()[:16]}"


def card_text(card: dict[str, Any]) -> str:
    """The card as it is stored: six significant digits are more than any score means."""
    return json.dumps(_rounded(card), sort_keys=True, allow_nan=False, ensure_ascii=False)


def in_utc(moment: datetime | None) -> datetime | None:
    """The engine hands instants over with or without their zone, which is UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _with_contest(row: Row, account: dict[str, Any]) -> Row:
    return {**row, "card_json": card_text({**card_of(row), "contest": account})}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
