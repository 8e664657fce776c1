"""A recalculation rests on what was published; what is known of the days comes from their manifests."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.control.inventory_versions import newest_versions, published_versions
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.layout import PUBLISHED
from tests.control.published_days import publish_days

DAY, NEXT = date(2015, 12, 20), date(2015, 12, 21)
HOUR = datetime(2015, 12, 20, tzinfo=UTC)
KNOWN = datetime(2015, 12, 22, tzinfo=UTC)


def emission(amount: float, *, hour: datetime = HOUR) -> pa.Table:
    row = {"source_id": "kiln", "sector_code": "other", "pollutant_code": "NOx", "hour_utc": hour}
    row |= {"emission_g": amount, "emission_g_p05": amount, "emission_g_p95": amount, "method_code": "modelled"}
    declared = schema.table("emission_hourly")
    return conform(pa.Table.from_pylist([row], arrow_schema(declared)), declared)


def source(name: str) -> pa.Table:
    declared = schema.table("control_source")
    row = {"source_id": name, "sector_code": "other", "hour_utc": HOUR}
    return conform(pa.Table.from_pylist([row], arrow_schema(declared)), declared)


def write(store: Store, table: str, frame: pa.Table, hours: int) -> str:
    known = KNOWN + timedelta(hours=hours)
    return store.write(table, frame, [DAY], known_utc=known, run_id="run")[0].version


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "lake"), "test", "UTC")


def test_the_published_version_is_used_although_a_newer_one_was_computed(store: Store) -> None:
    first = write(store, "emission_hourly", emission(1.0), 0)
    publish_days(store, [DAY])
    second = write(store, "emission_hourly", emission(2.0), 1)
    published, newest = published_versions(store, [DAY]), newest_versions(store, [DAY])
    assert published.by_table["emission_hourly"]["2015-12-20"].version == first
    assert (published.replaced_days, published.is_draft) == ([DAY], False)
    assert newest.by_table["emission_hourly"]["2015-12-20"].version == second
    assert newest.is_draft is True


def test_a_basis_written_after_publishing_is_the_newest_before_the_day_was_computed_again(store: Store) -> None:
    write(store, "emission_hourly", emission(1.0), 0)
    publish_days(store, [DAY])
    first = write(store, "control_source", source("kiln"), 1)
    assert published_versions(store, [DAY]).by_table["control_source"]["2015-12-20"].version == first
    write(store, "emission_hourly", emission(2.0), 2)
    write(store, "control_source", source("other"), 3)
    assert published_versions(store, [DAY]).by_table["control_source"]["2015-12-20"].version == first


def test_the_basis_that_the_manifest_names_is_used(store: Store) -> None:
    first = write(store, "control_source", source("kiln"), 0)
    write(store, "emission_hourly", emission(1.0), 0)
    publish_days(store, [DAY])
    write(store, "control_source", source("other"), 1)
    assert published_versions(store, [DAY]).by_table["control_source"]["2015-12-20"].version == first


def test_a_day_without_manifest_is_unpublished_and_one_without_inventory_is_none(store: Store) -> None:
    write(store, "emission_hourly", emission(1.0), 0)
    versions = published_versions(store, [DAY, NEXT])
    assert (versions.days, versions.unpublished_days) == ([], [DAY])


def test_shares_of_mass_and_capture_rates_come_from_the_manifests(store: Store) -> None:
    write(store, "emission_hourly", emission(1.0), 0)
    store.write("emission_hourly", emission(1.0, hour=HOUR + timedelta(days=1)), [NEXT], known_utc=KNOWN, run_id="r")
    shares = {"NOx": {"measured": 0.5, "profile": 0.5}}
    publish_days(
        store,
        [DAY],
        completeness={"mass_share_by_method": shares},
        total_kg={"NOx": 30.0},
        feeds={"power": {"complete_share": 1.0}},
    )
    publish_days(
        store,
        [NEXT],
        completeness={"mass_share_by_method": {"NOx": {"measured": 1.0}}},
        total_kg={"NOx": 10.0},
        feeds={"power": {"complete_share": 0.5}, "cems": {"complete_share": None}},
    )
    versions = published_versions(store, [DAY, NEXT])
    assert versions.mass_share_by_method() == {"NOx": {"measured": 0.625, "profile": 0.375}}
    assert versions.feed_capture_share() == {"power": 0.75}
    assert newest_versions(store, [DAY]).mass_share_by_method() == {}


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"files": []}', b'{"files": [{"table": "emission_hourly"}]}'])
def test_a_damaged_manifest_is_refused_by_name(store: Store, content: bytes) -> None:
    store.write_document(f"manifest/day={DAY}.json", content, tree=PUBLISHED)
    with pytest.raises(InputError, match=r"manifest/day=2015-12-20\.json of region test is damaged"):
        published_versions(store, [DAY])


def test_a_version_that_is_gone_from_the_lake_is_refused_by_name(store: Store) -> None:
    write(store, "emission_hourly", emission(1.0), 0)
    publish_days(store, [DAY])
    store.files.clear_folder(store.layout.history_folder("emission_hourly", DAY))
    with pytest.raises(RefusedError, match="2015-12-20 was published with version .* of emission_hourly, which is not"):
        published_versions(store, [DAY])
