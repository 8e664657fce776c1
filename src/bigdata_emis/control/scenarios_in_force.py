"""What was in force or called for in a window: scenarios whose cuts the inventory contains, and the level called.

Belongs here: from the published list of hours in force to the measures that applied. Does not: the base that follows
(scenario/cut_hours), decisions (publish).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.codes import AlertLevel
from bigdata_emis.control.documents import RecalculationDocument
from bigdata_emis.control.scenario.level_orders import LevelOrder
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario_days import OUTCOME, OrderInForce, make_event
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window, day_window

IN_FORCE = "scenario/in_force.json"


def measures_table(scenario_id: str, from_utc: datetime, measures: Sequence[Measure]) -> pa.Table:
    """Table control_measure: the measures of a scenario as they were used."""
    declared = schema.table("control_measure")
    rows = [{**vars(measure), "scenario_id": scenario_id, "from_utc": from_utc} for measure in measures]
    columns = {name: [None if row[name] == "" else row[name] for row in rows] for name in declared.names}
    return conform(pa.table(columns), declared)


def stored_measures(scenario_id: str, first_day: date, store: Store) -> list[Measure]:
    """The measures of a scenario as they were used, in order of measure_id; none where they were not stored."""
    table = store.read("control_measure", [first_day])
    rows = table.filter(pc.equal(table["scenario_id"], scenario_id)).to_pylist()
    names = Measure.__dataclass_fields__
    return [Measure(**{n: row[n] for n in names if row[n] is not None}) for row in rows]


@dataclass(frozen=True)
class ScenariosInForce:
    """The scenarios in force in hours of a window, by name, each with these hours as its window.

    without_measures: those approved before measures were stored; the emission without their cut is not known.
    """

    orders: dict[str, OrderInForce]
    without_measures: list[str]


def scenarios_in_force(region: Region, window: Window, store: Store) -> ScenariosInForce:
    """The scenarios that were in force in hours of a window.

    Raises:
        InputError: the list of hours in force, or the manifest of a scenario, is damaged.
        RefusedError: a scenario in force has no manifest.
    """
    in_force, without_measures = {}, set()
    for scenario_id, held in _held_in(window, store):
        order = order_held(region, scenario_id, held, store)
        if order is None:
            without_measures.add(scenario_id)
        else:
            in_force[scenario_id] = replace(order, outcome=_outcome(scenario_id, held, region, store))
    return ScenariosInForce(in_force, sorted(without_measures))


def order_held(region: Region, scenario_id: str, held: Window, store: Store) -> OrderInForce | None:
    """The order of a scenario in the hours in which it is, or was, in force; None where its measures were not stored.

    Raises:
        InputError: the manifest of the scenario is damaged.
        RefusedError: it has no manifest.
    """
    level, measures, orders = _level_and_measures(scenario_id, region, store)
    return OrderInForce(scenario_id, make_event(region, held, level, measures, orders)) if measures else None


def has_scenario_in_force(store: Store, day: date) -> bool:
    """Whether a scenario was in force in an hour of a day, so that its emission is not the normal one.

    Raises InputError when the list of hours in force is damaged.
    """
    return any(_held_in(day_window(day, store.time_zone), store))


def hours_held(window: Window, store: Store) -> list[Window]:
    """The hours of the scenarios that are in force in hours of a window.

    Raises InputError when the list of hours in force is damaged.
    """
    return [held for _, held in _held_in(window, store)]


def called_level(region: Region, window: Window) -> str | None:
    """The level of the newest evaluation of the forecasts that has hours of a window; None without one."""
    from bigdata_emis.storage import database  # its libraries take half a second, while the cuts are computed

    rows = [row for row in database.read("alert", region.region_id).to_pylist() if row["from_utc"]]
    rows = [row for row in rows if row["from_utc"] < window.to_utc]
    rows = [row for row in rows if row["to_utc"] is None or row["to_utc"] > window.from_utc]
    newest = max(rows, key=lambda row: (row["known_utc"] is not None, row["known_utc"]), default=None)
    return newest["alert_level_code"] if newest else None


def add_called_days(document: RecalculationDocument, region: Region) -> RecalculationDocument:
    """The document with those of its recent days on which forecasts called for an alert, if any hours are projected."""
    record = document["projection"]
    if record is None:
        return document
    days = {day: day_window(date.fromisoformat(day), region.time_zone) for day in record["recent_days"]}
    levels = {day: called_level(region, window) or AlertLevel.NONE for day, window in days.items()}
    called = {day: str(level) for day, level in levels.items() if level != AlertLevel.NONE}
    return {**document, "projection": {**record, "called_days": called}}


def stored_orders(parameters: Mapping[str, Any]) -> list[LevelOrder]:
    """The orders of an event that changed, from the parameters of its scenario; none of one that did not."""
    listed = parameters.get("orders", [])
    return [LevelOrder(datetime.fromisoformat(one["from_utc"]), one["level"]) for one in listed]


def _held_in(window: Window, store: Store) -> Iterator[tuple[str, Window]]:
    """The scenarios with an hour in force in a window, each with all hours in which it is in force."""
    for row in _document(store, IN_FORCE) or ():
        held = Window(*(datetime.fromisoformat(row[name]) for name in ("from_utc", "to_utc")))
        if held.from_utc < window.to_utc and held.to_utc > window.from_utc:
            yield row["scenario_id"], held


def _outcome(scenario_id: str, held: Window, region: Region, store: Store) -> dict[str, Version]:
    """The newest emission without the order, by day, of days of which it was judged."""
    lake = ScenarioStore(store, scenario_id)
    return {version.day: version for version in lake.versions(OUTCOME, held.days(region.time_zone))}


def _level_and_measures(scenario_id: str, region: Region, store: Store) -> tuple[str, list[Measure], list[LevelOrder]]:
    manifest = _document(store, f"scenario/{scenario_id}.json")
    if manifest is None:
        raise RefusedError(f"scenario {scenario_id} is in force and has no manifest", "run emis scenario publish")
    window = Window(*(datetime.fromisoformat(manifest[name]) for name in ("from_utc", "to_utc")))
    measures = stored_measures(scenario_id, window.days(region.time_zone)[0], store)
    return manifest["level"], measures, stored_orders(manifest.get("parameters", {}))


def _document(store: Store, name: str) -> Any:
    content = store.read_document(name, tree=PUBLISHED)
    if content is None:
        return None
    try:
        return json.loads(content)
    except ValueError:
        raise InputError(f"{name} of region {store.region_id} is damaged", "run emis scenario publish") from None
