"""Fixtures of all tests: one engine per process, a home for each test, and no network beyond loopback.

No test sees the data of whoever runs it: neither the EMIS_* of the shell, nor var/ of the checkout.
"""

import ipaddress
import itertools
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REAL_CONNECT = socket.socket.connect
PLACES = ("EMIS_HOME", "EMIS_LAKE", "EMIS_DATABASE", "EMIS_REGIONS")
CHECKOUT_DATA = str(Path(__file__).parents[1] / "var")
RELATIVE_DATA = "var/"
"""A bare name may belong to an open folder: the event does not say which, as when a folder of tests is deleted."""
HOMES = tempfile.TemporaryDirectory(prefix="emis-homes-")
NUMBERS = itertools.count(1)
FILE_EVENTS = ("open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "sqlite3.connect")
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


def pytest_configure(config: pytest.Config) -> None:
    """Let what is read before the first test, or by a fixture that names no home, find an empty one."""
    for name in PLACES:
        os.environ.pop(name, None)
    os.environ["EMIS_HOME"] = HOMES.name
    sys.addaudithook(_refuse_checkout_data)


def _refuse_checkout_data(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise when this process opens, lists, creates or deletes what lies in var/ of the checkout."""
    place = arguments[0] if arguments and event in FILE_EVENTS else None
    path = os.fsdecode(place) if isinstance(place, str | bytes | os.PathLike) else ""
    if path.startswith((CHECKOUT_DATA, RELATIVE_DATA)) and Path(path).absolute().is_relative_to(CHECKOUT_DATA):
        raise RuntimeError(f"a test reached for {path}, which is data of this checkout")


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


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """An EMIS_HOME that no other test has, unless a fixture of several tests has set one."""
    if os.environ.get("EMIS_HOME") == HOMES.name:
        monkeypatch.setenv("EMIS_HOME", str(Path(HOMES.name) / f"{next(NUMBERS)}"))


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
