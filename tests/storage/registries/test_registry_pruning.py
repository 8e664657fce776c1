"""Rows that a retention policy changes: only those of the region, the version and the scenario that are meant."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.registries import registry_pruning
from bigdata_emis.storage.registries.registry_pruning import delete_runs, mark_version_as_pruned, read_old_runs

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = date(2026, 1, 10)


@pytest.fixture(autouse=True)
def registry(home: Path) -> None:
    database.migrate()


def add(table_name: str, region: str, *rows: dict[str, Any]) -> None:
    whole = [dict.fromkeys(schema.table(table_name).names) | row for row in rows]
    database.append(table_name, region, pa.Table.from_pylist(whole, arrow_schema(schema.table(table_name))))


def run(name: str, days_ago: float) -> dict[str, Any]:
    return {"run_id": name, "started_utc": NOW - timedelta(days=days_ago), "status": "done"}


def version(name: str, known_utc: datetime, scenario_id: str | None = None) -> dict[str, Any]:
    key = {"table_name": "control_hourly", "day": DAY, "version": name, "known_utc": known_utc}
    return {**key, "scenario_id": scenario_id}


def pruned(region: str = "a") -> list[str]:
    rows = database.read("published_version", region).to_pylist()
    return [f"{row['version']} {row['scenario_id']}" for row in rows if row["pruned_utc"] == NOW]


def test_old_runs_are_listed_oldest_first_and_deleted_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_pruning, "ROWS_AT_ONCE", 1)
    add("run", "a", run("new", 1), run("old", 20), run("oldest", 30))
    add("run", "b", run("old", 20))
    assert [row["run_id"] for row in read_old_runs("a", before_utc=NOW - timedelta(days=10))] == ["oldest", "old"]
    delete_runs("a", ["old", "oldest"])
    assert database.read("run", "a")["run_id"].to_pylist() == ["new"]
    assert database.read("run", "b")["run_id"].to_pylist() == ["old"]


def test_only_the_version_of_the_scenario_is_marked() -> None:
    first, second = NOW - timedelta(days=9), NOW - timedelta(days=8)
    rows = (version("x", first, "s1"), version("x", second, "s2"), version("y", first, "s1"))
    for region in ("a", "b"):
        add("scenario", region, {"scenario_id": "s1"}, {"scenario_id": "s2"})
    add("published_version", "a", *rows)
    add("published_version", "b", version("x", first, "s1"))
    mark_version_as_pruned("a", "control_hourly", DAY, "x", scenario_id="s1", now_utc=NOW)
    assert (pruned(), pruned("b")) == (["x s1"], [])


def test_a_version_without_scenario_is_marked_once() -> None:
    add("published_version", "a", version("x", NOW - timedelta(days=9)))
    for later in (NOW, NOW + timedelta(days=1)):
        mark_version_as_pruned("a", "control_hourly", DAY, "x", scenario_id="", now_utc=later)
    assert pruned() == ["x None"]
