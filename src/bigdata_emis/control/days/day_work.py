"""The work of one day of a recalculation: its plan, its rows and its account.

Belongs here: how a day of the inventory, and a projected one, is cut. Does not: what is written (recalculate).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from bigdata_emis.control.days.cut_records import CutRecords, record_key
from bigdata_emis.control.days.reused_pieces import COLUMNS, ReusedDay, cut_day
from bigdata_emis.control.documents import ScenarioParameters
from bigdata_emis.control.inventory_versions import INVENTORY
from bigdata_emis.control.projection.projected_lake import ProjectedLake
from bigdata_emis.control.scenario.account import Account, account_day
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.day_plan import DayPlan
from bigdata_emis.control.scenario_days import OrderInForce, ScenarioEvent, plan_scenario_day
from bigdata_emis.control.scenarios_in_force import ScenariosInForce
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.storage.scenario_lake import ScenarioStore, run_ahead


@dataclass(frozen=True)
class CutDay:
    """What is known of a day after its last row was cut; reused: empty where all of it was computed."""

    plan: DayPlan
    account: Account
    reused: ReusedDay | None = None


@dataclass(kw_only=True)
class DayWork:
    """What every day of one recalculation is computed from, and the days that this process has computed."""

    event: ScenarioEvent
    in_force: ScenariosInForce
    lake: ScenarioStore
    correlations: ErrorCorrelations
    parameters: ScenarioParameters
    cut_days: dict[date, CutDay] = field(default_factory=dict)

    def is_projected(self, day: date) -> bool:
        """Whether a day is projected from recent days."""
        return isinstance(self.lake, ProjectedLake) and day in self.lake.basis.days

    def orders_in_force(self, day: date) -> list[OrderInForce]:
        """The scenarios whose cuts the emission of a day contains: none of a projected one, which rests on others."""
        return [] if self.is_projected(day) else list(self.in_force.orders.values())

    def reused_days(self) -> dict[date, ReusedDay]:
        """The days of which rows were taken from a stored scenario."""
        return {day: one.reused for day, one in self.cut_days.items() if one.reused}

    def pieces(self, day: date) -> Iterator[pa.Table]:
        """The rows of a day with a cut; after the last of them the day is among cut_days."""
        plan = plan_scenario_day(day, self.event, self.lake, in_force=self.orders_in_force(day))
        reused = None
        if self.is_projected(day):
            yield from cut_pieces(plan, run_ahead(self.lake.pieces(INVENTORY, day, COLUMNS)))
        elif not self.lake.files.is_local:
            with self.lake.comparing(self.lake.versions(INVENTORY, [day])):
                whole = plan.with_errors(self.correlations)
                yield from cut_pieces(whole, run_ahead(self.lake.pieces(INVENTORY, day, COLUMNS)))
        else:
            key = record_key(day, plan, self.parameters, self.in_force, self.correlations)
            records = CutRecords(self.lake, day, key)
            rows, reused = cut_day(plan.with_errors(self.correlations), day, self.lake, records)
            yield from rows
        account = account_day(plan, self.event.cuts)
        self.cut_days[day] = CutDay(plan.without_layout(), account, reused)
