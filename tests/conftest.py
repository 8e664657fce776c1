"""Fixtures of all tests: one engine per process, a lake for each test, and no network beyond loopback."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REAL_CONNECT = socket.socket.connect
APART = ""
# Which tests run in one process; what takes longest is first, so that no process ends long after the other. The tests
# of any other file run together, so that what they share is made once; those of a file that is APART are long, and
# share nothing.
GROUPS = {
    "tests/flow/test_day_on_both_engines.py": "simulated day",
    "tests/flow/test_demo_day.py": "simulated day",
    "tests/engine/test_local_spark.py": "simulated day",
    "tests/flow/test_restated_month.py": APART,
    "tests/flow/test_killed_day.py": APART,
    "tests/flow/test_bad_input.py": "gate",
    "tests/publish/test_publish.py": "gate",
    "tests/publish/test_scenario_decision.py": "gate",
    "tests/collect/gateway/test_gateway_server.py::test_a_hundred_thousand_": APART,
    "tests/dags/": "airflow",
    "tests/airflow/": "airflow",
    "tests/flow/test_late_backfill.py": APART,
    "tests/devstack/test_postgres.py": "postgres",
    "postgresql": "postgres",
    "tests/publish/export/": "export",
    "tests/flow/test_truth_is_hidden.py": "contracts",
    "tests/flow/": APART,
    "tests/demo/": "demo",
    "tests/bench/": APART,
    "tests/contracts/": "contracts",
}


def group_of(nodeid: str) -> str:
    """The name of the tests that run in one process with this one."""
    file = nodeid.split("::")[0]
    return next((group or nodeid for words, group in GROUPS.items() if words in nodeid), file)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the tests of a process among several by the order of their groups."""
    if hasattr(config, "workerinput"):
        names = list(GROUPS)
        items.sort(key=lambda item: next((n for n, words in enumerate(names) if words in item.nodeid), len(names)))


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Run the tests of one group in one process. The mark xdist_group of pytest-xdist 3.8 fails with pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    config.option.loadscopereorder = False  # the order is that of GROUPS
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
