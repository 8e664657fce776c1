"""The alert level of a region from the forecasts it has collected.

Belongs here: which forecast counts, and keeping the decision. Does not: the rules (alert.py).
"""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.control.alert.episode import Standing
from bigdata_emis.control.alert.level import evaluate_alert
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window

FORECAST_REACH = timedelta(hours=120)
LOOK_BACK = timedelta(hours=24)
NO_ALERT = "none"


def current_alert(region: Region, *, at_utc: datetime, regional_level: str = "none") -> dict[str, Any]:
    """The level that the newest forecast issued by `at_utc` calls for, after what stood before; the decision is kept in the registry.

    Raises InputError when no forecast had been issued by then.
    """
    hour = at_utc.replace(minute=0, second=0, microsecond=0)
    window = Window(hour - LOOK_BACK, hour + FORECAST_REACH)
    store = Store(settings().lake, region.region_id, region.time_zone)
    forecast = _newest(store.read("air_quality_forecast", window.days(region.time_zone)), at_utc)
    if forecast.num_rows == 0:
        raise InputError(
            f"region {region.region_id} has no forecast issued by {at_utc.isoformat()}",
            "collect it: emis run collect_forecast, or choose --at",
        )
    decision = evaluate_alert(
        forecast,
        at_utc=hour,
        rule_version=region.rules.get("alert"),
        regional_level=regional_level,
        time_zone=region.time_zone,
        region_folder=region.folder,
        before=_before(region, hour),
    )
    document = {
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
    _keep(document, region, at_utc)
    return document


def _before(region: Region, at_utc: datetime) -> Standing | None:
    """The level that had begun last by the decisions before an hour; it ended when none was decided, at the latest when it was to end.

    A level of the regional prompt, which has no end of its own, is the region's to lift: nothing of it is kept.
    """
    database.migrate()
    rows = [
        row
        for row in database.read("alert", region.region_id).to_pylist()
        if row["known_utc"] and row["known_utc"] < at_utc
    ]
    rows.sort(key=lambda row: row["known_utc"])
    begun = [
        row for row in rows if row["alert_level_code"] != NO_ALERT and row["from_utc"] and row["from_utc"] <= at_utc
    ]
    if not begun or begun[-1]["to_utc"] is None:
        return None
    row = begun[-1]
    lifted = [
        later["known_utc"]
        for later in rows
        if later["alert_level_code"] == NO_ALERT and later["known_utc"] > row["known_utc"]
    ]
    return Standing(row["alert_level_code"], row["from_utc"], min([row["to_utc"], *lifted]))


def _newest(forecasts: pa.Table, at_utc: datetime) -> pa.Table:
    instant = pa.scalar(at_utc, pa.timestamp("us", tz="UTC"))
    known = forecasts.filter(pc.less_equal(forecasts["issued_utc"], instant))
    if known.num_rows == 0:
        return known
    return known.filter(pc.equal(known["issued_utc"], pc.max(known["issued_utc"])))


def _keep(document: dict[str, Any], region: Region, at_utc: datetime) -> None:
    database.migrate()
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
