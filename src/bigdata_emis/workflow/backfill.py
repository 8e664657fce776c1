"""Past days computed again, one after another: those that late rows reopen, directly or by look-back, or a range.

Belongs here: which days, in which order, and where a killed backfill goes on. Does not: the flow of a day (day), or
what a new version changed (version_difference).
"""

import json
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from bigdata_emis import flow
from bigdata_emis.errors import EmisError, InputError
from bigdata_emis.publish.read_versions import Newest, list_replaced, newest_readings
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.window import day_window
from bigdata_emis.workflow.day import Progress, run_flow
from bigdata_emis.workflow.page_of_day import renew_page
from bigdata_emis.workflow.version_difference import describe_difference, store_difference

LONGEST_DAYS = 3660
LATE_REACH_DAYS = 7
"""A run of a day computes late days of so many days before it again; older ones are for `emis backfill --late`."""


def list_late_days(region: Region, first: date, last: date) -> dict[date, list[str]]:
    """Published days of which readings were received since, with the tables of these readings.

    A manifest names the version of each table that the day rests on; the newest version is another one.
    """
    store = open_lake(region)
    late: dict[date, list[str]] = {}
    for day in _days(first, last):
        inputs = _published_inputs(store, day)
        newest = newest_readings(store, day) if inputs else {}
        changed = [name for name, version in newest.items() if version != inputs.get(name)]
        if changed:
            late[day] = changed
    return late


def list_stale_days(region: Region, first: date, last: date) -> dict[date, dict[str, list[str]]]:
    """Published days that looked back on days restated since: by such a day, the tables of it that were read."""
    store, newest = open_lake(region), Newest()
    manifests = {day: _manifest(store, day) for day in _days(first, last)}
    stale = {day: list_replaced(store, manifest, newest) for day, manifest in manifests.items() if manifest}
    return {day: replaced for day, replaced in stale.items() if replaced}


def backfill(
    region: Region,
    first: date,
    last: date,
    *,
    known_utc: datetime,
    is_late_only: bool,
    at_most: int = LONGEST_DAYS,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compute the days from `first` to `last` again and publish them; by day what that changed, or why it failed.

    is_late_only: only published days of which readings were received since, or that looked back on a day restated
    since, from what was received. Else every day is collected again, too. A backfill that was killed goes on behind the
    last day that it finished: the same call again skips the days that are done. A day that fails does not stop the
    others, and is tried again by the next call. Of more than `at_most` days those that are late are computed first, the
    oldest of them before the others, then the newest that look back; the others are listed as `waiting`. What is
    computed is computed in the order of time, so that a day looks back on what the days before it are now.

    Raises:
        InputError: the range is empty or too long.
    """
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise InputError(f"from {first} to {last}: expected up to {LONGEST_DAYS} days", "write --to not before --from")
    store, note = open_lake(region), f"backfill/{first}-{last}.json"
    late = list_late_days(region, first, last) if is_late_only else {}
    stale = list_stale_days(region, first, last) if is_late_only else {}
    days = _late_before_stale(late, stale) if is_late_only else _days(first, last)
    done = set() if is_late_only else _read_done(store, note)
    undone = [day for day in days if day.isoformat() not in done]
    chosen, waiting = sorted(undone[:at_most]), sorted(undone[at_most:])
    changed, failed = list[dict[str, Any]](), dict[str, str]()
    for number, day in enumerate(chosen):
        if progress:
            progress(f"backfill {day}", number, len(chosen))
        try:
            difference = _renew_day(region, store, day, known_utc=known_utc, is_collecting=not is_late_only)
            changed.append({**difference, "restated_days": list(stale.get(day, {}))})
        except EmisError as problem:
            failed[day.isoformat()] = str(problem)
        else:
            done.add(day.isoformat())
            if not is_late_only:
                store.write_document(note, json.dumps(sorted(done)).encode())
    if not is_late_only and not failed and not waiting:
        store.write_document(note, b"[]")
    return {
        "region": region.region_id,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "late": {day.isoformat(): tables for day, tables in late.items()},
        "stale": {day.isoformat(): replaced for day, replaced in stale.items()},
        "days": changed,
        "skipped": len(days) - len(undone),
        "failed": failed,
        "waiting": [day.isoformat() for day in waiting],
    }


def _late_before_stale(late: Collection[date], stale: Collection[date]) -> list[date]:
    """Days in the order in which they are chosen: what has new readings before what only looks back."""
    return [*sorted(late), *sorted(set(stale) - set(late), reverse=True)]


def renew_late_days(
    region: Region, day: date, *, known_utc: datetime, at_most: int, progress: Progress | None = None
) -> dict[str, Any]:
    """Compute published days shortly before `day` again that are late, or look back on such a day, as `backfill`."""
    first, last = day - timedelta(days=LATE_REACH_DAYS), day - timedelta(days=1)
    return backfill(region, first, last, known_utc=known_utc, is_late_only=True, at_most=at_most, progress=progress)


def _renew_day(region: Region, store: Store, day: date, *, known_utc: datetime, is_collecting: bool) -> dict[str, Any]:
    """Run the flow of a day; what its new version changed."""
    before = _published_inputs(store, day)
    stages = [stage for stage in flow.active(frozenset(region.feeds)) if stage.schedule == "day"]
    only = None if is_collecting else [stage.name for stage in stages if not stage.feed]
    result = run_flow(region, day_window(day, region.time_zone), known_utc=known_utc, only=only)
    renew_page(region, store, day, known_utc=known_utc)
    difference = describe_difference(store, day, before=before, after=_published_inputs(store, day))
    difference |= {"failures": [str(failure) for failure in result.failures], "partial_reasons": result.partial_reasons}
    store_difference(store, difference)
    return difference


def _published_inputs(store: Store, day: date) -> dict[str, str]:
    """The versions that the published day rests on; empty when it is not published."""
    manifest = _manifest(store, day)
    return {**manifest["input_versions"], **manifest.get("reading_versions", {})} if manifest else {}


def _manifest(store: Store, day: date) -> dict[str, Any]:
    """The manifest of a published day; empty when it is not published."""
    content = store.read_document(f"manifest/day={day}.json", tree=PUBLISHED)
    return dict(json.loads(content)) if content else {}


def _read_done(store: Store, note: str) -> set[str]:
    content = store.read_document(note)
    return set(json.loads(content)) if content else set()


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
