"""What the gate compares a day with: its version published before, earlier manifests, the registered sources.

Belongs here: reading them from the lake and the registry. Does not: comparing (history_checks).
"""

import json
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from bigdata_emis import flow, schema
from bigdata_emis.context import Context
from bigdata_emis.publish.gate.day_facts import feed_facts
from bigdata_emis.publish.gate.history_checks import HISTORY_DAYS
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import END_OF_TIME_UTC

INVENTORY = "emission_hourly"
SOURCE_TABLES = {"production_line": "production_line_id", "road_link": "link_id", "activity_area": "activity_area_id"}
"""Registry tables of sources, and the column whose values are source ids of the inventory."""


def earlier_manifests(store: Store, day: date) -> list[dict[str, Any]]:
    """The manifests of the published days among the 28 before a day, the newest first."""
    before = (day - timedelta(days=number) for number in range(1, HISTORY_DAYS + 1))
    documents = (store.read_document(f"manifest/day={earlier}.json", tree="published") for earlier in before)
    return [json.loads(content) for content in documents if content is not None]


def published_sources(store: Store, region_id: str, day: date) -> pa.Table | None:
    """Sources and sectors of the version of a day that is published now; None when there is none."""
    rows = database.query("published_as_of", region_id=region_id, known_utc=END_OF_TIME_UTC).to_pylist()
    known = {row["version"] for row in rows if row["table_name"] == INVENTORY and row["day"] == day}
    versions = [version for version in store.versions(INVENTORY, [day]) if version.version in known]
    if not versions:
        return None
    return store.read_version(versions[-1], columns=["source_id", "sector_code"])


def registered_sources(region_id: str) -> set[str]:
    """The ids of every source in the registry."""
    return {
        source
        for name, column in SOURCE_TABLES.items()
        for source in database.read(name, region_id)[column].to_pylist()
    }


def feed_facts_of_day(context: Context, day: date) -> dict[str, dict[str, Any]]:
    """Volume, means and gaps of each feed of the region on a day, by feed, under `items`."""
    tables = {stage.feed: stage.writes[0] for stage in flow.STAGES if stage.feed}
    return {
        feed: {"items": feed_facts(context.store.read(tables[feed], [day]), schema.table(tables[feed]))}
        for feed in sorted(context.region.feeds)
        if feed in tables
    }
