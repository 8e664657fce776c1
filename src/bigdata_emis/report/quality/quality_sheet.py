"""The data quality report of a day as a sheet in both languages, and as a document.

Belongs here: wording. Does not: the numbers (quality_data).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from bigdata_emis import schema
from bigdata_emis.region import Region
from bigdata_emis.report.quality.quality_data import FeedQuality
from bigdata_emis.report.sheet.report_sheet import (
    UNKNOWN,
    ReportSheet,
    SheetSection,
    Words,
    code_words,
    section,
    share_words,
    simulated_notices,
    words,
    written_words,
)

HOURS = range(24)
NOT_CLEANED = words("not cleaned yet", "尚未清洗")


def quality_sheet(
    region: Region, day: date, feeds: Sequence[FeedQuality], *, checks_page: str, known_utc: datetime
) -> ReportSheet:
    """The report of a day. checks_page: where the Data Docs of the gate lie, empty where the day is not published."""
    gate = words(
        f"Checks of the gate (Great Expectations Data Docs): {checks_page or 'the day is not published'}",
        f"发布检查（Great Expectations 数据文档）：{checks_page or '当日尚未发布'}",
    )
    return {
        "title": words("Data quality of a day", "数据质量日报"),
        "subtitle": words(f"{region.name_en} · {day}", f"{region.name_zh} · {day}"),
        "notices": simulated_notices(region),
        "sections": [
            _completeness(feeds),
            _faults(words("Quarantined readings by reason", "隔离读数（按原因）"), feeds, "reasons"),
            _faults(words("Hours by mark", "标记小时（按标记）"), feeds, "marks"),
            _visits(feeds),
            section(words("Checks before publishing", "发布前检查"), notes=[gate]),
        ],
        "footer": written_words(known_utc, region.time_zone),
    }


def quality_document(region: Region, day: date, feeds: Sequence[FeedQuality]) -> dict[str, Any]:
    """The report for programs."""
    return {
        "region": region.region_id,
        "date": day.isoformat(),
        "feeds": [
            {
                "feed": feed.feed,
                "complete_share": feed.complete_share,
                "complete_share_by_hour": {hour: _hour_share(feed, hour) for hour in sorted(feed.expected)},
                "quarantined": dict(feed.reasons),
                "marks": dict(feed.marks),
            }
            for feed in feeds
        ],
        "visits": [vars(visit) | {"reasons": dict(visit.reasons)} for feed in feeds for visit in feed.visits],
    }


def _completeness(feeds: Sequence[FeedQuality]) -> SheetSection:
    """A row a feed, a column a local hour, in whole percent."""
    columns = [words("feed", "数据源"), words("day", "全日"), *(words(f"{hour:02d}") for hour in HOURS)]
    rows = [
        [
            _title(feed),
            share_words(feed.complete_share) if feed.has_version else NOT_CLEANED,
            *(words(_percent(_hour_share(feed, hour))) for hour in HOURS),
        ]
        for feed in feeds
    ]
    note = words(
        "Share of sources with a usable reading, in percent, by local hour; of the sources that reported on the day. "
        "Trucks on roads and at gates have none: an hour without a row had none, or none was sent.",
        "各地方时有可用读数的测点占当日上报测点的百分比。路段货车与门禁车次无完整率：无记录的小时可能无车通过，也可能未上报。",
    )
    return section(
        words("Completeness by feed and hour", "分数据源逐时完整率"), columns=columns, rows=rows, notes=[note]
    )


def _faults(title: Words, feeds: Sequence[FeedQuality], name: str) -> SheetSection:
    counts: list[tuple[FeedQuality, str, int]] = []
    for feed in feeds:
        by_code: Counter[str] = getattr(feed, name)
        counts += [(feed, code, count) for code, count in by_code.most_common()]
    columns = [words("feed", "数据源"), words("reason", "原因"), words("count", "数量")]
    rows = [[_title(feed), code_words("flag", code), words(f"{count:,}")] for feed, code, count in counts]
    return section(title, columns=columns if rows else [], rows=rows, notes=[] if rows else [words("none", "无")])


def _visits(feeds: Sequence[FeedQuality]) -> SheetSection:
    columns = [
        words("feed", "数据源"),
        words("instrument", "测点"),
        words("sound hours", "正常小时"),
        words("lost hours", "异常或缺测小时"),
        words("reasons", "原因"),
    ]
    rows = [
        [
            _title(feed),
            words(visit.source),
            words(str(visit.measured_hours)),
            words(str(visit.lost_hours)),
            _joined([code_words("flag", code) for code, _ in visit.reasons]),
        ]
        for feed in feeds
        for visit in feed.visits
    ]
    title = words("Stations and meters to visit", "需现场核查的站点与表计")
    return section(title, columns=columns if rows else [], rows=rows, notes=[] if rows else [words("none", "无")])


def _hour_share(feed: FeedQuality, hour: int) -> float | None:
    return feed.measured[hour] / feed.expected[hour] if feed.expected[hour] else None


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{100 * share:.0f}"


def _title(feed: FeedQuality) -> Words:
    declared = schema.table(f"{feed.feed}_hourly")
    return words(declared.title_en, declared.title_zh)


def _joined(parts: Sequence[Words]) -> Words:
    if not parts:
        return words("no reading", "无读数")
    return words("; ".join(part["en"] for part in parts), "；".join(part["zh"] for part in parts))
