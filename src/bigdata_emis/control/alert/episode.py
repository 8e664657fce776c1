"""How an alert that is in force continues: kept, raised, lowered or lifted by the forecast.

Belongs here: what the forecast means for a level in force; pure. Does not: start conditions (spells, alert_rules), what
is in force (alert_events).
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from bigdata_emis import schema
from bigdata_emis.control.alert.alert_rules import AlertRules, is_higher
from bigdata_emis.control.alert.forecast_index import IndexSeries
from bigdata_emis.control.alert.plan_air import DAY_H
from bigdata_emis.window import HOUR, local_stamp


@dataclass(frozen=True)
class AlertPeriod:
    """An alert level with the hours in which it is in force; without an end, until it is lifted."""

    level: str
    from_utc: datetime
    to_utc: datetime | None


Bilingual = tuple[str, str]
"""A sentence in English and in Chinese."""
NO_TEXT: Bilingual = ("", "")


def continue_alert(
    called: AlertPeriod | None, in_force: AlertPeriod | None, series: IndexSeries, *, rules: AlertRules
) -> tuple[AlertPeriod | None, Bilingual]:
    """The level from now on and its reason, from the level called for and the one in force.

    A higher level applies as soon as the forecast calls for it. A level is lowered or lifted only when the air is
    forecast to improve: `clear_h` hours in a row at or below the threshold of the level in force. Until the first such
    hour it is kept. An alert that has not begun or has ended is no longer in force.
    """
    at_utc = series.hours[series.now]
    if in_force is None or in_force.from_utc > at_utc or (in_force.to_utc and in_force.to_utc <= at_utc):
        return called, NO_TEXT
    clear = find_clear_hour(series, rules.threshold_of(in_force.level), clear_h=rules.clear_h)
    is_unbroken = called is not None and (clear is None or called.from_utc <= series.hours[clear])
    if called and is_unbroken and is_higher(called.level, in_force.level):
        return AlertPeriod(called.level, at_utc, called.to_utc), _follow("follows", "接续", in_force, series)
    if clear is None or clear > series.now:
        return _keep(called, in_force, series, clear, rules)
    return _lower_or_lift(called, in_force, series, rules)


def find_clear_hour(series: IndexSeries, threshold_aqi: int, *, clear_h: int) -> int | None:
    """The first hour from now on after which the air stays at or below the threshold; None: not in the forecast.

    The first hour itself is not above it, and neither is the index of any 24 of the `clear_h` hours.
    """
    is_clear = series.air.day_index <= threshold_aqi
    is_high = series.air.hourly_index > threshold_aqi
    known_to = series.now + series.hours_ahead
    for first in range(series.now, known_to - clear_h + 1):
        if not is_high[first] and is_clear[first : first + clear_h - DAY_H + 1].all():
            return first
    return None


def _keep(
    called: AlertPeriod | None, in_force: AlertPeriod, series: IndexSeries, clear: int | None, rules: AlertRules
) -> tuple[AlertPeriod, Bilingual]:
    """The level in force until the hour from which the air is clear, or as far as that cannot be known."""
    threshold, hours = rules.threshold_of(in_force.level), rules.clear_h
    if clear is not None:
        until = series.hours[clear]
    else:
        high = np.flatnonzero(series.air.hourly_index > threshold)
        last_high = series.hours[int(high[-1])] + HOUR if high.size else series.hours[series.now]
        until = max(last_high, series.hours[series.now] + hours * HOUR)
    if called and called.level == in_force.level and clear is not None:
        return AlertPeriod(in_force.level, in_force.from_utc, until), _follow("continues", "延续", in_force, series)
    return AlertPeriod(in_force.level, in_force.from_utc, until), (
        f"{in_force.level} is kept: the air is not yet forecast to stay at or below {threshold} for {hours} h",
        f"维持{level_title_zh(in_force.level)}：预测尚未连续{hours}小时不高于{threshold}",
    )


def _lower_or_lift(
    called: AlertPeriod | None, in_force: AlertPeriod, series: IndexSeries, rules: AlertRules
) -> tuple[AlertPeriod | None, Bilingual]:
    """The level that is left of one whose own threshold is no longer exceeded."""
    threshold, hours = rules.threshold_of(in_force.level), rules.clear_h
    improved = f"the air is forecast to stay at or below {threshold} for {hours} h"
    improved_zh = f"预测连续{hours}小时不高于{threshold}"
    if called and called.from_utc <= series.hours[series.now]:
        return called, (
            f"lowered from {in_force.level}: {improved}",
            f"由{level_title_zh(in_force.level)}降级：{improved_zh}",
        )
    clear = find_clear_hour(series, rules.lowest_threshold_aqi, clear_h=hours)
    if is_higher(in_force.level, rules.lowest_level) and clear is not None and clear > series.now:
        period = AlertPeriod(rules.lowest_level, series.hours[series.now], series.hours[clear])
        return period, (
            f"lowered from {in_force.level}: {improved}",
            f"由{level_title_zh(in_force.level)}降级：{improved_zh}",
        )
    return called, (f"{in_force.level} is lifted: {improved}", f"解除{level_title_zh(in_force.level)}：{improved_zh}")


def level_title_zh(level: str) -> str:
    """The name of a level in Chinese sentences."""
    return schema.codes()["alert_level"][level].title_zh


def _follow(english: str, chinese: str, in_force: AlertPeriod, series: IndexSeries) -> Bilingual:
    since = local_stamp(in_force.from_utc, series.time_zone)
    return f"{english} the {in_force.level} alert of {since}", f"{chinese}{since}起的{level_title_zh(in_force.level)}"
