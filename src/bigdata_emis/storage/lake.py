"""The lake: partitions of tables as Parquet, written whole, versioned, and switched in one atomic step.

Belongs here: the only code that knows a path of the lake. Does not: what the tables mean.
"""

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.settings import settings
from bigdata_emis.storage import locks
from bigdata_emis.storage.parquet import is_whole, packed, sha256_of
from bigdata_emis.storage.temporary_files import part_of
from bigdata_emis.window import day_window

VERSION_LENGTH = 16
STAMP = "%Y%m%dT%H%M%S%fZ"
MOMENT = timedelta(microseconds=1)


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


class Store:
    """The lake of one region below a root, local or s3://."""

    def __init__(self, root: str, region_id: str, time_zone: str) -> None:
        self.region_id = region_id
        self.time_zone = time_zone
        self._fs, base = _file_system(root)
        self._is_local = isinstance(self._fs, pafs.LocalFileSystem)
        self._scheme = "" if self._is_local else root.split("://", 1)[0] + "://"
        self._base = str(Path(base).absolute()) if self._is_local else base.rstrip("/")

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
        """Write each listed day whole beside its older versions, then switch the stable file to it.

        Assumes a conformed frame. A day without rows gets an empty partition. The same content is the same version.
        """
        days = list(days)
        staged = [(day, packed(self._rows_of(table_name, frame, day))) for day in days]
        shares = complete_shares or {}
        versions = [
            self._keep(table_name, day, content, rows, known_utc, run_id, shares.get(day))
            for day, (content, rows) in staged
        ]
        for version in versions:
            self._switch(version)
        return versions

    def read(
        self, table_name: str, days: Iterable[date], *, as_of: datetime | None = None, columns: list[str] | None = None
    ) -> pa.Table:
        """The rows of these days as they are now, or as they were known at `as_of`; no rows for a day never written."""
        declared = arrow_schema(schema.table(table_name))
        wanted = declared if columns is None else pa.schema([declared.field(c) for c in columns], declared.metadata)
        parts = [self._read_file(p, wanted) for p in self.paths(table_name, days, as_of=as_of)]
        return pa.concat_tables(parts) if parts else wanted.empty_table()

    def paths(self, table_name: str, days: Iterable[date], *, as_of: datetime | None = None) -> list[str]:
        """The files that hold these days, for an engine that reads them itself; they never change, whatever becomes newest meanwhile."""
        if (
            as_of is None and schema.table(table_name).key[0] == "scenario_id"
        ):  # one file a scenario in the folder of a day (scenario_store.py)
            return [
                self._scheme + path
                for day in days
                for path in self._list(self._stable(table_name, day).rsplit("/", 1)[0], ".parquet")
            ]
        return [self._scheme + path for day in days if (path := self._newest(self._history(table_name, day), as_of))]

    def versions(self, table_name: str, days: Iterable[date]) -> list[Version]:
        """Every version of these days, oldest first; of each day the last is what stages read."""
        found = []
        for day in days:
            for path in self._list(f"{self._history(table_name, day)}", ".json"):
                told = json.loads(self._read_bytes(path))
                # The file lies beside its record, wherever the lake has been moved or copied to.
                found.append(Version(**{**told, "path": f"{path.rsplit('/', 1)[0]}/{told['version']}.parquet"}))
        return sorted(found, key=lambda v: (v.day, v.known_utc))

    def days(self, table_name: str) -> list[date]:
        """The days for which the table has a version."""
        root = f"{self._base}/current/{self.region_id}/{table_name}"
        infos = self._fs.get_file_info(pafs.FileSelector(root, allow_not_found=True))
        return sorted(date.fromisoformat(i.base_name[4:]) for i in infos if i.base_name.startswith("day="))

    def land(self, feed_id: str, day: date, request: str, payload: bytes, suffix: str) -> None:
        """Keep the bytes of one answer as received. The same answer to the same request is kept once."""
        name = f"{re.sub(r'[^A-Za-z0-9_.-]', '_', request)}-{sha256_of(payload)[:VERSION_LENGTH]}.{suffix}"
        path = f"{self._raw(feed_id, day)}/{name}"
        if not self._exists(path):
            self._write_bytes(path, payload)

    def raw(self, feed_id: str, day: date) -> list[tuple[str, bytes]]:
        """What was received for a day of a feed: file name and bytes, in order of name."""
        paths = [p for p in self._list(self._raw(feed_id, day), "") if not p.endswith(".part")]
        return [(path.rsplit("/", 1)[1], self._read_bytes(path)) for path in paths]

    def turn(
        self, days: Collection[date], *, reads: Collection[str] = (), writes: Collection[str] = ()
    ) -> AbstractContextManager[None]:
        """Hold these days of these tables, or every day where none is named, until the block ends; who comes second waits (locks.turn)."""
        return locks.turn(self.lock_folder(), days, reads=reads, writes=writes)

    def arrival(self, feed_id: str, days: Collection[date]) -> AbstractContextManager[None]:
        """Hold what arrives of a feed for these days, however long its provider takes; within it the table may be held (turn)."""
        return locks.turn(self.lock_folder(), days, reads=(), writes=(f"arrival-{feed_id}",), level=locks.ARRIVAL)

    def lock_folder(self) -> Path:
        """Where locks lie: beside a local lake, for all who reach it. An object store knows none: in the home, for what runs from it."""
        return (Path(self._base) if self._is_local else settings().home) / "lock" / self.region_id

    def publish(self, version: Version) -> str:
        """Make a version the one that readers outside find at the stable published path; returns that path."""
        return self._scheme + self._switch(version, tree="published")

    def address(self, version: Version) -> str:
        """Where the file of a version lies that never changes, for a reader of any kind."""
        return self._scheme + version.path

    def write_document(self, name: str, content: bytes, *, tree: str = "current") -> str:
        """A document beside the tables (manifest, report), replaced in one atomic step; returns its path."""
        path = f"{self._base}/{tree}/{self.region_id}/{name}"
        self._write_bytes(path, content)
        return self._scheme + path

    def _rows_of(self, table_name: str, frame: pa.Table, day: date) -> pa.Table:
        time = schema.table(table_name).time
        window = day_window(day, self.time_zone)
        start, end = (pa.scalar(t, pa.timestamp("us", tz="UTC")) for t in (window.from_utc, window.to_utc))
        return frame.filter(pc.and_(pc.greater_equal(frame[time], start), pc.less(frame[time], end)))

    def _keep(
        self,
        table_name: str,
        day: date,
        content: bytes | Path,
        rows: int,
        known_utc: datetime,
        run_id: str,
        complete_share: float | None,
    ) -> Version:
        """Keep a version; what is large comes as a file beside the lake, which then moves into it."""
        checksum = sha256_of(content)
        folder = self._history(table_name, day)
        path = f"{folder}/{checksum[:VERSION_LENGTH]}.parquet"
        before = self.versions(table_name, [day])
        if not self._exists(path) or not is_whole(
            path, Path(path) if self._is_local else self._read_bytes(path), checksum
        ):
            self._write_bytes(path, content)
        if before and before[-1].sha256 == checksum:
            return before[-1]
        if before:  # What is written later is known later, so that the newest version is the current one.
            known_utc = max(known_utc, datetime.fromisoformat(before[-1].known_utc) + MOMENT)
        version = Version(
            table_name,
            day.isoformat(),
            checksum[:VERSION_LENGTH],
            known_utc.astimezone(UTC).isoformat(),
            path,
            rows,
            checksum,
            run_id,
            complete_share,
        )
        stamp = known_utc.astimezone(UTC).strftime(STAMP)
        told = {**asdict(version), "path": path.removeprefix(f"{self._base}/")}
        self._write_bytes(f"{folder}/{stamp}-{version.version}.json", json.dumps(told).encode())
        return version

    def _switch(self, version: Version, *, tree: str = "current") -> str:
        """One file a partition, so replacing it is atomic and a reader never meets a mixture."""
        stable = self._stable(version.table, date.fromisoformat(version.day), tree=tree)
        if not self._is_local:
            self._fs.create_dir(stable.rsplit("/", 1)[0])
            self._fs.copy_file(version.path, stable)
            return stable
        Path(stable).parent.mkdir(parents=True, exist_ok=True)
        part = part_of(Path(stable))
        os.link(version.path, part)
        part.replace(stable)
        # rename() does nothing where both names are already the same file, and leaves the first.
        part.unlink(missing_ok=True)
        return stable

    def _read_file(self, path: str, wanted: pa.Schema) -> pa.Table:
        plain = path.removeprefix(self._scheme) if self._scheme else path
        try:
            return pq.read_table(plain, columns=wanted.names, filesystem=self._fs, partitioning=None).cast(wanted)
        except (OSError, pa.ArrowInvalid, ValueError) as problem:
            raise InputError(
                f"{path}: {str(problem).splitlines()[0]}", "run its day again, which writes the file anew"
            ) from None

    def _write_bytes(self, path: str, content: bytes | Path) -> None:
        """Durable and whole: written beside, synced, then renamed (an object store's PUT is whole by itself)."""
        if not self._is_local:
            with self._fs.open_output_stream(path, compression=None) as out:
                out.write(content.read_bytes() if isinstance(content, Path) else content)
            return
        target = Path(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            part = part_of(target)
            if isinstance(content, Path):
                content.replace(part)
            else:
                part.write_bytes(content)
            with part.open("rb+") as written:
                os.fsync(written.fileno())
            part.replace(target)
        except OSError as problem:
            raise InputError(
                f"{target} cannot be written: {problem.strerror}", "mend EMIS_LAKE or EMIS_HOME, or make room"
            ) from None

    def _read_bytes(self, path: str) -> bytes:
        with self._fs.open_input_stream(path, compression=None) as stream:
            return bytes(stream.read())

    def _exists(self, path: str) -> bool:
        return bool(self._fs.get_file_info(path).is_file)

    def _list(self, folder: str, suffix: str) -> Iterator[str]:
        infos = self._fs.get_file_info(pafs.FileSelector(folder, allow_not_found=True))
        return iter(sorted(i.path for i in infos if i.type == pafs.FileType.File and i.path.endswith(suffix)))

    def _newest(self, folder: str, as_of: datetime | None) -> str | None:
        """The file of the newest version, or of the newest known at a time; the names of the records tell, which lie in order of time."""
        until = as_of.astimezone(UTC).strftime(STAMP) if as_of else "~"
        names = [
            name for path in self._list(folder, ".json") if (name := path.rsplit("/", 1)[1]).partition("-")[0] <= until
        ]
        return f"{folder}/{names[-1].removesuffix('.json').rpartition('-')[2]}.parquet" if names else None

    def _stable(self, table_name: str, day: date, *, tree: str = "current") -> str:
        return f"{self._base}/{tree}/{self.region_id}/{table_name}/day={day}/{table_name}.parquet"

    def _history(self, table_name: str, day: date) -> str:
        return f"{self._base}/history/{self.region_id}/{table_name}/day={day}"

    def _raw(self, feed_id: str, day: date) -> str:
        return f"{self._base}/raw/{self.region_id}/{feed_id}/day={day}"


def _file_system(root: str) -> tuple[pafs.FileSystem, str]:
    if "://" not in root:
        return pafs.LocalFileSystem(), root
    try:
        system, base = pafs.FileSystem.from_uri(root)
    except (OSError, ValueError) as problem:
        raise InputError(f"lake '{root}': {str(problem).splitlines()[0]}", "mend EMIS_LAKE") from None
    return system, base
