"""A stored scenario computed again from the versions that it names, with all of its measures or a part of them.

Belongs here: from the record of a scenario to planned and cut days, without writing. Does not: what is asked of them
(waterfall, gap_ranking).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import isclose
from typing import Any

import numpy as np

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.control.inventory_versions import (
    EMISSIONS,
    INVENTORY,
    DayVersions,
    InventoryVersions,
    ProjectionBasis,
)
from bigdata_emis.control.projection.projected_lake import ProjectedLake
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.day_plan import DayPlan
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario_days import OUTCOME, OrderInForce, ScenarioEvent, make_event, plan_scenario_day
from bigdata_emis.control.scenarios_in_force import order_held, scenarios_in_force, stored_measures, stored_orders
from bigdata_emis.errors import RefusedError
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window

SAME_CUT = 1e-9
"""Relative difference up to which a cut computed again is that of the ledger."""


@dataclass(frozen=True)
class ScenarioReplay:
    """A stored scenario, ready to be cut again.

    in_force: orders whose cuts its inventory contains; ledger: its stored rows by pollutant.
    """

    lake: ScenarioStore
    event: ScenarioEvent
    days: Sequence[date]
    in_force: Sequence[OrderInForce]
    ledger: Mapping[str, Mapping[str, Any]]

    @property
    def first_day(self) -> date:
        """The day in which the tables of the whole window lie."""
        return self.event.window.days(self.event.region.time_zone)[0]

    def orders_in_force(self, day: date) -> Sequence[OrderInForce]:
        """The orders whose cuts the inventory of a day contains: none of a projected day."""
        return () if self.lake.is_projected(day) else self.in_force

    def plans(self, measures: Sequence[Measure]) -> list[DayPlan]:
        """The days of the window, cut by these measures."""
        event = replace(self.event, cuts=replace(self.event.cuts, measures=measures))
        plans = []
        for day in self.days:
            plan = plan_scenario_day(day, event, self.lake, in_force=self.orders_in_force(day))
            for _ in cut_pieces(plan, self.lake.pieces(INVENTORY, day, list(EMISSIONS))):
                pass  # the plan sums the rows
            plans.append(plan)
        return plans

    def require_ledger(self, plans: Sequence[DayPlan]) -> None:
        """Refuse days, cut by all measures of the scenario, that do not give its ledger.

        Raises:
            RefusedError: reference, measures in force or files have changed since.
        """
        for code, cut in cut_by_pollutant(plans).items():
            stored = float(self.ledger[code]["cut_emission_g"]) if code in self.ledger else 0.0
            if not isclose(cut, stored, rel_tol=SAME_CUT, abs_tol=SAME_CUT):
                raise RefusedError(
                    f"scenario {self.lake.scenario_id} cannot be computed again: its cut of {code} would be "
                    f"{cut:.6g} g, its ledger has {stored:.6g} g",
                    "recalculate it with emis recalc, and ask about the new scenario",
                )


def open_replay(
    region: Region, scenario: Mapping[str, Any], parameters: Mapping[str, Any], store: Store
) -> ScenarioReplay:
    """The replay of a scenario, from its row of table scenario and its parameters.

    Raises:
        RefusedError: its measures or those of a scenario that was in force were not stored, or a version is no longer
            in the lake.
    """
    scenario_id, window = scenario["scenario_id"], Window(scenario["from_utc"], scenario["to_utc"])
    days = window.days(region.time_zone)
    measures = stored_measures(scenario_id, days[0], store)
    if not measures:
        raise RefusedError(f"scenario {scenario_id} has no stored measures", "recalculate it with emis recalc")
    in_force = _orders_in_force(region, window, store, scenario_id, parameters)
    inputs = {table: _versions(store, table, of) for table, of in parameters.get("inputs", {}).items()}
    lake = _replayed_lake(store, scenario_id, inputs, days, parameters, in_force)
    rows = store.read("control_ledger", [days[0]]).to_pylist()
    return ScenarioReplay(
        lake,
        make_event(region, window, scenario["alert_level_code"], measures, stored_orders(parameters)),
        [day for day in days if str(day) in inputs.get(INVENTORY, {}) or lake.is_projected(day)],
        in_force,
        {row["pollutant_code"]: row for row in rows if row["scenario_id"] == scenario_id},
    )


def cut_by_pollutant(plans: Sequence[DayPlan]) -> dict[str, float]:
    """The cut of planned days in gram."""
    cut: Floats = np.sum([plan.totals.cut_g.sum(axis=(0, 2)) for plan in plans], axis=0)
    return dict(zip(schema.codes()["pollutant"], cut.tolist(), strict=True))


def _replayed_lake(
    store: Store,
    scenario_id: str,
    inputs: Mapping[str, DayVersions],
    days: Sequence[date],
    parameters: Mapping[str, Any],
    in_force: Sequence[OrderInForce],
) -> ScenarioStore:
    """The lake of the scenario with the versions that it names, and its projected days from them.

    A projection rests on the named days before the first projected one, without those of the window on which an order
    was in force.
    """
    projected = [date.fromisoformat(day) for day in parameters.get("projected", [])]
    if not projected:
        return ScenarioStore(store, scenario_id, inputs)
    own = {str(day) for day in days}
    held = {str(day) for order in in_force for day in order.event.window.days(store.time_zone)} & own
    has_basis = set(inputs["control_source"])
    recent = {
        table: {day: v for day, v in of.items() if day not in held and day in has_basis} for table, of in inputs.items()
    }
    basis = ProjectionBasis(projected, recent, sorted(map(date.fromisoformat, held)))
    of_window = {table: {day: v for day, v in of.items() if day in own} for table, of in inputs.items()}
    versions = InventoryVersions(of_window, is_draft=False, projection=basis)
    return ProjectedLake(store, scenario_id, versions, basis)


def _orders_in_force(
    region: Region, window: Window, store: Store, scenario_id: str, parameters: Mapping[str, Any]
) -> list[OrderInForce]:
    """The orders that were in force when this one was recalculated, not its own approval, with hours and outcomes then.

    The hours are those that the scenario names: its approval ends the order before it.
    """
    names, outcomes = parameters.get("in_force", []), parameters.get("outcomes", {})
    hours = parameters.get("in_force_hours")
    if hours is None:
        orders = scenarios_in_force(region, window, store).orders if names else {}
    else:
        spans = {name: Window(*map(datetime.fromisoformat, hours[name])) for name in names}
        held = {name: order_held(region, name, span, store) for name, span in spans.items()}
        orders = {name: order for name, order in held.items() if order is not None}
    gone = sorted(set(names) - orders.keys())
    if gone:
        raise RefusedError(
            f"scenario {scenario_id} cannot be computed again: {gone[0]} was in force when it was recalculated, and "
            "its hours or measures are not stored",
            "recalculate it with emis recalc, and ask about the new scenario",
        )
    return [
        replace(order, outcome=_versions(ScenarioStore(store, name), OUTCOME, outcomes.get(name, {})))
        for name, order in orders.items()
        if name in names
    ]


def _versions(store: Store, table: str, named: Mapping[str, str]) -> dict[str, Version]:
    """The versions of a table that a scenario names, by day."""
    days = [date.fromisoformat(day) for day in named]
    versions = {v.day: v for v in store.versions(table, days) if named[v.day] == v.version}
    missing = sorted(named.keys() - versions.keys())
    if missing:
        raise RefusedError(
            f"{table} of {missing[0]}: version {named[missing[0]]} is no longer in the lake",
            "recalculate the scenario with emis recalc",
        )
    return versions
