"""Calendar of a region: type of a day, and whether it lies in the heating season or another period.

Belongs here: look-ups in the reference table calendar_period. Does not: weights of a type of day (profiles, models).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from bigdata_emis.codes import CalendarBasis, CalendarKind, DayType

FRIDAY, SATURDAY, SUNDAY = 5, 6, 7  # isoweekday
MIDWEEK = 3

Period = tuple[date, date]


@dataclass(frozen=True)
class WorkCalendar:
    """Periods by kind, in the areas of one region; first and last day are inclusive."""

    periods: dict[str, tuple[Period, ...]]

    def basis(self, day: date) -> CalendarBasis:
        """Whether the holidays of the day's year are known; else it counts by its weekday."""
        years = {last.year for _, last in self.periods.get(CalendarKind.HOLIDAY, ())}
        return CalendarBasis.CALENDAR if day.year in years else CalendarBasis.WEEKDAY

    def day_type(self, day: date) -> DayType:
        """Workday, Saturday, or Sunday and holiday; a workday at a weekend is a workday."""
        weekday = self.profile_weekday(day)
        if weekday <= FRIDAY:
            return DayType.WORKDAY
        return DayType.SATURDAY if weekday == SATURDAY else DayType.SUNDAY

    def profile_weekday(self, day: date) -> int:
        """Weekday, 1 Monday to 7 Sunday, whose weight a profile gives to the day.

        A holiday has that of a Sunday, a workday at a weekend that of a Wednesday.
        """
        if self._covers(CalendarKind.HOLIDAY, day):
            return SUNDAY
        weekday = day.isoweekday()
        return MIDWEEK if weekday > FRIDAY and self._covers(CalendarKind.ADJUSTED_WORKDAY, day) else weekday

    def is_in(self, kind: CalendarKind, day: date) -> bool | None:
        """Whether the day lies in a period of this kind; None before the first and after the last known period."""
        periods = self.periods.get(kind, ())
        if not periods or not min(first for first, _ in periods) <= day <= max(last for _, last in periods):
            return None
        return self._covers(kind, day)

    def days_of_year(self, kind: CalendarKind, year: int) -> frozenset[date]:
        """The days of a calendar year in periods of this kind; none where the year is unknown."""
        return frozenset(
            day
            for first, last in self.periods.get(kind, ())
            for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
            if day.year == year
        )

    def _covers(self, kind: CalendarKind, day: date) -> bool:
        return any(first <= day <= last for first, last in self.periods.get(kind, ()))


def work_calendar(calendar_period: pa.Table, areas: Iterable[str]) -> WorkCalendar:
    """The calendar of the areas that a region names; without areas every day counts by its weekday."""
    wanted = set(areas)
    periods: dict[str, tuple[Period, ...]] = {}
    for row in calendar_period.sort_by("first_day").to_pylist():
        if row["calendar_area_code"] in wanted:
            kind = row["calendar_kind_code"]
            periods[kind] = (*periods.get(kind, ()), (row["first_day"], row["last_day"]))
    return WorkCalendar(periods)
