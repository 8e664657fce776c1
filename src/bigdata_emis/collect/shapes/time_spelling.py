"""How a provider spells times: one spelling for a whole column, detected or named, and the instants that it gives.

Belongs here: texts as local times or instants. Does not: time zones of clocks that change (local_clock), or columns
with date and hour apart (joined_times).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from bigdata_emis.errors import shorten
from bigdata_emis.window import FIRST_YEAR, LAST_YEAR

CLOCK = (
    r"(?:(?:T|,?\s+|:)(?P<H>\d{1,2})(?::?(?P<M>\d{2})(?::?(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?:\s?(?P<o>(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|(?:UTC|GMT)[+-]\d|Z|UTC|GMT)(?:\[[\w/+-]+\]|\s?\([^()]+\))?)?)?$"
)
"""An offset may have the name of its zone behind it, as those of Java and JavaScript."""
AFTERNOON = ("p", "P", "下午")
TWO_DIGIT_YEAR = re.compile(r"\d{2}([-/.])\d{1,2}\1\d{2}\b(?!\d)", re.ASCII)
NO_YEAR = re.compile(r"\d{1,2}(?:[-/.]|月)\d{1,2}(?:日|号)?(?:\D|$)", re.ASCII)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
EXCEL_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet has no zone
"""Day 0 of the serial days of spreadsheets (ECMA-376 part 1, 18.17.4.1, the 1900 date system after February 1900)."""
EXACT_SERIAL_DIGITS = 5
"""A serial day with fewer decimals says the minute, not the second."""
EPOCH_DIGITS = {10: 1.0, 13: 1e3, 16: 1e6, 19: 1e9}
"""Digits of a count since 1970 by its unit in seconds; counts of the years 2001 to 2286."""
DAY_FIRST, MONTH_FIRST = "day first", "month first"
HAS_DIGIT = re.compile(r"\d")
NOON_H = 12
LEAP_SECOND = (59, 60)
"""Minute and second of a leap second, which counts as the second after it, as in the time of computers."""
LARGEST_OFFSET = timedelta(hours=14)
LONGEST_SPAN_MIN, DAY_MIN = 180, 1440
"""Minutes from which on `08:00-12:00` is no interval of readings."""
SPAN = re.compile(r"(.*?(\d{1,2})[:：](\d{2}))\s?(?:-|~|～|—|–|至|到)\s?(\d{1,2})[:：](\d{2})", re.ASCII)


@dataclass(frozen=True)
class ClockReading:
    """A time as spelled: with an offset an instant in UTC, else local.

    is_midnight_24, is_midnight_0: it was written as 24:00, or as 00:00, whatever the offset.
    """

    at: datetime
    is_midnight_24: bool = False
    is_midnight_0: bool = False


@dataclass(frozen=True)
class Spelling:
    """One way to write times: its name, and what a text says in it (None where it is not written so)."""

    name: str
    read: Callable[[str], ClockReading | None]


class UnreadTimesError(ValueError):
    """The texts of a column are not times of one spelling: the message says which text, and what to write."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what)


def detect_spelling(texts: Iterable[str]) -> Spelling:
    """The one spelling in which every text is a time.

    Texts without a digit are no times and are passed over.

    Raises:
        UnreadTimesError: no spelling reads all texts, or two read them as different times.
    """
    given = [text for text in texts if HAS_DIGIT.search(text)]
    fitting = [spelling for spelling in SPELLINGS if all(map(spelling.read, given))]
    if not fitting:
        raise _unread(given)
    distinct = [s for s in fitting if any(s.read(text) != fitting[0].read(text) for text in given)]
    if distinct:
        what = f"'{shorten(given[0])}' may be {fitting[0].name} or {distinct[0].name}, and no other time decides it"
        raise UnreadTimesError(what, f'write time_format = "{fitting[0].name}" or "{distinct[0].name}"')
    return fitting[0]


def named_spelling(name: str) -> Spelling:
    """The spelling with a name, or that of a pattern such as %d/%m/%Y %H:%M."""
    known = next((spelling for spelling in SPELLINGS if spelling.name == name), None)
    return known or Spelling(name, lambda text: _by_pattern(text, name))


def _unread(given: list[str]) -> UnreadTimesError:
    """The refusal of a column: the text that the best spelling does not read, or the first one."""
    counts = {spelling.name: sum(map(bool, map(spelling.read, given))) for spelling in SPELLINGS}
    best = max(SPELLINGS, key=lambda spelling: counts[spelling.name])
    bad = next((text for text in given if not best.read(text)), "")
    count = counts[best.name]
    alike = f", though {count} of {len(given)} times are written as {best.name}" if count else ""
    return UnreadTimesError(f"'{shorten(bad)}' cannot be read as a time{alike}", _remedy(bad))


def _remedy(text: str) -> str:
    """What to write, or to ask for, about a text that is no time in any spelling."""
    if match := TWO_DIGIT_YEAR.match(text):
        year, day = (f"{match[1]}%".join(order) for order in ("ymd", "dmy"))
        return f'its year has two digits: write time_format = "%{year} %H:%M" or "%{day} %H:%M", as it is meant'
    if NO_YEAR.match(text):
        return "it has no year: ask the provider for whole dates"
    return 'write how they are written, for instance time_format = "%d.%m.%Y %H:%M", or ask the provider'


def _by_pattern(text: str, pattern: str) -> ClockReading | None:
    is_24 = "24:00" in text
    try:
        at = datetime.strptime(text.replace("24:00", "00:00", 1) if is_24 else text, pattern)  # noqa: DTZ007
    except ValueError:
        return None
    return _checked(at + timedelta(days=1 if is_24 else 0), is_24)


def _checked(at: datetime, is_midnight_24: bool = False) -> ClockReading | None:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return None
    is_midnight_0 = not is_midnight_24 and not (at.hour or at.minute or at.second)
    return ClockReading(at.astimezone(UTC) if at.tzinfo else at, is_midnight_24, is_midnight_0)


def _matching(pattern: str) -> Callable[[str], ClockReading | None]:
    compiled = re.compile(pattern, re.ASCII | re.IGNORECASE)

    def read(text: str) -> ClockReading | None:
        match = compiled.match(text.strip())
        return _by_parts(match.groupdict()) if match else None

    return read


def _by_parts(parts: dict[str, str | None]) -> ClockReading | None:
    month = parts["m"] or ""
    hour, minute, second = (int(parts.get(name) or 0) for name in "HMS")
    if half := parts.get("half"):
        if not 1 <= hour <= NOON_H:
            return None
        hour = hour % NOON_H + (NOON_H if half in AFTERNOON else 0)
    leap_s = int((minute, second) == LEAP_SECOND)
    is_24 = hour == 24 and not minute and not second
    fraction = (parts.get("f") or "").ljust(6, "0")[:6]
    try:
        number = int(month) if month.isdigit() else MONTHS.index(month[:3].lower()) + 1
        day = datetime(int(parts["y"] or 0), number, int(parts["d"] or 0), tzinfo=_offset(parts.get("o")))
        at = (
            day + timedelta(days=1)
            if is_24
            else day.replace(hour=hour, minute=minute, second=second - leap_s, microsecond=int(fraction))
            + timedelta(seconds=leap_s)
        )
        return _checked(at, is_24)
    except (ValueError, OverflowError):
        return None


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    digits = re.sub(r"\D", "", text)
    if not digits:
        return UTC
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    if shift > LARGEST_OFFSET:
        raise ValueError
    return timezone(-shift if "-" in text else shift)


def _read_span(text: str) -> ClockReading | None:
    """The start of an interval that is written from–to, such as 2015-12-20 08:00-09:00."""
    match = SPAN.fullmatch(text.strip())
    if not match:
        return None
    start, end = (int(match[hour]) * 60 + int(match[hour + 1]) for hour in (2, 4))
    if not 0 < (end - start) % DAY_MIN <= LONGEST_SPAN_MIN:
        return None
    before = match[1].replace("：", ":")
    return next((reading for spelling in DATED_CLOCKS if (reading := spelling.read(before))), None)


def _read_serial(text: str) -> ClockReading | None:
    match = re.fullmatch(r"([2-7]\d{4})(?:\.(\d+))?", text.strip(), re.ASCII)
    if not match:
        return None
    step_s = 1 if len(match[2] or "") >= EXACT_SERIAL_DIGITS else 60
    seconds = round(float(text) * 86400 / step_s) * step_s
    return _checked(EXCEL_DAY_0 + timedelta(seconds=seconds))


def _read_epoch(text: str) -> ClockReading | None:
    match = re.fullmatch(r"(\d{10}|\d{13}|\d{16}|\d{19})(?:\.\d+)?", text.strip(), re.ASCII)
    if not match or _read_hour_stamp(text):
        return None
    seconds = float(match[0]) / EPOCH_DIGITS[len(match[1])]
    return _checked(datetime.fromtimestamp(round(seconds, 3), UTC))


def _read_exponent(text: str) -> ClockReading | None:
    """A count since 1970 that a table wrote as a floating number, such as 1.7339328e9."""
    if not re.fullmatch(r"\d\.\d+[eE]\+?\d{1,2}", text.strip(), re.ASCII):
        return None
    return _read_epoch(f"{float(text):.0f}")


def _year_first(separator: str) -> str:
    return rf"(?P<y>\d{{4}}){separator}(?P<m>\d{{1,2}}){separator}(?P<d>\d{{1,2}})" + CLOCK


def _numbered_day(first: str, second: str) -> str:
    return rf"(?P<{first}>\d{{1,2}})([/.-])(?P<{second}>\d{{1,2}})\2(?P<y>\d{{4}})" + CLOCK


_read_hour_stamp = _matching(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?P<H>\d{2})$")
"""Ten digits that are a day and an hour are read so; a count since 1970 looks like one from the year 2032 on."""
STAMP = r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
DATED_CLOCKS = (
    Spelling("2015-12-20 08:00", _matching(_year_first("-"))),
    Spelling("2015/12/20 08:00", _matching(_year_first("/"))),
    Spelling("2015.12.20 08:00", _matching(_year_first(r"\."))),
)
SPELLINGS = (
    *DATED_CLOCKS,
    Spelling("2015-12-20 08:00-09:00", _read_span),
    Spelling(
        "2015年12月20日8时",
        _matching(
            r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号](?:\s*(?P<H>\d{1,2})(?:[时点:：](?:(?P<M>\d{1,2})"
            r"(?:[分:：](?:(?P<S>\d{1,2})秒?)?)?)?)?)?$"
        ),
    ),
    Spelling(
        "2015-12-20 8时",
        _matching(
            r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})\s*(?P<H>\d{1,2})[时点]"
            r"(?:(?P<M>\d{1,2})分?)?$"
        ),
    ),
    Spelling(
        "2015-12-20 下午8:00",
        _matching(
            r"(?P<y>\d{4})([-/.年])(?P<m>\d{1,2})(?:\2|月)(?P<d>\d{1,2})日?\s*(?P<half>上午|下午)\s*"
            r"(?P<H>\d{1,2})[:：时点](?P<M>\d{2})?(?:[:：分](?P<S>\d{2})?)?$"
        ),
    ),
    Spelling("20151220", _matching(STAMP + "$")),
    Spelling("20151220T08", _matching(STAMP + CLOCK.replace(",?\\s+|:", "\\s+|:"))),
    Spelling("2015122008", _read_hour_stamp),
    Spelling("201512200800", _matching(STAMP + r"(?P<H>\d{2})(?P<M>\d{2})$")),
    Spelling("20151220080000", _matching(STAMP + r"(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})$")),
    Spelling("20151220080000000", _matching(STAMP + r"(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})(?P<f>\d{3})$")),
    Spelling(DAY_FIRST, _matching(_numbered_day("d", "m"))),
    Spelling(MONTH_FIRST, _matching(_numbered_day("m", "d"))),
    Spelling(
        "20 Dec 2015 08:00",
        _matching(
            rf"(?:[a-z]{{3,9}},?\s+)?(?P<d>\d{{1,2}})[- ]?(?P<m>(?:{'|'.join(MONTHS)})[a-z]*)\.?[- ]?(?P<y>\d{{4}})"
            + CLOCK
        ),
    ),
    Spelling(
        "Dec 20, 2015 08:00",
        _matching(
            rf"(?:[a-z]{{3,9}},?\s+)?(?P<m>(?:{'|'.join(MONTHS)})[a-z]*)\.?\s+(?P<d>\d{{1,2}}),?\s+(?P<y>\d{{4}})"
            + CLOCK
        ),
    ),
    Spelling("excel", _read_serial),
    Spelling("epoch", _read_epoch),
    Spelling("epoch as 1.45e9", _read_exponent),
)
