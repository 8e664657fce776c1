"""A command of a task is among the runs from before its start, and its end is what the task is given."""

import os
from pathlib import Path

from bigdata_emis.airflow.process.emis_process import EmisProcess
from bigdata_emis.run.run_record import list_runs


def run(*arguments: str) -> tuple[int, str, list[str]]:
    said: list[str] = []
    ended = EmisProcess(arguments, said.append).run()
    return ended.status, ended.last_line, said


def test_a_command_that_ends_well_is_listed_as_done_with_its_words(home: Path) -> None:
    assert run("models", "--region", "nys", "--json")[0] == 0
    (row,) = list_runs("nys")
    assert (row["stage"], row["status"], row["command"], row["error"]) == (
        "models",
        "done",
        "models --region nys",
        None,
    )


def test_a_command_that_is_refused_is_listed_with_its_last_message(home: Path) -> None:
    status, last, said = run("approve", "--region", "nys", "--scenario", "s", "--by", "wang")
    (row,) = list_runs("nys")
    assert (status, row["status"], row["error"]) == (2, "failed", last)
    assert said[-1] == last


def test_a_command_that_cannot_be_announced_runs_all_the_same_and_says_why(home: Path) -> None:
    status, last, said = run("models", "--region", "atlantis")
    assert status == 2
    assert said[0].startswith("not among the runs before it begins: region 'atlantis' is unknown")
    assert "atlantis" in last


def test_a_stage_is_listed_once(home: Path) -> None:
    arguments = ["run", "clean_power", "--region", "nys", "--from", "2019-07-15", "--to", "2019-07-16"]
    run(*arguments)
    (row,) = list_runs("nys")
    assert (row["stage"], row["status"], row["command"]) == ("clean_power", "refused", None)
    assert "EMIS_ANNOUNCED_RUN" not in os.environ


def test_what_has_ended_cannot_be_ended_again(home: Path) -> None:
    process = EmisProcess(["models", "--region", "nys", "--json"], print)
    process.terminate()
    ended = process.run()
    process.terminate()
    assert ended.status == 0
    assert [row["status"] for row in list_runs("nys")] == ["done"]
