"""Standing alerts in the registry: every act about them, and what is in force at a time.

Belongs here: reading and folding the events. Does not: who may act (publish.alerts), what forecasts call for (control).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bigdata_emis.codes import AlertEvent, AlertLevel
from bigdata_emis.storage import database

Row = dict[str, Any]
CITY_SEPARATOR = ";"


@dataclass(frozen=True)
class StandingAlert:
    """An alert, a regional prompt or a temporary control as its last event has it.

    kind: the event with which it began. cities: empty for the whole region. to_utc: empty until its end is known.
    """

    alert_id: str
    kind: str
    level: str
    cities: tuple[str, ...]
    from_utc: datetime
    to_utc: datetime | None
    issued_utc: datetime
    actor: str
    is_lifted: bool = False

    def is_in_force(self, at_utc: datetime) -> bool:
        """Whether the time is one of its hours."""
        return self.from_utc <= at_utc and (self.to_utc is None or at_utc < self.to_utc)

    def is_for(self, city_name: str) -> bool:
        """Whether it applies to a city."""
        return not self.cities or city_name in self.cities

    @property
    def is_replayed(self) -> bool:
        """Whether it was stored when it was over: old days were played again, and there is no lead time."""
        return self.to_utc is not None and self.issued_utc >= self.to_utc

    @property
    def lead_h(self) -> float:
        """Hours from its issue to its start; negative when it was issued late."""
        return (self.from_utc - self.issued_utc).total_seconds() / 3600


def read_alert_events(region_id: str) -> list[Row]:
    """Every event of the region in order of its number; none without a registry. Nothing is created or migrated."""
    if not database.can_be_read():
        return []
    rows: list[Row] = database.read("alert_event", region_id).to_pylist()
    return sorted(rows, key=lambda row: row["record_number"])


def fold_alerts(events: list[Row], *, at_utc: datetime | None = None) -> list[StandingAlert]:
    """The alerts as the events known at a time have them, in order of their first event."""
    alerts: dict[str, StandingAlert] = {}
    for event in events:
        if at_utc is not None and event["known_utc"] > at_utc:
            continue
        before = alerts.get(event["standing_alert_id"])
        alerts[event["standing_alert_id"]] = _change(before, event) if before else _begin(event)
    return list(alerts.values())


def alerts_in_force(region_id: str, *, at_utc: datetime) -> list[StandingAlert]:
    """The alerts, prompts and temporary controls of which the time is an hour, as known then."""
    known = fold_alerts(read_alert_events(region_id), at_utc=at_utc)
    return [alert for alert in known if alert.is_in_force(at_utc)]


def _begin(event: Row) -> StandingAlert:
    cities = tuple(name for name in (event["city_names"] or "").split(CITY_SEPARATOR) if name)
    return StandingAlert(
        alert_id=event["standing_alert_id"],
        kind=event["alert_event_code"],
        level=event["alert_level_code"] or AlertLevel.NONE,
        cities=cities,
        from_utc=event["from_utc"],
        to_utc=event["to_utc"],
        issued_utc=event["known_utc"],
        actor=event["actor"],
    )


def _change(before: StandingAlert, event: Row) -> StandingAlert:
    return replace(
        before,
        level=event["alert_level_code"] or before.level,
        to_utc=event["to_utc"] or before.to_utc,
        actor=event["actor"],
        is_lifted=before.is_lifted or event["alert_event_code"] == AlertEvent.LIFT,
    )
