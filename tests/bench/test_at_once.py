"""What several recalculations at once are compared with."""

from datetime import UTC, datetime
from typing import Any

from bench.at_once import Answer, _judge
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import record_draft
from bigdata_emis.window import Window

START = datetime(2024, 12, 18, tzinfo=UTC)


def answer(number: int, *, share: float | None = None, status: int = 0) -> Answer:
    ledger = [{"cut_share": number * 0.01 if share is None else share, "baseline_kg": 5.0}]
    document: dict[str, Any] = {"scenario": f"at-once-{number}-x", "ledger": ledger, "seconds": 1.0}
    return Answer(number, status, 2.0, {} if status else document, "emis: refused" if status else "")


def record(number: int, actor: str) -> None:
    record_draft(
        region_id="nys",
        scenario_id=f"at-once-{number}-x",
        name=None,
        level="yellow",
        window=Window(START, START.replace(hour=5)),
        parameters={},
        run_id="r",
        known_utc=START,
        actor=actor,
        note="n",
    )


def test_each_with_its_own_ledger_scenario_and_act_is_right(home) -> None:
    prepare_registry()
    for number in (1, 2):
        record(number, f"person {number}")
    result = _judge("nys", [answer(1), answer(2)], 3.0)
    assert (result["count"], result["acts"], result["problems"]) == (2, 2, [])


def test_a_mixed_ledger_a_lost_act_and_a_refusal_are_problems(home) -> None:
    prepare_registry()
    record(1, "person 1")
    record(2, "person 1")
    result = _judge("nys", [answer(1, share=0.02), answer(2), answer(3, status=2)], 3.0)
    assert result["problems"] == [
        "at-once-1-x cuts at most 0.020000",
        "at-once-2-x is 0 times in the audit trail",
        "3 ended with status 2: emis: refused",
    ]
