"""The lake as one scenario sees it: its own file in each day of a table, read and written in pieces that fit in memory.

Belongs here: the fast path between a recalculation and the lake. Does not: what is cut (control/).
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.storage.temporary_files import is_left, owner

PARALLEL_DAYS = 4
BESIDE = ".scenario-"


class ScenarioStore(Store):
    """The lake of a region below a root; tables keyed by scenario are those of one scenario.

    current/<region>/<table>/day=YYYY-MM-DD/<scenario>.parquet, so that a scenario never touches the file of another,
    and Store.read gives the rows of all scenarios of a day. What a scenario was begun with it reads to its end, whatever becomes newest meanwhile.
    """

    scenario_id: str
    _inputs: Mapping[str, Mapping[str, Version]]

    @classmethod
    def of(
        cls, store: Store, scenario_id: str, inputs: Mapping[str, Mapping[str, Version]] | None = None
    ) -> "ScenarioStore":
        """The same lake, seen from a scenario; of the tables in `inputs` only these versions are read, by table and day."""
        made = cls.__new__(cls)
        vars(made).update(vars(store), scenario_id=scenario_id, _inputs=inputs or {})
        return made

    def paths(self, table_name: str, days: Iterable[date], *, as_of: datetime | None = None) -> list[str]:
        """The files that hold these days: of a table of scenarios those of this one, of its inputs the versions that it was begun with."""
        if as_of is None and table_name in self._inputs:
            return [self._scheme + version.path for version in self.versions(table_name, days)]
        found = super().paths(table_name, days, as_of=as_of)
        if as_of is not None or not _is_of_scenarios(table_name):
            return found
        return [path for path in found if path.rsplit("/", 1)[1] == f"{self.scenario_id}.parquet"]

    def versions(self, table_name: str, days: Iterable[date]) -> list[Version]:
        """Every version of these days, oldest first; of the inputs of this scenario the one that it was begun with."""
        if table_name not in self._inputs:
            return super().versions(table_name, days)
        return [self._inputs[table_name][str(day)] for day in days if str(day) in self._inputs[table_name]]

    def pieces(self, table_name: str, day: date, columns: list[str]) -> Iterator[pa.Table]:
        """The rows of a day in order, a row group at a time, text as dictionary codes."""
        wanted = arrow_schema(schema.table(table_name))
        coded = [name for name in columns if pa.types.is_string(wanted.field(name).type)]
        for path in self.paths(table_name, [day]):
            try:
                with self._fs.open_input_file(path.removeprefix(self._scheme)) as source:
                    file = pq.ParquetFile(source, read_dictionary=coded)
                    for number in range(file.num_row_groups):
                        yield file.read_row_group(number, columns=columns, use_threads=False)
            except (OSError, pa.ArrowInvalid) as problem:
                raise InputError(
                    f"{path}: {str(problem).splitlines()[0]}", "run its day again, which writes the file anew"
                ) from None

    def coded(self, table_name: str, day: date, columns: list[str]) -> pa.Table:
        """The rows of a day at once, text as dictionary codes."""
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
    ) -> list[Version]:
        """Write each day whole from its pieces, days in parallel, then switch all of them.

        Assumes pieces in order of key with the declared columns; text may come as dictionary codes. Each piece becomes a
        row group, so the same pieces give the same bytes.
        """
        # All days are worked out, beside the lake, before the first is kept, so that a refusal leaves nothing behind.
        with self._beside() as folder, ThreadPoolExecutor(max_workers=min(len(days), PARALLEL_DAYS)) as pool:
            files = {day: folder / f"{day}.parquet" for day in days}
            rows = dict(
                zip(days, pool.map(lambda day: _write_file(files[day], table_name, days[day]()), days), strict=True)
            )
            kept = [
                pool.submit(
                    self._keep, table_name, day, files[day], rows[day], known_utc, run_id, complete_shares.get(day)
                )
                for day in days
            ]
            versions = [one.result() for one in kept]
        for version in versions:
            self._switch(version)
        return versions

    @contextmanager
    def _beside(self) -> Iterator[Path]:
        """A folder that is gone afterwards, in the same file system as a local lake; what killed processes of this host left is cleared first."""
        try:
            for left in Path(self._base).glob(f"{BESIDE}*") if self._is_local else ():
                if is_left(left.name.removeprefix(BESIDE).rpartition("-")[0]):
                    shutil.rmtree(left, ignore_errors=True)
            with TemporaryDirectory(prefix=f"{BESIDE}{owner()}-", dir=self._base if self._is_local else None) as folder:
                yield Path(folder)
        except OSError as problem:
            raise InputError(
                f"{self._base}: {problem.strerror or problem}", "mend EMIS_LAKE or EMIS_HOME, or make room"
            ) from None

    def _stable(self, table_name: str, day: date, *, tree: str = "current") -> str:
        stable = super()._stable(table_name, day, tree=tree)
        return f"{stable.rsplit('/', 1)[0]}/{self.scenario_id}.parquet" if _is_of_scenarios(table_name) else stable

    def _history(self, table_name: str, day: date) -> str:
        folder = super()._history(table_name, day)
        return f"{folder}/scenario_id={self.scenario_id}" if _is_of_scenarios(table_name) else folder


def _is_of_scenarios(table_name: str) -> bool:
    return schema.table(table_name).key[0] == "scenario_id"


def _write_file(path: Path, table_name: str, pieces: Iterable[pa.Table]) -> int:
    """Text as dictionaries, numbers plain, no bounds: doubles that never repeat gain 4 % from zstd, and either takes as long as all else.

    Returns the number of rows.
    """
    declared = arrow_schema(schema.table(table_name))
    codes = pa.dictionary(pa.int32(), pa.string())
    wanted = pa.schema([f.with_type(codes) if pa.types.is_string(f.type) else f for f in declared], declared.metadata)
    numbers = {f.name for f in declared if pa.types.is_floating(f.type)}
    text = [f.name for f in wanted if pa.types.is_dictionary(f.type)]
    packing, rows = {n: "none" if n in numbers else "zstd" for n in wanted.names}, 0
    with pq.ParquetWriter(path, wanted, compression=packing, use_dictionary=text, write_statistics=False) as writer:
        for piece in pieces:
            writer.write_table(piece.select(wanted.names).cast(wanted), row_group_size=max(piece.num_rows, 1))
            rows += piece.num_rows
    return rows
