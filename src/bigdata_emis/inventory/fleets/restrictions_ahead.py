"""What restrictions keep off the road in the days after a day, for days that are projected from it.

Belongs here: the hours to come with their restrictions. Does not: which restriction holds in an hour (day_fleets), the
projection (control/projection).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.inventory.fleets.day_fleets import VEHICLE, FleetTables, day_fleets
from bigdata_emis.reference.fleet_places import FleetPlace
from bigdata_emis.reference.work_calendar import WorkCalendar
from bigdata_emis.schema.arrow import TYPES, conform, empty
from bigdata_emis.window import LONGEST_LEAD_D, Window, day_window

AHEAD = "traffic_restriction_ahead"


def restricted_ahead(
    tables: FleetTables,
    fleets: Iterable[tuple[str, FleetPlace]],
    days: Sequence[date],
    *,
    time_zone: str,
    calendar: WorkCalendar,
) -> pa.Table:
    """Table traffic_restriction_ahead: the LONGEST_LEAD_D days after each of these days, by what is registered now.

    One row for each vehicle of a fleet of which something is restricted; without any there are no rows.
    """
    declared = schema.table(AHEAD)
    if tables.traffic_restriction.num_rows == 0:
        return empty(declared)
    listed = list(fleets)
    rows = [_rows_of_day(tables, listed, day, time_zone=time_zone, calendar=calendar) for day in days]
    return conform(pa.concat_tables(rows), declared)


def _rows_of_day(
    tables: FleetTables, listed: Sequence[tuple[str, FleetPlace]], day: date, *, time_zone: str, calendar: WorkCalendar
) -> pa.Table:
    first, last = (day_window(day + timedelta(days=n), time_zone) for n in (1, LONGEST_LEAD_D))
    hours = list(Window(first.from_utc, last.to_utc).hour_starts_utc())
    ahead = day_fleets(tables, listed, hours=hours, time_zone=time_zone, calendar=calendar)
    fleet, hour, vehicle = np.nonzero((ahead.restricted > 0) & (ahead.unrestricted > 0))
    known = pa.array([day_window(day, time_zone).from_utc], TYPES["instant"])
    return pa.table(
        {
            "hour_utc": known.take(pa.array(np.zeros(len(hour), dtype=np.int64))),
            "restricted_hour_utc": pa.array(hours, TYPES["instant"]).take(pa.array(hour)),
            "road_class_code": pa.array(np.array(ahead.road_classes, dtype=object)[fleet], pa.string()),
            "fleet_place": pa.array(np.array(ahead.places, dtype=object)[fleet], pa.string()),
            **{
                name: pa.array([ahead.vehicles[one][place] for one in vehicle], pa.string())
                for place, name in enumerate(VEHICLE)
            },
            "restricted_share": ahead.restricted[fleet, hour, vehicle],
            "kept_share": ahead.kept[fleet, hour],
        }
    )
