"""What the gate compares a day with, read from the lake and the registry."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.publish.gate.published_before import earlier_manifests, published_sources, registered_sources
from bigdata_emis.publish.manifest import published_rows
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store

DAY = date(2015, 12, 20)
KNOWN_UTC = datetime(2015, 12, 21, tzinfo=UTC)


@pytest.fixture
def store(home: Path) -> Store:
    database.migrate()
    return Store(settings().lake, "a", "UTC")


def inventory(*sources: str) -> pa.Table:
    rows = [
        {
            "source_id": name,
            "sector_code": "dust",
            "pollutant_code": "PM10",
            "hour_utc": datetime(2015, 12, 20, tzinfo=UTC),
            "emission_g": 1.0,
            "emission_g_p05": 0.5,
            "emission_g_p95": 2.0,
            "method_code": "profile",
        }
        for name in sources
    ]
    table = schema.table("emission_hourly")
    return conform(pa.Table.from_pylist(rows, arrow_schema(table)), table)


def test_only_manifests_of_the_28_days_before_are_read_the_newest_first(store: Store) -> None:
    for day in ("2015-11-21", "2015-11-22", "2015-12-19", "2015-12-20", "2015-12-21"):
        store.write_document(f"manifest/day={day}.json", json.dumps({"day": day}).encode(), tree="published")
    assert [manifest["day"] for manifest in earlier_manifests(store, DAY)] == ["2015-12-19", "2015-11-22"]


def test_the_sources_of_the_published_version_are_read_and_not_those_of_a_newer_unpublished_one(store: Store) -> None:
    versions = store.write("emission_hourly", inventory("s1", "s2"), [DAY], known_utc=KNOWN_UTC, run_id="r1")
    database.upsert("published_version", "a", published_rows(store, versions))
    store.write("emission_hourly", inventory("s1"), [DAY], known_utc=KNOWN_UTC, run_id="r2")
    before = published_sources(store, "a", DAY)
    assert before is not None
    assert before["source_id"].to_pylist() == ["s1", "s2"]


def test_a_day_that_was_never_published_has_nothing_before(store: Store) -> None:
    store.write("emission_hourly", inventory("s1"), [DAY], known_utc=KNOWN_UTC, run_id="r1")
    assert published_sources(store, "a", DAY) is None


def test_lines_links_and_areas_of_the_registry_are_sources(store: Store) -> None:
    assert registered_sources("a") == set()
