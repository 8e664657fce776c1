"""The alert level of the cities of a region from their forecasts; asking changes nothing.

Belongs here: which forecast, standing alerts and rules apply to a city, the answer as a document, and recording a
proposal, which is an act of its own. Does not: the rules (alert/level), acts of people (publish.alerts).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import reference, schema
from bigdata_emis.codes import AlertEvent, AlertLevel
from bigdata_emis.control.alert.alert_rules import alert_levels, is_higher, require_level
from bigdata_emis.control.alert.consensus import Damping, Spread, decide_together, measure_spread
from bigdata_emis.control.alert.dust import DustWord
from bigdata_emis.control.alert.episode import AlertPeriod
from bigdata_emis.control.alert.forecast_cities import WHOLE_REGION, MemberForecast, split_cities
from bigdata_emis.control.alert.forecast_index import AHEAD_H, NoForecastError
from bigdata_emis.control.alert.level import AlertDecision, AlertOptions, evaluate_alert, require_hour
from bigdata_emis.control.documents import AlertDocument, CityAlertDocument
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.reference.city_names import city_name
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.alert_record import StandingAlert, alerts_in_force
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.window import Window

FORECAST_REACH = timedelta(hours=AHEAD_H)
LOOK_BACK = timedelta(hours=24)


@dataclass(frozen=True)
class AlertQuestion:
    """What a person adds to the forecasts and to what is in force when asking for the level.

    regional_level: instead of that of standing prompts. in_force: a level in force since `since_utc`, instead of the
    standing alerts. dust: an operator's word on what particles are. rule_version: instead of the one valid on the day.
    cities: only these. damping: when a level that comes and goes is taken.
    """

    regional_level: str | None = None
    in_force: str | None = None
    since_utc: datetime | None = None
    dust: str = DustWord.AUTO
    rule_version: str | None = None
    cities: tuple[str, ...] = ()
    damping: str = Damping.NONE


def current_alert(region: Region, *, at_utc: datetime, question: AlertQuestion | None = None) -> AlertDocument:
    """The level that the forecasts issued by a time call for, of each city and of the region.

    The level of the region is the highest of its cities. Nothing is recorded, whoever asks: an answer depends on the
    forecasts, on the alerts that people issued, and on the question.

    Raises:
        InputError: no forecast had been issued by then, or the question has an unknown level, word or city.
    """
    asked = question or AlertQuestion()
    _check_question(asked, require_hour(at_utc))
    hour = require_hour(at_utc)
    days = Window(hour - LOOK_BACK, hour + FORECAST_REACH).days(region.time_zone)
    forecast = _issued_by(open_lake(region).read("air_quality_forecast", days), at_utc)
    if forecast.num_rows == 0:
        raise InputError(
            f"region {region.region_id} has no forecast issued by {at_utc.isoformat()}",
            "collect one with emis run collect_forecast, or choose another time with --at",
        )
    members = _select_cities(split_cities(forecast), asked.cities)
    standing = alerts_in_force(region.region_id, at_utc=at_utc)
    cities = [_ask_city(region, members[city], standing, asked, at_utc=at_utc) for city in members]
    return _document(region, cities, issued_utc=pc.max(forecast["issued_utc"]).as_py())


def propose_alert(
    region: Region, *, at_utc: datetime, question: AlertQuestion | None = None, if_new: bool = False
) -> AlertDocument:
    """The same answer, recorded in table alert as a proposal: it orders nothing, and no later answer depends on it.

    Proposing twice for the same time leaves one record. if_new: record it only for an issue without a proposal.
    """
    document = current_alert(region, at_utc=at_utc, question=question)
    prepare_registry()
    proposed = database.read("alert", region.region_id)["issued_utc"].to_pylist()
    if if_new and document["issued_utc"] in proposed:
        return document
    row = {
        "alert_id": f"{region.region_id}-{at_utc:%Y%m%dT%H%M}",
        "alert_level_code": document["level"],
        "rule_version": document["rule_version"],
        "note": document["reason"],
        "note_zh": document["reason_zh"],
        "from_utc": document["from_utc"],
        "to_utc": document["to_utc"],
        "issued_utc": document["issued_utc"],
        "known_utc": at_utc,
    }
    database.upsert("alert", region.region_id, pa.Table.from_pylist([row], arrow_schema(schema.table("alert"))))
    return document


def _check_question(asked: AlertQuestion, hour: datetime) -> None:
    for value, known, name in ((asked.dust, DustWord, "dust"), (asked.damping, Damping, "damping")):
        if value not in set(known):
            raise InputError(f"{name} '{shorten(value)}' is unknown", f"use one of {', '.join(known)}")
    if asked.regional_level is not None:
        require_level(asked.regional_level, what="regional level")
    if asked.since_utc and not asked.in_force:
        raise InputError("--since is given without a level in force", "give it with --in-force LEVEL")
    if asked.in_force is not None:
        require_level(asked.in_force, what="level in force")
    if asked.since_utc and asked.since_utc > hour:
        raise InputError(f"{asked.since_utc.isoformat()} is after the time asked about", "correct --since")


def _issued_by(forecasts: pa.Table, at_utc: datetime) -> pa.Table:
    return forecasts.filter(pc.less_equal(forecasts["issued_utc"], pa.scalar(at_utc, INSTANT)))


def _select_cities(members: dict[str, list[MemberForecast]], cities: Sequence[str]) -> dict[str, list[MemberForecast]]:
    unknown = [city for city in cities if city not in members]
    if unknown:
        listed = ", ".join(name for name in members if name) or "none: the forecast is of the whole region"
        raise InputError(f"no forecast of city '{shorten(unknown[0])}'", f"cities with a forecast: {listed}")
    return {city: own for city, own in members.items() if not cities or city in cities}


def _ask_city(
    region: Region,
    members: list[MemberForecast],
    standing: list[StandingAlert],
    asked: AlertQuestion,
    *,
    at_utc: datetime,
) -> CityAlertDocument:
    """The decision of one city, from all members of its forecasts."""
    city = members[0].city_name
    own = [alert for alert in standing if alert.is_for(city) or city == WHOLE_REGION]
    options, in_force = _options(region, city, own, asked), _in_force(own, asked, require_hour(at_utc))
    decisions = _evaluate(members, at_utc=at_utc, options=options, in_force=in_force)
    before: list[AlertDecision] = []
    if asked.damping == Damping.TWICE:
        older = [_without_newest(member) for member in members]
        before = _evaluate([one for one in older if one], at_utc=at_utc, options=options, in_force=in_force)
    decision = decide_together(decisions, damping=asked.damping, before=before)
    return _city_document(city or region.name_en, decision, measure_spread(decisions))


def _city_document(name: str, decision: AlertDecision, spread: Spread) -> CityAlertDocument:
    return {
        "city": name,
        "level": decision.level,
        "rule_version": decision.rule_version,
        "reason": decision.reason_en,
        "reason_zh": decision.reason_zh,
        "from_utc": decision.from_utc,
        "to_utc": decision.to_utc,
        "is_temporary_control": decision.is_temporary_control,
        "processes": [
            {"level": one.level, "from_utc": one.from_utc, "to_utc": one.to_utc} for one in decision.processes
        ],
        "notices": [
            {"cause": one.cause, "index_aqi": one.index_aqi, "from_utc": one.from_utc, "to_utc": one.to_utc}
            for one in decision.notices
        ],
        "members": {
            "count": spread.member_count,
            "lowest_level": spread.lowest_level,
            "highest_level": spread.highest_level,
            "call_share": spread.call_share,
        },
    }


def _evaluate(
    members: Sequence[MemberForecast], *, at_utc: datetime, options: AlertOptions, in_force: AlertPeriod | None
) -> list[AlertDecision]:
    """The decision of each member that has a value ahead.

    Raises InputError when none has.
    """
    decisions, problem = [], None
    for member in members:
        try:
            decisions.append(evaluate_alert(member.forecast, at_utc=at_utc, options=options, in_force=in_force))
        except NoForecastError as found:
            problem = found
    if problem and not decisions:
        raise problem
    return decisions


def _without_newest(member: MemberForecast) -> MemberForecast | None:
    """The forecasts of a member without its newest issue; None when there is no other."""
    newest = pc.max(member.forecast["issued_utc"])
    older = member.forecast.filter(pc.less(member.forecast["issued_utc"], newest))
    return MemberForecast(member.city_name, member.provider_name, member.member_id, older) if older.num_rows else None


def _options(region: Region, city: str, standing: list[StandingAlert], asked: AlertQuestion) -> AlertOptions:
    """The rules of the city's own plan where there is one and the region names no version, else the region's."""
    areas = set(reference.read("alert_rule", region.folder)["plan_area"].to_pylist())
    prompts = [alert.level for alert in standing if alert.kind == AlertEvent.REGIONAL_PROMPT]
    prompted = max(prompts, key=alert_levels().index, default=AlertLevel.NONE.value)
    return AlertOptions(
        rule_version=asked.rule_version or region.rules.get("alert"),
        plan_area=city if city in areas else region.rules.get("alert_area"),
        regional_level=prompted if asked.regional_level is None else asked.regional_level,
        time_zone=region.time_zone,
        region_folder=region.folder,
        dust=asked.dust,
    )


def _in_force(standing: list[StandingAlert], asked: AlertQuestion, hour: datetime) -> AlertPeriod | None:
    """The level in force as the question has it, else the highest standing alert."""
    if asked.in_force is not None:
        since = require_hour(asked.since_utc) if asked.since_utc else hour
        return None if asked.in_force == AlertLevel.NONE else AlertPeriod(asked.in_force, since, None)
    issued = [alert for alert in standing if alert.kind == AlertEvent.ISSUE]
    highest = max(issued, key=lambda alert: alert_levels().index(alert.level), default=None)
    return AlertPeriod(highest.level, highest.from_utc, highest.to_utc) if highest else None


def _document(region: Region, cities: list[CityAlertDocument], *, issued_utc: datetime) -> AlertDocument:
    """The answer: the region has the level of its highest city, the first of equal ones."""
    highest = cities[0]
    for city in cities:
        if is_higher(city["level"], highest["level"]):
            highest = city
    name = city_name(region.folder, highest["city"])
    named = f"{name.en}, the highest of {len(cities)} cities: " if len(cities) > 1 else ""
    named_zh = f"{len(cities)}个城市中最高为{name.zh}：" if len(cities) > 1 else ""
    return {
        "level": highest["level"],
        "rule_version": highest["rule_version"],
        "reason": named + highest["reason"],
        "reason_zh": named_zh + highest["reason_zh"],
        "from_utc": highest["from_utc"],
        "to_utc": highest["to_utc"],
        "issued_utc": issued_utc,
        "region": region.region_id,
        "simulated": region.is_simulated,
        "is_temporary_control": any(city["is_temporary_control"] for city in cities),
        "processes": highest["processes"],
        "notices": [notice for city in cities for notice in city["notices"]],
        "cities": cities,
    }
