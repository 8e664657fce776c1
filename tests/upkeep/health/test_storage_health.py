"""Registry, lake and clock, without anything being created."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.settings import settings
from bigdata_emis.storage.registries.registry_identity import OWNER_FILE, prepare_registry
from bigdata_emis.upkeep.health.storage_health import check_clock, check_lake, check_registry
from tests.upkeep.conftest import NOW, Village


def test_an_empty_home_is_said_and_stays_empty(home: Path) -> None:
    findings = [*check_registry(), *check_lake(settings()), *check_clock(NOW)]
    assert [str(finding.level) for finding in findings] == ["warn", "warn"]
    assert list(home.iterdir()) == []


def test_registry_and_lake_that_belong_together_are_well(village: Village) -> None:
    prepare_registry()
    village.list_published(village.write(1, days_ago=1))
    before = sorted(village.home.rglob("*"))
    findings = [*check_registry(), *check_lake(settings()), *check_clock(NOW)]
    assert [str(finding.level) for finding in findings] == ["ok"] * 4
    assert sorted(p for p in village.home.rglob("*") if ".sqlite-" not in p.name) == before, "the probe is deleted"


def test_the_lake_of_another_registry_is_a_failure(village: Village) -> None:
    village.write(1, days_ago=1)
    (village.home / "lake" / OWNER_FILE).write_text(json.dumps({"registry_id": "other"}), "utf-8")
    finding, _ = check_lake(settings())
    assert (str(finding.level), "belongs to registry other" in finding.what) == ("fail", True)


def test_a_clock_before_the_newest_version_is_a_failure(village: Village) -> None:
    village.list_published(village.write(1, days_ago=0))
    (finding,) = check_clock(datetime(2020, 1, 1, tzinfo=UTC))
    assert str(finding.level) == "fail"
    assert "it is 2020-01-01T00:00Z, but a version was published at 2026-03-01T12:00Z" in finding.what


def test_a_database_that_does_not_answer_is_an_error_with_a_remedy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_DATABASE", "postgresql://emis:hush@127.0.0.1:1/emis")
    with pytest.raises(InputError) as refusal:
        list(check_registry())
    assert "hush" not in str(refusal.value)
