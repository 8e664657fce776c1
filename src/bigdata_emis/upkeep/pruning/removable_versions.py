"""Versions of the history that a retention policy allows to delete.

Belongs here: what protects a version. Does not: deleting it, or the lock under which that happens (prune).

Always kept: the newest version of a day, what is published now, what any manifest, scenario or draft names, and every
version of a day whose newest version cannot be read. A version is as old as the one that replaced it, so that a
process which began with it has long ended.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from bigdata_emis.errors import RefusedError
from bigdata_emis.storage import database
from bigdata_emis.storage.checksums import VERSION_LENGTH
from bigdata_emis.storage.lake import READS, RECORD, STAMP, Store
from bigdata_emis.storage.layout import HISTORY, PUBLISHED, SCENARIO, SETS
from bigdata_emis.upkeep.pruning.removal import Removal, RemovalKind, file_sizes, folder_names
from bigdata_emis.upkeep.pruning.retention import RetentionPolicy, before

VERSION_NAME = re.compile(rf'"([0-9a-f]{{{VERSION_LENGTH}}})"')
DAY_NAME = re.compile(r"day=(\d{4}-\d{2}-\d{2})")
MANIFEST_FOLDERS = ("manifest", "scenario")

PublishedKey = tuple[str, str, str]
"""Table, day and scenario (empty for the inventory)."""


@dataclass(frozen=True)
class VersionRules:
    """What decides about a version.

    history_before, published_before: a version that was replaced by then may go; None for never.
    named: versions that a manifest, a scenario or a draft names.
    published: for each key the versions that were ever published, with the time at which another one was published.
    """

    history_before: datetime | None
    published_before: datetime | None
    named: frozenset[str]
    published: Mapping[PublishedKey, Mapping[str, datetime | None]]


def read_version_rules(store: Store, policy: RetentionPolicy, now_utc: datetime) -> VersionRules:
    """The rules of a region, with all that protects versions of its lake.

    Raises RefusedError when the registry does not list a day that is published in the lake: it is not that of the lake.
    """
    rows = database.read("published_version", store.region_id).to_pylist()
    _require_listed(store, rows)
    return VersionRules(
        history_before=before(now_utc, policy.history_days),
        published_before=before(now_utc, policy.published_history_days),
        named=_named_versions(store),
        published=_replaced_when(rows),
    )


def history_days(store: Store) -> Iterator[tuple[str, date]]:
    """Every table and day of which the history has a folder."""
    root = f"{store.layout.root}/{HISTORY}/{store.region_id}"
    for table_name in folder_names(store.files, root):
        for name in folder_names(store.files, f"{root}/{table_name}"):
            if DAY_NAME.fullmatch(name):
                yield table_name, date.fromisoformat(name.removeprefix("day="))


def removable_versions(store: Store, table_name: str, day: date, rules: VersionRules) -> list[Removal]:
    """The versions of a day, of the inventory and of every scenario, that may be deleted now."""
    if rules.history_before is None and rules.published_before is None:
        return []
    folder = f"{store.layout.root}/{HISTORY}/{store.region_id}/{table_name}/day={day}"
    scenarios = [name for name in folder_names(store.files, folder) if name.startswith(f"{SCENARIO}=")]
    found = _removable_of_folder(store, folder, (table_name, str(day), ""), rules)
    for name in scenarios:
        key = (table_name, str(day), name.removeprefix(f"{SCENARIO}="))
        found += _removable_of_folder(store, f"{folder}/{name}", key, rules)
    return found


def _removable_of_folder(store: Store, folder: str, key: PublishedKey, rules: VersionRules) -> list[Removal]:
    records = sorted(name for name in store.files.list_names(folder) if RECORD.fullmatch(name))
    replaced = _replaced_versions(records)
    wanted = [version for version, since in replaced.items() if _may_go(version, since, key, rules)]
    if not wanted or not _is_readable(store, folder, records[-1]):
        return []
    published = rules.published.get(key, {})
    return [_removal(store, folder, version, records, key, version in published) for version in wanted]


def _replaced_versions(records: list[str]) -> dict[str, datetime]:
    """Every version that is not the newest, with the time at which the next one was known after its last record."""
    replaced: dict[str, datetime] = {}
    for record, following in pairwise(records):
        replaced[_version_of(record)] = datetime.strptime(following.partition("-")[0], STAMP).replace(tzinfo=UTC)
    if records:
        replaced.pop(_version_of(records[-1]), None)
    return replaced


def _may_go(version: str, replaced_utc: datetime, key: PublishedKey, rules: VersionRules) -> bool:
    published = rules.published.get(key, {})
    if version in rules.named:
        return False
    if version not in published:
        return rules.history_before is not None and replaced_utc <= rules.history_before
    until, limit = published[version], rules.published_before
    return limit is not None and until is not None and max(until, replaced_utc) <= limit


def _is_readable(store: Store, folder: str, record: str) -> bool:
    """Whether the newest version of a folder can be read, so that the ones before it are not needed."""
    try:
        version = json.loads(store.files.read_bytes(f"{folder}/{record}"))["version"]
    except (ValueError, KeyError, TypeError):
        return False
    return store.files.exists(f"{folder}/{version}.parquet")


def _removal(
    store: Store, folder: str, version: str, records: list[str], key: PublishedKey, is_published: bool
) -> Removal:
    """The file goes first: without it a record that a killed process left is found again."""
    own = [f"{folder}/{record}" for record in records if _version_of(record) == version]
    paths = (f"{folder}/{version}.parquet", f"{folder}/{version}{READS}", *own)
    table_name, day, scenario = key
    return Removal(
        RemovalKind.PUBLISHED_VERSION if is_published else RemovalKind.VERSION,
        table_name,
        day,
        version,
        file_sizes(store.files, paths),
        paths,
        scenario_id=scenario,
    )


def _version_of(record: str) -> str:
    return record.removesuffix(".json").partition("-")[2]


def _replaced_when(rows: list[dict[str, Any]]) -> dict[PublishedKey, dict[str, datetime | None]]:
    """For each key its published versions, with the known time of the next one; None for what is published now."""
    by_key: dict[PublishedKey, list[dict[str, Any]]] = {}
    for row in rows:
        by_key.setdefault((row["table_name"], str(row["day"]), row["scenario_id"] or ""), []).append(row)
    replaced: dict[PublishedKey, dict[str, datetime | None]] = {}
    for key, of_key in by_key.items():
        ordered = sorted(of_key, key=lambda row: (row["known_utc"], row["version"]))
        following = [row["known_utc"] for row in ordered[1:]]
        # A version that was published twice counts with its last time.
        replaced[key] = {row["version"]: until for row, until in zip(ordered, [*following, None], strict=True)}
    return replaced


def _named_versions(store: Store) -> frozenset[str]:
    """Whatever looks like a version in a manifest, in the parameters of a scenario or in an approved draft."""
    texts = [store.files.read_bytes(path).decode("utf-8", "replace") for path in _documents(store)]
    scenarios = database.read("scenario", store.region_id)["parameters_json"].to_pylist()
    return frozenset(name for text in [*texts, *filter(None, scenarios)] for name in VERSION_NAME.findall(text))


def _documents(store: Store) -> Iterator[str]:
    """Manifests of days and scenarios, those of the sets before them, and the judged drafts of months."""
    files, root = store.files, f"{store.layout.root}/{PUBLISHED}/{store.region_id}"
    sets = [f"{root}/{SETS}/{name}" for name in folder_names(files, f"{root}/{SETS}")]
    digests = [f"{folder}/{name}" for folder in sets for name in folder_names(files, folder)]
    for folder in [root, *digests]:
        for name in MANIFEST_FOLDERS:
            yield from files.list_files(f"{folder}/{name}", ".json")
    drafts = f"{store.layout.root}/draft/{store.region_id}"
    for name in folder_names(files, drafts):
        yield from files.list_files(f"{drafts}/{name}", ".json")


def _require_listed(store: Store, rows: list[dict[str, Any]]) -> None:
    listed = {str(row["day"]) for row in rows}
    folder = f"{store.layout.root}/{PUBLISHED}/{store.region_id}/manifest"
    for name in sorted(store.files.list_names(folder)):
        day = DAY_NAME.fullmatch(name.removesuffix(".json"))
        if day and day[1] not in listed:
            raise RefusedError(
                f"{folder}/{name} is published, but the registry lists no version of {day[1]}: nothing was deleted",
                "set EMIS_DATABASE to the registry of this lake, or run that day again",
            )
