"""Why an alert level was chosen, as sentences in English and Chinese.

Belongs here: wording. Does not: any decision (level, episode).
"""

from collections.abc import Sequence

import numpy as np

from bigdata_emis.codes import AlertLevel
from bigdata_emis.control.alert.alert_rules import AlertRules, is_higher
from bigdata_emis.control.alert.episode import NO_TEXT, Bilingual, level_title_zh
from bigdata_emis.control.alert.forecast_index import IndexSeries
from bigdata_emis.control.alert.notices import CAUSE_TITLES_ZH, Notice, PollutionCause
from bigdata_emis.control.alert.plan_air import DAY_H
from bigdata_emis.control.alert.spells import Process
from bigdata_emis.schema.rule_titles import rule_title
from bigdata_emis.window import HOUR, local_stamp

SPARE_AHEAD_H = 48
"""How much further than the longest condition a forecast must reach to show it before it begins (96 h: 144 h)."""


def explain_alert(
    processes: Sequence[Process],
    series: IndexSeries,
    *,
    rules: AlertRules,
    city_level: str,
    regional_level: str,
    episode: Bilingual,
    notices: Sequence[Notice] = (),
) -> Bilingual:
    """The reason of a level: condition, episode, peak, regional prompt, notices and forecast gaps."""
    first = processes[0] if processes else None
    sentences = [
        _describe_condition(first, series, rules.rule_version),
        *(_describe_later(process, series) for process in processes[1:]),
        episode,
        _describe_peak(first, series),
        _describe_regional_prompt(city_level, regional_level),
        *(describe_notice(notice) for notice in notices),
        *_describe_gaps(series, rules),
    ]
    stated = [sentence for sentence in sentences if sentence[0]]
    return "; ".join(english for english, _ in stated), "；".join(chinese for _, chinese in stated)


def describe_notice(notice: Notice) -> Bilingual:
    """The cause outside the plan, and the index that it would have had."""
    title_zh = CAUSE_TITLES_ZH[PollutionCause(notice.cause)]
    return (
        f"notice: {notice.cause}, outside the plan; the index would be {notice.index_aqi}",
        f"提示：{title_zh}不启动预警，其指数为{notice.index_aqi}",
    )


def _span(process: Process, series: IndexSeries) -> tuple[str, str]:
    instants = (series.hours[process.first], series.hours[process.last] + HOUR)
    start, end = (local_stamp(instant, series.time_zone) for instant in instants)
    return start, end


def _describe_condition(process: Process | None, series: IndexSeries, rule_version: str) -> Bilingual:
    rules = rule_title(rule_version)
    if process is None:
        return f"no condition of the {rules[0]} is met", f"未达到{rules[1]}的任何预警条件"
    spell = process.highest
    conditions = [_describe_days(threshold, hours) for threshold, hours in spell.conditions]
    english, chinese = " and ".join(one[0] for one in conditions), "且".join(one[1] for one in conditions)
    start, end = _span(process, series)
    span_h = process.last - process.first + 1
    return (
        f"{spell.level} by the {rules[0]}: {english}, forecast from {start} to {end} ({span_h} h)",
        f"{rules[1]}{level_title_zh(spell.level)}条件：预测{start}至{end}（{span_h}小时），{chinese}",
    )


def _describe_days(threshold_aqi: int, duration_h: int) -> Bilingual:
    """A condition in days of the rule: means of 24 h. The span of hours above it may be shorter or longer."""
    days, is_longer = divmod(duration_h, DAY_H)
    unit, in_a_row_zh = ("days in a row", "连续") if days > 1 else ("day", "达")
    if is_longer:
        return (
            f"24-h AQI above {threshold_aqi} on more than {days} {unit}",
            f"24小时AQI大于{threshold_aqi}连续超过{days}天",
        )
    return (
        f"24-h AQI above {threshold_aqi} on at least {days} {unit}",
        f"24小时AQI大于{threshold_aqi}{in_a_row_zh}{days}天及以上",
    )


def _describe_later(process: Process, series: IndexSeries) -> Bilingual:
    start, end = _span(process, series)
    level = process.highest.level
    return f"then {level} from {start} to {end}", f"此后{start}至{end}达到{level_title_zh(level)}条件"


def _describe_peak(process: Process | None, series: IndexSeries) -> Bilingual:
    """The highest index of the whole forecast, or of the days that end within the process."""
    first = process.first if process else 0
    within = series.aqi[first : process.last + 1 if process else None]
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
    title_zh = level_title_zh(regional_level)
    if is_higher(regional_level, city_level):
        return f"raised to {regional_level} by the regional prompt", f"按区域统一部署提升为{title_zh}"
    return f"the regional prompt ({regional_level}) is not higher", f"区域提示（{title_zh}）不高于本地级别"


def _describe_gaps(series: IndexSeries, rules: AlertRules) -> list[Bilingual]:
    sentences: list[Bilingual] = []
    needed_h = rules.longest_h + SPARE_AHEAD_H
    if series.hours_ahead < needed_h:
        sentences.append(
            (
                f"the forecast covers only {series.hours_ahead} of {needed_h} h ahead, so a longer spell "
                "is not visible",
                f"预报仅覆盖未来{needed_h}小时中的{series.hours_ahead}小时，更长过程无法判断",
            )
        )
    if series.gap_hours:
        sentences.append((f"{series.gap_hours} h within it are missing", f"其中缺{series.gap_hours}小时"))
    for pollutant, issued in series.older_utc.items():
        at = local_stamp(issued, series.time_zone)
        sentences.append((f"{pollutant} is in part of the issue of {at}", f"{pollutant}部分取自{at}起报的预报"))
    if series.missing_pollutants:
        missing = ", ".join(series.missing_pollutants)
        sentences.append(
            (
                f"no forecast of {missing}: the index is of the other pollutants",
                f"缺少{missing}预报，指数按其余污染物计算",
            )
        )
    return sentences
