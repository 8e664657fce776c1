"""All checks together: one that fails does not stop the others, and the worst level is the answer."""

from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.database_connection import connected
from bigdata_emis.upkeep.health.doctor import examine_system, worst_level
from bigdata_emis.upkeep.health.health_finding import HealthFinding, HealthLevel
from tests.upkeep.conftest import NOW, Village


def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_ENGINE", "nothing")


def found(region: str = "") -> dict[tuple[str, str], HealthFinding]:
    return {(f.check, f.region): f for f in examine_system(settings(), region, clock=now)}


@pytest.fixture
def used(village: Village, monkeypatch: pytest.MonkeyPatch) -> Village:
    village.list_published(village.write(1, days_ago=1))
    monkeypatch.setenv("EMIS_ENGINE", "nothing")  # the fixture home has taken it away
    return village


def test_a_wrong_engine_is_one_failure_among_the_other_findings(used: Village) -> None:
    findings = found()
    assert "EMIS_ENGINE is 'nothing'" in findings["engine", ""].what
    assert findings["registry", ""].level == HealthLevel.OK
    assert findings["published", "village"].level == HealthLevel.WARN
    assert ("published", "nys") not in findings, "nothing was ever published there"


def test_a_database_that_is_down_is_reported_once(used: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_DATABASE", "postgresql://emis:hush@127.0.0.1:1/emis")
    findings = found("village")
    assert findings["registry", ""].level == HealthLevel.FAIL
    assert ("published", "village") not in findings


def test_a_registry_that_waits_for_its_migration_is_the_only_failure(used: Village) -> None:
    with connected(write=True) as connection:
        connection.execute(sa.text(f"update {database.VERSION_TABLE} set version_num = '0001'"))
    findings = [one for one in examine_system(settings(), "", clock=now) if "has the schema" in one.what]
    assert [(one.check, str(one.level), one.remedy[:26]) for one in findings] == [
        ("registry", "fail", "run emis registry migrate,")
    ]
    assert found()["lake", ""].level == HealthLevel.OK


def test_one_region_is_examined_with_its_feeds(used: Village) -> None:
    (used.folder / "feeds.toml").write_text('[power]\nformat = "csv"\ndrop = "x.csv"\n', "utf-8")
    assert found("village")["feed", "village"].subject == "power"


def test_a_broken_region_is_a_failure_of_its_own(used: Village) -> None:
    (used.folder / "region.toml").write_text("[", "utf-8")
    for region in ("", "village"):
        assert found(region)["region", "village"].level == HealthLevel.FAIL


def test_nothing_is_created(home: Path) -> None:
    found()
    assert list(home.iterdir()) == []


def test_the_worst_level_is_the_answer() -> None:
    ok, warn, fail = (HealthFinding("disk", level, "") for level in HealthLevel)
    assert worst_level([]) == HealthLevel.OK
    assert worst_level([warn, ok]) == HealthLevel.WARN
    assert worst_level([ok, fail, warn]) == HealthLevel.FAIL
