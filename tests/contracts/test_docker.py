"""The container files follow the compose specification and the linter's rules, and contain no secret."""

import configparser
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCKER = Path(__file__).parents[2] / "docker"
PROGRAMS = Path(sys.executable).parent
SECRETS = ("PASSWORD", "SECRET", "KEY", "TOKEN")


def test_the_compose_file_follows_the_compose_specification() -> None:
    command = [PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DOCKER / "compose.yaml"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_dockerfile_passes_its_linter() -> None:
    checked = subprocess.run(
        [PROGRAMS / "hadolint", "--failure-threshold", "info", DOCKER / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_image_has_the_airflow_that_the_lock_has() -> None:
    locked = re.search(
        r"^apache-airflow==(\S+)", (DOCKER.parent / "requirements-dev.lock").read_text("utf-8"), re.MULTILINE
    )
    assert locked is not None
    assert f"FROM apache/airflow:slim-{locked[1]}-python3.11" in (DOCKER / "Dockerfile").read_text("utf-8")


def test_every_variable_of_the_compose_file_is_in_the_example() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", (DOCKER / "compose.yaml").read_text("utf-8")))
    given = set(re.findall(r"^(\w+)=", (DOCKER / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert asked == given


def test_the_example_holds_no_secret() -> None:
    lines = (DOCKER / ".env.example").read_text("utf-8").splitlines()
    named = [
        line
        for line in lines
        if "=" in line and not line.startswith("#") and any(word in line.split("=")[0] for word in SECRETS)
    ]
    assert named
    assert [line for line in named if line.split("=", 1)[1]] == []


def declared() -> dict[str, Any]:
    """The services of the compose file."""
    services: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))["services"]
    return services


@pytest.mark.parametrize("service", sorted(declared()))
def test_nothing_listens_beyond_the_machine_and_nothing_gains_rights(service: str) -> None:
    entry = declared()[service]
    assert all(str(port).startswith("127.0.0.1:") for port in entry.get("ports", []))
    assert service == "postgres" or entry["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("service", sorted(declared()))
def test_every_service_has_limits_and_its_log_does_not_grow_for_ever(service: str) -> None:
    entry = declared()[service]
    assert entry["mem_limit"]
    assert entry["pids_limit"] > 0
    assert set(entry["logging"]["options"]) == {"max-size", "max-file"}


def test_only_the_service_that_runs_the_tasks_reads_the_secrets_of_the_feeds() -> None:
    assert [name for name, entry in declared().items() if "env_file" in entry] == ["scheduler"]
    assert declared()["scheduler"]["env_file"] == [{"path": "emis.env", "required": False}]
    assert "/docker/emis.env" in (DOCKER.parent / ".gitignore").read_text("utf-8").splitlines()


def test_what_the_readme_says_can_be_set_can_be_set() -> None:
    readme = (DOCKER / "README.md").read_text("utf-8")
    given = (DOCKER / ".env.example").read_text("utf-8")
    named = set(re.findall(r"`((?:EMIS|AIRFLOW)_\w+)[`=]", readme)) - {"EMIS_HOME"}
    assert {"EMIS_APPROVERS", "AIRFLOW__API__BASE_URL", "AIRFLOW__CORE__AUTH_MANAGER"} <= named
    assert {name for name in named if f"\n{name}=" not in given} == set()


def test_the_spark_server_is_on_the_loopback_of_the_tasks_and_wants_a_token() -> None:
    spark = declared()["spark-connect"]
    assert spark["network_mode"] == "service:scheduler"
    assert "ports" not in spark
    assert "0.0.0.0" not in str(spark)  # noqa: S104 - what must not be there
    assert "SPARK_CONNECT_AUTHENTICATE_TOKEN" in spark["environment"]
    assert "SPARK_CONNECT_AUTHENTICATE_TOKEN:?" in spark["command"][0]


def test_a_backup_holds_both_databases_and_the_lake_and_is_complete_or_not_there() -> None:
    backup = declared()["backup"]
    (script,) = backup["command"]
    assert script.index("pg_dump") < script.index("tar ") < script.index("mv ")
    assert "for database in emis airflow" in script
    assert "lake:/var/lib/emis:ro" in backup["volumes"]


@pytest.mark.parametrize("unit", sorted((DOCKER / "systemd").iterdir()), ids=lambda path: path.name)
def test_a_unit_of_systemd_can_be_read_and_what_it_starts_exists(unit: Path) -> None:
    settings = configparser.RawConfigParser(strict=False)
    settings.optionxform = str  # type: ignore[assignment]
    settings.read_string(unit.read_text("utf-8"))
    started = settings.get("Service", "ExecStart", fallback="")
    assert "Description" in settings["Unit"]
    if "devstack" in started:
        assert importlib.util.find_spec("bigdata_emis.devstack.services")
        assert started.endswith("--without-logins")
        assert settings["Service"]["Restart"] == "on-failure"
        assert settings["Service"]["User"] != "root"
