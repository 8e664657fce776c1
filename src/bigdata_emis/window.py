"""Time: half-open windows of UTC instants, and the local calendar days that partition the lake.

Belongs here: the local-day and local-hour rule, and parsing of times. Does not: "now" (cli passes it in).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bigdata_emis.errors import InputError

HOUR = timedelta(hours=1)
LONGEST_WINDOW_DAYS = 366 * 5
FIRST_YEAR, LAST_YEAR = 1970, 2200


@dataclass(frozen=True, order=True)
class Window:
    """A half-open interval [from_utc, to_utc) of whole hours.

    Raises InputError when it ends before it starts, is longer than LONGEST_WINDOW_DAYS, or when an end is not a whole UTC
    hour with a time zone.
    """

    from_utc: datetime
    to_utc: datetime

    def __post_init__(self) -> None:
        for end in (self.from_utc, self.to_utc):
            if end.tzinfo is None or end != end.replace(minute=0, second=0, microsecond=0):
                raise InputError(
                    f"window end {end} is not a whole hour with a time zone", "give YYYY-MM-DDTHH:00+08:00"
                )
        if self.to_utc <= self.from_utc:
            raise InputError(
                f"window ends ({self.to_utc}) before it starts ({self.from_utc})", "swap or mend --from and --to"
            )
        if self.to_utc - self.from_utc > timedelta(days=LONGEST_WINDOW_DAYS):
            days = (self.to_utc - self.from_utc).days
            raise InputError(
                f"window has {days} days, more than {LONGEST_WINDOW_DAYS}",
                "mend --from and --to, or work in several windows",
            )

    @property
    def hours(self) -> int:
        """Number of hours in the window."""
        return int((self.to_utc - self.from_utc) / HOUR)

    def hour_starts_utc(self) -> Iterator[datetime]:
        """The start of each hour."""
        return (self.from_utc + i * HOUR for i in range(self.hours))

    def local_hours(self, time_zone: str) -> list[tuple[datetime, datetime]]:
        """The start of each hour in UTC, and the same instant on the clock of the region."""
        zone = ZoneInfo(time_zone)
        return [(hour, hour.astimezone(zone)) for hour in self.hour_starts_utc()]

    def days(self, time_zone: str) -> list[date]:
        """The local calendar days that the window touches."""
        first = self.from_utc.astimezone(ZoneInfo(time_zone)).date()
        last = (self.to_utc - HOUR).astimezone(ZoneInfo(time_zone)).date()
        return [first + timedelta(days=i) for i in range((last - first).days + 1)]

    def whole_days(self, time_zone: str) -> "Window":
        """The window widened to whole local calendar days, the unit in which tables are rewritten."""
        days = self.days(time_zone)
        return Window(day_window(days[0], time_zone).from_utc, day_window(days[-1], time_zone).to_utc)

    def widened(self, *, days_before: int, time_zone: str) -> "Window":
        """The window with so many more local days before it, for stages that look back."""
        first = self.days(time_zone)[0] - timedelta(days=days_before)
        return Window(day_window(first, time_zone).from_utc, self.to_utc)


def day_window(day: date, time_zone: str) -> Window:
    """The hours of one local calendar day (23, 24 or 25 of them)."""
    zone = ZoneInfo(time_zone)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone)
    return Window(start.astimezone(UTC), end.astimezone(UTC))


def parse_instant(text: str, time_zone: str) -> datetime:
    """An ISO date or time as an instant of the years 1970 to 2200; without an offset it is local time of the region.

    Raises InputError when the text is neither or of another year.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"'{text}' is not a date or time", "write 2015-12-20 or 2015-12-20T08:00+08:00") from None
    _check_year(instant.year, text)
    zoned = instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(time_zone))
    return zoned.astimezone(UTC)


def parse_day(text: str) -> date:
    """An ISO calendar date of the years 1970 to 2200. Raises InputError otherwise."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"'{text}' is not a date", "write it as 2015-12-20") from None
    _check_year(day.year, text)
    return day


def _check_year(year: int, text: str) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(f"'{text}' is not in the years {FIRST_YEAR} to {LAST_YEAR}", "mend the year")
