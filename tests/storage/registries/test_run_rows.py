"""Only a run that is recorded as running is ended or removed, and only that of the region."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.codes import RunStatus
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.run_rows import end_running, remove_running

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def runs(home: Path) -> None:
    """A run that runs and one that has ended, in two regions."""
    database.migrate()
    rows = [{"run_id": "open", "status": "running"}, {"run_id": "ended", "status": "done"}]
    for region in ("a", "b"):
        database.append("run", region, pa.Table.from_pylist(rows, arrow_schema(schema.table("run"))))


def statuses(region: str) -> dict[str, str]:
    return {row["run_id"]: row["status"] for row in database.read("run", region).to_pylist()}


def test_a_run_that_runs_is_ended_once() -> None:
    assert end_running("a", "open", status=RunStatus.INTERRUPTED, error="killed", ended_utc=NOW)
    assert not end_running("a", "open", status=RunStatus.DONE, error=None, ended_utc=NOW)
    assert statuses("a") == {"open": "interrupted", "ended": "done"}
    assert statuses("b") == {"open": "running", "ended": "done"}


def test_a_run_that_has_ended_or_is_unknown_is_left_alone() -> None:
    assert not end_running("a", "ended", status=RunStatus.FAILED, error="x", ended_utc=NOW)
    assert not end_running("a", "none", status=RunStatus.FAILED, error="x", ended_utc=NOW)
    remove_running("a", "ended")
    assert statuses("a") == {"open": "running", "ended": "done"}


def test_a_run_that_runs_is_removed() -> None:
    remove_running("a", "open")
    assert (statuses("a"), len(statuses("b"))) == ({"ended": "done"}, 2)
