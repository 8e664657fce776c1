"""Quarantined readings listed, explained, and released by a person, with the act in the audit trail.

Belongs here: what `emis quarantine` does. Does not: the rules (clean/readings), the record of releases
(collect/asking/released_rows).
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from bigdata_emis import flow, schema
from bigdata_emis.clean.readings.rules import DOUBTS
from bigdata_emis.codes import Authentication, Flag
from bigdata_emis.collect.asking.released_rows import mark_released, name_readings, read_releases, write_release
from bigdata_emis.errors import InputError, RefusedError, shorten
from bigdata_emis.region import Region
from bigdata_emis.run.stage import context_for, run_stage
from bigdata_emis.storage import locks
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import scenario_transaction
from bigdata_emis.window import day_window
from bigdata_emis.workflow.day import make_run_id

NEIGHBOURS = 3
"""So many readings of the same source are shown on each side of the one that is explained."""
LONGEST_TEXT = 300
EVENT = "release reading"


@dataclass(frozen=True)
class Release:
    """Who decides, as what and why: that a reading is right, or that an answer is left out."""

    actor: str
    role: str
    reason: str

    def checked_texts(self) -> dict[str, str]:
        """The three by their names. Raises InputError for one that is no line of text."""
        texts = {"actor": self.actor, "role": self.role, "reason": self.reason}
        for key, text in texts.items():
            _check_line(key, text)
        return texts


def list_quarantine(
    region: Region, days: Iterable[date], *, feed: str = "", reason: str = "", row_limit: int = 0
) -> dict[str, Any]:
    """Quarantined readings by feed, day and reason, and the first `row_limit` of them with their names.

    Raises:
        InputError: the feed has no quarantine, or the reason is unknown.
    """
    if reason and reason not in set(Flag):
        raise InputError(f"--reason {shorten(reason)} is unknown", f"use one of {', '.join(sorted(Flag))}")
    store, counts, rows = open_lake(region), Counter[tuple[str, str, str]](), list[dict[str, Any]]()
    for name in [_checked_feed(feed)] if feed else quarantine_feeds():
        for day in days:
            frame = store.read(f"{name}_quarantine", [day])
            for reading in frame.to_pylist():
                counts.update((name, str(day), r) for r in reading["reason_codes"] if reason in ("", r))
            if len(rows) < row_limit:
                rows += _named(frame, name, reason)[: row_limit - len(rows)]
    listed = [{"feed": f, "day": d, "reason": r, "rows": n} for (f, d, r), n in sorted(counts.items())]
    return {"region": region.region_id, "counts": listed, "readings": rows}


def explain_reading(region: Region, feed: str, day: date, name: str) -> dict[str, Any]:
    """A quarantined reading, each of its reasons in words, its neighbours in time, and whether it may be released.

    Raises:
        InputError: the feed has no quarantine, or no reading of that day has this name.
    """
    store = open_lake(region)
    reading = _find(store, _checked_feed(feed), day, name)
    codes = reading["reason_codes"]
    return {
        "region": region.region_id,
        "feed": feed,
        "reading": reading,
        "reasons": [_reason(code) for code in codes],
        "neighbours": _neighbours(store, feed, day, reading),
        "may_be_released": not _lasting(codes),
        "released": read_releases(store, feed, day).get(name),
    }


def release_reading(
    region: Region, feed: str, day: date, name: str, *, release: Release, known_utc: datetime
) -> dict[str, Any]:
    """Release a reading that a rule doubts: it passes cleaning again with a flag, and the act is in the audit trail.

    A reading that was released before stays as it is. The day is not published again.

    Raises:
        InputError: the feed, the reading, the person, the role or the reason is missing.
        RefusedError: it cannot be used whatever a person says, for instance since it has no value.
    """
    texts, store = release.checked_texts(), open_lake(region)
    _checked_feed(feed)
    with lock_decisions(store):
        before = read_releases(store, feed, day).get(name)
        if before is None:
            reading = _find(store, feed, day, name)
            if lasting := _lasting(reading["reason_codes"]):
                what = f"reading {name} of feed {feed} is quarantined as {', '.join(lasting)}"
                raise RefusedError(what, f"only doubts can be released: {', '.join(DOUBTS)}")
            record = texts | {"reasons": reading["reason_codes"], "known_utc": known_utc.isoformat()}
            record_act(region, EVENT, f"{feed} {day} {name}", release, known_utc)
            write_release(store, feed, day, name, record)
    _clean_again(region, store, feed, day, known_utc)
    return {
        "region": region.region_id,
        "feed": feed,
        "day": str(day),
        "reading": name,
        "was_released_before": before is not None,
        "released": read_releases(store, feed, day)[name],
        "next": f"emis day --region {region.region_id} --date {day}",
    }


def lock_decisions(store: Store) -> AbstractContextManager[None]:
    """Lock what persons decided about readings and answers of a region while one decision more is added to it.

    The act comes first in such a block: whatever fails after it is at worst an act without an effect.
    """
    return locks.brief_lock(store.lock_folder() / "decisions.lock")


def record_act(region: Region, event: str, subject: str, release: Release, known_utc: datetime) -> None:
    """Add to the audit trail what a person decided about a reading or an answer, and why."""
    prepare_registry()
    with scenario_transaction(region.region_id) as registry:
        registry.add_act(
            actor=release.actor,
            event=event,
            note=f"{subject}, as {release.role}: {release.reason}",
            authentication_code=Authentication.COMMAND.value,
            known_utc=known_utc,
        )


def quarantine_feeds() -> list[str]:
    """The feeds that have a quarantine."""
    written = {table for stage in flow.STAGES for table in stage.writes}
    return [stage.feed for stage in flow.STAGES if stage.feed and f"{stage.feed}_quarantine" in written]


def _checked_feed(feed: str) -> str:
    if feed not in quarantine_feeds():
        raise InputError(f"--feed {shorten(feed)} has no quarantine", f"use one of {', '.join(quarantine_feeds())}")
    return feed


def _named(frame: pa.Table, feed: str, reason: str) -> list[dict[str, Any]]:
    names = name_readings(frame, f"{feed}_quarantine") if frame.num_rows else []
    rows = ({"name": name, "feed": feed} | row for name, row in zip(names, frame.to_pylist(), strict=True))
    return [row for row in rows if not reason or reason in row["reason_codes"]]


def _find(store: Store, feed: str, day: date, name: str) -> dict[str, Any]:
    found = [row for row in _named(store.read(f"{feed}_quarantine", [day]), feed, "") if row["name"] == name]
    if not found:
        what = f"feed {feed} has no quarantined reading {shorten(name)} on {day}"
        raise InputError(what, "take its name from `emis quarantine list --feed … --date … --rows 20`")
    return found[0]


def _reason(code: str) -> dict[str, Any]:
    words = schema.codes()["flag"][code]
    return {"code": code, "en": words.title_en, "zh": words.title_zh, "is_doubt": code in DOUBTS}


def _lasting(codes: Iterable[str]) -> list[str]:
    return [code for code in codes if code not in DOUBTS]


def _neighbours(store: Store, feed: str, day: date, reading: dict[str, Any]) -> list[dict[str, Any]]:
    """The readings of the same source before and after, the reading itself included."""
    table = schema.table(f"{feed}_reading")
    source = [name for name in table.key if name not in (table.time, "record_number")]
    days = [day + timedelta(days=number) for number in (-1, 0, 1)]
    rows = [
        row for row in store.read(table.name, days).to_pylist() if all(row[name] == reading[name] for name in source)
    ]
    rows.sort(key=lambda row: (row[table.time], row["record_number"]))
    at = next((n for n, row in enumerate(rows) if row[table.time] == reading[table.time]), 0)
    return rows[max(at - NEIGHBOURS, 0) : at + NEIGHBOURS + 1]


def _check_line(key: str, text: str) -> None:
    option = {"actor": "--by", "role": "--role", "reason": "--note"}[key]
    if not text.strip() or not text.isprintable() or len(text) > LONGEST_TEXT:
        raise InputError(f"{option} '{shorten(text)}': expected one line of text", f"write the {key} in {option}")


def _clean_again(region: Region, store: Store, feed: str, day: date, known_utc: datetime) -> None:
    """Flag the reading among those of the day, and clean the day again."""
    table, window = f"{feed}_reading", day_window(day, region.time_zone)
    run_id = make_run_id(region.region_id, window, known_utc)
    with store.lock_tables([day], writes=[table]):
        marked = mark_released(store.read(table, [day]), store, feed, [day])
        share = store.versions(table, [day])[-1].complete_share
        store.write(table, marked, [day], known_utc=known_utc, run_id=run_id, complete_shares={day: share})
    run_stage(f"clean_{feed}", context_for(region, window, known_utc, run_id, store=store))
