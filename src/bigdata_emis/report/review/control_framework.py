"""The control framework: cause × level × sector × measure × effect over all reviewed alerts, and which rules to change.

Belongs here: sums over alerts, and what follows from them. Does not: the effect of one alert (measure_effects).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

import pyarrow as pa

from bigdata_emis.report.names.code_names import pollutant_words
from bigdata_emis.report.review.measure_effects import planned_in_judged_hours
from bigdata_emis.report.sheet.report_sheet import Words, code_words, number_text, words
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.window import HOUR

LEAST_EXECUTION_SHARE = 0.7
"""Below this part of its planned cut a sector's orders did not work as planned. The project's own choice."""
SMALLEST_CUT_SHARE = 0.005
"""Planned cuts below this share of the whole region are not worth a change of a rule. The project's own choice."""
Row = dict[str, Any]


class FrameworkRow(TypedDict):
    """A measure of a sector at a level against a cause, over all reviewed alerts.

    alerts, judged_alerts: events; the scenarios that were in force one after the other in an event are one.
    achieved_g, judged_planned_g: of the alerts with an outcome, over the hours that were judged.
    """

    cause: str
    level: str
    measure: str
    sector: str
    pollutant: str
    alerts: int
    judged_alerts: int
    planned_g: float
    cut_share: float
    judged_planned_g: float
    achieved_g: float | None
    execution_share: float | None


def framework_rows(effects: pa.Table, event_of: Mapping[str, str] | None = None) -> list[FrameworkRow]:
    """One row for each cause, level, measure, sector and pollutant; cut_share is the mean of the events.

    event_of: the event of a scenario; one without is an event of its own.
    """
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    names = ("cause_code", "alert_level_code", "measure_id", "sector_code", "pollutant_code")
    for row in effects.to_pylist():
        groups[tuple(row[name] for name in names)].append(row)
    return [_framework_row(key, rows, event_of or {}) for key, rows in sorted(groups.items())]


def rules_to_change(
    effects: pa.Table, ledgers: Iterable[Row], event_of: Mapping[str, str] | None = None
) -> list[Words]:
    """What the reviewed alerts say about the rules: orders that did not work, and targets that the list cannot reach.

    ledgers: rows of control_ledger, or of control_order where the level changed, of the same scenarios.
    """
    return [*_weak_sectors(framework_rows(effects, event_of)), *_missed_targets(list(ledgers), event_of or {})]


def _framework_row(key: tuple[str, ...], rows: list[Row], event_of: Mapping[str, str]) -> FrameworkRow:
    judged = [row for row in rows if row["execution_share"] is not None]
    planned = sum(_planned_g(row) for row in judged)
    achieved = sum(row["achieved_emission_g"] for row in judged) if judged else None
    cause, level, measure, sector, pollutant = key
    events = _by_event(rows, event_of)
    return {
        "cause": cause,
        "level": level,
        "measure": measure,
        "sector": sector,
        "pollutant": pollutant,
        "alerts": len(events),
        "judged_alerts": len(_by_event(judged, event_of)),
        "planned_g": sum(row["cut_emission_g"] for row in rows),
        "cut_share": sum(map(_share_of_event, events.values())) / len(events),
        "judged_planned_g": planned,
        "achieved_g": achieved,
        "execution_share": achieved / planned if achieved is not None and planned > 0 else None,
    }


def _by_event(rows: Iterable[Row], event_of: Mapping[str, str]) -> dict[str, list[Row]]:
    events: dict[str, list[Row]] = {}
    for row in rows:
        events.setdefault(event_of.get(row["scenario_id"], row["scenario_id"]), []).append(row)
    return events


def _share_of_event(rows: list[Row]) -> float:
    """The share of the region that a measure cuts in an event: the mean of its scenarios, by their hours in force."""
    hours = [(row["to_utc"] - row["from_utc"]) / HOUR for row in rows]
    return float(sum(row["cut_share"] * span for row, span in zip(rows, hours, strict=True)) / sum(hours))


def _planned_g(row: Row) -> float:
    """The planned cut of the hours of the outcome; of the whole scenario where next to nothing was achieved."""
    planned = planned_in_judged_hours(row)
    return float(row["cut_emission_g"]) if planned is None else planned


def _weak_sectors(rows: list[FrameworkRow]) -> list[Words]:
    """Sectors whose orders achieved much less than planned; measures of one sector are not judged apart."""
    groups: dict[tuple[str, str, str, str], list[FrameworkRow]] = defaultdict(list)
    for row in rows:
        groups[row["cause"], row["level"], row["sector"], row["pollutant"]].append(row)
    sentences = []
    for (cause, level, sector, pollutant), own in sorted(groups.items()):
        planned = sum(row["judged_planned_g"] for row in own)
        achieved = sum(row["achieved_g"] or 0.0 for row in own)
        is_large = sum(row["cut_share"] for row in own) >= SMALLEST_CUT_SHARE
        if planned > 0 and is_large and achieved < LEAST_EXECUTION_SHARE * planned:
            sentences.append(_weak(cause, level, sector, pollutant, planned=planned, achieved=achieved))
    return sentences


def _weak(cause: str, level: str, sector: str, pollutant: str, *, planned: float, achieved: float) -> Words:
    names = [code_words(*one) for one in (("cause", cause), ("alert_level", level), ("sector", sector))]
    en, zh = ([name[language] for name in names] for language in ("en", "zh"))
    kg, sign = [number_text(value / G_PER_KG) for value in (planned, achieved)], pollutant_words(pollutant)
    return words(
        f"{en[2]}, {sign['en']}, {en[1]}, {en[0]}: {kg[0]} kg planned, {kg[1]} kg achieved ({achieved / planned:.0%}): "
        "check the base and the share of its measures, and inspect.",
        f"{zh[2]}，{sign['zh']}，{zh[1]}，{zh[0]}：计划减排{kg[0]}千克，实际{kg[1]}千克（{achieved / planned:.0%}）："
        "核对基数与措施比例，加强检查。",
    )


def _missed_targets(ledgers: list[Row], event_of: Mapping[str, str]) -> list[Words]:
    """Targets that even the planned cut does not reach, by level and pollutant, and in how many events."""
    missed: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in ledgers:
        if row["target_share"] is not None and row["is_met"] is False:
            missed[row["alert_level_code"], row["pollutant_code"]].append(row)
    sentences = []
    for (level, pollutant), rows in sorted(missed.items()):
        title, sign = code_words("alert_level", level), pollutant_words(pollutant)
        gap = max(row["target_share"] - row["cut_share"] for row in rows)
        count = len(_by_event(rows, event_of))
        alerts = "1 alert" if count == 1 else f"{count} alerts"
        sentences.append(
            words(
                f"{title['en']}, {sign['en']}: the list of measures misses the target in {alerts}, by up to {gap:.1%} "
                "of the region: add or tighten measures (emis optimise names the least-cost ones).",
                f"{title['zh']}，{sign['zh']}：{count}次预警中清单措施未达目标，最多差{gap:.1%}："
                "补充或加严措施（emis optimise 给出最低成本组合）。",
            )
        )
    return sentences
