"""What a review is about: an alert, its acts, the scenario that it ordered, and the hours of both.

Belongs here: finding them, and that they are over. Does not: what became of them (alert_timeline, measure_effects).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bigdata_emis.errors import InputError, RefusedError, shorten
from bigdata_emis.region import Region
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.alert_record import StandingAlert, fold_alerts, read_alert_events
from bigdata_emis.window import Window

Row = dict[str, Any]


@dataclass(frozen=True)
class ReviewSubject:
    """An alert with its events, a scenario, or both. window: the hours in which they were in force.

    scenario: of an alert the last one that was in force in its hours, ordered by it or not; else the one that it
    ordered last. earlier: the others that it ordered or that were in force in its hours, in order of time; some of them
    are in force in no hour any more.
    """

    alert: StandingAlert | None
    events: list[Row]
    scenario: Row | None
    window: Window
    earlier: tuple[Row, ...] = ()

    @property
    def name(self) -> str:
        """The name of the review: that of the alert, or of the scenario."""
        return self.alert.alert_id if self.alert else str((self.scenario or {})["scenario_id"])

    @property
    def scenarios(self) -> list[Row]:
        """Every scenario, in order of time."""
        return [*self.earlier, *([self.scenario] if self.scenario else [])]

    @property
    def level(self) -> str:
        """The level as it was last."""
        return self.alert.level if self.alert else str((self.scenario or {})["alert_level_code"])


def find_subject(region: Region, *, known_utc: datetime, alert_id: str = "", scenario_id: str = "") -> ReviewSubject:
    """The alert of that name with its scenario, or the scenario with its alert, where there is one.

    Raises:
        InputError: neither or both names are given, or there is no such alert or scenario.
        RefusedError: it is still in force, or was never.
    """
    if bool(alert_id) == bool(scenario_id):
        raise InputError("a review is of one alert or of one scenario", "give --alert or --scenario")
    events = read_alert_events(region.region_id)
    scenarios = database.read("scenario", region.region_id).to_pylist() if database.can_be_read() else []
    scenario = _named(scenarios, scenario_id, region) if scenario_id else None
    wanted = alert_id or _alert_of(events, scenario_id)
    alert = next((one for one in fold_alerts(events) if one.alert_id == wanted), None)
    if alert_id and alert is None:
        raise InputError(f"region {region.region_id} has no alert '{shorten(alert_id)}'", "see emis alert list")
    own = [event for event in events if event["standing_alert_id"] == wanted]
    window = _window(alert, scenario, known_utc)
    if scenario is not None:
        return ReviewSubject(alert, own, scenario, window)
    ordered = dict.fromkeys(event["scenario_id"] for event in own if event["scenario_id"])
    rows = _of_alert(scenarios, [_named(scenarios, one, region) for one in ordered], window)
    return ReviewSubject(alert, own, rows[-1] if rows else None, window, tuple(rows[:-1]))


def is_in_force_in(row: Row, window: Window) -> bool:
    """Whether a scenario is, or was, in force in an hour of a window."""
    start, end = row["in_force_from_utc"], row["in_force_to_utc"]
    return start is not None and bool(max(start, window.from_utc) < min(end, window.to_utc))


def _of_alert(scenarios: list[Row], ordered: list[Row], window: Window) -> list[Row]:
    """What an alert ordered and what was in force in its hours: first what is in force in no hour, then by time.

    The last one is that in force, also where nobody changed the alert when another scenario was approved.
    """
    names = {row["scenario_id"] for row in ordered}
    others = [row for row in scenarios if row["scenario_id"] not in names and is_in_force_in(row, window)]
    held = [row for row in (*others, *ordered) if is_in_force_in(row, window)]
    ended = [row for row in ordered if not is_in_force_in(row, window)]
    return [*ended, *sorted(held, key=lambda row: row["in_force_from_utc"])]


def _named(scenarios: list[Row], scenario_id: str, region: Region) -> Row:
    found = next((row for row in scenarios if row["scenario_id"] == scenario_id), None)
    if found is None:
        raise InputError(
            f"scenario '{shorten(scenario_id)}' is unknown in {region.region_id}", "see emis scenario list"
        )
    return found


def _alert_of(events: list[Row], scenario_id: str) -> str:
    """The alert that ordered a scenario; empty when none did. A regional prompt is no alert."""
    named = [
        e["standing_alert_id"]
        for e in events
        if e["scenario_id"] == scenario_id and "-issue-" in e["standing_alert_id"]
    ]
    return named[-1] if named else ""


def _window(alert: StandingAlert | None, scenario: Row | None, known_utc: datetime) -> Window:
    """The hours of the alert, or of the scenario; both must be over."""
    if alert is not None:
        start, end, name = alert.from_utc, alert.to_utc, alert.alert_id
    else:
        row = scenario or {}
        start, end, name = row["in_force_from_utc"], row["in_force_to_utc"], row["scenario_id"]
    if start is None or (end is not None and end <= start):
        raise RefusedError(f"'{name}' was in force in no hour: there is nothing to review", "see emis alert list")
    if end is None or end > known_utc:
        until = end.isoformat() if end else "an end that nobody set"
        raise RefusedError(f"'{name}' is in force until {until}", "lift it first: emis alert lift")
    return Window(start, end)
