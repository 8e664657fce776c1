"""Why an alert level was chosen, in English and in Chinese.

Belongs here: words. Does not: any decision (alert.py).
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from bigdata_emis import schema
from bigdata_emis.control.alert.forecast_index import AHEAD_H, DAY_H, IndexSeries


@dataclass(frozen=True)
class Found:
    """A level with the condition (threshold, hours) that was met and the first and last hour of the spell."""

    level: str
    conditions: tuple[tuple[int, int], ...]
    from_utc: datetime
    to_utc: datetime
    first: int
    last: int


def reasons(
    found: Found | None,
    series: IndexSeries,
    *,
    rule_version: str,
    city_level: str,
    regional_level: str,
    gone_on: tuple[str, str],
) -> tuple[str, str]:
    """The reason in English and in Chinese: what was met, what stood before, the peak, the regional prompt, and what the forecast lacks."""
    parts = [
        _met(found, rule_version),
        gone_on,
        _peak(found, series),
        _regional(city_level, regional_level),
        *_gaps(series),
    ]
    said = [part for part in parts if part[0]]
    return "; ".join(part[0] for part in said), "；".join(part[1] for part in said)


def _met(found: Found | None, rule_version: str) -> tuple[str, str]:
    if found is None:
        return f"no condition of the {rule_version} rules is met", f"未达到{rule_version}年版规则的任何预警条件"
    wanted_en = " and ".join(f"AQI above {threshold} for at least {hours} h" for threshold, hours in found.conditions)
    wanted_zh = "且".join(f"AQI大于{threshold}持续{hours}小时及以上" for threshold, hours in found.conditions)
    span = f"{found.from_utc:%Y-%m-%dT%H:%MZ}", f"{found.to_utc:%Y-%m-%dT%H:%MZ}"
    level = schema.codes()["alert_level"][found.level]
    return (
        f"{found.level} by the {rule_version} rules: {wanted_en}, forecast from {span[0]} to {span[1]}",
        f"{rule_version}年版规则{level.title_zh}条件：预测{span[0]}至{span[1]}，{wanted_zh}",
    )


def _peak(found: Found | None, series: IndexSeries) -> tuple[str, str]:
    first, last = (found.first, found.last) if found else (0, len(series.aqi) - 1)
    within = series.aqi[first : last + 1]
    if not np.isfinite(within).any():
        return (
            f"the forecast holds no complete {DAY_H} h from which a daily index can be made",
            f"预报不足以计算任何{DAY_H}小时空气质量指数",
        )
    place = first + int(np.nanargmax(within))
    pollutants = ", ".join(series.primary[place]) or "none"
    return (
        f"highest 24-h AQI {series.aqi[place]:.0f} (primary pollutant {pollutants})",
        f"24小时AQI最高{series.aqi[place]:.0f}（首要污染物{'无' if pollutants == 'none' else pollutants}）",
    )


def _regional(city_level: str, regional_level: str) -> tuple[str, str]:
    if regional_level == "none":
        return "", ""
    names = list(schema.codes()["alert_level"])
    higher = names.index(regional_level) > names.index(city_level)
    title = schema.codes()["alert_level"][regional_level].title_zh
    if higher:
        return f"raised to {regional_level} by the regional prompt", f"按区域统一部署提升为{title}"
    return f"the regional prompt ({regional_level}) asks for no more", f"区域提示（{title}）不高于本地级别"


def _gaps(series: IndexSeries) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    if series.hours_ahead < AHEAD_H:
        said.append(
            (
                f"the forecast reaches only {series.hours_ahead} of {AHEAD_H} h ahead, a longer spell cannot be seen",
                f"预报仅覆盖未来{AHEAD_H}小时中的{series.hours_ahead}小时，更长过程无法判断",
            )
        )
    if series.gap_hours:
        said.append((f"{series.gap_hours} h within it are missing", f"其中缺{series.gap_hours}小时"))
    if series.missing_pollutants:
        listed = ", ".join(series.missing_pollutants)
        said.append(
            (
                f"no forecast of {listed}: the index is of the other pollutants",
                f"缺少{listed}预报，指数按其余污染物计算",
            )
        )
    return said
