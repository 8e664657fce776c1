"""What became of a scenario, in one sentence: in force, lifted, superseded or retired, since when; and of its alerts.

Belongs here: the sentence, and which alerts a scenario ordered. Does not: the hours in force (hours_in_force), acts
about alerts (publish.alerts).
"""

from collections.abc import Sequence
from typing import Any

from bigdata_emis.codes import ScenarioStatus
from bigdata_emis.publish.scenarios.hours_in_force import Row, was_approved, window_in_force
from bigdata_emis.region import Region
from bigdata_emis.storage.registries.alert_record import fold_alerts, read_alert_events


def alerts_of_scenario(region: Region, scenario_id: str) -> list[dict[str, Any]]:
    """The alerts and prompts that a scenario orders, by their last event about one, with their end."""
    events = read_alert_events(region.region_id)
    orders = {event["standing_alert_id"]: event["scenario_id"] for event in events if event["scenario_id"]}
    return [
        {
            "alert": alert.alert_id,
            "level": alert.level,
            "from_utc": alert.from_utc.isoformat(),
            "to_utc": alert.to_utc.isoformat() if alert.to_utc else None,
            "is_lifted": alert.is_lifted,
            "by": alert.actor,
        }
        for alert in fold_alerts(events)
        if orders.get(alert.alert_id) == scenario_id
    ]


def describe_state(row: Row, alerts: Sequence[dict[str, Any]]) -> str:
    """What became of a scenario, and since when; of one whose alert was lifted, that its order goes on."""
    held, status = window_in_force(row), str(row["status"])
    if not was_approved(row):
        return status
    if held is None:
        return f"{status}: in force in no hour"
    span = f"{held.from_utc.isoformat()} to {held.to_utc.isoformat()}"
    if status != ScenarioStatus.IN_FORCE:
        return f"{status} from {held.to_utc.isoformat()}: was in force {span}"
    end = held.to_utc.isoformat()
    lifted = [alert for alert in alerts if alert["is_lifted"] and alert["to_utc"] < end]
    goes_on = [f"alert {one['alert']} was lifted by {one['by']} from {one['to_utc']}" for one in lifted]
    if not goes_on:
        return f"in force {span}"
    return f"in force {span}, but {'; '.join(goes_on)}: end the order with emis scenario lift"
