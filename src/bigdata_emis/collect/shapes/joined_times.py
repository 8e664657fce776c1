"""Times of which the parts lie in several columns: date and hour, year to hour, or the number of a quarter of an hour.

Belongs here: joining the parts to one text. Does not: what that text is in UTC (instants).
"""

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from bigdata_emis.collect.shapes.numbers import as_half_width
from bigdata_emis.collect.shapes.time_spelling import Spelling, UnreadTimesError, detect_spelling, named_spelling
from bigdata_emis.errors import shorten

WHOLE = re.compile(r"(\d{1,4})(?:\.0+)?", re.ASCII)
YEAR = re.compile(r"(?:19|20|21)\d\d(?:\.0+)?", re.ASCII)
HOURS, QUARTERS, MINUTES = 24, 96, 60
DATE_PARTS = 3
Texts = Sequence[str | None]


def join_times(columns: Sequence[Any], *, time_format: str = "") -> pa.Array:
    """One text such as 2015-12-20 08:00 for each row, from columns of its parts in their order.

    The parts are a date and a clock time (and minutes, seconds), or year, month, day and clock time. A clock time is
    08:00, 8, 800, or the number of a quarter of an hour from 1 to 96; the hour 24 ends the day.

    Raises:
        UnreadTimesError: a part is none of these.
    """
    parts = [[text and text.strip() for text in as_half_width(column.to_pylist())] for column in columns]
    is_by_year = len(parts) >= DATE_PARTS and all(YEAR.fullmatch(text) for text in parts[0] if text)
    dates = _joined_dates(parts[:DATE_PARTS]) if is_by_year else _dates(parts[0], time_format)
    clocks = _clocks(parts[DATE_PARTS:] if is_by_year else parts[1:], len(dates))
    return pa.array(
        [f"{date} {clock}" if date and clock else None for date, clock in zip(dates, clocks, strict=True)], pa.string()
    )


def _joined_dates(parts: Sequence[Texts]) -> list[str | None]:
    rows = zip(*parts, strict=True)
    return ["-".join(f"{_number(part):02d}" for part in row if part) if all(row) else None for row in rows]


def _dates(texts: Texts, time_format: str) -> list[str | None]:
    distinct = {text for text in texts if text}
    if not distinct:
        return [None] * len(texts)
    spelling: Spelling = named_spelling(time_format) if time_format else detect_spelling(sorted(distinct))
    days: dict[str, str | None] = {}
    for text in distinct:
        reading = spelling.read(text)
        if reading is None and any(map(str.isdigit, text)):
            raise UnreadTimesError(f"'{shorten(text)}' is not written as {spelling.name}", "correct time_format")
        days[text] = f"{reading.at:%Y-%m-%d}" if reading else None
    return [days[text] if text else None for text in texts]


def _clocks(parts: Sequence[Texts], count: int) -> list[str | None]:
    if not parts:
        return ["00:00"] * count
    if len(parts) > 1:
        rows = zip(*parts, strict=True)
        return [":".join(f"{_number(part):02d}" for part in row if part) if all(row) else None for row in rows]
    texts = parts[0]
    numbers = {text: match for text in set(filter(None, texts)) if (match := WHOLE.fullmatch(text))}
    if len(numbers) < len(set(filter(None, texts))):
        return [text and re.sub(r"[时点]$", ":00", text) for text in texts]
    largest = max((int(match[1]) for match in numbers.values()), default=0)
    return [text and _clock_of_number(_number(text), largest) for text in texts]


def _clock_of_number(number: int, largest: int) -> str:
    if largest <= HOURS:
        return f"{number:02d}:00"
    if largest <= QUARTERS and number:
        hour, quarter = divmod(number - 1, 4)
        return f"{hour:02d}:{quarter * 15:02d}"
    hour, minute = divmod(number, 100)
    if hour > HOURS or minute >= MINUTES:
        what = f"'{number}' is no clock time"
        raise UnreadTimesError(what, "expected 8, 08:00, 800, or quarters of an hour from 1 to 96; ask the provider")
    return f"{hour:02d}:{minute:02d}"


def _number(text: str) -> int:
    match = WHOLE.fullmatch(text)
    if not match:
        raise UnreadTimesError(f"'{shorten(text)}' is no part of a time", "expected a whole number; ask the provider")
    return int(match[1])
