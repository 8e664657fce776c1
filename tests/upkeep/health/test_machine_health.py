"""Disk, permissions, leftovers and tracebacks; the engine is asked a question."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname
from types import SimpleNamespace

import pytest

from bigdata_emis.engine import spark_session
from bigdata_emis.errors import EngineError
from bigdata_emis.settings import settings
from bigdata_emis.upkeep.health import machine_health
from bigdata_emis.upkeep.health.health_finding import HealthFinding
from bigdata_emis.upkeep.health.machine_health import (
    check_disk,
    check_engine,
    check_errors,
    check_leftovers,
    check_permissions,
)
from tests.upkeep.conftest import Village


def levels(findings: Iterator[HealthFinding]) -> list[str]:
    return [str(finding.level) for finding in findings]


@pytest.mark.parametrize(("free", "level"), [(500, "ok"), (99, "warn"), (9, "fail")])
def test_free_space_is_judged_by_its_share(home: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=1000, free=free))
    assert set(levels(check_disk(settings()))) == {level}


def test_file_numbers_run_out_like_space(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=1000, free=900))
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_files=1000, f_favail=5))
    (finding, *_) = check_disk(settings())
    assert (str(finding.level), finding.remedy[:10]) == ("fail", "free space")


def test_a_private_home_is_well(village: Village) -> None:
    village.write(1, days_ago=1)
    for path in (village.home / "lake", village.home / "emis.sqlite"):
        path.chmod(0o750)
    assert levels(check_permissions(settings())) == ["ok"]


def test_data_that_everybody_can_read_are_a_warning(village: Village) -> None:
    village.write(1, days_ago=1)
    (village.home / "lake").chmod(0o755)
    (village.home / "emis.sqlite").chmod(0o640)
    (finding,) = check_permissions(settings())
    assert finding.remedy == f"chmod o-rwx {village.home / 'lake'}"


def test_a_secret_that_the_group_can_read_is_a_failure(home: Path) -> None:
    (home / "airflow").mkdir()
    secret = home / "airflow" / "secrets.json"
    secret.write_text("{}", "utf-8")
    secret.chmod(0o640)
    (finding,) = check_permissions(settings())
    assert (str(finding.level), finding.subject) == ("fail", str(secret))


def test_a_home_that_cannot_be_written_is_a_failure(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert levels(check_permissions(settings())) == ["fail"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_files_of_another_user_are_a_warning(home: Path) -> None:
    (home / "report.csv").write_text("x", "utf-8")
    os.chown(home / "report.csv", 65_534, 65_534)
    (finding,) = check_permissions(settings())
    assert finding.what.startswith("1 entries belong to another user")


def test_leftovers_are_counted(village: Village) -> None:
    assert levels(check_leftovers(settings()))[0] in ("ok", "warn")
    village.write(1, days_ago=1)
    (village.home / "lake" / f".x.{gethostname()}-4194399.part").write_bytes(b"1")
    (finding,) = check_leftovers(settings())
    assert (str(finding.level), finding.remedy) == ("warn", "run `emis prune`")


def test_a_traceback_of_today_is_named(home: Path) -> None:
    now = datetime.now(UTC)
    assert levels(check_errors(settings(), now)) == ["ok"]
    (home / "log").mkdir()
    log = home / "log" / "emis-20260101T000000-1.log"
    log.write_text("Traceback", "utf-8")
    (finding,) = check_errors(settings(), now)
    assert str(log) in finding.what
    assert levels(check_errors(settings(), now + timedelta(days=2))) == ["ok"]


def test_an_engine_that_does_not_answer_is_reported(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_ENGINE", "sc://127.0.0.1:1/;token=hush")
    monkeypatch.setattr(spark_session, "ANSWER_SECONDS", 0.2)
    with pytest.raises(EngineError, match="nothing answers") as refusal:
        list(check_engine(settings()))
    assert "hush" not in str(refusal.value)


def test_the_engine_is_asked_a_question(spark: object, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_health.spark_session, "stop", lambda: None)  # other tests use the session
    (finding,) = check_engine(settings())
    assert (str(finding.level), finding.what) == ("ok", "sail answers")
