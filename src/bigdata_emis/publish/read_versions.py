"""The versions of tables that a published day rests on, as its stages recorded them, and which were replaced since.

Belongs here: following the records from what is published back to what was collected. Does not: the manifest
(manifest.py), or which days are computed again (workflow/backfill).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bigdata_emis import flow, schema
from bigdata_emis.storage.lake import Store, Version

CONTROL_BASIS = "control_source"
"""What a recalculation reads besides the inventory; a day can be published without it."""

Newest = dict[tuple[str, date], str]
"""The newest version by table and day, looked up once."""


@dataclass
class _DayReads:
    """What was read for one day: versions of its own tables, and versions of days before it, by table and day."""

    day: date
    own: dict[str, str] = field(default_factory=dict)
    first_day: dict[str, str] = field(default_factory=dict)
    before: dict[str, dict[str, str]] = field(default_factory=dict)


def rested_on(store: Store, published: Sequence[Version], day: date) -> dict[str, Any]:
    """The versions that these published versions of a day rest on, for the manifest.

    input_versions: of every table of that day by which the inventory can be computed again, and recalculated.
    reading_versions: of every collected table of that day that a stage of the day reads. lookback_versions: by table
    the first day that was looked back on, and the versions of the days that there were. not_recorded: tables that no
    stage recorded as read, as in a lake of an earlier release; of these the newest version is named.
    """
    reads = _DayReads(day)
    _follow(store, reads, {version.table: version.version for version in published})
    on_publish = set(reads.own)
    for stage in _stages_of_day():
        if not stage.feed and stage.writes[0] not in on_publish and _reads_collected(stage):
            _follow_analysis(store, reads, stage)
    inputs, readings = _name(store, reads, _computed()), _name(store, reads, _collected_and_read())
    return {
        "input_versions": inputs,
        "reading_versions": readings,
        "lookback_versions": {
            name: {"from": reads.first_day[name], "versions": dict(sorted(reads.before[name].items()))}
            for name in sorted(reads.before)
        },
        "not_recorded": sorted({*inputs, *readings} - set(reads.own) - {CONTROL_BASIS}),
    }


def newest_readings(store: Store, day: date) -> dict[str, str]:
    """The newest version of every collected table of that day that a stage of the day reads."""
    newest = {name: store.newest_name(name, day) for name in sorted(_collected_and_read())}
    return {name: version for name, version in newest.items() if version}


def list_replaced(store: Store, manifest: Mapping[str, Any], newest: Newest) -> dict[str, list[str]]:
    """The days before a published day that it looked back on and that were restated since, each with its tables.

    newest: what was looked up before, to which this call adds.
    """
    day, replaced = date.fromisoformat(manifest["day"]), dict[str, list[str]]()
    for name, looked in sorted(manifest.get("lookback_versions", {}).items()):
        first = date.fromisoformat(looked["from"])
        for number in range((day - first).days):
            before = first + timedelta(days=number)
            if (name, before) not in newest:
                newest[name, before] = store.newest_name(name, before)
            if newest[name, before] != looked["versions"].get(before.isoformat(), ""):
                replaced.setdefault(before.isoformat(), []).append(name)
    return dict(sorted(replaced.items()))


def _follow(store: Store, reads: _DayReads, named: Mapping[str, str]) -> None:
    """Go from these versions of the day to those that were read for them, and to what was read for those.

    Where two stages read different versions of a table, the one that has been replaced is named: the day is then late.
    """
    waiting, seen = list(named.items()), set[tuple[str, str]]()
    while waiting:
        table_name, version = waiting.pop()
        if (table_name, version) in seen:
            continue
        seen.add((table_name, version))
        other = reads.own.get(table_name, version)
        reads.own[table_name] = _replaced_one(store, table_name, reads.day, other, version)
        record = store.reads_of(table_name, reads.day, version)
        if record is None:
            continue
        waiting += [pair for pair in record["written"].items() if pair[0] != table_name]
        for name, by_day in sorted(record["reads"].items()):
            waiting += [(name, read) for day, read in by_day.items() if day == str(reads.day)]
            _add_days_before(store, reads, name, record["first_day"], by_day)


def _add_days_before(
    store: Store, reads: _DayReads, table_name: str, first_day: str, by_day: Mapping[str, str]
) -> None:
    if first_day >= str(reads.day):
        return
    reads.first_day[table_name] = min(first_day, reads.first_day.get(table_name, first_day))
    before = reads.before.setdefault(table_name, {})
    for day, version in by_day.items():
        if day < str(reads.day):
            named = before.get(day, version)
            before[day] = _replaced_one(store, table_name, date.fromisoformat(day), named, version)


def _replaced_one(store: Store, table_name: str, day: date, named: str, version: str) -> str:
    """Of two versions that stages read the one that is not the newest."""
    return version if named != version and store.newest_name(table_name, day) == named else named


def _follow_analysis(store: Store, reads: _DayReads, stage: flow.Stage) -> None:
    """Add what a stage read that no published table needs: late rows reopen the day for it all the same."""
    version = store.newest_name(stage.writes[0], reads.day)
    record = store.reads_of(stage.writes[0], reads.day, version) if version else None
    for name in _collected() if record else ():
        of_day = record["reads"].get(name, {}).get(str(reads.day)) if record else None
        if of_day:
            reads.own.setdefault(name, of_day)


def _name(store: Store, reads: _DayReads, names: Collection[str]) -> dict[str, str]:
    """The versions of these tables that were read; the newest where none was recorded, and none where there is none."""
    named = {name: reads.own.get(name) or store.newest_name(name, reads.day) for name in sorted(names)}
    return {name: version for name, version in named.items() if version}


def _computed() -> set[str]:
    needed = flow.needed_for("publish")
    names = {table for stage in flow.STAGES if stage.name in needed for table in stage.writes} | {CONTROL_BASIS}
    return {name for name in names if schema.table(name).layer == "lake"}


def _stages_of_day() -> Iterator[flow.Stage]:
    return (stage for stage in flow.STAGES if stage.schedule == "day")


def _collected() -> set[str]:
    return {stage.writes[0] for stage in flow.STAGES if stage.feed}


def _collected_and_read() -> set[str]:
    return {table for stage in _stages_of_day() for table in stage.reads} & _collected()


def _reads_collected(stage: flow.Stage) -> bool:
    return bool(_collected() & set(stage.reads))
