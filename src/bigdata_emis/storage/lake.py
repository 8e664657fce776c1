"""The lake: tables in partitions of a local day, written whole as Parquet, versioned, and switched in one atomic step.

Belongs here: reading, writing and publishing versions of a day. Does not: paths (layout), files (files), the meaning
of a table.
"""

import json
import logging
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypedDict

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.schema.row_times import select_between
from bigdata_emis.settings import settings
from bigdata_emis.storage import checksums, locks
from bigdata_emis.storage.checksums import VERSION_LENGTH, changed_file, missing_file, remedy_of, sha256_digest
from bigdata_emis.storage.files import READ_ONLY_MODE, Files
from bigdata_emis.storage.layout import CURRENT, PUBLISHED, SCENARIO, Layout, day_of_folder
from bigdata_emis.storage.parquet import encode_parquet
from bigdata_emis.storage.published.published_set import SetFile, publish_set
from bigdata_emis.storage.raw_files import RawFiles
from bigdata_emis.window import day_window

log = logging.getLogger(__name__)

STAMP = "%Y%m%dT%H%M%S%fZ"
MOMENT = timedelta(microseconds=1)
AFTER_EVERY_STAMP = "~"
CLOCK_TOLERANCE = timedelta(minutes=1)
"""Clocks of two machines may differ by this much; a known time further ahead of the clock is refused (run/stage)."""
RECORD = re.compile(rf"\d{{8}}T\d{{12}}Z-[0-9a-f]{{{VERSION_LENGTH}}}\.json")
DAMAGED = ".damaged"
READS = ".reads.json"
"""How the record of what was read for a version is called, after the version."""


@dataclass(frozen=True)
class Version:
    """One version of one day of one table, and the time from which it was known."""

    table: str
    day: str
    version: str
    known_utc: str
    path: str
    rows: int
    sha256: str
    run_id: str
    complete_share: float | None


class ReadRecord(TypedDict):
    """What the latest run read that gave a version.

    first_day: the first day of which it read tables. reads: versions by table and day (a table of scenarios: by day and
    scenario); a day that a table did not have is absent. written: the versions of the same day written with it.
    """

    first_day: str
    reads: dict[str, dict[str, str]]
    written: dict[str, str]


class Store:
    """The lake of one region, on a local disk or in an object store.

    root: a path, an s3:// address, or open files. layout: where the files lie. is_simulated: what its files say.
    """

    def __init__(
        self,
        root: str | Files,
        region_id: str,
        time_zone: str,
        *,
        layout: Layout | None = None,
        is_simulated: bool = False,
    ) -> None:
        self.files = root if isinstance(root, Files) else Files(root)
        self.layout = layout or Layout(self.files.base, region_id)
        self.region_id = region_id
        self.time_zone = time_zone
        self.is_simulated = is_simulated

    def write(
        self,
        table_name: str,
        frame: pa.Table,
        days: Iterable[date],
        *,
        known_utc: datetime,
        run_id: str,
        complete_shares: dict[date, float | None] | None = None,
    ) -> list[Version]:
        """Write each listed day whole as a new version, then make all of them current.

        Assumes a conformed frame. A day without rows gets an empty partition. The same content is the same version.
        """
        encoded = [(day, self.encode(self._rows_of_day(table_name, frame, day))) for day in days]
        shares = complete_shares or {}
        versions = [
            self.add_version(
                table_name, day, content, rows, known_utc=known_utc, run_id=run_id, complete_share=shares.get(day)
            )
            for day, (content, rows) in encoded
        ]
        for version in versions:
            self.make_current(version)
        return versions

    def encode(self, frame: pa.Table) -> tuple[bytes, int]:
        """The bytes of a frame as a Parquet file of this region, and its number of rows."""
        return encode_parquet(frame, is_simulated=self.is_simulated)

    def read(
        self, table_name: str, days: Iterable[date], *, as_of: datetime | None = None, columns: list[str] | None = None
    ) -> pa.Table:
        """The rows of these days as they are now, or as known at `as_of`; no rows for a day that was never written.

        Raises InputError when a file is damaged.
        """
        return self.read_paths(table_name, self.paths(table_name, days, as_of=as_of), columns=columns)

    def read_paths(self, table_name: str, paths: Iterable[str], *, columns: list[str] | None = None) -> pa.Table:
        """The rows of files that `paths` gave. Raises InputError when a file is damaged."""
        wanted = _wanted_schema(table_name, columns)
        parts = [self.files.read_table(self.files.plain(path), wanted) for path in paths]
        return pa.concat_tables(parts) if parts else wanted.empty_table()

    def paths(self, table_name: str, days: Iterable[date], *, as_of: datetime | None = None) -> list[str]:
        """The files that hold these days, for an engine that reads them itself.

        They are files of versions, which never change, whatever becomes current in the meantime.
        Raises ChangedFileError when a file is not what was recorded when it was written.
        """
        return [self.verified_address(version) for version in self._newest_versions(table_name, days, as_of)]

    def versions(self, table_name: str, days: Iterable[date]) -> list[Version]:
        """Every version of these days, oldest first; the last one of a day is what stages read."""
        return self.own_versions(table_name, days)

    def newest_name(self, table_name: str, day: date) -> str:
        """The name of the newest version of a day; an empty text where there is none."""
        newest = self._newest_version(self.layout.history_folder(table_name, day), None)
        return newest.version if newest else ""

    def note_reads(self, version: Version, record: ReadRecord) -> None:
        """Record beside a version what was read for it; the latest run that gave the same content counts."""
        folder = self.layout.history_folder(version.table, date.fromisoformat(version.day))
        self.files.write(f"{folder}/{version.version}{READS}", json.dumps(record, sort_keys=True).encode())

    def reads_of(self, table_name: str, day: date, version: str) -> ReadRecord | None:
        """What was read for a version; None where no run recorded it, or the record is damaged."""
        path = f"{self.layout.history_folder(table_name, day)}/{version}{READS}"
        try:
            record = json.loads(self.files.read_bytes(path))
            return ReadRecord(first_day=record["first_day"], reads=record["reads"], written=record["written"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            log.warning("%s is damaged and not read; run its day again, which writes it anew", path)
            return None

    def own_versions(self, table_name: str, days: Iterable[date]) -> list[Version]:
        """Every version of these days whose record lies in this lake, whatever lake may lie under it.

        A record that is damaged is skipped and logged. Of a scenario ChangedFileError is raised, since what is left
        would be another version than the one that was decided on, or none.
        """
        versions: list[Version] = []
        for day in days:
            folder = self.layout.history_folder(table_name, day)
            records = (self._require_record(folder, name) for name in self._record_names(folder))
            versions.extend(version for version in records if version is not None)
        return sorted(versions, key=lambda v: (v.day, v.known_utc))

    def verified_address(self, version: Version) -> str:
        """Where the file of a version lies, once it is known to be what was recorded.

        Raises ChangedFileError when the file is missing or differs.
        """
        self.verify(version)
        return self.address(version)

    def verify(self, version: Version) -> None:
        """Compare the file of a version with its recorded checksum; a file that nobody touched is read once.

        Raises ChangedFileError when the file is missing or differs.
        """
        try:
            checksum = self.files.digest(version.path)
        except FileNotFoundError:
            raise missing_file(self.address(version), remedy_of(version.table)) from None
        if checksum != version.sha256:
            raise changed_file(self.address(version), remedy_of(version.table))

    def days(self, table_name: str) -> list[date]:
        """The days for which the table has a version."""
        names = self.files.list_names(self.layout.table_folder(table_name))
        return sorted(day for day in map(day_of_folder, names) if day is not None)

    def raw_files(self, feed_id: str, day: date) -> RawFiles:
        """The raw files of a feed and day."""
        return RawFiles(self.files, self.layout.raw_folder(feed_id, day))

    def parsed_files(self, feed_id: str, day: date) -> RawFiles:
        """The files with what was parsed of them; they can be deleted at any time and are then parsed again."""
        return RawFiles(self.files, self.layout.parsed_folder(feed_id, day))

    def lock_tables(
        self, days: Collection[date], *, reads: Collection[str] = (), writes: Collection[str] = ()
    ) -> AbstractContextManager[None]:
        """Lock these days of these tables, or every day where none is given (see locks.table_lock)."""
        return locks.table_lock(self.lock_folder(), days, reads=reads, writes=writes)

    def lock_ingest(self, feed_id: str, days: Collection[date]) -> AbstractContextManager[None]:
        """Lock what is received from a feed for these days; inside this lock tables may be locked, too."""
        names = (f"ingest-{feed_id}",)
        return locks.table_lock(self.lock_folder(), days, reads=(), writes=names, level=locks.INGEST)

    def lock_folder(self) -> Path:
        """The folder of the lock files: in a local lake, else in EMIS_HOME, since an object store has no locks."""
        root = Path(self.files.base) if self.files.is_local else settings().home
        return root / "lock" / self.region_id

    def publish_set(self, name: str, versions: Collection[Version], documents: Mapping[str, bytes]) -> None:
        """Put versions and documents at their stable published paths, all in one step; a manifest is the last document.

        name: the name of the set, for instance day=2015-12-20; it replaces the set of the same name.
        documents: content by path below the published folder of the region.
        Raises ChangedFileError when a version is not what was recorded; then nothing has changed.
        """
        for version in versions:
            self.verify(version)
        tables = [SetFile(self.published_path(v), v.sha256, source=v.path) for v in versions]
        pages = [
            SetFile(self.layout.document_file(path, tree=PUBLISHED), sha256_digest(content), content=content)
            for path, content in documents.items()
        ]
        publish_set(self.files, self.layout, name, [*tables, *pages])

    def published_path(self, version: Version) -> str:
        """The stable path at which readers find a version once it is published."""
        return self.layout.stable_file(version.table, date.fromisoformat(version.day), tree=PUBLISHED)

    def address(self, version: Version) -> str:
        """Where the file of a version lies, which never changes, for a reader of any kind."""
        return self.files.address(version.path)

    def write_document(self, name: str, content: bytes, *, tree: str = CURRENT) -> str:
        """Write a document next to the tables (manifest, report) in one atomic step; returns its path."""
        path = self.layout.document_file(name, tree=tree)
        self.files.write(path, content)
        return self.files.address(path)

    def read_document(self, name: str, *, tree: str = CURRENT) -> bytes | None:
        """A document next to the tables; None when there is none."""
        path = self.layout.document_file(name, tree=tree)
        return self.files.read_bytes(path) if self.files.exists(path) else None

    def read_version(self, version: Version, *, columns: list[str] | None = None) -> pa.Table:
        """The rows of one version of a day. Raises ChangedFileError when its file is not what was recorded."""
        self.verify(version)
        return self.files.read_table(version.path, _wanted_schema(version.table, columns))

    def add_version(
        self,
        table_name: str,
        day: date,
        content: bytes | Path,
        rows: int,
        *,
        known_utc: datetime,
        run_id: str,
        complete_share: float | None,
    ) -> Version:
        """Add a version of a day to the history. Large content is given as a file, which is moved into the lake.

        The newest version again adds nothing. What is written later is known later, whatever `known_utc` says, so
        that the newest version always is the current one.
        """
        checksum = sha256_digest(content)
        folder = self.layout.history_folder(table_name, day)
        path = f"{folder}/{checksum[:VERSION_LENGTH]}.parquet"
        self._put_damaged_records_aside(folder)
        before = self.own_versions(table_name, [day])
        if not self._has_content(path, checksum):
            self.files.write(path, content, mode=READ_ONLY_MODE)
            self.files.note_digest(path, checksum)
        if before and before[-1].sha256 == checksum:
            return before[-1]
        if before:
            known_utc = max(known_utc, datetime.fromisoformat(before[-1].known_utc) + MOMENT)
        known_utc = known_utc.astimezone(UTC)
        version = Version(
            table=table_name,
            day=day.isoformat(),
            version=checksum[:VERSION_LENGTH],
            known_utc=known_utc.isoformat(),
            path=path,
            rows=rows,
            sha256=checksum,
            run_id=run_id,
            complete_share=complete_share,
        )
        record = {**asdict(version), "path": self.layout.relative(path)}
        self.files.write(f"{folder}/{known_utc.strftime(STAMP)}-{version.version}.json", json.dumps(record).encode())
        return version

    def make_current(self, version: Version) -> str:
        """Put a version at the stable path of its day; one file a day, so readers never see a mixture of versions."""
        stable = self.layout.stable_file(version.table, date.fromisoformat(version.day))
        if not (self.files.exists(stable) and self.files.digest(stable) == version.sha256):
            self.files.copy(version.path, stable, is_durable=False)
            self.files.note_digest(stable, version.sha256)
        return stable

    def _has_content(self, path: str, checksum: str) -> bool:
        """Whether a version has this content already; a file that somebody edited in place is logged."""
        if not self.files.exists(path):
            return False
        if self.files.digest(path) == checksum:
            return True
        log.warning("%s was changed in place since it was written; it is written again", path)
        return False

    def _newest_versions(self, table_name: str, days: Iterable[date], as_of: datetime | None) -> Iterator[Version]:
        """The newest version of each of these days, or the newest known at a time; of scenarios one of each."""
        for day in days:
            for folder in self._history_folders(table_name, day):
                newest = self._newest_version(folder, as_of)
                if newest is not None:
                    yield newest

    def _newest_version(self, folder: str, as_of: datetime | None) -> Version | None:
        """The newest version of a folder, or the newest one known at a time; the names of the records begin with it."""
        until = as_of.astimezone(UTC).strftime(STAMP) if as_of else AFTER_EVERY_STAMP
        in_time = [name for name in self._record_names(folder) if name.partition("-")[0] <= until]
        records = (self._require_record(folder, name) for name in reversed(in_time))
        return next((version for version in records if version is not None), None)

    def _history_folders(self, table_name: str, day: date) -> list[str]:
        """The folders with versions of a day; those of scenarios lie one level below."""
        folder = self.layout.history_folder(table_name, day)
        if not self.layout.has_folder_by_scenario(table_name):
            return [folder]
        names = sorted(name for name in self.files.list_names(folder) if name.startswith(f"{SCENARIO}="))
        return [folder, *(f"{folder}/{name}" for name in names)]

    def _record_names(self, folder: str) -> list[str]:
        """The names of the records in a history folder, oldest first; other files are none of ours."""
        names = (path.rsplit("/", 1)[1] for path in self.files.list_files(folder, ".json"))
        return [name for name in names if RECORD.fullmatch(name)]

    def _read_record(self, folder: str, name: str) -> Version | None:
        """The version of a record; None, with a warning, when the record is damaged."""
        try:
            record = json.loads(self.files.read_bytes(f"{folder}/{name}"))
            # The file lies next to its record, wherever the lake has been moved or copied to.
            return Version(**{**record, "path": f"{folder}/{record['version']}.parquet"})
        except (ValueError, KeyError, TypeError):
            log.warning("%s/%s is damaged and not read; run its day again, which writes another record", folder, name)
            return None

    def _require_record(self, folder: str, name: str) -> Version | None:
        """The version of a record; None for a damaged one of a day. Raises ChangedFileError for one of a scenario."""
        version = self._read_record(folder, name)
        if version is None and f"/{SCENARIO}=" in folder:
            raise checksums.damaged_record(self.files.address(f"{folder}/{name}"))
        return version

    def _put_damaged_records_aside(self, folder: str) -> None:
        """Rename the damaged records of a day that is written again, so that they are kept and no longer read."""
        for name in self._record_names(folder):
            if self._read_record(folder, name) is None:
                self.files.rename(f"{folder}/{name}", f"{folder}/{name}{DAMAGED}")

    def _rows_of_day(self, table_name: str, frame: pa.Table, day: date) -> pa.Table:
        window = day_window(day, self.time_zone)
        return select_between(frame, schema.table(table_name).time, window.from_utc, window.to_utc)


def open_lake(region: Region) -> Store:
    """The lake of a region, at the place that EMIS_LAKE or EMIS_HOME names."""
    return Store(settings().lake, region.region_id, region.time_zone, is_simulated=region.is_simulated)


def _wanted_schema(table_name: str, columns: list[str] | None) -> pa.Schema:
    declared = arrow_schema(schema.table(table_name))
    return declared if columns is None else pa.schema([declared.field(c) for c in columns], declared.metadata)
