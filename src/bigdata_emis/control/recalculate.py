"""The recalculation of an alert: from a level and a window to a published scenario, without an engine.

Belongs here: what is read, in which order it is computed, what is written. Does not: the arithmetic
(scenario/cut_hours, scenario/road_cuts). See docs/decisions/0002-recalculation.md.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis import reference
from bigdata_emis.codes import BaseSource, CutPart
from bigdata_emis.control.days.day_work import CutDay, DayWork
from bigdata_emis.control.days.unit_processes import run_units, usable_processes
from bigdata_emis.control.documents import MeasureWithoutEffect, RecalculationDocument
from bigdata_emis.control.inventory_versions import (
    EMISSIONS,
    INVENTORY,
    InventoryVersions,
    days_with_inventory,
    published_versions,
)
from bigdata_emis.control.moved.moved_emission import (
    HOURLY,
    NOTHING_IS_MOVED,
    SUMS,
    MovedEmission,
    describe_moved,
    moved_table,
)
from bigdata_emis.control.moved.moved_options import NOTHING_MOVED, MovedOptions
from bigdata_emis.control.moved.moving import NOT_MOVING, Moving, prepare_moving
from bigdata_emis.control.projection.projected_lake import ProjectedLake
from bigdata_emis.control.projection.projection_document import projection_error, projection_record
from bigdata_emis.control.results.accounting_table import LEVELS, build_accounting
from bigdata_emis.control.results.cut_intervals import CutSums, cut_bounds, cut_sums, cut_table
from bigdata_emis.control.results.order_ledger import describe_orders, order_table
from bigdata_emis.control.results.recalculation_result import RecalculationResult
from bigdata_emis.control.scenario.account import Account, account_day, account_table, sum_accounts
from bigdata_emis.control.scenario.cut_hours import cut_pieces
from bigdata_emis.control.scenario.day_plan import DayPlan, sum_obeyed, sum_totals
from bigdata_emis.control.scenario.ledger import NO_BASE_ERROR, build_ledger, name_base_source
from bigdata_emis.control.scenario.level_orders import LevelOrder, highest_level, join_orders
from bigdata_emis.control.scenario.measure_effect import (
    check_machine_industries,
    check_selected_lines,
    count_ungraded,
    list_without_effect,
    require_effect,
)
from bigdata_emis.control.scenario.measures import Measure, load_measures
from bigdata_emis.control.scenario.scenario_identity import scenario_id, scenario_parameters
from bigdata_emis.control.scenario_days import make_event, plan_scenario_day
from bigdata_emis.control.scenarios_in_force import add_called_days, called_level, measures_table, scenarios_in_force
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store, Version, open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window

WHOLE_TABLES = ("control_ledger", "control_measure", "control_account", "control_cut")
"""Tables of a scenario that lie in its first day; control_order where it changes, control_moved with options, too."""

LARGE_ROWS = 2_000_000
"""Rows of inventory from which on another process saves more time than it takes to start."""

ChooseVersions = Callable[[Store, Sequence[date]], InventoryVersions]
"""Which versions a recalculation reads: inventory_versions.published_versions or newest_versions, or
projection.recent_versions.published_or_projected_versions."""


@dataclass(kw_only=True)
class _ScenarioRun(DayWork):
    """One recalculation: the work of its days, and what is known once all of them are computed."""

    known_utc: datetime
    run_id: str
    before_writing: Callable[[], object]
    plans: dict[date, DayPlan] = field(default_factory=dict)
    account: Account = field(default_factory=dict)
    cut_sums: dict[CutPart, CutSums] = field(default_factory=dict)
    without_effect: list[MeasureWithoutEffect] = field(default_factory=list)
    moving: Moving = NOT_MOVING
    moved: MovedEmission = NOTHING_IS_MOVED

    def check_effect(self, computed: Mapping[date, CutDay]) -> None:
        """Called when all days are computed and before the first is added: a scenario that cuts nothing is refused."""
        self.cut_days = {day: computed[day] for day in sorted(computed)}
        self.plans = {day: one.plan for day, one in self.cut_days.items()}
        plans, cuts = list(self.plans.values()), self.event.cuts
        self.account = sum_accounts(one.account for one in self.cut_days.values())
        self.cut_sums = cut_sums(plans, cuts, self.account)
        self.without_effect = list_without_effect(plans, cuts, self.account, self.event.conditions())
        require_effect(self.without_effect, self.account, self.event.level)
        self.moved = self.moving.compute(self.event, self.lake, self.plans, self.orders_in_force)

    def run_units(self, units: Sequence[Callable[[], Any]], checks: Sequence[Callable[[], None]], folder: Path) -> Any:
        """Run the units of the days, in several processes where the inventory is large."""
        is_large = sum(version.rows for version in self.lake.inputs[INVENTORY].values()) >= LARGE_ROWS
        processes = usable_processes(len(units)) if is_large and self.lake.files.is_local else 1
        return run_units(units, checks, folder, alongside=self.before_writing, processes=processes)


def recalculate_region(
    *,
    region: Region,
    level: str,
    window: Window,
    measures_file: Path | None,
    name: str | None,
    known_utc: datetime,
    choose_versions: ChooseVersions = published_versions,
    with_accounting: bool = False,
    actor: str = "command",
    note: str = "",
    changes: Sequence[LevelOrder] = (),
    options: MovedOptions = NOTHING_MOVED,
) -> RecalculationDocument:
    """Recalculate in the lake of the region and record the scenario as a draft, with who asked for it and why."""
    run_id = f"{region.region_id}-recalc-{known_utc:%Y%m%dT%H%M%S}"
    result = recalculate(
        region=region,
        level=level,
        window=window,
        measures_file=measures_file,
        name=name,
        known_utc=known_utc,
        store=open_lake(region),
        run_id=run_id,
        choose_versions=choose_versions,
        before_writing=_prepare_registry,
        find_called_level=lambda: called_level(region, window),
        with_accounting=with_accounting,
        changes=changes,
        options=options,
    )
    from bigdata_emis.storage.scenario_record import record_draft

    is_new = record_draft(
        region_id=region.region_id,
        scenario_id=result.scenario_id,
        name=name,
        level=result.level,
        window=window,
        parameters=dict(result.parameters),
        run_id=run_id,
        known_utc=known_utc,
        is_draft_inventory=result.inventory.is_draft,
        actor=actor,
        note="; ".join(filter(None, (result.order_in_words, note))),
    )
    return {**add_called_days(result.document(), region), "is_new": is_new, "simulated": region.is_simulated}


def recalculate(
    *,
    region: Region,
    level: str,
    window: Window,
    measures_file: Path | None,
    name: str | None,
    known_utc: datetime,
    store: Store,
    run_id: str,
    choose_versions: ChooseVersions = published_versions,
    before_writing: Callable[[], object] = lambda: None,
    find_called_level: Callable[[], str | None] = lambda: None,
    with_accounting: bool = False,
    changes: Sequence[LevelOrder] = (),
    options: MovedOptions = NOTHING_MOVED,
) -> RecalculationResult:
    """Compute what the measures of a level cut in a window, by source and hour and as a ledger.

    The same inputs give the same scenario and the same bytes. Hours without a published inventory are omitted, and the
    scenario is then partial (`complete_share` below 1).

    choose_versions: newest_versions instead rests on what was computed, published or not.
    changes: of level or measures while the event lasts; the scenario then has the highest level, and a ledger by order.
    options: of emission that the orders move, to later hours or other links.
    with_accounting: compute the other levels too, without writing them, for the accounting table.
    before_writing: called in a thread while days are computed; what it raises stops before the lake is written.

    Raises:
        ChangedFileError: a file that the scenario rests on is not what was recorded.
        InputError: the level, the name or the list of measures is wrong, or a measure names an unknown line.
        RefusedError: no hour of the window has a published inventory, or a day has no control basis.
    """
    began = time.perf_counter()
    orders = [LevelOrder(window.from_utc, level, measures_file), *changes] if changes else []
    measures = join_orders(LevelOrder(window.from_utc, level), load_measures(region, measures_file), changes)
    level = highest_level(orders) if orders else level
    inventory = choose_versions(store, window.days(region.time_zone))
    days = days_with_inventory(region, window, inventory)
    in_force = scenarios_in_force(region, window, store)
    moving = prepare_moving(options, window, store, inventory, choose_versions)
    parameters = scenario_parameters(level, window, measures, inventory, in_force, orders, moving.parameters())
    lake = _scenario_lake(store, scenario_id(region, level, name, parameters), inventory)
    run = _ScenarioRun(
        event=make_event(region, window, level, measures, orders),
        in_force=in_force,
        lake=lake,
        correlations=ErrorCorrelations(reference.read("error_correlation", region.folder)),
        parameters=parameters,
        known_utc=known_utc,
        run_id=run_id,
        before_writing=before_writing,
        moving=moving,
    )
    _check_selectors(measures, run, days)
    versions, complete_share = _write_hours(days, run)
    ledger = _ledger(run, complete_share, find_called_level())
    versions += _write_tables(ledger, measures, run, complete_share)
    ordered = run.account if run.event.orders else None
    accounting = build_accounting(_accounts_by_level(run, days), region, ordered=ordered) if with_accounting else None
    result = _result(run, inventory, ledger, versions, complete_share)
    return replace(result, accounting=accounting, seconds=time.perf_counter() - began)


def _result(
    run: _ScenarioRun, inventory: InventoryVersions, ledger: pa.Table, versions: list[Version], complete_share: float
) -> RecalculationResult:
    event, lake, parameters, days, plans = run.event, run.lake, run.parameters, [*run.plans], [*run.plans.values()]
    return RecalculationResult(
        scenario_id=lake.scenario_id,
        run_id=run.run_id,
        region_id=event.region.region_id,
        time_zone=event.region.time_zone,
        level=event.level,
        window=event.window,
        ledger=ledger,
        orders=describe_orders(order_table(plans, event, lake.scenario_id, run.moved), parameters.get("orders", [])),
        versions=versions,
        files=_scenario_files(run, days),
        complete_share=complete_share,
        hours_present=sum(int(run.plans[day].totals.is_hour_present.sum()) for day in inventory.days),
        inventory=inventory,
        projection=projection_record(lake, event.window) if isinstance(lake, ProjectedLake) else None,
        parameters=parameters,
        without_effect=run.without_effect,
        ungraded=count_ungraded(plans),
        minor_road_fleet=plans[0].minor_road_class,
        reused=run.reused_days(),
        moved=describe_moved(moved_table(run.moved, lake.scenario_id, event.window.from_utc)),
        seconds=0.0,
    )


def _accounts_by_level(run: _ScenarioRun, days: Sequence[date]) -> dict[str, Account]:
    """The account at each level of the accounting table; only that of the scenario is in the lake."""
    own = {} if run.event.orders else {run.event.level: run.account}
    return {level: own[level] if level in own else _account_at(level, run, days) for level in LEVELS}


def _account_at(level: str, run: _ScenarioRun, days: Sequence[date]) -> Account:
    event, accounts = run.event.at_level(level), []
    for day in days:
        plan = plan_scenario_day(day, event, run.lake, in_force=run.orders_in_force(day))
        for _ in cut_pieces(plan, run.lake.pieces(INVENTORY, day, list(EMISSIONS))):
            pass
        accounts.append(account_day(plan, event.cuts))
    return sum_accounts(accounts)


def _write_tables(
    ledger: pa.Table, measures: Sequence[Measure], run: _ScenarioRun, complete_share: float
) -> list[Version]:
    """Write the tables of the whole window: ledger, measures as used, account."""
    scenario_id, from_utc = run.lake.scenario_id, run.event.window.from_utc
    frames = (
        ledger,
        measures_table(scenario_id, from_utc, measures),
        account_table(run.account, scenario_id, from_utc),
        cut_table(run.cut_sums, scenario_id, from_utc),
    )
    tables = dict(zip(WHOLE_TABLES, frames, strict=True))
    if run.event.orders:
        tables["control_order"] = order_table(list(run.plans.values()), run.event, scenario_id, run.moved)
    if run.moved.kinds:
        tables[SUMS] = moved_table(run.moved, scenario_id, from_utc)
    written = [_write_whole(table, frame, run, complete_share) for table, frame in tables.items()]
    written.append(_write_moved_hours(run))
    return [version for versions in written for version in versions]


def _write_moved_hours(run: _ScenarioRun) -> list[Version]:
    """Write the days to which emission is moved: of the scenario, and after it."""
    days = run.moved.days(run.event.region.time_zone)
    return run.lake.write(HOURLY, run.moved.hourly, days, known_utc=run.known_utc, run_id=run.run_id) if days else []


def _scenario_lake(store: Store, scenario_id: str, inventory: InventoryVersions) -> ScenarioStore:
    if inventory.projection is None:
        lake = ScenarioStore(store, scenario_id, inventory.by_table)
    else:
        lake = ProjectedLake(store, scenario_id, inventory, inventory.projection)
    lake.compares_late = True
    return lake


def _scenario_files(run: _ScenarioRun, days: Sequence[date]) -> list[str]:
    tables = (*WHOLE_TABLES, *(["control_order"] if run.event.orders else []), *([SUMS] if run.moved.kinds else []))
    whole = [path for table in tables for path in _stable_paths(run.lake, table, [_first_day(run)])]
    moved = _stable_paths(run.lake, HOURLY, run.moved.days(run.event.region.time_zone))
    return [*_stable_paths(run.lake, "control_hourly", days), *whole, *moved]


def _stable_paths(lake: ScenarioStore, table: str, days: Sequence[date]) -> list[str]:
    return [lake.files.address(lake.layout.stable_file(table, day)) for day in days]


def _check_selectors(measures: list[Measure], run: _ScenarioRun, days: Sequence[date]) -> None:
    check_machine_industries(measures, run.event.cuts)
    if any(measure.production_line_id for measure in measures):
        columns = ["source_id", "road_class_code", "sector_code", "industry_code", "grade_code"]
        sources = run.lake.read("control_source", days, columns=columns)
        check_selected_lines(measures, sources, f"region {run.lake.region_id}")


def _prepare_registry() -> None:
    """See that the lake belongs to the registry; its libraries take half a second to load."""
    import bigdata_emis.storage.scenario_record  # noqa: F401  used when the draft is recorded
    from bigdata_emis.storage.registries.registry_identity import prepare_registry

    prepare_registry()


def _write_hours(days: Sequence[date], run: _ScenarioRun) -> tuple[list[Version], float]:
    """Cut and write each day; also the share of the window that has an inventory."""
    if isinstance(run.lake, ProjectedLake):
        run.lake.add_recent_days()
    shares = {day: _complete_share(run.lake, day) for day in days}
    versions = run.lake.write_pieces(
        "control_hourly",
        {day: partial(run.pieces, day) for day in days},
        known_utc=run.known_utc,
        run_id=run.run_id,
        complete_shares=shares,
        result_of=lambda day: run.cut_days[day],
        before_adding=run.check_effect,
        run_units=run.run_units,
        own_checks=run.inventory_checks(days),
    )
    present_h = sum(float(run.plans[day].totals.is_hour_present.sum()) * shares[day] for day in days)
    return versions, present_h / run.event.window.hours


def _ledger(run: _ScenarioRun, complete_share: float, called_level: str | None) -> pa.Table:
    return build_ledger(
        sum_totals([*run.plans.values()]),
        obeyed_g=sum_obeyed([*run.plans.values()]),
        region=run.event.region,
        scenario_id=run.lake.scenario_id,
        level=run.event.level,
        window=run.event.window,
        complete_share=complete_share,
        base_source=_base_source(run),
        called_level=called_level,
        base_error=projection_error(run.lake, run.event.window)
        if isinstance(run.lake, ProjectedLake)
        else NO_BASE_ERROR,
        cut_bounds=cut_bounds(run.cut_sums),
        added_g=run.moved.added_in(run.event.window.from_utc, run.event.window.to_utc),
        is_changed=bool(run.event.orders),
    )


def _base_source(run: _ScenarioRun) -> BaseSource:
    """What the emission without measures rests on."""
    projected = set(run.lake.basis.days) if isinstance(run.lake, ProjectedLake) else set()
    if run.plans.keys() == projected:
        return BaseSource.PROJECTED
    if run.in_force.without_measures:
        return BaseSource.MEASURES_UNKNOWN
    if projected:
        return BaseSource.PROJECTED_IN_PART
    return name_base_source([plan for plan in run.plans.values() if plan.in_force])


def _write_whole(table: str, frame: pa.Table, run: _ScenarioRun, complete_share: float) -> list[Version]:
    first = _first_day(run)
    return run.lake.write(
        table, frame, [first], known_utc=run.known_utc, run_id=run.run_id, complete_shares={first: complete_share}
    )


def _first_day(run: _ScenarioRun) -> date:
    return run.event.window.days(run.event.region.time_zone)[0]


def _complete_share(lake: ScenarioStore, day: date) -> float:
    """The completeness that the inventory of the day states; an inventory that states none counts as complete."""
    versions = lake.versions(INVENTORY, [day])
    return 1.0 if not versions or versions[-1].complete_share is None else versions[-1].complete_share
