"""Deleting what a region does not need any more, as its retention policy says.

Belongs here: the order, the locks and the act in the audit trail. Does not: what may be deleted (removable_*).

Killed in the middle it leaves nothing that the next run does not find again, and nothing that a reader needs is gone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import TypedDict

from bigdata_emis.region import Region
from bigdata_emis.settings import settings
from bigdata_emis.storage import database, locks
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.storage.registries.registry_identity import owner_of_lake, prepare_registry, require_own_lake
from bigdata_emis.storage.registries.registry_pruning import delete_runs, mark_version_as_pruned, read_old_runs
from bigdata_emis.storage.scenario_record import scenario_transaction
from bigdata_emis.storage.temporary_files import is_stale
from bigdata_emis.upkeep.pruning.removable_logs import leftovers, removable_logs, removable_task_logs
from bigdata_emis.upkeep.pruning.removable_raw import raw_feeds, removable_raw
from bigdata_emis.upkeep.pruning.removable_versions import (
    VersionRules,
    history_days,
    read_version_rules,
    removable_versions,
)
from bigdata_emis.upkeep.pruning.removal import Removal, RemovalKind, delete_files
from bigdata_emis.upkeep.pruning.retention import RetentionPolicy, before, longest_log_days, read_policy

RUNNING = "running"
ACTOR, EVENT = "emis prune", "pruned"
VERSIONS = frozenset({RemovalKind.VERSION, RemovalKind.PUBLISHED_VERSION})

Progress = Callable[[str, int, int], None]


class RemovedSum(TypedDict):
    """What was, or would be, deleted of one kind and name: how many, their bytes, the first and the last day."""

    kind: str
    name: str
    count: int
    bytes: int
    first_day: str
    last_day: str


class PruneDocument(TypedDict):
    """The answer of `emis prune`."""

    region: str
    is_dry_run: bool
    policy: dict[str, int | None]
    bytes: int
    removed: list[RemovedSum]
    items: list[dict[str, str | int]]
    kept_feeds: list[str]


def prune_region(
    region: Region, *, now_utc: datetime, is_dry_run: bool, progress: Progress | None = None
) -> PruneDocument:
    """Delete what the policies of a region allow, and what killed processes left; or only say what that would be.

    Waits for stages that work on the same day of a table. The act is in the audit trail before anything is deleted.

    Raises InputError when another process prunes the region or a policy cannot be used, RefusedError when the registry
    is not that of the lake.
    """
    policy, store = read_policy(region), open_lake(region)
    _require_registry(store, is_dry_run=is_dry_run)
    remedy = "wait until it has ended, then try again"
    lock = store.lock_folder() / "prune.lock"
    with locks.exclusive_lock(lock, what=f"region {region.region_id}: another process prunes it", remedy=remedy):
        rules = read_version_rules(store, policy, now_utc)
        removals = list(_find_all(region, store, policy, rules, now_utc))
        if removals and not is_dry_run:
            _record_act(region, removals, policy, now_utc)
            _delete_all(region, store, removals, rules, now_utc, progress or (lambda *_: None))
    return _document(region, policy, removals, is_dry_run=is_dry_run, kept_feeds=_kept_feeds(region, store, policy))


def _require_registry(store: Store, *, is_dry_run: bool) -> None:
    """Refuse a registry of another lake: it knows nothing of what is published here. A dry run writes nothing."""
    if not is_dry_run:
        prepare_registry()
        return
    database.require_readable()
    if owner_of_lake(store.files) is not None:
        require_own_lake()


def _find_all(
    region: Region, store: Store, policy: RetentionPolicy, rules: VersionRules, now_utc: datetime
) -> Iterator[Removal]:
    for table_name, day in history_days(store):
        yield from removable_versions(store, table_name, day, rules)
    raw_limit = before(now_utc, policy.raw_days)
    if raw_limit is not None:
        for feed in raw_feeds(region, store)[0]:
            yield from removable_raw(store, feed, limit_utc=raw_limit)
    yield from _find_logs(region, policy, now_utc)
    yield from _find_runs(region, policy, now_utc)
    yield from leftovers(Path(store.files.base) if store.files.is_local else None)


def _find_logs(region: Region, policy: RetentionPolicy, now_utc: datetime) -> Iterator[Removal]:
    own_limit, shared_limit = before(now_utc, policy.log_days), before(now_utc, longest_log_days())
    if own_limit is not None:
        yield from removable_task_logs(settings().home, region.region_id, limit_utc=own_limit)
    if own_limit is not None and shared_limit is not None:
        yield from removable_logs(settings().home, limit_utc=min(own_limit, shared_limit))


def _find_runs(region: Region, policy: RetentionPolicy, now_utc: datetime) -> Iterator[Removal]:
    """Records of old runs; a published version and a scenario name their run, and a run that still runs stays."""
    limit = before(now_utc, policy.run_days)
    if limit is None:
        return
    named = {
        run_id
        for table_name in ("published_version", "scenario")
        for run_id in database.read(table_name, region.region_id)["run_id"].to_pylist()
    }
    for row in read_old_runs(region.region_id, before_utc=limit):
        is_running = row["status"] == RUNNING and not is_stale(row["process_tag"] or "")
        if row["run_id"].partition("/")[0] not in named and not is_running:
            yield Removal(RemovalKind.RUN, "run", row["started_utc"].date().isoformat(), row["run_id"], 0)


def _record_act(region: Region, removals: list[Removal], policy: RetentionPolicy, now_utc: datetime) -> None:
    """The act first: a crash in between leaves an act about what the next run deletes, never a loss without trace."""
    rules = ", ".join(f"{name} = {days}" for name, days in asdict(policy).items() if days is not None)
    counts = ", ".join(
        f"{sum(row['count'] for row in rows)} {kind}"
        for kind, rows in groupby(_sums(removals), key=lambda row: row["kind"])
    )
    note = f"{counts}; {sum(removal.byte_count for removal in removals)} bytes; {rules or 'no policy'}"
    with scenario_transaction(region.region_id) as transaction:
        transaction.add_act(actor=ACTOR, event=EVENT, note=note, authentication_code=None, known_utc=now_utc)


def _delete_all(
    region: Region, store: Store, removals: list[Removal], rules: VersionRules, now_utc: datetime, progress: Progress
) -> None:
    delete_runs(region.region_id, [r.detail for r in removals if r.kind == RemovalKind.RUN])
    files = [removal for removal in removals if removal.kind != RemovalKind.RUN]
    done = 0
    for (kind, name, day), group in groupby(files, key=lambda r: (r.kind, r.name, r.day)):
        some = list(group)
        progress(f"{kind} {name} {day}", done, len(files))
        if kind in VERSIONS:
            _delete_versions(store, name, date.fromisoformat(day), rules, now_utc)
        elif kind == RemovalKind.RAW:
            _delete_raw(store, name, some)
        else:
            _delete_plainly(store, some)
        done += len(some)
    progress("done", len(files), len(files))


def _delete_versions(store: Store, table_name: str, day: date, rules: VersionRules, now_utc: datetime) -> None:
    """Delete the old versions of a day, found again inside the lock: what became needed meanwhile stays."""
    with store.lock_tables([day], writes=[table_name]):
        for removal in removable_versions(store, table_name, day, rules):
            if removal.kind == RemovalKind.PUBLISHED_VERSION:
                mark_version_as_pruned(
                    store.region_id, table_name, day, removal.detail, scenario_id=removal.scenario_id, now_utc=now_utc
                )
            delete_files(store.files, removal)


def _delete_raw(store: Store, feed_id: str, removals: Iterable[Removal]) -> None:
    """Nobody collects the feed meanwhile: a file may cover more days than that of its folder."""
    with store.lock_ingest(feed_id, ()):
        _delete_plainly(store, removals)


def _delete_plainly(store: Store, removals: Iterable[Removal]) -> None:
    for removal in removals:
        delete_files(store.files, removal)


def _kept_feeds(region: Region, store: Store, policy: RetentionPolicy) -> list[str]:
    """Feeds with an archive that the region does not declare any more, of which nothing was judged."""
    return raw_feeds(region, store)[1] if policy.raw_days is not None else []


def _document(
    region: Region, policy: RetentionPolicy, removals: list[Removal], *, is_dry_run: bool, kept_feeds: list[str]
) -> PruneDocument:
    return {
        "region": region.region_id,
        "is_dry_run": is_dry_run,
        "policy": asdict(policy),
        "bytes": sum(removal.byte_count for removal in removals),
        "removed": _sums(removals),
        "items": [_item(removal) for removal in removals],
        "kept_feeds": kept_feeds,
    }


def _item(removal: Removal) -> dict[str, str | int]:
    item: dict[str, str | int] = {name: getattr(removal, name) for name in ("name", "day", "detail")}
    scenario = {"scenario": removal.scenario_id} if removal.scenario_id else {}
    return {"kind": str(removal.kind), **item, "bytes": removal.byte_count, **scenario}


def _sums(removals: list[Removal]) -> list[RemovedSum]:
    """Counts and bytes by kind and name, in the order of the kinds."""
    by_name: dict[tuple[RemovalKind, str], list[Removal]] = {}
    for removal in removals:
        by_name.setdefault((removal.kind, removal.name), []).append(removal)
    order = list(RemovalKind)
    return [
        {
            "kind": str(kind),
            "name": name,
            "count": len(some),
            "bytes": sum(removal.byte_count for removal in some),
            "first_day": min(removal.day for removal in some),
            "last_day": max(removal.day for removal in some),
        }
        for (kind, name), some in sorted(by_name.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    ]
