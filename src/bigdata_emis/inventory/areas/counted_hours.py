"""The share of an annual total that was counted in an hour or a day, and the days of Spring Festival for fireworks.

Belongs here: which share of the year an area has in an hour by its counts. Does not: profiles (emit_area), the annual
total (areas/movements, the register).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from bigdata_emis.codes import ActivityUnit, CalendarKind, Industry
from bigdata_emis.equations import area
from bigdata_emis.reference.work_calendar import WorkCalendar
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.window import day_window

OF_HOUR, OF_DAY, OF_CALENDAR = "hour", "day", "calendar"
"""What a share is of: an hour that was counted, a day that was counted, a day that the calendar names."""
COUNTED_BY_DAY = (ActivityUnit.FIRE,)
"""A satellite passes a few times a day: the hour in which it saw a fire says little about when it burned."""
COUNTED_HOURS = pa.schema(
    [
        ("activity_area_id", pa.string()),
        ("hour_utc", INSTANT),
        ("counted_share", pa.float64()),
        ("counted_of", pa.string()),
    ]
)
Row = Mapping[str, Any]


def counted_hours(
    counts: Sequence[Row],
    counted_areas: Sequence[Row],
    firework_areas: Sequence[str],
    *,
    days: Sequence[date],
    calendar: WorkCalendar,
    time_zone: str,
) -> pa.Table:
    """The shares of the year by area and hour of these local days; an area or hour without a count has no row.

    Of a unit that is counted by day, all hours of a day with any count have the share of the whole day. Areas of
    fireworks share their total alike among the days of Spring Festival in the calendar year, and have none on others.
    """
    register = {row["activity_area_id"]: row for row in counted_areas}
    hours_of = {day: [hour for hour, _ in day_window(day, time_zone).local_hours(time_zone)] for day in days}
    rows = [*_of_counts(counts, register, hours_of), *_of_fireworks(firework_areas, calendar, hours_of)]
    return pa.Table.from_pylist(rows, COUNTED_HOURS)


def _of_counts(
    counts: Sequence[Row], register: Mapping[str, Row], hours_of: Mapping[date, Sequence[datetime]]
) -> Iterator[dict[str, Any]]:
    day_of = {hour: day for day, hours in hours_of.items() for hour in hours}
    by_day: dict[tuple[str, date], float] = defaultdict(float)
    for row in counts:
        counted = register.get(row["activity_area_id"])
        if counted is None or row["hour_utc"] not in day_of:
            continue
        if counted["activity_unit_code"] in COUNTED_BY_DAY:
            by_day[row["activity_area_id"], day_of[row["hour_utc"]]] += row["counted_activity"]
        else:
            share = area.counted_share(row["counted_activity"], counted["annual_activity"])
            yield _row(row["activity_area_id"], row["hour_utc"], share, OF_HOUR)
    for (area_id, day), number in by_day.items():
        share = area.counted_share(number, register[area_id]["annual_activity"])
        yield from (_row(area_id, hour, share, OF_DAY) for hour in hours_of[day])


def _of_fireworks(
    area_ids: Sequence[str], calendar: WorkCalendar, hours_of: Mapping[date, Sequence[datetime]]
) -> Iterator[dict[str, Any]]:
    for day, hours in hours_of.items():
        named = calendar.days_of_year(CalendarKind.SPRING_FESTIVAL, day.year)
        if named:
            share = area.counted_share(float(day in named), len(named))
            yield from (_row(area_id, hour, share, OF_CALENDAR) for area_id in area_ids for hour in hours)


def firework_areas(activity_area: Sequence[Row]) -> list[str]:
    """The areas of fireworks, sorted."""
    return sorted(row["activity_area_id"] for row in activity_area if row["industry_code"] == Industry.FIREWORKS)


def _row(area_id: str, hour: datetime, share: Any, counted_of: str) -> dict[str, Any]:
    return {"activity_area_id": area_id, "hour_utc": hour, "counted_share": share, "counted_of": counted_of}
