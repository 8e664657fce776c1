"""A published day is read by its manifest, and a file that somebody changed is refused."""

from datetime import date
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.manifest_files import find_published_day, open_published_day
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.lake import open_lake
from tests.publish.export.exported_town import publish_exported_town
from tests.publish.published_town import FIRST, town


def test_a_table_is_read_with_the_wanted_columns_only(published: Path) -> None:
    table = open_published_day(open_lake(town(published)), FIRST).table("emission_hourly", ["source_id", "emission_g"])
    assert table.column_names == ["source_id", "emission_g"]
    assert table.num_rows == 144


def test_the_registry_and_the_grid_are_those_of_the_day(published: Path) -> None:
    day = open_published_day(open_lake(town(published)), FIRST)
    assert day.region_table("production_line", ["industry_code"])["industry_code"].to_pylist() == ["sinter"]
    assert day.grid_document()["x_axis"]["count"] == 3
    assert day.partial_reasons == []
    assert set(day.versions) >= {"emission_hourly", "emission_gridded_hourly"}


def test_a_day_that_is_not_published_is_refused(published: Path) -> None:
    store = open_lake(town(published))
    assert find_published_day(store, date(2015, 12, 25)) is None
    with pytest.raises(InputError, match="2015-12-25 of region town is not published; run emis day"):
        open_published_day(store, date(2015, 12, 25))


def test_a_file_that_was_changed_or_is_gone_is_refused(home: Path) -> None:
    publish_exported_town(home)
    (path,) = (home / "lake" / "history" / "town" / "emission_hourly" / f"day={FIRST}").glob("*.parquet")
    path.chmod(0o640)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ChangedFileError, match="its SHA-256 differs"):
        open_published_day(open_lake(town(home)), FIRST).table("emission_hourly", ["source_id"])
    path.unlink()
    with pytest.raises(ChangedFileError, match="no such file"):
        open_published_day(open_lake(town(home)), FIRST).table("emission_hourly", ["source_id"])


def test_a_manifest_without_a_table_or_file_is_refused_in_one_line(published: Path) -> None:
    day = open_published_day(open_lake(town(published)), FIRST)
    day.manifest["files"].clear()
    day.manifest["region_files"].clear()
    with pytest.raises(InputError, match="names no table emission_hourly"):
        day.table("emission_hourly", ["source_id"])
    with pytest.raises(InputError, match=r"names no file grid/grid\.json"):
        day.grid_document()


def test_a_damaged_manifest_is_refused(home: Path) -> None:
    published = publish_exported_town(home)
    path = (published / "manifest" / f"day={FIRST}.json").resolve()
    path.chmod(0o640)
    path.write_text("{", "utf-8")
    with pytest.raises(InputError, match="is damaged"):
        find_published_day(open_lake(town(home)), FIRST)


def test_a_day_published_as_partial_has_its_reasons(published: Path) -> None:
    day = open_published_day(open_lake(town(published)), FIRST)
    day.manifest.update(is_partial=True, partial_reasons=["feed power: 12 hours missing"])
    assert day.partial_reasons == ["feed power: 12 hours missing"]
    day.manifest.update(partial_reasons=[])
    assert day.partial_reasons == ["published as partial"]


def test_a_day_names_the_shares_that_rest_on_unverified_factors(published: Path) -> None:
    day = open_published_day(open_lake(town(published)), FIRST)
    assert day.unverified == ""
    day.manifest.update(unverified_factors={"mass_share": {"CO": 0.5, "NOx": 0.25}, "least_confidence": 0.65})
    assert day.unverified == "CO 0.5000, NOx 0.2500 (confidence 0.65)"
