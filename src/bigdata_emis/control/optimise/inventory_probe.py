"""What lists of measures would cut of a published inventory, by source: the arithmetic of a recalculation, not written.

Belongs here: baseline and cut by source and pollutant for a list. Does not: which lists are asked (candidates).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.codes import BaseSource
from bigdata_emis.control.inventory_versions import EMISSIONS, INVENTORY, InventoryVersions
from bigdata_emis.control.projection.projected_lake import ProjectedLake
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.day_plan import DayPlan, sum_obeyed, sum_totals
from bigdata_emis.control.scenario.ledger import is_base_known, name_base_source
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario_days import OrderInForce, ScenarioEvent, make_event, plan_scenario_day
from bigdata_emis.errors import RefusedError
from bigdata_emis.region import Region
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window

PROBE_ID = "optimise"

KgBySource = dict[str, dict[str, float]]


@dataclass(frozen=True)
class InventoryProbe:
    """The published inventory of a window, or the projected one, ready to be cut by any list of measures.

    orders: those that were in force in hours of the window; there the base of a published day is the emission without
    them.
    """

    region: Region
    level: str
    window: Window
    inventory: InventoryVersions
    store: Store
    orders: Sequence[OrderInForce] = ()
    _sources: list[pa.Table] = field(default_factory=list)

    def sources(self) -> pa.Table:
        """The traits of every source of the window; of several days those of the last.

        Raises:
            RefusedError: a day has no control basis.
        """
        if not self._sources:
            self._sources.append(self._read_sources())
        return self._sources[0]

    def baseline_kg(self) -> KgBySource:
        """Emission without measures in the window, by source and pollutant."""
        codes = list(schema.codes()["pollutant"])
        totals: KgBySource = {}
        for plan in self._uncut_plans:
            of_source = plan.totals.baseline_g.sum(axis=2) / G_PER_KG
            ids = plan.source_ids.to_pylist()
            for row, column in zip(*np.nonzero(of_source), strict=True):
                sums = totals.setdefault(ids[row], {})
                sums[codes[column]] = sums.get(codes[column], 0.0) + float(of_source[row, column])
        return totals

    @property
    def days(self) -> list[date]:
        """The days with an inventory, published or projected."""
        return sorted([*self.inventory.days, *self.inventory.projected_days])

    @property
    def base_source(self) -> BaseSource:
        """What the emission without measures rests on."""
        if self.inventory.projected_days:
            return BaseSource.PROJECTED_IN_PART if self.inventory.days else BaseSource.PROJECTED
        return name_base_source([plan for plan in self._uncut_plans if plan.in_force])

    def unjudged_pollutants(self) -> list[str]:
        """The pollutants of which too much of the base rests on orders that count as obeyed to judge a target."""
        obeyed_g = sum_obeyed(self._uncut_plans)
        base_g = {code: base for code, (base, _) in sum_totals(self._uncut_plans).items()}
        return [code for code, base in base_g.items() if not is_base_known(base, obeyed_g[code])]

    @cached_property
    def _uncut_plans(self) -> list[DayPlan]:
        """The days of the window with the sums of their base."""
        event = make_event(self.region, self.window, self.level, [])
        plans = []
        for day in self.days:
            plan = self._plan(day, event)
            for _ in cut_pieces(plan, self._lake.pieces(INVENTORY, day, list(EMISSIONS))):
                pass  # the plan sums the rows
            plans.append(plan)
        return plans

    def cut_kg(self, measures: Sequence[Measure]) -> KgBySource:
        """What a list of measures cuts in the window, by source and pollutant.

        Raises:
            RefusedError: a day has no control basis, or a source is not in it.
        """
        totals: KgBySource = {}
        event = make_event(self.region, self.window, self.level, measures)
        for day in self.days:
            plan = self._plan(day, event)
            for rows in cut_pieces(plan, self._lake.pieces(INVENTORY, day, list(EMISSIONS))):
                _add(totals, rows)
        return totals

    def _plan(self, day: date, event: ScenarioEvent) -> DayPlan:
        """The plan of a day; what is projected rests on days without an order."""
        in_force = [] if self._lake.is_projected(day) else self.orders
        return plan_scenario_day(day, event, self._lake, in_force=in_force)

    @cached_property
    def _lake(self) -> ScenarioStore:
        if self.inventory.projection is not None:
            return ProjectedLake(self.store, PROBE_ID, self.inventory, self.inventory.projection)
        return ScenarioStore(self.store, PROBE_ID, self.inventory.by_table)

    def _read_sources(self) -> pa.Table:
        for day in self.days:
            if self._lake.read("control_source", [day]).num_rows == 0:
                remedy = f"run emis run control_basis and emis run publish --region {self.region.region_id} for it"
                raise RefusedError(f"{day}: the inventory has no control basis", remedy)
        return self._lake.read("control_source", self.days[-1:])


def total_kg(by_source: KgBySource) -> dict[str, float]:
    """The sum over sources, in order of source."""
    totals: dict[str, float] = {}
    for source_id in sorted(by_source):
        for code, kg in by_source[source_id].items():
            totals[code] = totals.get(code, 0.0) + kg
    return totals


def _add(totals: KgBySource, rows: pa.Table) -> None:
    """Add the cut of rows to the totals by source and pollutant."""
    if rows.num_rows == 0:
        return
    source, pollutant = (pc.dictionary_encode(rows[name].combine_chunks()) for name in ("source_id", "pollutant_code"))
    shape = (len(source.dictionary), len(pollutant.dictionary))
    cells = np.ravel_multi_index((source.indices.to_numpy(), pollutant.indices.to_numpy()), shape)
    sums: Floats = (
        np.bincount(cells, rows["cut_emission_g"].to_numpy(), minlength=shape[0] * shape[1]).reshape(shape) / G_PER_KG
    )
    ids, codes = source.dictionary.to_pylist(), pollutant.dictionary.to_pylist()
    for row, column in zip(*np.nonzero(sums), strict=True):
        of_source = totals.setdefault(ids[row], {})
        of_source[codes[column]] = of_source.get(codes[column], 0.0) + float(sums[row, column])
