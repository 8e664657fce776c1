"""Stored passes listed, and those that cannot be read excluded by a person, with the act in the audit trail.

Belongs here: what `emis feed passes` and `emis feed exclude` do. Does not: the raw files (collect/raw_archive), or
single readings (quarantine_desk).
"""

from datetime import date, datetime
from functools import partial
from typing import Any

from bigdata_emis import flow
from bigdata_emis.collect.edge.reductions import reduction_of
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.collect.passes.parsed_passes import Parsed, UnreadablePassError, parse_pass
from bigdata_emis.collect.raw_archive import Pass, RawArchive, covered_period
from bigdata_emis.collect.redaction import redact
from bigdata_emis.errors import InputError, RefusedError, shorten
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.workflow.quarantine_desk import Release, lock_decisions, record_act

EXCLUDED, TAKEN_BACK = "exclude pass", "take back pass"


def list_passes(region: Region, feed_id: str, day: date) -> dict[str, Any]:
    """What was received from a feed for a day, in order of arrival: read, excluded by whom, or unreadable and why.

    Raises InputError when there is no such feed.
    """
    feed, archive = _open(region, feed_id, day)
    excluded = archive.excluded()
    listed = []
    for received in archive.stored_passes():
        rows, problem = _try(received, archive, feed, region)
        listed.append(
            {
                "pass": received.number,
                "received_utc": received.received_utc.isoformat(),
                "answers": [answer.name for answer in received.answers],
                "rows": rows,
                "problem": problem,
                "excluded": excluded.get(received.number),
            }
        )
    return {"region": region.region_id, "feed": feed_id, "day": str(archive.day), "passes": listed}


def exclude_pass(
    region: Region, feed_id: str, day: date, number: int, *, release: Release, known_utc: datetime, undo: bool = False
) -> dict[str, Any]:
    """Exclude a pass that cannot be read, or take it back: its raw files stay, its rows are not used.

    Twice is as once. The day is neither collected nor published again.

    Raises:
        InputError: the feed, the pass, the person, the role or the reason is missing.
        RefusedError: the pass can be read: what a newer one corrects is corrected by that.
    """
    texts = release.checked_texts()
    feed, archive = _open(region, feed_id, day)
    found = {received.number: received for received in archive.stored_passes()}
    if number not in found:
        known = ", ".join(map(str, found)) or "none"
        what = f"feed {feed_id} has no pass {number} of {archive.day}, but {known}"
        raise InputError(what, f"list them: emis feed passes --region {region.region_id} --feed {feed_id} --date {day}")
    with lock_decisions(open_lake(region)):
        excluded = archive.excluded()
        change = partial(_change, region, archive, release=release, known_utc=known_utc)
        if undo and number in excluded:
            change({n: record for n, record in excluded.items() if n != number}, number, event=TAKEN_BACK)
        elif not undo and number not in excluded:
            _, problem = _try(found[number], archive, feed, region)
            if not problem:
                what = f"pass {number} of feed {feed_id}, {archive.day}, can be read"
                raise RefusedError(what, "only an unreadable pass can be excluded; a newer answer corrects its rows")
            record = texts | {"problem": problem, "known_utc": known_utc.isoformat()}
            change(excluded | {number: record}, number, event=EXCLUDED)
    return list_passes(region, feed_id, day) | {"next": f"emis day --region {region.region_id} --date {day}"}


def _change(
    region: Region,
    archive: RawArchive,
    excluded: dict[int, dict[str, Any]],
    number: int,
    *,
    event: str,
    release: Release,
    known_utc: datetime,
) -> None:
    """Record the act first, as lock_decisions says."""
    record_act(region, event, f"{archive.feed_id} {archive.day} pass {number}", release, known_utc)
    archive.record_excluded(excluded)


def _open(region: Region, feed_id: str, day: date) -> tuple[Feed, RawArchive]:
    tables = {stage.feed: stage.writes[0] for stage in flow.STAGES if stage.feed}
    if feed_id not in tables:
        raise InputError(f"--feed {shorten(feed_id)} is no feed", f"use one of {', '.join(sorted(tables))}")
    feed = read_feed(region, feed_id, tables[feed_id])
    return feed, RawArchive(open_lake(region), feed_id, covered_period(feed, day).landing_day)


def _try(received: Pass, archive: RawArchive, feed: Feed, region: Region) -> tuple[int | None, str]:
    """The number of rows of a pass, or why it cannot be read."""
    try:
        rows = parse_pass(received, archive=archive, feed=feed, parsed=Parsed(reduction_of(feed, region)))
    except UnreadablePassError as problem:
        return None, redact(problem.what, feed)
    return rows.num_rows, ""
