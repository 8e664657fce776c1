"""The lake as one scenario sees it: its own file in each day of a table, read and written in pieces that fit in memory.

Belongs here: the fast path between a recalculation and the lake. Does not: what is cut (control).
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis import schema
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage.files import damaged_file
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.storage.layout import ScenarioLayout
from bigdata_emis.storage.parquet import mark_simulated
from bigdata_emis.storage.temporary_files import LAKE_FOLDER_PREFIX, temporary_folder

BESIDE_THREADS = 3
"""Of files that are hashed, or added, at the same time."""
PIECES_AHEAD = 2

Piece = TypeVar("Piece")
Result = TypeVar("Result")
RunUnits = Callable[[Sequence[Callable[[], Any]], Sequence[Callable[[], None]], Path], list[Any]]
"""Runs units of work and checks, with a folder for files of its own; returns the results of the units in order."""


class ScenarioStore(Store):
    """The lake of a region for one scenario; of the tables keyed by scenario it has the rows of this one only.

    inputs: versions by table and day. Of these tables the scenario reads only these versions, from its beginning to
    its end, whatever becomes current in the meantime. compares_late: files of inputs are compared with their checksums
    by write_pieces, at the same time as they are read; else before they are read.
    """

    compares_late = False

    def __init__(
        self, lake: Store, scenario_id: str, inputs: Mapping[str, Mapping[str, Version]] | None = None
    ) -> None:
        layout = ScenarioLayout(lake.layout.root, lake.region_id, scenario_id)
        super().__init__(lake.files, lake.region_id, lake.time_zone, layout=layout, is_simulated=lake.is_simulated)
        self.scenario_id = scenario_id
        self.inputs = inputs or {}

    def is_projected(self, day: date) -> bool:
        """Whether the inventory of a day is computed from other days; of a lake without a projection none is."""
        del day
        return False

    def paths(self, table_name: str, days: Iterable[date], *, as_of: datetime | None = None) -> list[str]:
        """The files that hold these days; of an input the version with which the scenario began.

        Raises ChangedFileError when a file is not what was recorded; of what is compared late, write_pieces does.
        """
        if as_of is None and table_name in self.inputs:
            locate = self.address if self.compares_late else self.verified_address
            return [locate(version) for version in self.versions(table_name, days)]
        return super().paths(table_name, days, as_of=as_of)

    def versions(self, table_name: str, days: Iterable[date]) -> list[Version]:
        """Every version of these days, oldest first; of an input the one with which the scenario began."""
        if table_name not in self.inputs:
            return super().versions(table_name, days)
        pinned = self.inputs[table_name]
        return [pinned[str(day)] for day in days if str(day) in pinned]

    def pieces(
        self, table_name: str, day: date, columns: list[str], *, numbers: Collection[int] | None = None
    ) -> Iterator[pa.Table]:
        """The rows of a day in order, one row group at a time, with text as dictionary codes.

        A column that was declared after the day was written is null. numbers: of the row groups that are wanted, by
        default all. Raises InputError when a file is damaged.
        """
        declared = arrow_schema(schema.table(table_name))
        coded = [name for name in columns if pa.types.is_string(declared.field(name).type)]
        for address in self.paths(table_name, [day]):
            try:
                with self.files.system.open_input_file(self.files.plain(address)) as source:
                    written = pq.read_metadata(source)
                    file = pq.ParquetFile(source, metadata=written, read_dictionary=_present(coded, written))
                    for number in range(file.num_row_groups) if numbers is None else numbers:
                        piece = file.read_row_group(number, columns=columns, use_threads=False)
                        yield _with_absent(piece, columns, declared)
            except (OSError, pa.ArrowInvalid) as problem:
                raise damaged_file(address, problem) from None

    def coded(self, table_name: str, day: date, columns: list[str]) -> pa.Table:
        """The rows of a day at once, with text as dictionary codes."""
        pieces = list(self.pieces(table_name, day, columns))
        declared = arrow_schema(schema.table(table_name))
        whole = pa.concat_tables(pieces) if pieces else pa.schema([declared.field(c) for c in columns]).empty_table()
        return whole.unify_dictionaries().combine_chunks()

    def write_pieces(
        self,
        table_name: str,
        days: Mapping[date, Callable[[], Iterable[pa.Table]]],
        *,
        known_utc: datetime,
        run_id: str,
        complete_shares: Mapping[date, float | None],
        result_of: Callable[[date], Result] = lambda _: None,  # type: ignore[assignment,return-value]
        before_adding: Callable[[Mapping[date, Result]], object] = lambda _: None,
        run_units: RunUnits | None = None,
        own_checks: Mapping[Version, Callable[[], None]] | None = None,
    ) -> list[Version]:
        """Write each day whole from its pieces, then make all of them current.

        Assumes pieces in order of key with the declared columns; text may come as dictionary codes. Each piece becomes
        a row group, so the same pieces give the same bytes. A day is prepared while its pieces are written and the
        inputs are hashed.

        result_of: what is known of a day after its last piece. before_adding: called with that of all days; nothing is
        added to the lake when it raises. run_units: where days are computed and inputs are compared, by default here.
        own_checks: how inputs are compared that the work may not read at all.
        Raises ChangedFileError when an input is not what was recorded; then nothing is added either.
        """
        # All days are computed outside the lake before the first one is added, so that a refusal leaves nothing behind.
        with (
            temporary_folder(LAKE_FOLDER_PREFIX, base=self.files.base if self.files.is_local else None) as folder,
            ThreadPoolExecutor(max_workers=BESIDE_THREADS) as pool,
        ):
            files = {day: folder / f"{day}.parquet" for day in days}

            def compute(day: date) -> tuple[int, Result]:
                pieces = run_ahead(days[day]())
                rows = write_pieces_to_file(files[day], table_name, pieces, is_simulated=self.is_simulated)
                return rows, result_of(day)

            units, checks = [partial(compute, day) for day in days], self._checks(own_checks or {})
            computed = dict(zip(days, (run_units or _run_here)(units, checks, folder), strict=True))
            before_adding({day: result for day, (_, result) in computed.items()})

            def add(day: date) -> Version:
                rows, share = computed[day][0], complete_shares.get(day)
                return self.add_version(
                    table_name, day, files[day], rows, known_utc=known_utc, run_id=run_id, complete_share=share
                )

            versions = list(pool.map(add, days))
            list(pool.map(self.make_current, versions))
        return versions

    def _checks(self, own_checks: Mapping[Version, Callable[[], None]]) -> list[Callable[[], None]]:
        """The comparison of each input with its checksum, the largest files first."""
        versions = [version for by_day in self.inputs.values() for version in by_day.values()]
        largest_first = sorted(versions, key=lambda version: -version.rows)
        return [own_checks.get(version, partial(self.verify, version)) for version in largest_first]


def _present(columns: Sequence[str], written: pq.FileMetaData) -> list[str]:
    """The columns that a file has."""
    names = set(written.schema.names)
    return [name for name in columns if name in names]


def _with_absent(piece: pa.Table, columns: Sequence[str], declared: pa.Schema) -> pa.Table:
    """A piece with the columns that its file does not have as null, in the order asked for."""
    for name in columns:
        if name not in piece.column_names:
            empty = pa.nulls(piece.num_rows, declared.field(name).type)
            piece = piece.append_column(name, empty.dictionary_encode() if pa.types.is_string(empty.type) else empty)
    return piece.select(columns)


def _run_here(units: Sequence[Callable[[], Any]], checks: Sequence[Callable[[], None]], _: Path) -> list[Any]:
    with ThreadPoolExecutor(max_workers=BESIDE_THREADS) as pool:
        beside = [pool.submit(check) for check in checks]
        results = [unit() for unit in units]
        for check in beside:
            check.result()
    return results


def write_pieces_to_file(path: Path, table_name: str, pieces: Iterable[pa.Table], *, is_simulated: bool) -> int:
    """Write pieces to one Parquet file and return the number of rows.

    Text is stored as dictionaries, numbers plain and without bounds: Zstandard saves 4 % on doubles that never repeat,
    and either option takes as long as everything else.
    """
    declared = mark_simulated(arrow_schema(schema.table(table_name)), is_simulated=is_simulated)
    codes = pa.dictionary(pa.int32(), pa.string())
    wanted = pa.schema([f.with_type(codes) if pa.types.is_string(f.type) else f for f in declared], declared.metadata)
    numbers = {f.name for f in declared if pa.types.is_floating(f.type)}
    text = [f.name for f in wanted if pa.types.is_dictionary(f.type)]
    compression, rows = {n: "none" if n in numbers else "zstd" for n in wanted.names}, 0
    with pq.ParquetWriter(path, wanted, compression=compression, use_dictionary=text, write_statistics=False) as writer:
        for piece in pieces:
            writer.write_table(piece.select(wanted.names).cast(wanted), row_group_size=max(piece.num_rows, 1))
            rows += piece.num_rows
    return rows


def run_ahead(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same pieces, each prepared by a thread of its own while those before it are used."""
    prepared, over = iter(pieces), object()
    with ThreadPoolExecutor(max_workers=1) as thread:
        waiting = deque(thread.submit(next, prepared, over) for _ in range(PIECES_AHEAD))
        while (piece := waiting.popleft().result()) is not over:
            waiting.append(thread.submit(next, prepared, over))
            yield piece  # type: ignore[misc]
