"""What pruning deletes, what it writes down, and that a killed prune is simply run again."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from socket import gethostname

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.manifest import published
from bigdata_emis.storage import database, locks
from bigdata_emis.storage.registries.registry_identity import OWNER_FILE
from bigdata_emis.upkeep.pruning import prune
from bigdata_emis.upkeep.pruning.prune import PruneDocument, prune_region
from tests.upkeep.conftest import DAY, NOW, TABLE, Village

FEEDS = """
[power]
format = "csv"
drop = "drop/{day}.csv"
"""


def run(village: Village, *, is_dry_run: bool = False, **days: int) -> PruneDocument:
    return prune_region(village.keep(**days), now_utc=NOW, is_dry_run=is_dry_run)


def add_raw(village: Village, day: str, *, days_ago: float, feed: str = "power") -> Path:
    folder = village.home / "lake" / "raw" / "village" / feed / f"day={day}"
    folder.mkdir(parents=True)
    for name in ("drop-x-0123456789abcdef.csv", "pass-000001.json"):
        (folder / name).write_bytes(b"12345")
        stamp = (NOW - timedelta(days=days_ago)).timestamp()
        os.utime(folder / name, (stamp, stamp))
    return folder


def test_a_dry_run_says_what_would_go_and_touches_nothing(village: Village) -> None:
    village.write(1, days_ago=50)
    village.write(2, days_ago=45)
    before = village.stored()
    document = run(village, is_dry_run=True, history_days=10)
    assert [(row["kind"], row["name"], row["count"]) for row in document["removed"]] == [
        ("versions never published", TABLE, 1)
    ]
    assert document["bytes"] > 0
    assert village.stored() == before
    assert village.acts() == []


def test_old_versions_go_and_the_act_is_in_the_audit_trail(village: Village) -> None:
    village.write(1, days_ago=50)
    newest = village.write(2, days_ago=45)
    document = run(village, history_days=10)
    assert village.stored() == [newest.version]
    assert village.store.read(TABLE, [DAY])["activity_index"].to_pylist() == [2.0]
    assert village.acts() == [f"1 versions never published; {document['bytes']} bytes; history_days = 10"]
    assert run(village, history_days=10)["removed"] == []
    assert len(village.acts()) == 1, "nothing was deleted, so there is no act"


def test_an_as_of_answer_still_names_a_pruned_version(village: Village) -> None:
    first, second = village.write(1, days_ago=60), village.write(2, days_ago=55)
    village.list_published(first)
    village.publish(second)
    run(village, published_history_days=30)
    assert village.stored() == [second.version]
    (row,) = published("village", as_of=NOW - timedelta(days=58))["versions"]
    assert (row["version"], row["pruned_utc"]) == (first.version, NOW.isoformat())
    (row,) = published("village")["versions"]
    assert (row["version"], row["pruned_utc"]) == (second.version, None)


def test_a_killed_prune_is_run_again(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the file of a version and before its record: the record is found again, and readers are fine."""
    first = village.write(1, days_ago=50)
    newest = village.write(2, days_ago=45)
    Path(first.path).unlink()
    document = run(village, history_days=10)
    assert [item["detail"] for item in document["items"]] == [first.version]
    assert [v.version for v in village.store.versions(TABLE, [DAY])] == [newest.version]


def test_what_becomes_needed_before_the_lock_is_taken_stays(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    first = village.write(1, days_ago=50)
    village.write(2, days_ago=45)
    find = prune._find_all

    def find_and_write(*words: object) -> list[object]:
        removals = list(find(*words))  # type: ignore[arg-type]
        village.write(1, days_ago=1)  # the old content is computed again
        return removals

    monkeypatch.setattr(prune, "_find_all", find_and_write)
    run(village, history_days=10)
    assert first.version in village.stored()


def test_answers_go_when_their_day_and_their_arrival_are_old(make_village: Callable[[str], Village]) -> None:
    village = make_village(FEEDS)
    old, late, young = (
        add_raw(village, "2026-01-01", days_ago=50),
        add_raw(village, "2026-01-02", days_ago=1),
        add_raw(village, "2026-02-27", days_ago=2),
    )
    document = run(village, raw_days=30)
    assert (old.exists(), late.exists(), young.exists()) == (False, True, True)
    assert document["bytes"] == 10


def test_a_file_of_a_year_stays_until_the_year_is_old(make_village: Callable[[str], Village]) -> None:
    village = make_village(FEEDS.replace("{day}", "{year}"))
    this_year = add_raw(village, "2026-01-01", days_ago=50)
    last_year = add_raw(village, "2025-01-01", days_ago=300)
    run(village, raw_days=30)
    assert this_year.exists()
    assert not last_year.exists()


def test_answers_of_a_feed_that_is_no_longer_declared_stay_and_are_named(village: Village) -> None:
    folder = add_raw(village, "2020-01-01", days_ago=300, feed="traffic")
    assert run(village, raw_days=30)["kept_feeds"] == ["traffic"]
    assert folder.exists()


def test_runs_go_unless_they_run_or_something_names_them(village: Village) -> None:
    village.list_published(village.write(1, days_ago=60))
    village.add_run("run-1/combine", days_ago=60)
    village.add_run("run-2/combine", days_ago=60)
    village.add_run("run-3/combine", days_ago=60, status="running")
    village.add_run("run-4/combine", days_ago=2)
    run(village, run_days=30)
    assert database.read("run", "village")["run_id"].to_pylist() == ["run-1/combine", "run-3/combine", "run-4/combine"]


def test_logs_of_the_region_and_shared_logs_go(village: Village) -> None:
    (village.folder / "region.toml").write_text(
        (village.folder / "region.toml").read_text("utf-8") + "[retention]\nlog_days = 20\n", "utf-8"
    )
    shared = village.home / "log" / "emis-20260101T000000-1.log"
    task = village.home / "airflow" / "logs" / "tasks" / "dag_id=inventory_village" / "run_id=a" / "attempt=1.log"
    other = village.home / "airflow" / "logs" / "tasks" / "dag_id=inventory_small_village" / "run_id=a" / "1.log"
    for path in (shared, task, other):
        path.parent.mkdir(parents=True)
        path.write_text("line", "utf-8")
        os.utime(path, (NOW.timestamp() - 30 * 86_400,) * 2)
    prune_region(village.region, now_utc=NOW, is_dry_run=False)
    assert (shared.exists(), task.parent.exists(), other.exists()) == (False, False, True)


def test_leftovers_of_killed_processes_go_without_a_policy(village: Village) -> None:
    village.write(1, days_ago=1)
    leftover = village.home / "lake" / "current" / "village" / f".x.parquet.{gethostname()}-4194399.part"
    leftover.write_bytes(b"half")
    document = run(village)
    assert document["bytes"] == 4
    assert not leftover.exists()


def test_two_at_once_are_refused(village: Village) -> None:
    lock = village.store.lock_folder() / "prune.lock"
    with locks.exclusive_lock(lock, what="x", remedy="y"), pytest.raises(InputError, match="another process prunes it"):
        run(village, history_days=1)


def test_the_registry_of_another_lake_is_refused(village: Village) -> None:
    village.write(1, days_ago=50)
    village.write(2, days_ago=45)
    (village.home / "lake" / OWNER_FILE).write_text(json.dumps({"registry_id": "somebody else"}), "utf-8")
    for is_dry_run in (True, False):
        with pytest.raises(InputError, match="belongs to registry somebody else"):
            run(village, is_dry_run=is_dry_run, history_days=1)
    assert len(village.stored()) == 2
