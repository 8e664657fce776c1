"""A day cut anew where its measures differ from those of a stored scenario, and taken from there where they do not.

Belongs here: which sources and pieces a change touches, and how both parts become one day. Does not: the arithmetic of
a cut (scenario/cut_hours), the files of records (cut_records).

A piece is a row group of the inventory. It is touched where the share cut of one of its sources differs in an hour;
links are touched together, by any other ban. Rows of untouched pieces are copied, whatever their measures are called.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers, Positions
from bigdata_emis.control.days.cut_records import CutRecord, CutRecords, StoredRecord
from bigdata_emis.control.inventory_versions import EMISSIONS, INTERVALS, INVENTORY
from bigdata_emis.control.scenario.cut_errors import DayErrors, OwnErrors
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.day_plan import ABSENT, DayPlan
from bigdata_emis.errors import RefusedError
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage.scenario_lake import ScenarioStore, run_ahead

CUT = "control_hourly"
COLUMNS = [*EMISSIONS, *INTERVALS]
BASE_COUNTS = ("known_count", "reconstructed_count", "bounded_count")
SMALL = ("kind_of_source", "shares", "banned", "segments", "piece_sources", "piece_starts", "piece_rows")
"""What is read of every record, to choose one."""


@dataclass(frozen=True)
class ReusedDay:
    """From which scenario rows of a day were taken: pieces of the inventory, and how many of them were."""

    scenario_id: str
    pieces: int
    reused_pieces: int

    @property
    def is_whole(self) -> bool:
        """Whether no piece of the inventory is read."""
        return self.reused_pieces == self.pieces


@dataclass(frozen=True)
class _Base:
    """A stored scenario from which a day is taken in part, with the sources and pieces that are cut anew."""

    scenario_id: str
    record: StoredRecord
    rows: pq.ParquetFile
    is_source_touched: Flags
    is_piece_touched: Flags

    @property
    def touched_count(self) -> int:
        """How many pieces are cut anew."""
        return int(self.is_piece_touched.sum())


def cut_day(
    plan: DayPlan, day: date, lake: ScenarioStore, records: CutRecords
) -> tuple[Iterator[pa.Table], ReusedDay | None]:
    """The rows of control_hourly of a day, to the last bit as by cutting every row of it, and what was reused.

    The plan has the totals and errors after the last piece.
    """
    base = _closest_base(plan, day, lake, records)
    record = base.record.read_whole() if base else None
    if base is None or record is None:
        return _cut_whole(plan, day, lake, records), None
    count = len(base.is_piece_touched)
    return _cut_touched(plan, day, lake, base, record, records), ReusedDay(
        base.scenario_id, count, count - base.touched_count
    )


def _cut_whole(plan: DayPlan, day: date, lake: ScenarioStore, records: CutRecords) -> Iterator[pa.Table]:
    sources: list[Integers] = []
    rows: list[int] = []

    def pieces() -> Iterator[pa.Table]:
        for piece in run_ahead(lake.pieces(INVENTORY, day, COLUMNS)):
            sources.append(_sources_of(plan, piece))
            yield piece

    for cut in cut_pieces(plan, pieces()):
        rows.append(cut.num_rows)
        yield cut
    if sources and all(map(len, sources)):
        starts = np.cumsum([0, *map(len, sources[:-1])])
        records.save(_record_of(plan, np.concatenate(sources), starts, np.array(rows, dtype=np.intp)))


def _cut_touched(
    plan: DayPlan, day: date, lake: ScenarioStore, base: _Base, record: CutRecord, records: CutRecords
) -> Iterator[pa.Table]:
    rows: list[int] = []
    for piece in _mixed_pieces(plan, day, lake, base):
        rows.append(piece.num_rows)
        yield piece
    _restore(plan, record, base.is_source_touched)
    if not base.touched_count:
        base.record.touch()
        return
    records.save(_record_of(plan, record.piece_sources, record.piece_starts, np.array(rows, dtype=np.intp)))


def _mixed_pieces(plan: DayPlan, day: date, lake: ScenarioStore, base: _Base) -> Iterator[pa.Table]:
    touched = np.flatnonzero(base.is_piece_touched).tolist()
    cut_anew = cut_pieces(plan, run_ahead(lake.pieces(INVENTORY, day, COLUMNS, numbers=touched)))
    for number, is_touched in enumerate(base.is_piece_touched.tolist()):
        yield next(cut_anew) if is_touched else _stored_rows(base.rows, number, lake.scenario_id)
    for _ in cut_anew:  # sums up what waits for the last piece
        raise RuntimeError(f"{day}: the inventory has more pieces than the record of {base.scenario_id}")


def touched_sources(plan: DayPlan, kind_of_source: Positions, shares: Floats, banned: Floats) -> Flags:
    """The sources of which the share cut differs from that of another plan of the same day."""
    own = plan.cuts
    pairs, pair = np.unique(kind_of_source.astype(np.int64) * len(own.kinds) + own.kind_of_source, return_inverse=True)
    before, after = np.divmod(pairs, len(own.kinds))
    differs = np.array(
        [not np.all(shares[old] == own.shares[new]) for old, new in zip(before, after, strict=True)], dtype=bool
    )
    is_touched: Flags = differs[pair]
    if not np.array_equal(banned, plan.roads.banned):
        is_touched = is_touched | (plan.link_rows != ABSENT)
    return is_touched


def _closest_base(plan: DayPlan, day: date, lake: ScenarioStore, records: CutRecords) -> _Base | None:
    """The record of which most pieces can be taken; none where no piece can."""
    bases = [base for name, record in records if (base := _as_base(plan, day, lake, name, record)) is not None]
    closest = min(bases, key=lambda base: base.touched_count, default=None)
    return None if closest is None or closest.is_piece_touched.all() else closest


def _as_base(plan: DayPlan, day: date, lake: ScenarioStore, name: str, record: StoredRecord) -> _Base | None:
    small = record.read(*SMALL)
    if small is None or not np.array_equal(small["segments"], plan.segments):
        return None
    rows = _stored_file(lake, name, day, small["piece_rows"].tolist())
    if rows is None:
        return None
    is_touched = touched_sources(plan, small["kind_of_source"], small["shares"], small["banned"])
    of_pieces = np.logical_or.reduceat(is_touched[small["piece_sources"]], small["piece_starts"])
    return _Base(name, record, rows, is_touched, of_pieces)


def _stored_file(lake: ScenarioStore, scenario_id: str, day: date, piece_rows: list[int]) -> pq.ParquetFile | None:
    """The rows that a scenario has of a day, compared with their checksum; None where they are not those of the record.

    Reading a row group with its dictionaries and writing it again gives the same bytes.
    """
    try:
        versions = ScenarioStore(lake, scenario_id).own_versions(CUT, [day])
        if not versions:
            return None
        lake.verify(versions[-1])
        declared = arrow_schema(schema.table(CUT))
        coded = [field.name for field in declared if pa.types.is_string(field.type)]
        file = pq.ParquetFile(versions[-1].path, read_dictionary=coded)
    except (RefusedError, OSError, pa.ArrowInvalid):
        return None
    groups = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    return file if groups == piece_rows else None


def _stored_rows(file: pq.ParquetFile, number: int, scenario_id: str) -> pa.Table:
    names = [name for name in schema.table(CUT).names if name != "scenario_id"]
    rows = file.read_row_group(number, columns=names, use_threads=False)
    codes = pa.array(np.zeros(rows.num_rows, dtype=np.int32))
    return rows.append_column("scenario_id", pa.DictionaryArray.from_arrays(codes, pa.array([scenario_id])))


def _sources_of(plan: DayPlan, piece: pa.Table) -> Integers:
    """The sources of a piece; one that is not in the control basis is refused where it is cut."""
    names: Iterable[str] = (name for chunk in piece["source_id"].chunks for name in chunk.dictionary.to_pylist())
    rows = {plan.row_of_source.get(name, 0) for name in names}
    return np.array(sorted(rows), dtype=np.int64)


def _restore(plan: DayPlan, record: CutRecord, is_touched: Flags) -> None:
    """Totals and errors of the sources that are not touched, some of which are in touched pieces, too."""
    kept = np.flatnonzero(~is_touched)
    totals, errors = plan.totals, _errors_of(plan)
    totals.baseline_g[kept] = record.baseline_g[kept]
    totals.cut_g[kept] = record.cut_g[kept]
    errors.shared_g[kept] = record.shared_g[kept]
    for name in OwnErrors.__dataclass_fields__:
        getattr(errors.own, name)[:, kept] = getattr(record, name)[:, kept]
    if not is_touched[plan.link_rows != ABSENT].any():
        totals.road_km[:] = record.road_km
    totals.is_hour_present[:] = record.is_hour_present
    totals.obeyed_g[:] = record.obeyed_g
    for name, count in zip(BASE_COUNTS, record.counts.tolist(), strict=True):
        setattr(totals, name, count)


def _record_of(plan: DayPlan, sources: Integers, starts: Integers, rows: Positions) -> CutRecord:
    errors = _errors_of(plan)
    own = {name: getattr(errors.own, name) for name in OwnErrors.__dataclass_fields__}
    return CutRecord(
        kind_of_source=plan.cuts.kind_of_source.astype(np.int32),
        shares=plan.cuts.shares,
        banned=plan.roads.banned,
        segments=plan.segments,
        piece_sources=sources,
        piece_starts=starts,
        piece_rows=rows,
        baseline_g=plan.totals.baseline_g,
        cut_g=plan.totals.cut_g,
        road_km=plan.totals.road_km,
        is_hour_present=plan.totals.is_hour_present,
        counts=np.array([getattr(plan.totals, name) for name in BASE_COUNTS]),
        obeyed_g=plan.totals.obeyed_g,
        shared_g=errors.shared_g,
        **own,
    )


def _errors_of(plan: DayPlan) -> DayErrors:
    if plan.errors is None:
        raise RuntimeError("only a day that is read with its intervals is recorded")
    return plan.errors
