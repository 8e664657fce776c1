"""Acts of people about standing alerts: issued, changed, lifted, a regional prompt, a temporary control.

Belongs here: who may do what, and its event and audit in one transaction. Does not: what is in force
(storage.registries.alert_record), what forecasts call for (control).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bigdata_emis.codes import AlertEvent, AlertLevel, Authentication
from bigdata_emis.errors import InputError, RefusedError, shorten
from bigdata_emis.publish.scenario_decision import check_person
from bigdata_emis.publish.scenarios.approval_roles import require_approver
from bigdata_emis.publish.scenarios.hours_in_force import was_approved
from bigdata_emis.publish.scenarios.scenario_changes import check_reason
from bigdata_emis.publish.scenarios.scenario_rows import find_scenario
from bigdata_emis.region import Region
from bigdata_emis.storage.registries.alert_record import CITY_SEPARATOR, StandingAlert, fold_alerts, read_alert_events
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import scenario_transaction
from bigdata_emis.window import Window

LONGEST_CITY, MOST_CITIES = 40, 200
BEGINNINGS = (AlertEvent.ISSUE, AlertEvent.REGIONAL_PROMPT, AlertEvent.TEMPORARY)


@dataclass(frozen=True)
class Signature:
    """Who acts, how that was checked, when, and why."""

    actor: str
    known_utc: datetime
    note: str = ""
    authentication: Authentication = Authentication.COMMAND


def begin_alert(
    region: Region,
    *,
    kind: AlertEvent,
    level: str,
    window: Window,
    signature: Signature,
    cities: Sequence[str] = (),
    scenario_id: str | None = None,
) -> dict[str, Any]:
    """Record an alert, a regional prompt, or a temporary control, which has no level. The same twice is as once.

    Raises:
        InputError: level, window, city, person or note is not what it must be.
        RefusedError: another one of its kind begins in the same hour for the same cities.
    """
    _check_level(kind, level)
    person, words, names = check_person(signature.actor), check_reason(signature.note), _check_cities(cities)
    require_approver(person, level)
    prepare_registry()
    with scenario_transaction(region.region_id) as registry:
        alert_id, existing = _name_alert(region, kind, window, names)
        if existing is not None:
            if (existing.level, existing.to_utc, existing.actor) != (level, window.to_utc, person):
                what = f"'{alert_id}' exists: {existing.level} by {existing.actor}"
                raise RefusedError(what, "change or lift it instead")
            _add_act(registry, f"alert {kind} again", f"{alert_id}{words}", signature, person=person)
            return describe_alert(existing, is_new=False)
        event = {
            "standing_alert_id": alert_id,
            "alert_event_code": kind.value,
            "alert_level_code": level,
            "city_names": CITY_SEPARATOR.join(names),
            "from_utc": window.from_utc,
            "to_utc": window.to_utc,
            "scenario_id": scenario_id,
        }
        _record(registry, event, signature, person=person, words=words)
    return describe_alert(_require(region, alert_id), is_new=True)


def issue_for_scenario(
    region: Region,
    scenario_id: str,
    *,
    cities: Sequence[str],
    known_utc: datetime,
    regional_level: str = AlertLevel.NONE,
) -> dict[str, Any]:
    """Issue the alert of an approved scenario: its level and hours, signed by the person who approved it.

    With a regional level, the prompt of the region is recorded for the same hours. An alert that stands from the same
    hour for the same cities is changed to what this scenario has.

    Raises RefusedError when nobody approved the scenario, or another one has taken all its hours.
    """
    row = find_scenario(region, scenario_id)
    if not was_approved(row):
        raise RefusedError(f"scenario '{scenario_id}' is in force in no hour", "approve it first: emis approve")
    if row["in_force_from_utc"] is None or row["in_force_from_utc"] >= row["in_force_to_utc"]:
        what = f"scenario '{scenario_id}' is in force in no hour: it is {row['status']}"
        raise RefusedError(what, "issue the alert of the one that is in force: emis scenario list")
    signature = Signature(
        row["decided_by"], known_utc, f"scenario {scenario_id}", Authentication(row["authentication_code"])
    )
    window = Window(row["in_force_from_utc"], row["in_force_to_utc"])
    _check_both(row, regional_level, signature, cities)
    if regional_level != AlertLevel.NONE:
        _begin_or_change(region, AlertEvent.REGIONAL_PROMPT, regional_level, window, signature, cities, scenario_id)
    return _begin_or_change(region, AlertEvent.ISSUE, row["alert_level_code"], window, signature, cities, scenario_id)


def _check_both(row: Mapping[str, Any], regional_level: str, signature: Signature, cities: Sequence[str]) -> None:
    """What could refuse the alert or the prompt, before either of them is recorded."""
    person = check_person(signature.actor)
    _check_cities(cities)
    levels = {AlertEvent.ISSUE: row["alert_level_code"], AlertEvent.REGIONAL_PROMPT: regional_level}
    for kind, level in levels.items():
        if kind == AlertEvent.ISSUE or level != AlertLevel.NONE:
            _check_level(kind, level)
            require_approver(person, level)


def _begin_or_change(
    region: Region,
    kind: AlertEvent,
    level: str,
    window: Window,
    signature: Signature,
    cities: Sequence[str],
    scenario_id: str,
) -> dict[str, Any]:
    alert_id, existing = _name_alert(region, kind, window, _check_cities(cities))
    if existing is not None:
        if (existing.level, existing.to_utc) == (level, window.to_utc):
            return describe_alert(existing, is_new=False)
        return change_alert(
            region, alert_id, signature=signature, level=level, to_utc=window.to_utc, scenario_id=scenario_id
        )
    return begin_alert(
        region, kind=kind, level=level, window=window, signature=signature, cities=cities, scenario_id=scenario_id
    )


def change_alert(
    region: Region,
    alert_id: str,
    *,
    signature: Signature,
    level: str = "",
    to_utc: datetime | None = None,
    scenario_id: str | None = None,
) -> dict[str, Any]:
    """Change the level or the planned end of a standing alert. scenario_id: the scenario that orders it from now on.

    A change to what holds already adds no event.

    Raises:
        InputError: there is nothing to change, or the end is not after the start.
        RefusedError: the alert was lifted.
    """
    if not level and to_utc is None:
        raise InputError("neither a level nor an end is given", "give --level or --to")
    existing = _require_open(region, alert_id)
    _check_level(AlertEvent(existing.kind), level or existing.level)
    require_approver(check_person(signature.actor), level or existing.level)
    if to_utc is not None and to_utc <= existing.from_utc:
        raise InputError(f"{to_utc.isoformat()} is not after the start {existing.from_utc.isoformat()}", "correct --to")
    if scenario_id is None and level in ("", existing.level) and to_utc in (None, existing.to_utc):
        return describe_alert(existing, is_new=False)
    change = {"alert_level_code": level or None, "to_utc": to_utc, "scenario_id": scenario_id}
    return _act(region, alert_id, AlertEvent.CHANGE, signature, change)


def lift_alert(region: Region, alert_id: str, *, signature: Signature, at_utc: datetime) -> dict[str, Any]:
    """End a standing alert at a time; before its start it is withdrawn. One that was lifted by then stays as it is.

    Raises:
        InputError: the time is after its planned end.
        RefusedError: the alert was lifted at a later time.
    """
    prepare_registry()
    existing = _require(region, alert_id)
    if existing.is_lifted and existing.to_utc is not None and max(at_utc, existing.from_utc) >= existing.to_utc:
        return describe_alert(existing, is_new=False)
    existing = _require_open(region, alert_id)
    require_approver(check_person(signature.actor), existing.level)
    if existing.to_utc is not None and at_utc > existing.to_utc:
        raise InputError(
            f"{at_utc.isoformat()} is after the planned end {existing.to_utc.isoformat()}", "change the alert instead"
        )
    return _act(region, alert_id, AlertEvent.LIFT, signature, {"to_utc": max(at_utc, existing.from_utc)})


def list_alerts(region: Region, *, at_utc: datetime | None = None) -> list[dict[str, Any]]:
    """Every alert, prompt and temporary control, with all its events; with a time those in force then."""
    events = read_alert_events(region.region_id)
    alerts = [alert for alert in fold_alerts(events, at_utc=at_utc) if at_utc is None or alert.is_in_force(at_utc)]
    return [
        {
            **describe_alert(alert),
            "events": [_event(row) for row in events if row["standing_alert_id"] == alert.alert_id],
        }
        for alert in alerts
    ]


def describe_alert(alert: StandingAlert, *, is_new: bool | None = None) -> dict[str, Any]:
    """An alert as a document."""
    document: dict[str, Any] = {
        "alert": alert.alert_id,
        "kind": alert.kind,
        "level": alert.level,
        "cities": list(alert.cities),
        "from_utc": alert.from_utc.isoformat(),
        "to_utc": alert.to_utc.isoformat() if alert.to_utc else None,
        "issued_utc": alert.issued_utc.isoformat(),
        "lead_h": None if alert.is_replayed else round(alert.lead_h, 2),
        "is_replayed": alert.is_replayed,
        "is_lifted": alert.is_lifted,
        "by": alert.actor,
    }
    return document if is_new is None else {**document, "is_new": is_new}


def _act(
    region: Region, alert_id: str, kind: AlertEvent, signature: Signature, change: dict[str, Any]
) -> dict[str, Any]:
    person, words = check_person(signature.actor), check_reason(signature.note)
    with scenario_transaction(region.region_id) as registry:
        event = {"standing_alert_id": alert_id, "alert_event_code": kind.value, "city_names": "", **change}
        _record(registry, event, signature, person=person, words=words)
    return describe_alert(_require(region, alert_id))


def _record(registry: Any, event: dict[str, Any], signature: Signature, *, person: str, words: str) -> None:
    """Add the event and its audit; events are never changed."""
    registry.add_alert_event(
        {
            **event,
            "actor": person,
            "authentication_code": signature.authentication.value,
            "note": signature.note.strip(),
            "known_utc": signature.known_utc,
        }
    )
    note = f"{event['standing_alert_id']} {event.get('alert_level_code') or ''}".strip() + words
    _add_act(registry, f"alert {event['alert_event_code']}", note, signature, person=person)


def _add_act(registry: Any, event: str, note: str, signature: Signature, *, person: str) -> None:
    registry.add_act(
        actor=person,
        event=event,
        note=note,
        authentication_code=signature.authentication.value,
        known_utc=signature.known_utc,
    )


def _name_alert(
    region: Region, kind: AlertEvent, window: Window, names: Sequence[str]
) -> tuple[str, StandingAlert | None]:
    """The name of an alert, which follows from its kind, first local hour and cities, and the one of it that stands.

    One that follows a lifted one has a number, 2 for the second. An alert that an earlier release named by the hour in
    UTC keeps its name.
    """
    mark = hashlib.sha256(CITY_SEPARATOR.join(names).encode()).hexdigest()[:8]
    local = window.from_utc.astimezone(ZoneInfo(region.time_zone))
    first = f"{region.region_id}-{kind}-{local:%Y-%m-%dT%H}-{mark}"
    known = {alert.alert_id: alert for alert in fold_alerts(read_alert_events(region.region_id))}
    of_earlier_release = f"{region.region_id}-{kind}-{window.from_utc:%Y%m%dT%H}-{mark}"
    for name, alert in known.items():
        if name.startswith(of_earlier_release) and not alert.is_lifted:
            return name, alert
    name, number = first, 1
    while name in known and known[name].is_lifted:
        number += 1
        name = f"{first}-{number}"
    return name, known.get(name)


def _check_level(kind: AlertEvent, level: str) -> None:
    levels = [code for code in AlertLevel if code != AlertLevel.NONE]
    if kind == AlertEvent.TEMPORARY and level != AlertLevel.NONE:
        raise InputError(f"temporary control has no level, and '{shorten(level)}' was given", "leave --level out")
    if kind != AlertEvent.TEMPORARY and level not in levels:
        raise InputError(f"level '{shorten(level)}' is no level of an alert", f"use one of {', '.join(levels)}")


def _check_cities(cities: Sequence[str]) -> list[str]:
    names = sorted({name.strip() for name in cities if name.strip()})
    for name in names:
        if not name.isprintable() or CITY_SEPARATOR in name or len(name) > LONGEST_CITY:
            raise InputError(
                f"city '{shorten(name)}' is no name: expected at most {LONGEST_CITY} printable characters", "correct it"
            )
    if len(names) > MOST_CITIES:
        raise InputError(f"{len(names)} cities are too many", f"give at most {MOST_CITIES}, or none for all")
    return names


def _find(region: Region, alert_id: str) -> StandingAlert | None:
    alerts = fold_alerts(read_alert_events(region.region_id))
    return next((alert for alert in alerts if alert.alert_id == alert_id), None)


def _require(region: Region, alert_id: str) -> StandingAlert:
    found = _find(region, alert_id)
    if found is None:
        raise InputError(f"region {region.region_id} has no alert '{shorten(alert_id)}'", "see emis alert list")
    return found


def _require_open(region: Region, alert_id: str) -> StandingAlert:
    prepare_registry()
    existing = _require(region, alert_id)
    if existing.is_lifted:
        raise RefusedError(f"'{alert_id}' was lifted by {existing.actor}", "issue a new alert")
    return existing


def _event(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["record_number"],
        "event": row["alert_event_code"],
        "level": row["alert_level_code"],
        "to_utc": row["to_utc"].isoformat() if row["to_utc"] else None,
        "by": row["actor"],
        "authentication": row["authentication_code"],
        "note": row["note"],
        "scenario": row["scenario_id"],
        "known_utc": row["known_utc"].isoformat(),
    }
