"""An alert as an episode: how it continues from the level in force before, and when it is lifted.

Belongs here: the state of an alert from one evaluation to the next; pure. Does not: start conditions (level), the
registry (current_alert).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from bigdata_emis.control.alert.forecast_index import DAY_H, HOUR, IndexSeries


@dataclass(frozen=True)
class AlertPeriod:
    """An alert level with the hours in which it is in force."""

    level: str
    from_utc: datetime
    to_utc: datetime


@dataclass(frozen=True)
class EpisodeRule:
    """How an episode continues: index threshold, clear hours that end it, separating gap.

    spell_h: by level, from the lowest, the shortest spell for which it is called.
    """

    threshold_aqi: int
    clear_h: int
    apart_h: int
    spell_h: dict[str, int]

    def is_lower(self, level: str, other_level: str) -> bool:
        """Whether a level is below another."""
        order = list(self.spell_h)
        return order.index(level) < order.index(other_level)


Bilingual = tuple[str, str]
"""A sentence in English and in Chinese."""
NO_TEXT: Bilingual = ("", "")


def continue_episode(
    called: AlertPeriod | None, before: AlertPeriod | None, series: IndexSeries, *, at_utc: datetime, rule: EpisodeRule
) -> tuple[AlertPeriod | None, Bilingual]:
    """The level in force and its reason, from the level called for and the one before.

    None is lifted before the running index is forecast to stay at or below the threshold for `clear_h` hours. A spell
    that begins less than `apart_h` hours after the last one continues its episode. A higher level applies as soon as
    the forecast calls for it; a lower one applies when the unbroken spell, with its past hours, is too short for the
    level in force. An alert that had not begun is replaced or withdrawn freely, and one that ended as planned is not
    revived by a remainder of polluted air.
    """
    if before is None or before.from_utc > at_utc:
        return called, NO_TEXT
    if called is None:
        has_ended = before.to_utc < at_utc
        return (None, NO_TEXT) if has_ended else _keep_or_lift(before, series, at_utc=at_utc, rule=rule)
    if called.from_utc - before.to_utc >= timedelta(hours=rule.apart_h):
        return called, NO_TEXT
    is_unbroken = max(called.from_utc, at_utc) <= before.to_utc
    is_long = is_unbroken and called.to_utc - before.from_utc >= timedelta(hours=rule.spell_h[before.level])
    if called.level == before.level or (rule.is_lower(called.level, before.level) and is_long):
        return AlertPeriod(before.level, before.from_utc, called.to_utc), _reason("continues", "延续", before)
    from_utc = min(called.from_utc, max(before.to_utc, at_utc))
    return AlertPeriod(called.level, from_utc, called.to_utc), _reason("follows", "接续", before)


def _keep_or_lift(
    before: AlertPeriod, series: IndexSeries, *, at_utc: datetime, rule: EpisodeRule
) -> tuple[AlertPeriod | None, Bilingual]:
    """Keep the level while, within the hours that must be clear, the index is above the threshold or unknown."""
    coming = series.aqi[DAY_H - 1 :][: rule.clear_h]
    not_clear = np.flatnonzero(~(coming <= rule.threshold_aqi))
    limit = f"stay at or below {rule.threshold_aqi} for {rule.clear_h} h"
    if not not_clear.size:
        return None, (
            f"{before.level} is lifted: the index is forecast to {limit}",
            f"解除{before.level}：预测指数连续{rule.clear_h}小时不高于{rule.threshold_aqi}",
        )
    until = at_utc + (int(not_clear[-1]) + 1) * HOUR
    return AlertPeriod(before.level, before.from_utc, until), (
        f"{before.level} is kept: the index is not forecast to {limit}",
        f"维持{before.level}：预测指数未能连续{rule.clear_h}小时不高于{rule.threshold_aqi}",
    )


def _reason(english: str, chinese: str, before: AlertPeriod) -> Bilingual:
    since = f"{before.from_utc:%Y-%m-%dT%H:%MZ}"
    return f"{english} the {before.level} alert of {since}", f"{chinese}{since}起的{before.level}预警"
