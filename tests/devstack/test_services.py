"""`make airflow`: a service that dies at the start is named, logins stay out of logs, and refusals are one line."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bigdata_emis.devstack import services
from bigdata_emis.devstack.environment import ServiceFolders
from bigdata_emis.devstack.services import FEEDS
from bigdata_emis.devstack.supervisor import AirflowService
from bigdata_emis.engine.processes import end_with_parent
from bigdata_emis.errors import InputError


def ended_service(folder: Path) -> AirflowService:
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"], start_new_session=True)
    process.wait()
    pid = folder / "scheduler.pid"
    return AirflowService("scheduler", process, end_with_parent(process.pid), folder / "scheduler.log", pid)


def test_a_service_that_ended_is_named_with_its_status_and_its_log(tmp_path: Path) -> None:
    service = ended_service(tmp_path)
    with pytest.raises(InputError, match=r"scheduler ended with status 3; see .*scheduler\.log"):
        services._require_alive([service])
    service.stop()


def test_feeds_of_the_callers_environment_come_before_the_replay_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FEEDS[0], "https://feeds.example")
    monkeypatch.delenv(FEEDS[1], raising=False)
    assert services._feed_address({"feeds": "secret"}) == {FEEDS[0]: "https://feeds.example"}
    monkeypatch.delenv(FEEDS[0])
    replayed = services._feed_address({"feeds": "secret"})
    assert replayed[FEEDS[0]].startswith("http://127.0.0.1:")
    assert replayed[FEEDS[1]] == "secret"


@pytest.mark.parametrize("option", ["--stop", "--check"])
def test_stopping_or_checking_services_that_do_not_run_is_refused(home: Path, option: str) -> None:
    result = CliRunner().invoke(services.app, [option])
    assert isinstance(result.exception, InputError)
    assert result.exception.exit_status == 2
    assert f"no services of {home} run" in str(result.exception)


def test_logins_are_printed_for_a_person_and_never_into_a_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ServiceFolders(tmp_path)
    services._greet("http://127.0.0.1:8080", {"admin": "one", "operator": "two"}, folders)
    assert "admin / one" in capsys.readouterr().out
    services._greet("http://127.0.0.1:8080", {}, folders)
    logged = capsys.readouterr().out
    assert "secrets.json" in logged
    assert " / " not in logged.replace(str(tmp_path), "")


def test_every_component_that_the_health_page_shows_is_run() -> None:
    assert set(services.SERVICES) == {"api-server", "scheduler", "dag-processor", "triggerer"}
