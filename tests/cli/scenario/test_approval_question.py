"""Before an approval leaves hours without an order, a person at a terminal is asked."""

import io
import sys
from pathlib import Path

import pytest

from bigdata_emis.cli.scenario.approval_question import ask_about_uncovered_hours
from bigdata_emis.errors import InputError
from bigdata_emis.publish.scenario_decision import decide_scenario
from bigdata_emis.region import load_region
from tests.publish.scenarios.drafts import DECIDED, hours, publish_inventory, scenario_of, write_draft


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def shorter(home: Path) -> str:
    """A draft of one day, while an order of two days is in force."""
    publish_inventory()
    write_draft("long", window=hours(0, 48))
    decide_scenario(load_region("nys"), "long", decision="approved", actor="li", known_utc=DECIDED)
    write_draft("short", window=hours(0, 24), level="red")
    return "short"


def ask(name: str, *, is_answered: bool = False) -> None:
    ask_about_uncovered_hours(load_region("nys"), name, is_answered=is_answered)


def test_who_answers_no_approves_nothing(
    shorter: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    with pytest.raises(InputError, match="'short' is not approved: hours would be left without an order; recalculate"):
        ask(shorter)
    asked = capsys.readouterr().err
    assert "then no order is in force from 2019-07-16 00:00 -05:00 to 2019-07-17 00:00 -05:00" in asked
    assert "无生效指令" in asked
    assert scenario_of("long")["status"] == "in_force"


def test_who_answers_yes_goes_on(
    shorter: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    ask(shorter)
    assert "approve all the same" in capsys.readouterr().err


def test_nobody_is_asked_where_the_answer_is_given_or_nobody_sits(
    shorter: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    ask(shorter, is_answered=True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    ask(shorter)
    assert "approve" not in capsys.readouterr().err


def test_an_order_of_the_same_hours_raises_no_question(
    shorter: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_draft("whole", window=hours(0, 48), level="red")
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    ask("whole")
    assert "approve" not in capsys.readouterr().err
