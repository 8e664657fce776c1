"""Scenarios as the registry has them: one by its name, its days, and what approving it would change.

Belongs here: reading. Does not: changing anything (scenario_decision, scenario_changes).
"""

import json
from datetime import date, timedelta
from typing import Any

from bigdata_emis.codes import ScenarioStatus
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.publish.scenarios.hours_in_force import Row, supersede_by
from bigdata_emis.region import Region
from bigdata_emis.storage import database
from bigdata_emis.window import Window

SHOWN = 3
MOST_LISTED = 8
STANDING = (ScenarioStatus.DRAFT, ScenarioStatus.IN_FORCE)


def find_scenario(region: Region, scenario_id: str) -> Row:
    """The scenario of that name. Raises InputError when there is none."""
    known = database.read("scenario", region.region_id).to_pylist()
    for row in known:
        if row["scenario_id"] == scenario_id:
            return dict(row)
    newest = ", ".join(row["scenario_id"] for row in known[-SHOWN:]) or "none"
    raise InputError(
        f"scenario '{shorten(scenario_id)}' is unknown in {region.region_id} (known: {newest})",
        "compute it with emis recalc",
    )


def resolve_scenario(region: Region, name: str) -> str:
    """The scenario of a name that `emis recalc` printed or that was given to it; any other name as it is.

    A given name is that of the only scenario with it that is a draft or in force, else of the only one with it.

    Raises InputError with the candidates when there are several.
    """
    known = database.read("scenario", region.region_id).to_pylist() if database.can_be_read() else []
    own = [row for row in known if row["scenario_id"].rpartition("-")[0] == name]
    if not own or any(row["scenario_id"] == name for row in known):
        return name
    found = [row for row in own if row["status"] in STANDING] or own
    if len(found) > 1:
        listed = ", ".join(f"{row['scenario_id']} ({row['status']})" for row in found[-MOST_LISTED:])
        raise InputError(
            f"{len(found)} scenarios of {region.region_id} have the name '{shorten(name)}'",
            f"name one of them: {listed}",
        )
    return str(found[0]["scenario_id"])


def scenario_days(region: Region, row: Row) -> list[date]:
    """The local days of a scenario."""
    return Window(row["from_utc"], row["to_utc"]).days(region.time_zone)


def days_with_moved(region: Region, row: Row) -> list[date]:
    """The local days of a scenario, and those after it in which production is made up."""
    hours = scenario_parameters(row).get("moved", {}).get("rebound", {}).get("hours", 0)
    return Window(row["from_utc"], row["to_utc"] + timedelta(hours=hours)).days(region.time_zone)


def first_day(region: Region, scenario_id: str) -> date:
    """The local day on which a scenario begins. Raises InputError when there is no such scenario."""
    return scenario_days(region, find_scenario(region, scenario_id))[0]


def scenario_parameters(row: Row) -> dict[str, Any]:
    """The parameters of a scenario. Raises InputError when they cannot be read."""
    try:
        parameters = json.loads(row["parameters_json"] or "{}")
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise InputError(
            f"table scenario, scenario '{row['scenario_id']}': parameters_json is not a JSON object", "recalculate it"
        )
    return parameters


def plan_supersessions(region: Region, scenario_id: str) -> list[dict[str, Any]]:
    """What approving a scenario would change in the scenarios in force now, for the person who decides."""
    rows = database.read("scenario", region.region_id).to_pylist()
    return [one.describe() for one in supersede_by(rows, find_scenario(region, scenario_id))]
