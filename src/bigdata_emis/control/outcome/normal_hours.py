"""Hours that show normal activity: no scenario in force, no alert, holiday, event or off-peak order.

Belongs here: which hours a profile may be fitted on. Does not: the profile (statistics/normal_profile).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Flags
from bigdata_emis.control.outcome.day_grid import DayGrid
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.statistics.normal_profile import HOURS
from bigdata_emis.storage.registries.alert_record import fold_alerts
from bigdata_emis.window import Window, day_window


@dataclass(frozen=True)
class NormalHours:
    """The normal hours of all sources, and the days on which an industry is not normal.

    is_normal: (days, 24). excluded_days: by industry, (days,).
    """

    is_normal: Flags
    excluded_days: dict[str, Flags]

    def of_industries(self, industry_codes: list[str | None]) -> Flags:
        """The normal hours of sources of these industries, (sources, days, 24)."""
        normal = np.repeat(self.is_normal[None], len(industry_codes), axis=0)
        for row, code in enumerate(industry_codes):
            if code in self.excluded_days:
                normal[row, self.excluded_days[code]] = False
        return normal


def find_normal_hours(
    grid: DayGrid, scenario: pa.Table, alert_event: pa.Table, control_exclusion: pa.Table, *, window: Window
) -> NormalHours:
    """The normal hours before a window.

    Hours of the window itself and after it are never normal, nor are those in which a scenario is or was in force, nor
    those of an alert, a regional prompt or a temporary control, whether or not it ordered a scenario. An alert without
    an end has none of the hours after its start.
    """
    is_normal = np.ones((grid.day_count, HOURS), dtype=bool)
    end = day_window(grid.days[-1], grid.time_zone).to_utc
    for span in (window, *_in_force(scenario), *_alerted(alert_event, end)):
        is_normal &= ~grid.flags(pa.chunked_array([pa.array(list(span.hour_starts_utc()), INSTANT)]))
    excluded: dict[str, Flags] = {}
    for row in control_exclusion.to_pylist():
        is_excluded = np.array([row["valid_from"] <= day <= row["valid_to"] for day in grid.days], dtype=bool)
        if row["industry_code"] is None:
            is_normal[is_excluded] = False
        else:
            before = excluded.get(row["industry_code"], np.zeros(grid.day_count, dtype=bool))
            excluded[row["industry_code"]] = before | is_excluded
    return NormalHours(is_normal, excluded)


def _in_force(scenario: pa.Table) -> Iterator[Window]:
    for row in scenario.to_pylist():
        start, end = row["in_force_from_utc"], row["in_force_to_utc"]
        if start is not None and end is not None and end > start:
            yield Window(start, end)


def _alerted(alert_event: pa.Table, end_utc: datetime) -> Iterator[Window]:
    """The hours of every standing alert as its last event has them, as whole hours, up to the end of the grid."""
    events = sorted(alert_event.to_pylist(), key=lambda row: row["record_number"])
    for alert in fold_alerts(events):
        start = alert.from_utc.replace(minute=0, second=0, microsecond=0)
        end = min(alert.to_utc or end_utc, end_utc)
        if end > start:
            yield Window(start, _next_full_hour(end))


def _next_full_hour(instant: datetime) -> datetime:
    whole = instant.replace(minute=0, second=0, microsecond=0)
    return whole if whole == instant else whole + timedelta(hours=1)
