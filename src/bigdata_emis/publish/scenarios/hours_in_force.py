"""The hours in which an approved scenario is in force: at most one scenario in any hour of a region.

Belongs here: the rules, on rows of table scenario. Does not: the registry (storage.scenario_record), files
(scenario_files), who may decide (scenario_decision).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bigdata_emis.codes import ScenarioStatus
from bigdata_emis.window import Window

Row = dict[str, Any]


@dataclass(frozen=True)
class Supersession:
    """An older scenario that a newer one replaces from the newer one's start on.

    row: the older scenario as it is afterwards. uncovered: its hours after the newer one's end; none is in force then.
    """

    row: Row
    newer_scenario_id: str
    uncovered: Window | None

    def describe(self) -> dict[str, Any]:
        """What a person must know before approving."""
        return {
            "scenario": self.row["scenario_id"],
            "level": self.row["alert_level_code"],
            "until_utc": self.row["in_force_to_utc"].isoformat(),
            "uncovered_from_utc": self.uncovered.from_utc.isoformat() if self.uncovered else None,
            "uncovered_to_utc": self.uncovered.to_utc.isoformat() if self.uncovered else None,
        }

    def sentence(self) -> str:
        """The same as one line of the audit trail."""
        until = self.row["in_force_to_utc"].isoformat()
        replaced = f"{self.row['scenario_id']} is superseded from {until} by {self.newer_scenario_id}"
        if self.uncovered is None:
            return replaced
        span = f"{self.uncovered.from_utc.isoformat()} to {self.uncovered.to_utc.isoformat()}"
        return f"{replaced}; no scenario is in force from {span}"


def window_in_force(row: Row) -> Window | None:
    """The hours in which a scenario is in force; None when there are none."""
    start, end = row["in_force_from_utc"], row["in_force_to_utc"]
    return Window(start, end) if start is not None and end > start else None


def describe_hours_in_force(row: Row) -> dict[str, Any]:
    """Whether a scenario is in force, and its hours, as they are in manifests and in `emis scenario`."""
    held = window_in_force(row)
    return {
        "is_in_force": held is not None,
        "in_force_from_utc": held.from_utc.isoformat() if held else None,
        "in_force_to_utc": held.to_utc.isoformat() if held else None,
    }


def was_approved(row: Row) -> bool:
    """Whether somebody approved the scenario, whatever became of it since."""
    return row["in_force_from_utc"] is not None


def supersede_by(rows: Iterable[Row], newer: Row) -> list[Supersession]:
    """What becomes of the scenarios in force in an hour of a newer one: each ends where the newer one starts."""
    superseded = []
    for row in rows:
        held = window_in_force(row)
        if row["scenario_id"] == newer["scenario_id"] or held is None:
            continue
        if held.from_utc >= newer["to_utc"] or held.to_utc <= newer["from_utc"]:
            continue
        until = max(held.from_utc, newer["from_utc"])
        changed = {**row, "status": ScenarioStatus.SUPERSEDED.value, "in_force_to_utc": until}
        uncovered = Window(newer["to_utc"], held.to_utc) if held.to_utc > newer["to_utc"] else None
        superseded.append(Supersession(changed, newer["scenario_id"], uncovered))
    return superseded


def take_into_force(row: Row) -> Row:
    """A scenario after its approval: in force in its whole window."""
    hours = {"in_force_from_utc": row["from_utc"], "in_force_to_utc": row["to_utc"]}
    return {**row, **hours, "status": ScenarioStatus.IN_FORCE.value}


def list_in_force(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The scenarios that are in force in some hour, in order of time, with the hours of each."""
    held = [(window, row) for row in rows if (window := window_in_force(row)) is not None]
    return [
        {
            "scenario_id": row["scenario_id"],
            "alert_level_code": row["alert_level_code"],
            "status": row["status"],
            "from_utc": window.from_utc.isoformat(),
            "to_utc": window.to_utc.isoformat(),
            "approved_by": row["decided_by"],
            "approved_utc": row["decided_utc"].isoformat() if row["decided_utc"] else None,
        }
        for window, row in sorted(held, key=lambda pair: pair[0])
    ]
