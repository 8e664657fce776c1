"""The alert level that a forecast calls for, by the rules valid on the day.

Belongs here: from the air of a forecast to a decision; pure. Does not: the air (forecast_index), conditions (spells),
the alert in force (episode), wording (reasons), the registry (current_alert).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from bigdata_emis.codes import AlertLevel
from bigdata_emis.control.alert.alert_rules import AlertRules, is_higher, read_alert_rules, require_level
from bigdata_emis.control.alert.dust import DustWord
from bigdata_emis.control.alert.episode import AlertPeriod, continue_alert
from bigdata_emis.control.alert.forecast_index import IndexSeries, compute_index_series
from bigdata_emis.control.alert.notices import Notice, find_notices
from bigdata_emis.control.alert.reasons import explain_alert
from bigdata_emis.control.alert.spells import Process, find_processes, find_spells
from bigdata_emis.errors import InputError
from bigdata_emis.window import HOUR


@dataclass(frozen=True)
class AlertOptions:
    """What an answer depends on besides the forecast.

    rule_version: else the version valid on the day, of the plan of `plan_area`. dust: the word of an operator.
    """

    rule_version: str | None = None
    plan_area: str | None = None
    regional_level: str = AlertLevel.NONE
    time_zone: str = "UTC"
    region_folder: Path | None = None
    dust: str = DustWord.AUTO


@dataclass(frozen=True)
class AlertDecision:
    """A level with the version of its rules, the reason, and the hours in which it is in force.

    `to_utc` is empty when the level is that of a regional prompt alone: only the region can lift it. `processes` are
    all processes of the forecast, of which the first decides; `notices` are of pollution outside the plans. Without a
    level, temporary control may be called for, which is below all levels.
    """

    level: str
    rule_version: str
    reason_en: str
    reason_zh: str
    from_utc: datetime | None
    to_utc: datetime | None
    processes: tuple[AlertPeriod, ...] = ()
    notices: tuple[Notice, ...] = ()
    is_temporary_control: bool = False


def evaluate_alert(
    forecast: pa.Table, *, at_utc: datetime, options: AlertOptions | None = None, in_force: AlertPeriod | None = None
) -> AlertDecision:
    """The level of the first process ahead, continued from the level in force, or the regional level if higher.

    "Above the threshold for n × 24 h" means n days in a row with an index above it, whatever hour they begin at, of
    which no two owe it to the same extreme day (spells). Spells less than the gap of the rules apart are one process,
    at its highest level from its beginning. It ends where the air turns. Only particles without dust count; other
    pollution has a notice.

    Source: national guidance and city plans by version (reference/alert_rule.csv); regional prompt: State Council air
    plan of 2023.

    Raises:
        InputError: a level or version is unknown, the time has no time zone, or the forecast has no value ahead of it.
    """
    chosen, hour = options or AlertOptions(), require_hour(at_utc)
    require_level(chosen.regional_level, what="regional level")
    rules = read_alert_rules(
        hour.astimezone(ZoneInfo(chosen.time_zone)).date(),
        rule_version=chosen.rule_version,
        plan_area=chosen.plan_area,
        region_folder=chosen.region_folder,
    )
    series = compute_index_series(
        forecast, at_utc=at_utc, time_zone=chosen.time_zone, region_folder=chosen.region_folder, dust=chosen.dust
    )
    processes = [
        process
        for process in find_processes(series.air, rules.alternatives, apart_h=rules.apart_h)
        if process.last >= series.now
    ]
    periods = tuple(_period(process, series) for process in processes)
    city, episode = continue_alert(periods[0] if periods else None, in_force, series, rules=rules)
    city_level = city.level if city else AlertLevel.NONE
    notices = tuple(find_notices(series))
    reason_en, reason_zh = explain_alert(
        processes,
        series,
        rules=rules,
        city_level=city_level,
        regional_level=chosen.regional_level,
        episode=episode,
        notices=notices,
    )
    from_utc, to_utc = (city.from_utc, city.to_utc) if city else (None, None)
    if is_higher(chosen.regional_level, city_level):
        city_level, from_utc, to_utc = chosen.regional_level, hour, None
    is_temporary = city_level == AlertLevel.NONE and calls_for_temporary_control(series, rules)
    return AlertDecision(
        str(city_level), rules.rule_version, reason_en, reason_zh, from_utc, to_utc, periods, notices, is_temporary
    )


def require_hour(at_utc: datetime) -> datetime:
    """The start of the hour in UTC. Raises InputError when the time has no time zone."""
    if at_utc.tzinfo is None:
        raise InputError(f"the time {at_utc} has no time zone", "write it as YYYY-MM-DDTHH:00+08:00")
    return at_utc.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def calls_for_temporary_control(series: IndexSeries, rules: AlertRules) -> bool:
    """Whether a condition of temporary control is met in hours ahead."""
    spells = [spell for conditions in rules.temporary for spell in find_spells(series.air, AlertLevel.NONE, conditions)]
    return any(spell.last >= series.now for spell in spells)


def _period(process: Process, series: IndexSeries) -> AlertPeriod:
    """The hours of a process from now on."""
    first = max(process.first, series.now)
    return AlertPeriod(process.highest.level, series.hours[first], series.hours[process.last] + HOUR)
