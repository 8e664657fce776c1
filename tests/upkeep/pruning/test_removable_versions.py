"""What protects a version: being the newest, published, named, or replaced too lately."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bigdata_emis.errors import RefusedError
from bigdata_emis.upkeep.pruning.removable_versions import history_days, read_version_rules, removable_versions
from bigdata_emis.upkeep.pruning.retention import RetentionPolicy
from tests.upkeep.conftest import DAY, NOW, TABLE, Village


def found(village: Village, **days: int) -> list[str]:
    rules = read_version_rules(village.store, RetentionPolicy(**days), NOW)
    return [removal.detail for removal in removable_versions(village.store, TABLE, DAY, rules)]


def test_without_a_policy_nothing_may_go(village: Village) -> None:
    village.write(1, days_ago=40)
    village.write(2, days_ago=30)
    assert found(village) == []


def test_a_version_is_as_old_as_the_one_that_replaced_it(village: Village) -> None:
    first = village.write(1, days_ago=40)
    second = village.write(2, days_ago=30)
    village.write(3, days_ago=5)
    assert found(village, history_days=20) == [first.version]
    assert found(village, history_days=5) == [first.version, second.version]
    assert found(village, history_days=31) == []


def test_the_newest_version_of_a_day_stays_however_old_it_is(village: Village) -> None:
    village.write(1, days_ago=400)
    assert found(village, history_days=1) == []


def test_what_was_published_stays_until_its_own_policy_allows_it(village: Village) -> None:
    first, second = village.write(1, days_ago=50), village.write(2, days_ago=45)
    for version in (first, second):
        village.list_published(version)
    village.write(3, days_ago=40)
    assert found(village, history_days=1) == []
    assert found(village, history_days=1, published_history_days=46) == []
    assert found(village, published_history_days=30) == [first.version], "the second is published now"


def test_a_version_that_came_back_is_as_old_as_the_end_of_its_last_time(village: Village) -> None:
    first = village.write(1, days_ago=50)
    village.write(2, days_ago=45)
    assert village.write(1, days_ago=40).version == first.version
    village.write(3, days_ago=10)
    assert first.version not in found(village, history_days=20)
    assert first.version in found(village, history_days=10)


def test_content_that_is_the_newest_again_stays(village: Village) -> None:
    first = village.write(1, days_ago=50)
    second = village.write(2, days_ago=45)
    village.write(1, days_ago=40)
    assert found(village, history_days=1) == [second.version]
    assert first.version in village.stored()


def test_what_a_manifest_names_as_an_input_stays(village: Village) -> None:
    named, other = village.write(1, days_ago=50), village.write(2, days_ago=45)
    newest = village.write(3, days_ago=40)
    village.publish(newest, json.dumps({"input_versions": {TABLE: named.version}}).encode())
    assert found(village, history_days=1) == [other.version]


def test_a_damaged_newest_record_keeps_every_version_before_it(village: Village) -> None:
    version = village.write(1, days_ago=50)
    newest = village.write(2, days_ago=45)
    record = next(Path(newest.path).parent.glob(f"*-{newest.version}.json"))
    record.write_text("{", "utf-8")
    assert found(village, history_days=1) == []
    assert version.version in village.stored()


def test_a_missing_newest_file_keeps_every_version_before_it(village: Village) -> None:
    village.write(1, days_ago=50)
    Path(village.write(2, days_ago=45).path).unlink()
    assert found(village, history_days=1) == []


def test_a_registry_that_does_not_list_what_is_published_is_refused(village: Village) -> None:
    version = village.write(1, days_ago=50)
    village.store.publish_set(f"day={DAY}", [version], {f"manifest/day={DAY}.json": b"{}"})
    with pytest.raises(RefusedError, match="lists no version of 2026-01-10"):
        found(village, history_days=1)


def test_strays_in_the_history_are_passed_over(village: Village) -> None:
    village.write(1, days_ago=50)
    root = village.home / "lake" / "history" / "village"
    (root / "README").write_text("by hand", "utf-8")
    (root / TABLE / "day=tomorrow").mkdir()
    (root / TABLE / f"day={DAY}" / "notes.json").write_text("{}", "utf-8")
    assert list(history_days(village.store)) == [(TABLE, DAY)]
    assert found(village, history_days=1) == []


def test_bytes_are_those_of_the_file_and_its_records(village: Village) -> None:
    first = village.write(1, days_ago=50)
    village.write(2, days_ago=45)
    record = next(Path(first.path).parent.glob(f"*-{first.version}.json"))
    rules = read_version_rules(village.store, RetentionPolicy(history_days=1), NOW + timedelta(days=1))
    (removal,) = removable_versions(village.store, TABLE, DAY, rules)
    assert removal.byte_count == Path(first.path).stat().st_size + record.stat().st_size
