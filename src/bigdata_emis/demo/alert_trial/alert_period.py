"""The days and hours of the simulated alert: eleven normal days, then four with a red alert.

Belongs here: the calendar. Does not: what anybody does on these days (alert_world).
"""

from datetime import UTC, date, datetime, timedelta

from bigdata_emis.demo.plan import day_start_us
from bigdata_emis.window import HOUR_US, Window

FIRST_NORMAL_DAY = date(2015, 11, 23)
NORMAL_DAYS, ALERT_DAYS = 11, 4
ALERT_FROM_HOUR = 7
SCENARIO = "simulated-red"


def alert_days() -> list[date]:
    """The local days of the simulated period: normal ones, then those of the alert."""
    return [FIRST_NORMAL_DAY + timedelta(days=number) for number in range(NORMAL_DAYS + ALERT_DAYS)]


def alert_window() -> Window:
    """The hours of the alert."""
    start_us = day_start_us(alert_days()[NORMAL_DAYS]) + ALERT_FROM_HOUR * HOUR_US
    end_us = day_start_us(alert_days()[-1]) + 24 * HOUR_US
    return Window(*(datetime.fromtimestamp(us / 1_000_000, UTC) for us in (start_us, end_us)))
