"""Why an alert level was chosen, as sentences in English and Chinese.

Belongs here: wording. Does not: any decision (level, episode).
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from bigdata_emis import schema
from bigdata_emis.codes import AlertLevel
from bigdata_emis.control.alert.episode import NO_TEXT, Bilingual
from bigdata_emis.control.alert.forecast_index import AHEAD_H, DAY_H, IndexSeries


@dataclass(frozen=True)
class MetCondition:
    """A level with its met condition (thresholds and hours) and the extent of the spell.

    first, last: positions of the first and last hour of the spell in the index series.
    """

    level: str
    conditions: tuple[tuple[int, int], ...]
    from_utc: datetime
    to_utc: datetime
    first: int
    last: int


def explain_alert(
    met: MetCondition | None,
    series: IndexSeries,
    *,
    rule_version: str,
    city_level: str,
    regional_level: str,
    episode: Bilingual,
) -> Bilingual:
    """The reason of a level: condition, episode, peak, regional prompt and forecast gaps."""
    sentences = [
        _describe_condition(met, rule_version),
        episode,
        _describe_peak(met, series),
        _describe_regional_prompt(city_level, regional_level),
        *_describe_gaps(series),
    ]
    stated = [sentence for sentence in sentences if sentence[0]]
    return "; ".join(english for english, _ in stated), "；".join(chinese for _, chinese in stated)


def _describe_condition(met: MetCondition | None, rule_version: str) -> Bilingual:
    if met is None:
        return f"no condition of the {rule_version} rules is met", f"未达到{rule_version}年版规则的任何预警条件"
    english = " and ".join(f"AQI above {threshold} for at least {hours} h" for threshold, hours in met.conditions)
    chinese = "且".join(f"AQI大于{threshold}持续{hours}小时及以上" for threshold, hours in met.conditions)
    start, end = f"{met.from_utc:%Y-%m-%dT%H:%MZ}", f"{met.to_utc:%Y-%m-%dT%H:%MZ}"
    title_zh = schema.codes()["alert_level"][met.level].title_zh
    return (
        f"{met.level} by the {rule_version} rules: {english}, forecast from {start} to {end}",
        f"{rule_version}年版规则{title_zh}条件：预测{start}至{end}，{chinese}",
    )


def _describe_peak(met: MetCondition | None, series: IndexSeries) -> Bilingual:
    first, last = (met.first, met.last) if met else (0, len(series.aqi) - 1)
    within = series.aqi[first : last + 1]
    if not np.isfinite(within).any():
        return (
            f"the forecast has no complete {DAY_H} h from which a daily index can be computed",
            f"预报不足以计算任何{DAY_H}小时空气质量指数",
        )
    peak = first + int(np.nanargmax(within))
    pollutants = ", ".join(series.primary[peak])
    return (
        f"highest 24-h AQI {series.aqi[peak]:.0f} (primary pollutant {pollutants or 'none'})",
        f"24小时AQI最高{series.aqi[peak]:.0f}（首要污染物{pollutants or '无'}）",
    )


def _describe_regional_prompt(city_level: str, regional_level: str) -> Bilingual:
    if regional_level == AlertLevel.NONE:
        return NO_TEXT
    levels = list(schema.codes()["alert_level"])
    title_zh = schema.codes()["alert_level"][regional_level].title_zh
    if levels.index(regional_level) > levels.index(city_level):
        return f"raised to {regional_level} by the regional prompt", f"按区域统一部署提升为{title_zh}"
    return f"the regional prompt ({regional_level}) is not higher", f"区域提示（{title_zh}）不高于本地级别"


def _describe_gaps(series: IndexSeries) -> list[Bilingual]:
    sentences: list[Bilingual] = []
    if series.hours_ahead < AHEAD_H:
        sentences.append(
            (
                f"the forecast covers only {series.hours_ahead} of {AHEAD_H} h ahead, so a longer spell is not visible",
                f"预报仅覆盖未来{AHEAD_H}小时中的{series.hours_ahead}小时，更长过程无法判断",
            )
        )
    if series.gap_hours:
        sentences.append((f"{series.gap_hours} h within it are missing", f"其中缺{series.gap_hours}小时"))
    if series.missing_pollutants:
        missing = ", ".join(series.missing_pollutants)
        sentences.append(
            (
                f"no forecast of {missing}: the index is of the other pollutants",
                f"缺少{missing}预报，指数按其余污染物计算",
            )
        )
    return sentences
