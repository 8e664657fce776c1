"""The alert level of a region from the forecasts that it has collected.

Belongs here: which forecast applies, and recording the decision. Does not: the rules (alert/level).
"""

import logging
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.codes import AlertLevel
from bigdata_emis.control.alert.episode import AlertPeriod
from bigdata_emis.control.alert.level import evaluate_alert
from bigdata_emis.control.documents import AlertDocument
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.window import Window

log = logging.getLogger(__name__)

FORECAST_REACH = timedelta(hours=120)
LOOK_BACK = timedelta(hours=24)


def current_alert(region: Region, *, at_utc: datetime, regional_level: str = AlertLevel.NONE) -> AlertDocument:
    """The level that the newest forecast issued by a time calls for, after the level before.

    The decision is recorded in table alert of the registry.

    Raises:
        InputError: no forecast had been issued by then.
    """
    hour = at_utc.replace(minute=0, second=0, microsecond=0)
    window = Window(hour - LOOK_BACK, hour + FORECAST_REACH)
    days = window.days(region.time_zone)
    forecast = _newest_issue(open_lake(region).read("air_quality_forecast", days), at_utc)
    if forecast.num_rows == 0:
        raise InputError(
            f"region {region.region_id} has no forecast issued by {at_utc.isoformat()}",
            "collect one with emis run collect_forecast, or choose another time with --at",
        )
    decision = evaluate_alert(
        forecast,
        at_utc=hour,
        rule_version=region.rules.get("alert"),
        regional_level=regional_level,
        time_zone=region.time_zone,
        region_folder=region.folder,
        before=_level_before(region, hour),
    )
    document: AlertDocument = {
        "level": decision.level,
        "rule_version": decision.rule_version,
        "reason": decision.reason_en,
        "reason_zh": decision.reason_zh,
        "from_utc": decision.from_utc,
        "to_utc": decision.to_utc,
        "issued_utc": forecast["issued_utc"][0].as_py(),
        "region": region.region_id,
        "is_simulated": region.is_simulated,
    }
    _record_decision(document, region, at_utc)
    return document


def _level_before(region: Region, at_utc: datetime) -> AlertPeriod | None:
    """The last level that had begun by the decisions before an hour.

    It ended with the first later decision of no alert, at the latest at its planned end. A level of a regional prompt
    has no end of its own and only the region can lift it: it has no effect on later decisions.
    """
    if not database.can_be_read():
        return None
    decisions = [
        row
        for row in database.read("alert", region.region_id).to_pylist()
        if row["known_utc"] and row["known_utc"] < at_utc
    ]
    decisions.sort(key=lambda row: row["known_utc"])
    begun = [
        row
        for row in decisions
        if row["alert_level_code"] != AlertLevel.NONE and row["from_utc"] and row["from_utc"] <= at_utc
    ]
    if not begun or begun[-1]["to_utc"] is None:
        return None
    last = begun[-1]
    lifted_utc = [
        row["known_utc"]
        for row in decisions
        if row["alert_level_code"] == AlertLevel.NONE and row["known_utc"] > last["known_utc"]
    ]
    return AlertPeriod(last["alert_level_code"], last["from_utc"], min([last["to_utc"], *lifted_utc]))


def _newest_issue(forecasts: pa.Table, at_utc: datetime) -> pa.Table:
    """The forecast issued last by a time."""
    instant = pa.scalar(at_utc, pa.timestamp("us", tz="UTC"))
    issued = forecasts.filter(pc.less_equal(forecasts["issued_utc"], instant))
    if issued.num_rows == 0:
        return issued
    return issued.filter(pc.equal(issued["issued_utc"], pc.max(issued["issued_utc"])))


def _record_decision(document: AlertDocument, region: Region, at_utc: datetime) -> None:
    """Record the decision, on which the next one rests; a home that is read-only serves the answer all the same."""
    if not database.can_be_written():
        log.warning("the registry is read-only: the decision is not recorded")
        return
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
