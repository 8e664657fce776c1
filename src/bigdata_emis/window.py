"""Time: half-open windows of UTC instants, and the local calendar days that partition the lake.

Belongs here: the rule for local days and hours, and the parsing of times. Does not: "now", which cli passes in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bigdata_emis.errors import InputError, shorten

HOUR = timedelta(hours=1)
HOURS_PER_DAY = 24
HOUR_US = 3_600_000_000
"""An hour in microseconds, the unit in which instants are stored."""
MICROSECONDS_PER_S = 1_000_000
LONGEST_WINDOW_DAYS = 366 * 5
LONGEST_LEAD_D = 10
"""Days after the last published one that are projected: what forecasts of 168 h reach, and three days of delay."""
FIRST_YEAR, LAST_YEAR = 1970, 2200
ZONES_OF_THE_MACHINE = ("localtime", "posixrules", "Factory")
PARTS_OF_THE_ZONE_FOLDER = ("posix/", "right/")
CHECKED_YEARS = range(2019, 2038)
"""Years whose months a region's time zone is checked on; zones changed often before."""
MINUTES_LENGTH = len("2015-12-20 08:00")
END_OF_TIME_UTC = datetime(9999, 1, 1, tzinfo=UTC)
"""As of this instant every version is known."""


@dataclass(frozen=True, order=True)
class Window:
    """A half-open interval [from_utc, to_utc) of whole hours.

    Raises InputError when it ends before it starts, is longer than LONGEST_WINDOW_DAYS, or when an end is not a whole
    UTC hour with a time zone.
    """

    from_utc: datetime
    to_utc: datetime

    def __post_init__(self) -> None:
        for end in (self.from_utc, self.to_utc):
            if end.tzinfo is None or end != end.replace(minute=0, second=0, microsecond=0):
                raise InputError(
                    f"window end {end} is not a whole hour with a time zone", "give YYYY-MM-DDTHH:00+08:00"
                )
        if self.to_utc == self.from_utc:
            raise InputError(f"the window is empty: it begins and ends at {self.from_utc}", "give a later --to")
        if self.to_utc < self.from_utc:
            raise InputError(
                f"window ends ({self.to_utc}) before it starts ({self.from_utc})", "swap or correct --from and --to"
            )
        if self.to_utc - self.from_utc > timedelta(days=LONGEST_WINDOW_DAYS):
            days = (self.to_utc - self.from_utc).days
            raise InputError(
                f"window has {days} days, more than {LONGEST_WINDOW_DAYS}",
                "correct --from and --to, or use several windows",
            )

    @property
    def hours(self) -> int:
        """The number of hours in the window."""
        return int((self.to_utc - self.from_utc) / HOUR)

    def hour_starts_utc(self) -> Iterator[datetime]:
        """The start of each hour of the window."""
        return (self.from_utc + i * HOUR for i in range(self.hours))

    def local_hours(self, time_zone: str) -> list[tuple[datetime, datetime]]:
        """The start of each hour, in UTC and in local time."""
        zone = ZoneInfo(time_zone)
        return [(hour, hour.astimezone(zone)) for hour in self.hour_starts_utc()]

    def days(self, time_zone: str) -> list[date]:
        """The local calendar days that the window touches, without those that the clocks skipped."""
        first = self.from_utc.astimezone(ZoneInfo(time_zone)).date()
        last = (self.to_utc - HOUR).astimezone(ZoneInfo(time_zone)).date()
        days = (first + timedelta(days=i) for i in range((last - first).days + 1))
        return [day for day in days if _has_hours(day, time_zone)]

    def whole_days(self, time_zone: str) -> "Window":
        """The window widened to whole local calendar days, the unit in which tables are written."""
        days = self.days(time_zone)
        return Window(day_window(days[0], time_zone).from_utc, day_window(days[-1], time_zone).to_utc)

    def widened(self, *, days_before: int, time_zone: str) -> "Window":
        """The window with `days_before` more local days before it, for stages that look back."""
        first = self.days(time_zone)[0] - timedelta(days=days_before)
        first -= timedelta(days=0 if _has_hours(first, time_zone) else 1)
        return Window(day_window(first, time_zone).from_utc, self.to_utc)


def day_window(day: date, time_zone: str) -> Window:
    """The hours of one local calendar day (23, 24 or 25 of them).

    Raises InputError when the zone skipped the day, or when the day does not begin and end at a whole hour of UTC.
    """
    start, end = (_day_start(d, time_zone) for d in (day, day + timedelta(days=1)))
    if start == end:
        raise InputError(f"{day} does not exist in {time_zone}: its clocks skipped the day", "give another date")
    if start.minute or end.minute:
        what = f"{day} in {time_zone} begins at {start:%H:%M} and ends at {end:%H:%M} UTC: expected whole hours"
        raise InputError(what, "give a day of whole hours, or another time_zone in region.toml")
    return Window(start, end)


def _day_start(day: date, time_zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def _has_hours(day: date, time_zone: str) -> bool:
    return _day_start(day, time_zone) < _day_start(day + timedelta(days=1), time_zone)


def is_time_zone(name: str) -> bool:
    """Whether the name is an IANA time zone, the same on every machine."""
    if name in ZONES_OF_THE_MACHINE or name.startswith(PARTS_OF_THE_ZONE_FOLDER):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def odd_offset(time_zone: str) -> timedelta | None:
    """The first offset from UTC that is no whole hour, in the months of CHECKED_YEARS; None where all are."""
    zone = ZoneInfo(time_zone)
    months = (datetime(year, month, 1, tzinfo=zone) for year in CHECKED_YEARS for month in range(1, 13))
    return next((o for o in (m.utcoffset() for m in months) if o is not None and o % HOUR), None)


def local_stamp(instant: datetime, time_zone: str) -> str:
    """An instant in local time with its offset from UTC: `2015-12-20 08:00 +08:00`."""
    text = instant.astimezone(ZoneInfo(time_zone)).isoformat(" ", "minutes")
    return f"{text[:MINUTES_LENGTH]} {text[MINUTES_LENGTH:]}"


def parse_instant(text: str, time_zone: str) -> datetime:
    """The instant of an ISO date or time of the years 1970 to 2200; without an offset it is local time.

    Raises InputError when the text is neither a date nor a time, or of another year.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        what = f"'{shorten(text)}' is not a date or time"
        raise InputError(what, "write 2015-12-20 or 2015-12-20T08:00+08:00") from None
    _check_year(instant.year, text)
    zoned = instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(time_zone))
    return zoned.astimezone(UTC)


def parse_day(text: str) -> date:
    """The day of an ISO date of the years 1970 to 2200. Raises InputError for any other text."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"'{shorten(text)}' is not a date", "write it as 2015-12-20") from None
    _check_year(day.year, text)
    return day


def _check_year(year: int, text: str) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(f"'{shorten(text)}' is not in the years {FIRST_YEAR} to {LAST_YEAR}", "correct the year")
