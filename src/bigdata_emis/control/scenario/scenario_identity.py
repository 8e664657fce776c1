"""What decides the result of a recalculation, and the name that follows from it: same inputs, same name.

Belongs here: the digest. Does not: the inputs themselves (inventory_versions, measures).
"""

import hashlib
import json
import re
from collections.abc import Sequence

from bigdata_emis import __version__
from bigdata_emis.control.documents import MovedParameters, ScenarioParameters
from bigdata_emis.control.inventory_versions import InventoryVersions
from bigdata_emis.control.scenario.level_orders import LevelOrder
from bigdata_emis.control.scenario.measures import INSTANTS, TURNS, Measure
from bigdata_emis.control.scenario_days import OrderInForce
from bigdata_emis.control.scenarios_in_force import ScenariosInForce
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region
from bigdata_emis.window import Window

HASH_LENGTH = 10
SELDOM = (*INSTANTS, *TURNS, "rotation_group")
NAME = re.compile(r"\w[\w-]{0,39}")


def scenario_parameters(
    level: str,
    window: Window,
    measures: Sequence[Measure],
    inventory: InventoryVersions,
    in_force: ScenariosInForce,
    orders: Sequence[LevelOrder] = (),
    moved: MovedParameters | None = None,
) -> ScenarioParameters:
    """Everything that decides the result: level, window, measures by content, inputs by version, changes, options."""
    listed = json.dumps([_content(measure) for measure in measures], sort_keys=True, default=str)
    parameters: ScenarioParameters = {
        "level": level,
        "from_utc": window.from_utc.isoformat(),
        "to_utc": window.to_utc.isoformat(),
        "measures_sha256": hashlib.sha256(listed.encode()).hexdigest(),
        "measure_rows": len(measures),
        "inputs": {
            table: {day: version.version for day, version in by_day.items()}
            for table, by_day in inventory.inputs().items()
        },
        "code_version": __version__,
    }
    if len(orders) > 1:
        parameters["orders"] = [
            {
                "from_utc": order.from_utc.isoformat(),
                "level": order.level,
                "measures": order.measures_file.name if order.measures_file else "",
            }
            for order in orders
        ]
    if inventory.is_draft:
        parameters["inventory"] = "draft"
    if in_force.orders:
        parameters["in_force"] = sorted(in_force.orders)
        parameters["in_force_hours"] = {name: _hours_of(order) for name, order in sorted(in_force.orders.items())}
    outcomes = {order.scenario_id: order.outcome for order in in_force.orders.values() if order.outcome}
    if outcomes:
        parameters["outcomes"] = {
            name: {day: version.version for day, version in sorted(by_day.items())}
            for name, by_day in sorted(outcomes.items())
        }
    if in_force.without_measures:
        parameters["in_force_without_measures"] = in_force.without_measures
    if inventory.projected_days:
        parameters["projected"] = [str(day) for day in inventory.projected_days]
    if moved:
        parameters["moved"] = moved
    return parameters


def _hours_of(order: OrderInForce) -> list[str]:
    """The first instant in force of an order, and its end."""
    held = order.event.window
    return [held.from_utc.isoformat(), held.to_utc.isoformat()]


def _content(measure: Measure) -> dict[str, object]:
    """What a measure says; what most of them do not say is left out, so that names stay what they were."""
    return {name: value for name, value in vars(measure).items() if name not in SELDOM or value not in (None, "")}


def scenario_id(region: Region, level: str, name: str | None, parameters: ScenarioParameters) -> str:
    """Name or level, and a digest of everything that decides the result. Raises InputError for an unusable name."""
    if name is not None and not NAME.fullmatch(name):
        raise InputError(
            f"scenario name '{shorten(name)}' cannot be a file name",
            "use 1 to 40 letters, digits, hyphens and underscores, not a hyphen first",
        )
    text = json.dumps([region.region_id, name, parameters], sort_keys=True)
    return f"{name or level}-{hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH]}"
