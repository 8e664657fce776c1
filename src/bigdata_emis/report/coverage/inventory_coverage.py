"""Which hours of a day or window an inventory has, and what their mass rests on, as numbers and in words.

Belongs here: hours, source-hours and mass by method, from emission_hourly. Does not: why hours are missing
(publish/day_quality), which versions are read (published_view).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.report.names.code_names import pollutant_words
from bigdata_emis.report.sheet.report_sheet import Words, code_words, words
from bigdata_emis.window import HOUR, Window

COVERAGE_COLUMNS = ("source_id", "pollutant_code", "hour_utc", "emission_g", "method_code")
LANGUAGES: tuple[Literal["en", "zh"], ...] = ("en", "zh")
LEAST_SHOWN_SHARE = 0.0005
"""Below this a method is not named: it would read as 0.0 %."""


@dataclass(frozen=True)
class InventoryCoverage:
    """What an inventory has of a window.

    missing: the runs of hours without any row. source_hours_share: pairs of source and hour that are present; a source
    with any row is expected in every hour. mass_share_by_method: by pollutant, of the hours that are present.
    """

    window: Window
    missing: list[Window]
    source_hours_share: float
    mass_share_by_method: dict[str, dict[str, float]]

    @property
    def hours_missing(self) -> int:
        """The number of hours without inventory."""
        return sum(one.hours for one in self.missing)

    @property
    def is_partial(self) -> bool:
        """Whether an hour, or a source in an hour, is missing."""
        return bool(self.missing) or self.source_hours_share < 1


def measure_coverage(emission_hourly: pa.Table, window: Window) -> InventoryCoverage:
    """What an inventory has of a window.

    emission_hourly: COVERAGE_COLUMNS, of hours of the window.
    """
    present = set(pc.unique(emission_hourly["hour_utc"]).to_pylist())
    pairs = emission_hourly.group_by(["source_id", "hour_utc"]).aggregate([]).num_rows
    expected = len(pc.unique(emission_hourly["source_id"])) * window.hours
    return InventoryCoverage(
        window,
        join_hours(hour for hour in window.hour_starts_utc() if hour not in present),
        pairs / expected if expected else 0.0,
        _method_shares(emission_hourly),
    )


def coverage_notices(coverage: InventoryCoverage, time_zone: str, *, shown: Iterable[str]) -> list[Words]:
    """What is missing of a day and what the rest rests on, in words; nothing where the inventory is whole.

    shown: the pollutants whose mass by method is given.
    """
    if not coverage.is_partial:
        return []
    if coverage.hours_missing == coverage.window.hours:
        return [words("NO INVENTORY of these hours.", "无清单：该时段没有排放清单。")]
    return [_missing_words(coverage, time_zone), *_mass_notice(coverage, shown)]


def describe_coverage(coverage: InventoryCoverage) -> Mapping[str, object]:
    """The coverage for programs."""
    return {
        "hours": coverage.window.hours - coverage.hours_missing,
        "hours_expected": coverage.window.hours,
        "missing": [
            {"from_utc": one.from_utc.isoformat(), "to_utc": one.to_utc.isoformat()} for one in coverage.missing
        ],
        "source_hours_share": coverage.source_hours_share,
        "mass_share_by_method": coverage.mass_share_by_method,
        "is_partial": coverage.is_partial,
    }


def join_hours(hours: Iterable[datetime]) -> list[Window]:
    """Hours in order joined to runs."""
    runs: list[Window] = []
    for hour in hours:
        if runs and runs[-1].to_utc == hour:
            runs[-1] = Window(runs[-1].from_utc, hour + HOUR)
        else:
            runs.append(Window(hour, hour + HOUR))
    return runs


def span_words(spans: Iterable[Window], time_zone: str) -> str:
    """Runs of hours in local time, with the date where the day changes: `12-21 06:00–12:00`."""
    zone = ZoneInfo(time_zone)
    texts = []
    for span in spans:
        start, end = (instant.astimezone(zone) for instant in (span.from_utc, span.to_utc))
        is_same_day = (end - HOUR).date() == start.date()
        until = "24:00" if is_same_day and end.date() != start.date() else f"{end:%H:%M}"
        texts.append(f"{start:%m-%d %H:%M}–{until}" if is_same_day else f"{start:%m-%d %H:%M} – {end:%m-%d %H:%M}")
    return ", ".join(texts)


def whole_percent(share: float) -> str:
    """A share in percent with one decimal, rounded down: what is not whole never reads as 100 %."""
    return f"{floor(share * 1000) / 10:.1f}%"


def _missing_words(coverage: InventoryCoverage, time_zone: str) -> Words:
    hours, present = coverage.window.hours, coverage.window.hours - coverage.hours_missing
    share = whole_percent(coverage.source_hours_share)
    if not coverage.missing:
        return words(
            f"PARTIAL: every hour has an inventory, but not every source in every hour ({share} of the source-hours).",
            f"不完整：各小时均有清单，但部分源缺部分小时（源小时完整率{share}）。",
        )
    spans = span_words(coverage.missing, time_zone)
    return words(
        f"PARTIAL: the inventory has {present} of {hours} hours; none of {spans}. Sums are of the hours that it has.",
        f"不完整：{hours}小时中{present}小时有排放清单，缺 {spans}。合计仅含有清单的小时。",
    )


def _mass_notice(coverage: InventoryCoverage, shown: Iterable[str]) -> list[Words]:
    """The share of the mass by method, of each pollutant that is shown."""
    parts = []
    for pollutant in shown:
        shares = coverage.mass_share_by_method.get(pollutant, {})
        used = {code: share for code, share in shares.items() if share >= LEAST_SHOWN_SHARE}
        if used:
            name = pollutant_words(pollutant)
            titles = [code_words("method", code) for code in used]
            texts = [f"{share:.1%}" for share in used.values()]
            english, chinese = (
                [f"{title[language]} {text}" for title, text in zip(titles, texts, strict=True)]
                for language in LANGUAGES
            )
            parts.append(words(f"{name['en']} {', '.join(english)}", f"{name['zh']} {'，'.join(chinese)}"))
    if not parts:
        return []
    return [
        words(
            f"Mass of the hours present by method: {'; '.join(part['en'] for part in parts)}.",
            f"已有时段排放量按方法：{'；'.join(part['zh'] for part in parts)}。",
        )
    ]


def _method_shares(emission_hourly: pa.Table) -> dict[str, dict[str, float]]:
    """By pollutant, the largest method first; summed in one thread, so that the last digit is the same in every run."""
    keys = ["pollutant_code", "method_code"]
    sums = emission_hourly.group_by(keys, use_threads=False).aggregate([("emission_g", "sum")]).to_pylist()
    totals: dict[str, float] = {}
    for row in sums:
        totals[row["pollutant_code"]] = totals.get(row["pollutant_code"], 0.0) + row["emission_g_sum"]
    shares: dict[str, dict[str, float]] = {}
    for row in sorted(sums, key=lambda one: (-one["emission_g_sum"], one["method_code"])):
        if totals[row["pollutant_code"]] > 0:
            share = row["emission_g_sum"] / totals[row["pollutant_code"]]
            shares.setdefault(row["pollutant_code"], {})[row["method_code"]] = share
    return shares
