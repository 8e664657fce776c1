"""The work of one day of a recalculation: its plan, its rows and its account.

Belongs here: how a day of the inventory, and a projected one, is cut. Does not: what is written (recalculate).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from mmap import mmap

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
from bigdata_emis.storage.lake import Version
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
    _unread: mmap = field(init=False)
    """One byte a day, which copies of this process share: whether its inventory need not be read."""

    def __post_init__(self) -> None:
        self._unread = mmap(-1, len(self._days))

    def is_projected(self, day: date) -> bool:
        """Whether a day is projected from recent days."""
        return isinstance(self.lake, ProjectedLake) and day in self.lake.basis.days

    def orders_in_force(self, day: date) -> list[OrderInForce]:
        """The scenarios whose cuts the emission of a day contains: none of a projected one, which rests on others."""
        return [] if self.is_projected(day) else list(self.in_force.orders.values())

    def inventory_checks(self, days: Iterable[date]) -> dict[Version, Callable[[], None]]:
        """The comparison of the inventory of each day that is not projected with its checksum.

        Left out where all of a day was known to come from a stored scenario by the time of the comparison.
        """
        read = [day for day in days if not self.is_projected(day)]
        return {
            version: partial(self._compare, day, version)
            for day in read
            for version in self.lake.versions(INVENTORY, [day])
        }

    def _compare(self, day: date, version: Version) -> None:
        if not self._unread[self._place(day)]:
            self.lake.verify(version)

    def _place(self, day: date) -> int:
        return (day - self._days[0]).days

    @property
    def _days(self) -> list[date]:
        return self.event.window.days(self.event.region.time_zone)

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
            whole = plan.with_errors(self.correlations)
            yield from cut_pieces(whole, run_ahead(self.lake.pieces(INVENTORY, day, COLUMNS)))
        else:
            key = record_key(day, plan, self.parameters, self.in_force, self.correlations)
            records = CutRecords(self.lake, day, key)
            rows, reused = cut_day(plan.with_errors(self.correlations), day, self.lake, records)
            self._unread[self._place(day)] = reused is not None and reused.is_whole
            yield from rows
        account = account_day(plan, self.event.cuts)
        self.cut_days[day] = CutDay(plan.without_layout(), account, reused)
