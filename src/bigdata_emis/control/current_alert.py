"""The alert level of a region from the forecasts that it has collected; asking changes nothing.

Belongs here: which forecast and rules apply, the answer as a document, and recording a proposal, which is an act of its
own. Does not: the rules (alert/level).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.codes import AlertLevel
from bigdata_emis.control.alert.alert_rules import require_level
from bigdata_emis.control.alert.dust import DustWord
from bigdata_emis.control.alert.episode import AlertPeriod
from bigdata_emis.control.alert.forecast_index import AHEAD_H
from bigdata_emis.control.alert.level import AlertDecision, AlertOptions, evaluate_alert, require_hour
from bigdata_emis.control.documents import AlertDocument, NoticeDocument, ProcessDocument
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.window import Window

FORECAST_REACH = timedelta(hours=AHEAD_H)
LOOK_BACK = timedelta(hours=24)


@dataclass(frozen=True)
class AlertQuestion:
    """What a person adds to the forecast when asking for the level.

    regional_level: that of the region's prompt. in_force: a level that is in force since `since_utc`. dust: an
    operator's word on what particles are. rule_version: instead of the one valid on the day.
    """

    regional_level: str = AlertLevel.NONE
    in_force: str = AlertLevel.NONE
    since_utc: datetime | None = None
    dust: str = DustWord.AUTO
    rule_version: str | None = None


def current_alert(region: Region, *, at_utc: datetime, question: AlertQuestion | None = None) -> AlertDocument:
    """The level that the forecasts issued by a time call for. Nothing is recorded, whoever asks.

    Raises:
        InputError: no forecast had been issued by then, or the question has an unknown level or word.
    """
    asked = question or AlertQuestion()
    hour = require_hour(at_utc)
    window = Window(hour - LOOK_BACK, hour + FORECAST_REACH)
    forecast = _issued_by(open_lake(region).read("air_quality_forecast", window.days(region.time_zone)), at_utc)
    if forecast.num_rows == 0:
        raise InputError(
            f"region {region.region_id} has no forecast issued by {at_utc.isoformat()}",
            "collect one with emis run collect_forecast, or choose another time with --at",
        )
    decision = evaluate_alert(forecast, at_utc=at_utc, options=_options(region, asked), in_force=_in_force(asked, hour))
    return _document(region, decision, issued_utc=pc.max(forecast["issued_utc"]).as_py())


def propose_alert(region: Region, *, at_utc: datetime, question: AlertQuestion | None = None) -> AlertDocument:
    """The same answer, recorded in table alert as a proposal: it orders nothing, and no later answer depends on it.

    Proposing twice for the same time leaves one record.
    """
    document = current_alert(region, at_utc=at_utc, question=question)
    prepare_registry()
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


def _issued_by(forecasts: pa.Table, at_utc: datetime) -> pa.Table:
    return forecasts.filter(pc.less_equal(forecasts["issued_utc"], pa.scalar(at_utc, pa.timestamp("us", tz="UTC"))))


def _options(region: Region, asked: AlertQuestion) -> AlertOptions:
    if asked.dust not in set(DustWord):
        raise InputError(f"dust '{shorten(asked.dust)}' is unknown", f"use one of {', '.join(DustWord)}")
    return AlertOptions(
        rule_version=asked.rule_version or region.rules.get("alert"),
        plan_area=region.rules.get("alert_area"),
        regional_level=asked.regional_level,
        time_zone=region.time_zone,
        region_folder=region.folder,
        dust=asked.dust,
    )


def _in_force(asked: AlertQuestion, hour: datetime) -> AlertPeriod | None:
    """The level in force as the question has it, without a planned end."""
    level = require_level(asked.in_force, what="level in force")
    if level == AlertLevel.NONE:
        if asked.since_utc:
            raise InputError("--since is given without a level in force", "give it with --in-force LEVEL")
        return None
    since = require_hour(asked.since_utc) if asked.since_utc else hour
    if since > hour:
        raise InputError(f"the level in force begins at {since.isoformat()}, after the time asked about", "correct it")
    return AlertPeriod(level, since, None)


def _document(region: Region, decision: AlertDecision, *, issued_utc: datetime) -> AlertDocument:
    notices: list[NoticeDocument] = [
        {"cause": notice.cause, "index_aqi": notice.index_aqi, "from_utc": notice.from_utc, "to_utc": notice.to_utc}
        for notice in decision.notices
    ]
    processes: list[ProcessDocument] = [
        {"level": period.level, "from_utc": period.from_utc, "to_utc": period.to_utc} for period in decision.processes
    ]
    return {
        "level": decision.level,
        "rule_version": decision.rule_version,
        "reason": decision.reason_en,
        "reason_zh": decision.reason_zh,
        "from_utc": decision.from_utc,
        "to_utc": decision.to_utc,
        "issued_utc": issued_utc,
        "region": region.region_id,
        "is_simulated": region.is_simulated,
        "processes": processes,
        "notices": notices,
    }
