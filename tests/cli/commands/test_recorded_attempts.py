"""A refused act leaves one row in the audit trail, and nothing else."""

import inspect

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli import app as cli_app
from bigdata_emis.cli.commands.recorded_attempts import check_act, record_attempt, recorded
from bigdata_emis.errors import EmisError, InputError, PartialError
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.alert_record import read_alert_events

WINDOW = ("--from", "2019-01-10", "--to", "2019-01-11")
REFUSED = [
    (("recalc", "--level", "purple", *WINDOW), "recalculation refused", "alert level 'purple' is unknown"),
    (("recalc", "--level", "red", *WINDOW, "--by", "Li"), "recalculation refused", "no published inventory"),
    (("recalc", "--level", "red", *WINDOW, "--list", "newest"), "recalculation refused", "no emergency list"),
    (("recalc", "--level", "red", *WINDOW, "--note", "a\nb"), "recalculation refused", "not one line"),
    (("alert", "issue", "--level", "purple", *WINDOW, "--by", "Li"), "alert issue refused", "level 'purple'"),
    (("alert", "issue", "--level", "red", *WINDOW, "--by", "-"), "alert issue refused", "'-' is no name"),
    (("alert", "lift", "--alert", "x", "--by", "Li"), "alert lift refused", "no alert 'x'"),
    (("approve", "--scenario", "../x", "--by", "Li"), "approval refused", "scenario '../x' is unknown"),
    (("scenario", "retire", "--scenario", "x", "--by", "Li"), "scenario retirement refused", "scenario 'x'"),
    (("list", "import", "none.xlsx"), "emergency list import refused", "No such file"),
]


@pytest.mark.parametrize(("arguments", "event", "words"), REFUSED)
def test_a_refused_command_is_in_the_audit_trail_and_changes_nothing(home, arguments, event, words) -> None:
    with pytest.raises(InputError, match="."):
        CliRunner().invoke(cli_app.app, [*arguments, "--region", "nys"], catch_exceptions=False)
    (act,) = database.read("audit", "nys").to_pylist()
    assert act["event"] == event
    assert words in act["note"]
    assert act["actor"] == ("Li" if "Li" in arguments else "-" if "-" in arguments else "command")
    assert database.read("scenario", "nys").num_rows == 0
    assert read_alert_events("nys") == []


@pytest.mark.parametrize("share", ["50%", "nan", "1e309", "1.5", "-0.1", "0,5", "０.５", "half"])
def test_a_share_outside_0_to_1_is_refused_in_one_line(home, share) -> None:
    settle = ["list", "review", "settle", "x", "--kind", "load_cut", "--by", "Li", "--reason", "r"]
    with pytest.raises(InputError, match="--share") as refusal:
        CliRunner().invoke(cli_app.app, [*settle, f"--share={share}", "--region", "nys"], catch_exceptions=False)
    assert "\n" not in str(refusal.value)
    assert database.read("audit", "nys")["event"].to_pylist() == ["emergency list decision refused"]


def test_an_unknown_region_has_no_audit_trail(home) -> None:
    record_attempt("approval", "atlantis", "Li", InputError("x"))
    assert not database.can_be_read() or database.read("audit", "atlantis").num_rows == 0


def test_what_is_no_refusal_is_not_recorded(home) -> None:
    record_attempt("approval", "nys", "Li", PartialError("x"))
    assert not database.can_be_read() or database.read("audit", "nys").num_rows == 0


def test_a_registry_that_cannot_be_written_is_said_beside_the_refusal(home, monkeypatch, capsys) -> None:
    monkeypatch.setenv("EMIS_DATABASE", "nonsense://")
    record_attempt("approval", "nys", "Li", InputError("x"))
    assert "the attempt is not in the audit trail" in capsys.readouterr().err


def test_what_the_refusal_says_already_is_not_said_twice(home, monkeypatch, capsys) -> None:
    monkeypatch.setenv("EMIS_DATABASE", "nonsense://")
    with pytest.raises(InputError) as problem:
        database.read("audit", "nys")
    record_attempt("approval", "nys", "Li", problem.value)
    assert capsys.readouterr().err == ""


def test_a_marked_command_keeps_its_options_and_its_answer() -> None:
    @recorded("act")
    def command(region: str, by: str = "") -> str:
        """What it does."""
        return region + by

    assert command(region="a", by="b") == "ab"
    assert (list(inspect.signature(command).parameters), command.__doc__) == (["region", "by"], "What it does.")


def test_the_error_of_a_marked_command_is_its_own(home) -> None:
    @recorded("act")
    def command(region: str) -> None:
        raise EmisError("broken")

    with pytest.raises(EmisError, match="broken"):
        command(region="nys")


def test_an_act_without_a_name_is_that_of_the_command() -> None:
    assert check_act("", "") == "command"
    assert check_act("li", "wind turns") == "li"
    with pytest.raises(InputError):
        check_act("li\nwang", "")
