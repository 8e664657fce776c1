"""A column of times as instants in UTC: by the spelling of the whole column and the clock of a time zone.

Belongs here: local times of clocks that change, and what stays undecided. Does not: spellings of single texts
(time_spelling), or what an instant means (interval_times).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Integers
from bigdata_emis.collect.shapes.numbers import as_half_width
from bigdata_emis.collect.shapes.time_spelling import ClockReading, UnreadTimesError, detect_spelling, named_spelling
from bigdata_emis.schema.arrow import TYPES

INSTANT = TYPES["instant"]
TYPED = "typed"
"""The name of the spelling of a column that holds times and not texts, as Parquet files and workbooks do."""
TWICE = 2
LEAST_OTHER_TIMES, LEAST_24_SHARE = 11, 0.5
"""Other times of a column from which on, and the share of their rows, 24:00 shows what times mark; own judgement."""
CONSTANT_OFFSET = 'ask for times with offset, or write the zone whose clock it is, such as time_zone = "Etc/GMT-8"'


@dataclass(frozen=True)
class ReadTimes:
    """Instants of a column (null where there is no time), how they were written, and whether any was 24:00.

    is_24_usual: 24:00 comes about as often as the other times, of which there are many: it is how the provider writes
    the end of a day, and no slip.
    """

    instants: pa.Array
    spelling_name: str
    has_midnight_24: bool = False
    has_midnight_0: bool = False
    is_24_usual: bool = False
    has_offset: bool = False


def read_times(column: Any, time_zone: str, *, time_format: str = "", source: Integers | None = None) -> ReadTimes:
    """The column as instants. A time without offset is local time of the zone.

    source: the number of the source of each row. A local time that the clock shows twice in autumn is decided by its
    order when each source sends it twice.

    Raises:
        UnreadTimesError: a text with a digit is no time in the spelling of the column, the spelling is not decided by
            the texts, only some have an offset, or a local time happens twice or never.
    """
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_timestamp(flat.type) and flat.type.tz is not None:
        return ReadTimes(flat.cast(INSTANT, safe=False), TYPED, has_offset=True)
    if pa.types.is_timestamp(flat.type) or pa.types.is_date(flat.type):
        values, codes = _distinct(flat.cast(pa.timestamp("us"), safe=False))
        return _as_instants([v and ClockReading(v) for v in values], codes, TYPED, time_zone, source)
    values, codes = _distinct(_as_texts(flat))
    values = as_half_width(values)
    texts = [text for text in values if text]
    spelling = named_spelling(time_format) if time_format else detect_spelling(texts) if any(texts) else None
    readings = [spelling.read(text) if spelling and text else None for text in values]
    unread = [t for t, r in zip(values, readings, strict=True) if r is None and t and any(map(str.isdigit, t))]
    if unread:
        raise UnreadTimesError(f"'{unread[0]}' is not written as {time_format}", "correct time_format, or remove it")
    return _as_instants(readings, codes, spelling.name if spelling else "", time_zone, source)


def lenient_times(column: Any, time_zone: str, *, time_format: str = "", source: Integers | None = None) -> ReadTimes:
    """The same of an answer that was stored, perhaps under another declaration: null where unreadable or undecided."""
    for spelling in dict.fromkeys((time_format, "")):
        try:
            return read_times(column, time_zone, time_format=spelling, source=source)
        except UnreadTimesError:
            continue
    return ReadTimes(pa.nulls(len(column), INSTANT), "")


def _distinct(column: pa.Array) -> tuple[list[Any], Integers]:
    """The distinct values, and for each row the number of its own, −1 where it is null."""
    coded = column.dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return coded.dictionary.to_pylist(), codes.astype(np.int64)


def _as_texts(column: pa.Array) -> pa.Array:
    """Texts; a number is written in full, since it may be a count of seconds or days."""
    if pa.types.is_floating(column.type):
        return pa.array([None if v is None or v != v else repr(v) for v in column.to_pylist()], pa.string())
    if pa.types.is_nested(column.type) or pa.types.is_boolean(column.type):
        return pa.nulls(len(column), pa.string())
    return pc.utf8_trim_whitespace(column.cast(pa.string()))


def _as_instants(
    readings: Sequence[ClockReading | None], codes: Integers, name: str, zone: str, source: Integers | None
) -> ReadTimes:
    earlier, later = _both_folds(readings, ZoneInfo(zone))
    is_twice = earlier < later
    _refuse_mixed_offsets(readings, zone)
    _refuse_missing_hours(readings, earlier, zone)
    rows = np.where(codes >= 0, earlier[codes], np.datetime64("NaT"))
    if is_twice.any():
        rows = _decide_folds(rows, np.where(codes >= 0, later[codes], rows), codes, source, readings, zone)
    given = [reading for reading in readings if reading]
    local = [reading.at for reading in given if reading.at.tzinfo is None]
    return ReadTimes(
        pa.array(rows, pa.timestamp("us")).cast(INSTANT),
        name,
        has_midnight_24=any(reading.is_midnight_24 for reading in given),
        has_midnight_0=any(reading.is_midnight_0 for reading in given),
        is_24_usual=_is_24_usual(readings, codes),
        has_offset=len(local) < len(given),
    )


def _is_24_usual(readings: Sequence[ClockReading | None], codes: Integers) -> bool:
    counts = np.bincount(codes[codes >= 0], minlength=len(readings))
    is_24 = np.array([bool(reading and reading.is_midnight_24) for reading in readings], dtype=bool)
    others = counts[np.array([reading is not None for reading in readings], dtype=bool) & ~is_24]
    if len(others) < LEAST_OTHER_TIMES or not is_24.any():
        return False
    return bool(np.median(counts[is_24]) >= LEAST_24_SHARE * np.median(others))


def _both_folds(readings: Sequence[ClockReading | None], zone: ZoneInfo) -> tuple[Any, Any]:
    """Each reading as an instant, where the clock shows it twice the earlier one; and the later one."""
    folds = [[_to_utc(reading.at, zone, fold) if reading else None for reading in readings] for fold in (0, 1)]
    earlier, later = (np.array(fold, dtype="datetime64[us]") for fold in folds)
    return earlier, later


def _to_utc(at: datetime, zone: ZoneInfo, fold: int) -> datetime:
    zoned = at if at.tzinfo else at.replace(tzinfo=zone, fold=fold)
    return zoned.astimezone(UTC).replace(tzinfo=None)


def _refuse_mixed_offsets(readings: Sequence[ClockReading | None], zone: str) -> None:
    """Refuse times with and without an offset in one column: they would be of two clocks."""
    given = [reading.at for reading in readings if reading]
    local = [at for at in given if at.tzinfo is None]
    if 0 < len(local) < len(given):
        what = f"{local[0]} has no offset, though {len(given) - len(local)} of {len(given)} times have one"
        raise UnreadTimesError(what, f"ask for times that all have an offset, or none, which are of {zone}")


def _refuse_missing_hours(readings: Sequence[ClockReading | None], instants: Any, zone: str) -> None:
    """Refuse a local time that the clock skips in spring: the provider does not change its clock."""
    for reading, instant in zip(readings, instants.tolist(), strict=True):
        if not reading or reading.at.tzinfo:
            continue
        if instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != reading.at:
            what = f"{reading.at} does not exist in {zone}, so the times are of a clock that is not changed"
            raise UnreadTimesError(what, CONSTANT_OFFSET)


def _decide_folds(
    earlier: Any,
    later: Any,
    codes: Integers,
    source: Integers | None,
    readings: Sequence[ClockReading | None],
    zone: str,
) -> Any:
    """The instants of rows, where the clock shows a time twice by its order within the source."""
    rows = np.flatnonzero(earlier < later)
    if not len(rows):
        return earlier
    group = np.zeros(len(rows), dtype=np.int64) if source is None else source[rows]
    _, number, count = np.unique(np.stack([group, codes[rows]]), axis=1, return_inverse=True, return_counts=True)
    number = number.reshape(-1)
    if (count != TWICE).any():
        row = rows[int(np.flatnonzero(count[number] != TWICE)[0])]
        reading = readings[int(codes[row])]
        what = f"{reading.at if reading else ''} happens twice in {zone}, and is not sent twice by each source"
        raise UnreadTimesError(what, CONSTANT_OFFSET)
    order = np.argsort(number, kind="stable")
    is_second: Flags = np.zeros(len(rows), dtype=bool)
    is_second[order[1::TWICE]] = True
    decided = earlier.copy()
    decided[rows[is_second]] = later[rows[is_second]]
    return decided
