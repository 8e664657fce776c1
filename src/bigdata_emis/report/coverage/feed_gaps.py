"""Feeds that brought nothing for whole hours of a published day, in words.

Belongs here: what the manifest of a day says of feeds. Does not: how it came to know (publish/day_quality).
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from bigdata_emis.report.names.code_names import feed_words
from bigdata_emis.report.sheet.report_sheet import Words, words
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.layout import PUBLISHED

SHOWN_HOURS = 6


class FeedGap(NamedTuple):
    """A feed and the local hours without any reading, as HH:MM; no hours: it has no reading of the day at all."""

    feed: str
    hours: tuple[str, ...]


def feed_gaps(lake: Store, day: date) -> list[FeedGap]:
    """The feeds with gaps, from the manifest of the day; none where the day is not published."""
    content = lake.read_document(f"manifest/day={day}.json", tree=PUBLISHED)
    return gaps_of_manifest(json.loads(content)) if content is not None else []


def gaps_of_manifest(manifest: Mapping[str, Any]) -> list[FeedGap]:
    """The feeds with gaps in the order of the manifest."""
    gaps = []
    for feed, facts in manifest.get("feeds", {}).items():
        if not facts.get("rows"):
            gaps.append(FeedGap(feed, ()))
        elif facts.get("missing_hours"):
            gaps.append(FeedGap(feed, tuple(facts["missing_hours"])))
    return gaps


def gap_words(gap: FeedGap) -> Words:
    """A gap as one sentence."""
    feed = feed_words(gap.feed)
    if not gap.hours:
        return words(f"{feed['en']}: no reading of this day", f"{feed['zh']}：当日无数据")
    shown = ", ".join(gap.hours[:SHOWN_HOURS]) + (" …" if len(gap.hours) > SHOWN_HOURS else "")
    count = len(gap.hours)
    unit = "hour" if count == 1 else "hours"
    return words(f"{feed['en']}: no reading in {count} {unit} ({shown})", f"{feed['zh']}：{count}小时无数据（{shown}）")
