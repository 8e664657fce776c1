"""What a page must say before its numbers: not published, refused since, partial, or the ledger of a draft.

Belongs here: the words in both languages, and when each is due. Does not: the numbers (day_data).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bigdata_emis.codes import Pollutant, ScenarioStatus
from bigdata_emis.region import Region
from bigdata_emis.report.coverage.feed_gaps import gap_words, gaps_of_manifest
from bigdata_emis.report.coverage.inventory_coverage import COVERAGE_COLUMNS, coverage_notices, measure_coverage
from bigdata_emis.report.coverage.unverified_notices import unverified_words
from bigdata_emis.report.published_view import PublishedView
from bigdata_emis.report.sheet.report_sheet import words
from bigdata_emis.storage import database
from bigdata_emis.window import day_window, local_stamp

SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
MAIN_POLLUTANTS = (Pollutant.SO2, Pollutant.NOX, Pollutant.PM2_5, Pollutant.VOCS)
NO_LIMIT = 2**31 - 1
REFUSED = "refused"
PUBLISHED, NOT_PUBLISHED, DRAFT = "published", "not published", "draft"


@dataclass(frozen=True)
class PageNotice:
    """One sentence above the numbers, in both languages; a short mark begins it."""

    mark: str
    en: str
    zh: str


def page_status(view: PublishedView, day: date, ledger: dict[str, Any] | None) -> str:
    """Whether a page may lie in the published folder: its day is published and its scenario was approved."""
    if view.manifest(day) is None:
        return NOT_PUBLISHED
    return PUBLISHED if ledger is None or ledger["is_approved"] else DRAFT


def page_notices(region: Region, view: PublishedView, day: date, ledger: dict[str, Any] | None) -> list[PageNotice]:
    """The sentences of a page, most serious first."""
    manifest = view.manifest(day)
    notices = []
    if manifest is None:
        notices.append(
            PageNotice(
                "未发布 · NOT PUBLISHED",
                "The numbers of this day were computed and not published.",
                "本日清单为计算结果，尚未发布。",
            )
        )
    notices += _refusal(region, manifest, day)
    if manifest is not None and manifest.get("partial_reasons"):
        notices += _partial(region, view, day, manifest)
    if ledger is not None and not ledger["is_approved"]:
        notices.append(_unapproved(ledger))
    doubts = unverified_words(manifest or {}, shown=MAIN_POLLUTANTS)
    return notices + [PageNotice("待核实 · TO VERIFY", doubt["en"], doubt["zh"]) for doubt in doubts]


def _partial(region: Region, view: PublishedView, day: date, manifest: Mapping[str, Any]) -> list[PageNotice]:
    """Which hours of the inventory are missing and what the rest rests on; then the feeds with gaps."""
    rows = view.read("emission_hourly", [day], columns=list(COVERAGE_COLUMNS))
    coverage = measure_coverage(rows, day_window(day, region.time_zone))
    texts = coverage_notices(coverage, region.time_zone, shown=MAIN_POLLUTANTS)
    gaps = [gap_words(gap) for gap in gaps_of_manifest(manifest)]
    if gaps:
        texts.append(words("; ".join(gap["en"] for gap in gaps) + ".", "；".join(gap["zh"] for gap in gaps) + "。"))
    return [PageNotice("不完整 · PARTIAL", text["en"], text["zh"]) for text in texts]


def _refusal(region: Region, manifest: dict[str, Any] | None, day: date) -> list[PageNotice]:
    """The last run about the day that was refused since it was published."""
    since = datetime.fromisoformat(manifest["known_utc"]) if manifest else SINCE_EVER
    whole = day_window(day, region.time_zone)
    runs = database.query(
        "runs_since", region_id=region.region_id, started_utc=since, status=REFUSED, row_count=NO_LIMIT
    ).to_pylist()
    refused = [
        r for r in runs if r["status"] == REFUSED and r["from_utc"] < whole.to_utc and r["to_utc"] > whole.from_utc
    ]
    if not refused:
        return []
    last = refused[0]
    at, why = local_stamp(last["started_utc"], region.time_zone), last["error"] or "-"
    shown_en = "; the numbers below are those published before" if manifest else ""
    shown_zh = "以下为此前已发布的结果，" if manifest else ""
    return [
        PageNotice(
            "未通过检查 · REFUSED",
            f"The last run of {last['stage_name']} ({at}) was refused{shown_en}: {why}.",
            f"最近一次运行（{at}）未通过检查，{shown_zh}原因请查 emis runs --failed --region {region.region_id}。",
        )
    ]


def _unapproved(ledger: dict[str, Any]) -> PageNotice:
    scenario, status = ledger["scenario"], ledger["status"]
    if ledger["status_code"] != ScenarioStatus.DRAFT:
        return PageNotice(
            f"{status['zh']} · {status['en'].upper()}",
            f"Scenario {scenario} was not approved; its cuts do not apply.",
            f"情景 {scenario} 未获批准，其减排量不生效。",
        )
    return PageNotice(
        "草稿 · DRAFT",
        f"Scenario {scenario} is a draft that nobody has approved.",
        f"情景 {scenario} 为草稿，尚未审批。",
    )
