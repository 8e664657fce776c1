"""Fixtures of all tests: one engine per process, a lake for each test, and no network beyond loopback."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REAL_CONNECT = socket.socket.connect
# Tests whose names contain these words run in one process, because what they start or import takes seconds.
TOGETHER = {
    "tests/flow/test_day_on_both_engines.py": "spark",
    "tests/engine/test_local_spark.py": "spark",
    "tests/flow/test_demo_day.py": "demo",
    "tests/flow/test_bad_input.py": "gate",
    "tests/publish/test_publish.py": "gate",
    "tests/publish/test_scenario_decision.py": "gate",
    "tests/dags/": "airflow",
    "tests/airflow/": "airflow",
    "tests/demo/test_generate.py": "generate",
    "tests/devstack/test_postgres.py": "postgres",
    "[postgresql": "postgres",
}


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Run tests of one group in one process. The mark xdist_group of pytest-xdist 3.8 does not work with pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((group for words, group in TOGETHER.items() if words in nodeid), nodeid)

    return Together(config, log)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise RuntimeError(f"a test reached for {address}")
        REAL_CONNECT(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """The embedded engine, once in each test process."""
    from bigdata_emis.engine import spark_session

    yield spark_session.session("sail")
    spark_session.stop()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty EMIS_HOME with its own lake and database."""
    for name in ("EMIS_LAKE", "EMIS_DATABASE", "EMIS_REGIONS", "EMIS_ENGINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EMIS_HOME", str(tmp_path))
    return tmp_path
