"""The state of each region, without a registry and with one."""

from datetime import date
from pathlib import Path

from bigdata_emis.settings import settings
from bigdata_emis.upkeep.region_state import RegionRow, region_rows
from tests.upkeep.conftest import Village


def by_name() -> dict[str, RegionRow]:
    return {row["region"]: row for row in region_rows(settings())}


def test_the_regions_of_the_package_are_listed_without_a_registry(home: Path) -> None:
    row = by_name()["nys"]
    assert (row["state"], row["last_published_day"], row["is_simulated"]) == ("archived", None, False)
    assert list(home.iterdir()) == []


def test_a_region_says_how_far_it_is_published(village: Village) -> None:
    village.list_published(village.write(1, days_ago=1))
    village.list_published(village.write(1, days_ago=1, table_day=date(2026, 1, 9)))
    assert (by_name()["village"]["state"], by_name()["village"]["last_published_day"]) == ("scheduled", "2026-01-10")


def test_a_broken_region_says_why(village: Village) -> None:
    (village.folder / "region.toml").write_text("[", "utf-8")
    row = by_name()["village"]
    assert (row["state"], row["name_en"]) == ("broken", "")
    assert "region.toml" in row["problem"]
