"""`emis models`: one row for each model, then the lines without a model, the history and a summary."""

from datetime import UTC, datetime
from typing import Any

from bigdata_emis.cli.models import model_lines

SINCE = datetime(2026, 11, 29, tzinfo=UTC)
MODEL: dict[str, Any] = {
    "source": "L1",
    "model": "m1",
    "form": "ramp",
    "n": 144,
    "r2": 0.95,
    "nmae": 0.007,
    "coverage_90": 0.986,
    "baselines": {"proportional": {"r2": 0.9}},
    "since": SINCE,
    "watch": {"status": "steady"},
    "challenger": None,
    "unreadable": "",
}
SUMMARY = {"champions": 1, "challengers": 0, "failed": 1, "watch": {"steady": 1}}


def document(**changes: Any) -> dict[str, Any]:
    return {"models": [MODEL], "failed": [], "summary": SUMMARY, **changes}


def test_a_model_is_shown_next_to_its_baseline() -> None:
    lines = model_lines(document())
    assert lines[0].split()[:3] == ["source", "form", "hours"]
    assert lines[1].split() == ["L1", "ramp", "144", "0.950", "0.900", "0.7%", "98.6%", "2026-11-29", "steady", "-"]
    assert lines[-1] == "1 models, 0 challengers, 1 lines without; watch: 1 steady"


def test_a_line_without_a_model_says_why() -> None:
    lines = model_lines(document(failed=[{"source": "L305", "why": "0 running hours"}]))
    assert lines[2] == "L305  no model: 0 running hours"


def test_an_unreadable_model_says_how_to_replace_it() -> None:
    broken = {**MODEL, "unreadable": "is not JSON", "challenger": {"form": "start"}}
    lines = model_lines(document(models=[broken]))
    assert lines[1].split()[-2:] == ["unreadable", "start"]
    assert lines[2].startswith("L1  m1: is not JSON; train it again")


def test_the_history_of_a_source_shows_each_contest() -> None:
    won = {"outcome": "won", "challenger_days": 8, "days": 9}
    history = [
        {"known_utc": SINCE, "form_code": "ramp", "status_code": "champion", "contest": won},
        {"known_utc": SINCE, "form_code": None, "status_code": "failed", "contest": None},
    ]
    lines = model_lines(document(history=history))
    assert lines[2].split("  ")[1:] == ["ramp", "champion", "won on 8 of 9 days"]
    assert lines[3].split("  ")[1].strip() == "-"
