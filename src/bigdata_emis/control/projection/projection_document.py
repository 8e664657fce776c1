"""What a recalculation says about its projected hours: which, from which days, and how sure the base is.

Belongs here: the interval of the base over the window. Does not: the projection itself (projected_lake).
"""

import numpy as np

from bigdata_emis.control.documents import ProjectionRecord
from bigdata_emis.control.projection.local_hours import local_hours
from bigdata_emis.control.projection.projected_lake import ProjectedLake
from bigdata_emis.control.scenario.ledger import BaseError
from bigdata_emis.window import Window, day_window


def projected_window(lake: ProjectedLake, window: Window) -> Window:
    """The projected hours of a window."""
    first, last = (day_window(day, lake.time_zone) for day in (lake.basis.days[0], lake.basis.days[-1]))
    return Window(max(window.from_utc, first.from_utc), min(window.to_utc, last.to_utc))


def projection_error(lake: ProjectedLake, window: Window) -> BaseError:
    """The 90 % interval of the emission of the region in the projected hours, as distances from it.

    Errors of all hours are taken to have the same sign, as those of a level that shifts do: the interval is rather too
    wide. It says how far days differ; errors of factors, which the share cut does not depend on, are not in it.
    """
    series = lake.regional_series()
    asked = projected_window(lake, window)
    lower, upper = np.zeros(len(lake.projected.pollutants)), np.zeros(len(lake.projected.pollutants))
    for column, day in enumerate(lake.basis.days):
        whole = day_window(day, lake.time_zone)
        is_asked = [asked.from_utc <= hour < asked.to_utc for hour in whole.hour_starts_utc()]
        hours = local_hours(day, lake.time_zone)[np.array(is_asked, dtype=bool)]
        lower += (series.expected - series.p05)[:, column, hours].sum(axis=1)
        upper += (series.p95 - series.expected)[:, column, hours].sum(axis=1)
    return BaseError(
        *(
            {code: float(v) for code, v in zip(lake.projected.pollutants, side, strict=True) if np.isfinite(v)}
            for side in (lower, upper)
        )
    )


def projection_record(lake: ProjectedLake, window: Window) -> ProjectionRecord:
    """Which hours are projected, and from which days."""
    asked = projected_window(lake, window)
    return {
        "from_utc": asked.from_utc.isoformat(),
        "to_utc": asked.to_utc.isoformat(),
        "hours": asked.hours,
        "days": [str(day) for day in lake.basis.days],
        "recent_days": [str(day) for day in lake.basis.recent_days],
        "left_out_days": [str(day) for day in lake.basis.left_out_days],
        "unregistered_sources": sorted(lake.projected.unregistered),
    }
