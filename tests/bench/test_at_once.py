"""What several recalculations at once are compared with."""

from datetime import UTC, datetime
from typing import Any

from bench.at_once import Answer, _judge
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import record_draft, scenario_transaction
from bigdata_emis.window import Window

START = datetime(2024, 12, 18, tzinfo=UTC)


def ledger(number: int) -> list[dict[str, Any]]:
    """Of two pollutants, of which the second is cut less, because a process is at its least load."""
    return [
        {"pollutant": "NOx", "cut_share": number * 0.01, "baseline_kg": 5.0},
        {"pollutant": "SO2", "cut_share": number * 0.004, "baseline_kg": 7.0},
    ]


def answer(number: int, *, of: int = 0, status: int = 0) -> Answer:
    document: dict[str, Any] = {"scenario": f"at-once-{number}-x", "ledger": ledger(of or number), "seconds": 1.0}
    message = "emis: refused" if status else ""
    return Answer(number, status, 2.0, {} if status else document, message, f"person {number}")


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
    result = _judge("nys", [answer(1), answer(2)], {1: ledger(1), 2: ledger(2)}, 3.0)
    assert (result["count"], result["acts"], result["problems"]) == (2, 2, [])


def test_a_mixed_ledger_a_lost_act_and_a_refusal_are_problems(home) -> None:
    prepare_registry()
    record(1, "person 1")
    record(2, "person 1")
    result = _judge("nys", [answer(1, of=2), answer(2), answer(3, status=2)], {1: ledger(1), 2: ledger(2)}, 3.0)
    assert result["problems"] == [
        "at-once-1-x has other numbers than alone for NOx, SO2",
        "at-once-2-x is 0 times in the audit trail",
        "3 ended with status 2: emis: refused",
    ]


def test_one_pollutant_with_another_number_is_a_problem_though_the_largest_share_is_right(home) -> None:
    prepare_registry()
    record(1, "person 1")
    mixed = answer(1)
    mixed.document["ledger"] = [ledger(1)[0], ledger(2)[1]]
    result = _judge("nys", [mixed], {1: ledger(1)}, 3.0)
    assert result["problems"] == ["at-once-1-x has other numbers than alone for SO2"]


def test_ledgers_that_are_alike_could_not_show_a_mixture(home) -> None:
    prepare_registry()
    result = _judge("nys", [], {1: ledger(1), 2: ledger(1)}, 3.0)
    assert result["problems"] == ["1 and 2 have the same ledger"]


def test_other_acts_between_the_recalculations_are_no_gap(home) -> None:
    prepare_registry()
    record(1, "person 1")
    with scenario_transaction("nys") as registry:
        registry.add_act(actor="wang", event="other", note="", authentication_code=None, known_utc=START)
    record(2, "person 2")
    result = _judge("nys", [answer(1), answer(2)], {1: ledger(1), 2: ledger(2)}, 3.0)
    assert (result["acts"], result["problems"]) == (2, [])
