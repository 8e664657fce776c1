"""A draft over the lake, in which a month is computed again: nobody else sees it until all of it is put in place.

Belongs here: where a draft lies, who may write it, and how it becomes the lake. Does not: which days and tables are
computed again (restatement).
"""

import json
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from bigdata_emis.errors import InputError
from bigdata_emis.storage import locks
from bigdata_emis.storage.lake import CLOCK_TOLERANCE, Store, Version
from bigdata_emis.storage.layout import CURRENT, Layout
from bigdata_emis.storage.raw_files import RawFiles

TREE = "draft"
APPROVAL_FILE = "judged.json"

VersionsByDay = dict[date, dict[str, str]]
"""The newest version of each table, by day and table."""


class DraftApproval(NamedTuple):
    """That the days of a draft have passed the gate, and with what: the run, its versions, and the alarms of the gate.

    input_versions: the versions of the lake that the days rest on.
    replaced_versions: the versions of the lake that the draft replaces, of each of its tables; an empty text where
    there was none.
    alarms: what the gate noticed about a day without refusing it.
    """

    run_id: str
    known_utc: datetime
    input_versions: VersionsByDay
    replaced_versions: VersionsByDay
    alarms: dict[date, list[str]]


class DraftStore(Store):
    """The lake of a region with a draft over it: a day that the draft has is read from it, every other from the lake.

    draft/<region>/<name>/{current,history}/... as in the lake, and an approval once all of it may become visible.
    """

    def __init__(self, lake: Store, name: str) -> None:
        layout = Layout(f"{lake.layout.root}/{TREE}/{lake.region_id}/{name}", lake.region_id)
        super().__init__(lake.files, lake.region_id, lake.time_zone, layout=layout, is_simulated=lake.is_simulated)
        self.lake = lake
        self.name = name

    def paths(self, table_name: str, days: Iterable[date], *, as_of: datetime | None = None) -> list[str]:
        """The files that hold these days; what was known at an earlier time is in the lake alone."""
        if as_of is not None:
            return self.lake.paths(table_name, days, as_of=as_of)
        return [path for day in days for path in self._paths_of_day(table_name, day)]

    def versions(self, table_name: str, days: Iterable[date]) -> list[Version]:
        """The versions of these days: of the draft where it has the day, else of the lake."""
        by_day = (self.own_versions(table_name, [day]) or self.lake.versions(table_name, [day]) for day in days)
        return [version for versions in by_day for version in versions]

    def days(self, table_name: str) -> list[date]:
        """The days of which the draft or the lake has a version."""
        return sorted({*super().days(table_name), *self.lake.days(table_name)})

    def raw_files(self, feed_id: str, day: date) -> RawFiles:
        """The raw files of a feed and day: those of the lake, and what the draft received."""
        folders = (self.layout.raw_folder(feed_id, day), self.lake.layout.raw_folder(feed_id, day))
        return RawFiles(self.files, *folders)

    def read_document(self, name: str, *, tree: str = CURRENT) -> bytes | None:
        """A document of the draft, else of the lake; None when neither has it."""
        content = super().read_document(name, tree=tree)
        return self.lake.read_document(name, tree=tree) if content is None else content

    def clear(self) -> None:
        """Delete the draft; its approval first, so that no remains of it are ever put in place."""
        self.files.delete(self._approval_path)
        self.files.clear_folder(self.layout.root)

    def approve(self, approval: DraftApproval) -> None:
        """Note that all days have passed the gate, before the first of them becomes visible."""
        record = {
            "run_id": approval.run_id,
            "known_utc": approval.known_utc.astimezone(UTC).isoformat(),
            "input_versions": _with_text_days(approval.input_versions),
            "replaced_versions": _with_text_days(approval.replaced_versions),
            "alarms": _with_text_days(approval.alarms),
        }
        self.files.write(self._approval_path, json.dumps(record).encode())

    def approval(self) -> DraftApproval | None:
        """The approval of a draft, which may be half in place; None of a draft that has not passed the gate.

        Raises InputError when the approval is damaged.
        """
        if not self.files.exists(self._approval_path):
            return None
        try:
            record = json.loads(self.files.read_bytes(self._approval_path))
            parts = (_with_days(record[name]) for name in ("input_versions", "replaced_versions", "alarms"))
            return DraftApproval(record["run_id"], datetime.fromisoformat(record["known_utc"]), *parts)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"{self._approval_path} is damaged", "delete the folder in which it lies, and restate the month again"
            ) from None

    def newest_lake_versions(self, table_names: Iterable[str], days: Iterable[date]) -> VersionsByDay:
        """The newest version in the lake of each of these tables, by day; an empty text where there is none."""
        names = list(table_names)
        return {day: {name: _newest_name(self.lake.versions(name, [day])) for name in names} for day in days}

    def is_outdated(self, table_names: Iterable[str], day: date, approval: DraftApproval) -> bool:
        """Whether the lake has a newer run of a day than the draft, or other inputs than the draft had."""
        inputs = approval.input_versions[day]
        return self.has_newer(table_names, day, approval) or self.newest_lake_versions(inputs, [day])[day] != inputs

    def has_newer(self, table_names: Iterable[str], day: date, approval: DraftApproval) -> bool:
        """Whether the lake has a version of a day of one of these tables that is later than the draft.

        Later is a version that is not the one that the draft replaces, nor the draft's own, and that became known after
        the draft. A version that was there already is none, even if a clock that was ahead dated it in the future.
        """
        replaced = approval.replaced_versions.get(day, {})
        for name in table_names:
            newest = self.lake.versions(name, [day])[-1:]
            own = {version.version for version in self.own_versions(name, [day])}
            if any(
                version.version not in own
                and _version_name(version) != replaced.get(name)
                and datetime.fromisoformat(version.known_utc) > approval.known_utc
                for version in newest
            ):
                return True
        return False

    def equals_lake(self, table_names: Iterable[str], day: date) -> bool:
        """Whether the newest version in the lake has the content of the draft, of each table that the draft has."""
        return all(
            [version.sha256 for version in self.own_versions(name, [day])[-1:]]
            in ([], [version.sha256 for version in self.lake.versions(name, [day])[-1:]])
            for name in table_names
        )

    def days_dated_ahead(self, table_names: Iterable[str], days: Iterable[date], now_utc: datetime) -> list[date]:
        """The days of which the lake has a version that is known only later than now: a clock was ahead."""
        latest = now_utc + CLOCK_TOLERANCE
        names = list(table_names)
        return [
            day
            for day in days
            if any(
                datetime.fromisoformat(version.known_utc) > latest
                for name in names
                for version in self.lake.versions(name, [day])
            )
        ]

    def lock_draft(self) -> AbstractContextManager[None]:
        """Hold the lock of this draft until the block ends. Raises InputError when another process holds it."""
        return locks.exclusive_lock(
            self.lock_folder() / f"{self.name}.lock",
            what=f"region {self.region_id}: another process works on {self.name}",
            remedy="wait until it has ended, then try again",
        )

    def lock_tables(
        self, days: Collection[date], *, reads: Collection[str] = (), writes: Collection[str] = ()
    ) -> AbstractContextManager[None]:
        """No lock for days, as nobody else knows the draft; tables without days (the registry) are not part of it."""
        return nullcontext() if days else self.lake.lock_tables(days, reads=reads, writes=writes)

    def lock_folder(self) -> Path:
        """The folder of the locks of the lake."""
        return self.lake.lock_folder()

    def put_in_place(
        self, table_names: Iterable[str], days: Iterable[date], *, known_utc: datetime, run_id: str
    ) -> None:
        """Make these days of the draft the newest versions of the lake; a day that already is stays as it is."""
        days = list(days)
        for draft in (version for name in table_names for version in self.own_versions(name, days)):
            version = self.lake.add_version(
                draft.table,
                date.fromisoformat(draft.day),
                self.files.read_bytes(draft.path),
                draft.rows,
                known_utc=known_utc,
                run_id=run_id,
                complete_share=draft.complete_share,
            )
            reads = self.reads_of(draft.table, date.fromisoformat(draft.day), draft.version)
            if reads:
                self.lake.note_reads(version, reads)
            self.lake.make_current(version)

    def _paths_of_day(self, table_name: str, day: date) -> list[str]:
        """The file of the draft where its records have a version of the day, else of the lake."""
        is_in_draft = bool(self.own_versions(table_name, [day]))
        return super().paths(table_name, [day]) if is_in_draft else self.lake.paths(table_name, [day])

    @property
    def _approval_path(self) -> str:
        return f"{self.layout.root}/{APPROVAL_FILE}"


def _version_name(version: Version) -> str:
    """A version and the time from which it was known: the same content may come back later."""
    return f"{version.version}@{version.known_utc}"


def _newest_name(versions: list[Version]) -> str:
    return _version_name(versions[-1]) if versions else ""


def _with_text_days(by_day: dict[date, Any]) -> dict[str, Any]:
    return {day.isoformat(): content for day, content in by_day.items()}


def _with_days(by_day: dict[str, Any]) -> dict[date, Any]:
    return {date.fromisoformat(text): content for text, content in by_day.items()}
