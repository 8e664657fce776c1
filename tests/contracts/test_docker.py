"""The container files keep the compose specification and the linter's rules, and hold no secret."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

DOCKER = Path(__file__).parents[2] / "docker"
PROGRAMS = Path(sys.executable).parent
SECRETS = ("PASSWORD", "SECRET", "KEY", "TOKEN")


def test_the_compose_file_keeps_the_compose_specification() -> None:
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


@pytest.mark.parametrize("service", ["api-server", "spark-connect", "postgres", "scheduler"])
def test_nothing_listens_beyond_the_machine_and_nothing_gains_rights(service: str) -> None:
    made = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))["services"][service]
    assert all(str(port).startswith("127.0.0.1:") for port in made.get("ports", []))
    assert service == "postgres" or made["cap_drop"] == ["ALL"]
