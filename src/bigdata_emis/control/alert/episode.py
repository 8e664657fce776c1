"""An alert as an episode: how it goes on from the level that stood before, and when it is lifted.

Belongs here: the state of an alert from one evaluation to the next; pure. Does not: start conditions (alert.py), the registry (alert_service.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from bigdata_emis.control.alert.forecast_index import DAY_H, HOUR, IndexSeries


@dataclass(frozen=True)
class Standing:
    """A level with the hours that it holds."""

    level: str
    from_utc: datetime
    to_utc: datetime


@dataclass(frozen=True)
class EpisodeRule:
    """How an episode goes on: the index that must not be passed, for how long, and how far apart spells are one episode.

    spell_h: by level, from the lowest, the shortest spell for which it is called.
    """

    threshold_aqi: int
    clear_h: int
    apart_h: int
    spell_h: dict[str, int]

    def is_lower(self, level: str, other: str) -> bool:
        """Whether a level is below another."""
        order = list(self.spell_h)
        return order.index(level) < order.index(other)


Words = tuple[str, str]
NOTHING: Words = ("", "")


def went_on(
    now: Standing | None, before: Standing | None, series: IndexSeries, *, at_utc: datetime, rule: EpisodeRule
) -> tuple[Standing | None, Words]:
    """What stands, given what the forecast calls for now and what stood before, and why in English and Chinese.

    None is lifted before the running index is forecast to stay at or below the threshold for `clear_h` hours. A spell that begins less
    than `apart_h` hours after the last one continues its episode. A higher level is taken as soon as the forecast calls for it, a
    lower one when the unbroken spell, with its hours that have passed, is too short for the level that stands. An alert that had not
    begun is replaced or withdrawn freely, and one that ended as planned is not revived by a remainder of bad air.
    """
    if before is None or before.from_utc > at_utc:
        return now, NOTHING
    if now is None:
        return _kept_or_lifted(before, series, at_utc=at_utc, rule=rule) if before.to_utc >= at_utc else (None, NOTHING)
    if now.from_utc - before.to_utc >= timedelta(hours=rule.apart_h):
        return now, NOTHING
    is_unbroken = max(now.from_utc, at_utc) <= before.to_utc
    is_long = is_unbroken and now.to_utc - before.from_utc >= timedelta(hours=rule.spell_h[before.level])
    if now.level == before.level or (rule.is_lower(now.level, before.level) and is_long):
        return Standing(before.level, before.from_utc, now.to_utc), _said("continues", "延续", before)
    from_utc = min(now.from_utc, max(before.to_utc, at_utc))
    return Standing(now.level, from_utc, now.to_utc), _said("follows", "接续", before)


def _kept_or_lifted(
    before: Standing, series: IndexSeries, *, at_utc: datetime, rule: EpisodeRule
) -> tuple[Standing | None, Words]:
    """The level goes on as long as the index is over the threshold, or not known to be below it, within the hours that must be clear."""
    coming = series.aqi[DAY_H - 1 :][: rule.clear_h]
    not_clear = np.flatnonzero(~(coming <= rule.threshold_aqi))
    if not not_clear.size:
        return None, (
            f"{before.level} is lifted: the index is forecast to stay at or below {rule.threshold_aqi} for {rule.clear_h} h",
            f"解除{before.level}：预测指数连续{rule.clear_h}小时不高于{rule.threshold_aqi}",
        )
    until = at_utc + (int(not_clear[-1]) + 1) * HOUR
    return Standing(before.level, before.from_utc, until), (
        f"{before.level} is kept: the index is not forecast to stay at or below {rule.threshold_aqi} for {rule.clear_h} h",
        f"维持{before.level}：预测指数未能连续{rule.clear_h}小时不高于{rule.threshold_aqi}",
    )


def _said(english: str, chinese: str, before: Standing) -> Words:
    since = f"{before.from_utc:%Y-%m-%dT%H:%MZ}"
    return f"{english} the {before.level} alert of {since}", f"{chinese}{since}起的{before.level}预警"
