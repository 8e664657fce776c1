"""The numbers of a daily control brief (应急管控日报): alerts, scenario, cuts, completeness, cases.

Belongs here: what is read, and sums. Does not: wording (brief_sheet), the orders (order_list).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region
from bigdata_emis.report.brief.level_orders_section import order_and_pollutant
from bigdata_emis.report.brief.order_list import LineOrder, list_orders
from bigdata_emis.report.brief.planned_hours import PlannedHours, plan_of_hours
from bigdata_emis.report.coverage.feed_gaps import FeedGap, feed_gaps
from bigdata_emis.report.coverage.inventory_coverage import COVERAGE_COLUMNS, InventoryCoverage, measure_coverage
from bigdata_emis.report.coverage.scenario_coverage import scenario_notices
from bigdata_emis.report.coverage.unverified_notices import unverified_of_day
from bigdata_emis.report.names.county_names import county_names
from bigdata_emis.report.names.source_names import source_names
from bigdata_emis.report.sheet.report_sheet import Words
from bigdata_emis.schema.row_times import select_between
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.registries.alert_record import StandingAlert, fold_alerts, read_alert_events
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window, day_window

Row = dict[str, Any]
NO_COUNTY = ""


@dataclass(frozen=True)
class BriefData:
    """All that a brief shows of a day.

    by_sector, by_county: planned cut of the hours in force, in gram by code and pollutant.
    planned: the hours in force by pollutant, on the base that is known now; None without a scenario.
    ledger: of the whole scenario as approved. coverage: which hours of the day have an inventory.
    completeness: share of expected rows by feed. cases: the largest excess first; None: no outcome was judged.
    county_names: by code, where the region has outlines. source_names: by line or area.
    level_orders: rows of control_order of a scenario whose level changes, first to last; empty when it does not change.
    has_inventory: whether the hours in force have an inventory, or are projected; else cuts and orders are unknown.
    feed_gaps: feeds that brought nothing in hours of the day, by its manifest. ledger_notices: what the ledger lacks.
    doubts: what of the day rests on factors that nobody verified.
    """

    region: Region
    day: date
    alerts: list[StandingAlert]
    scenario: Row | None
    hours: int
    by_sector: dict[str, dict[str, float]]
    by_county: dict[str, dict[str, float]]
    ledger: list[Row]
    completeness: dict[str, float | None]
    cases: list[Row] | None
    orders: list[LineOrder]
    coverage: InventoryCoverage
    county_names: dict[str, Words] = field(default_factory=dict)
    source_names: dict[str, Words] = field(default_factory=dict)
    level_orders: list[Row] = field(default_factory=list)
    has_inventory: bool = True
    is_projected: bool = False
    feed_gaps: list[FeedGap] = field(default_factory=list)
    doubts: list[Words] = field(default_factory=list)
    ledger_notices: list[Words] = field(default_factory=list)
    planned: PlannedHours | None = None

    @property
    def hours_in_force(self) -> Window | None:
        """The hours of the day in which the scenario is in force; None without one."""
        return hours_of(self.scenario, self.coverage.window) if self.scenario else None

    @property
    def planned_window(self) -> Window | None:
        """The hours for which the scenario was planned; None without one."""
        return Window(self.scenario["from_utc"], self.scenario["to_utc"]) if self.scenario else None


@dataclass(frozen=True)
class DayInventory:
    """What a scenario rests on on a day: emission_hourly, and the traits of sources (control_source)."""

    emission: pa.Table
    sources: pa.Table


ProjectDay = Callable[[Row, date], DayInventory | None]
"""The inventory that a scenario projected for a day without one; None where it projected none, or it is gone."""


def gather_brief(
    region: Region,
    day: date,
    lake: Store,
    *,
    scenario_id: str = "",
    project_day: ProjectDay = lambda scenario, day: None,
) -> BriefData:
    """The brief of a local day.

    scenario_id: the scenario to show; by default the one with the most hours in force on the day. project_day: asked
    where the hours in force have no inventory.

    Raises InputError when there is no such scenario, or it was in force in no hour of the day.
    """
    whole = day_window(day, region.time_zone)
    scenario = _scenario(region, whole, scenario_id)
    alerts = [
        alert
        for alert in fold_alerts(read_alert_events(region.region_id))
        if alert.from_utc < whole.to_utc and (alert.to_utc is None or alert.to_utc > whole.from_utc)
    ]
    emission = lake.read("emission_hourly", [day], columns=list(COVERAGE_COLUMNS))
    empty = BriefData(
        region=region,
        day=day,
        alerts=alerts,
        scenario=None,
        hours=0,
        by_sector={},
        by_county={},
        ledger=[],
        completeness=_completeness(region, day, lake),
        cases=None,
        orders=[],
        coverage=measure_coverage(emission, whole),
        county_names=county_names(region),
        source_names=source_names(region) if database.can_be_read() else {},
        feed_gaps=feed_gaps(lake, day),
        doubts=unverified_of_day(lake, day, shown=list(schema.codes()["pollutant"])),
    )
    if scenario is None:
        return empty
    sources = lake.read("control_source", [day], columns=["source_id", "sector_code", "county_id"])
    hours = hours_of(scenario, whole)
    found = DayInventory(select_between(emission, "hour_utc", hours.from_utc, hours.to_utc), sources)
    if found.emission.num_rows:
        return _with_scenario(empty, scenario, lake, found)
    projected = project_day(scenario, day)
    if projected is None:
        return _with_scenario(empty, scenario, lake, found)
    return replace(_with_scenario(empty, scenario, lake, projected), is_projected=True)


def _with_scenario(brief: BriefData, scenario: Row, lake: Store, inventory: DayInventory) -> BriefData:
    hours = hours_of(scenario, brief.coverage.window)
    store, sources = ScenarioStore(lake, scenario["scenario_id"]), inventory.sources
    tables = (store.read(name, [brief.day]) for name in ("control_hourly", "counterfactual_hourly"))
    cuts, expected, emission = (
        select_between(rows, "hour_utc", hours.from_utc, hours.to_utc) for rows in (*tables, inventory.emission)
    )
    planned = plan_of_hours(cuts, emission, expected)
    first = Window(scenario["from_utc"], scenario["to_utc"]).days(brief.region.time_zone)[0]
    region_id, ledger = brief.region.region_id, store.read("control_ledger", [first]).to_pylist()
    return replace(
        brief,
        scenario=scenario,
        hours=hours.hours,
        planned=planned,
        by_sector=_sums(planned.cuts, sources, "sector_code"),
        by_county=_sums(planned.cuts, sources, "county_id"),
        ledger=ledger,
        ledger_notices=scenario_notices(scenario, ledger, lake),
        cases=_cases(brief.region, store, scenario, hours),
        orders=list_orders(
            planned.cuts,
            emission,
            database.read("production_line", region_id).to_pylist(),
            database.read("enterprise", region_id).to_pylist(),
        ),
        level_orders=sorted(store.read("control_order", [first]).to_pylist(), key=order_and_pollutant),
        has_inventory=emission.num_rows > 0,
    )


def _scenario(region: Region, whole: Window, scenario_id: str) -> Row | None:
    rows: list[Row] = database.read("scenario", region.region_id).to_pylist() if database.can_be_read() else []
    held = [row for row in rows if row["in_force_from_utc"] and _has_hours(row, whole)]
    if not scenario_id:
        return max(held, key=lambda row: (hours_of(row, whole).hours, row["scenario_id"]), default=None)
    named = [row for row in held if row["scenario_id"] == scenario_id]
    if not named:
        raise InputError(
            f"scenario '{shorten(scenario_id)}' is in force in no hour of the day", "see emis scenario list"
        )
    return named[0]


def _has_hours(row: Row, whole: Window) -> bool:
    start, end = row["in_force_from_utc"], row["in_force_to_utc"]
    return bool(max(start, whole.from_utc) < min(end, whole.to_utc))


def hours_of(row: Row, whole: Window) -> Window:
    """The hours of the day in which the scenario is in force."""
    return Window(max(row["in_force_from_utc"], whole.from_utc), min(row["in_force_to_utc"], whole.to_utc))


def _sums(cuts: pa.Table, sources: pa.Table, name: str) -> dict[str, dict[str, float]]:
    """Planned cut by a column of the sources and by pollutant, in gram; many rows of cuts have one source."""
    of_source = dict(zip(sources["source_id"].to_pylist(), sources[name].to_pylist(), strict=True))
    totals = cuts.group_by(["source_id", "pollutant_code"]).aggregate([("cut_emission_g", "sum")])
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in totals.to_pylist():
        sums[of_source.get(row["source_id"]) or NO_COUNTY][row["pollutant_code"]] += row["cut_emission_g_sum"]
    return {key: dict(sums[key]) for key in sorted(sums)}


def _completeness(region: Region, day: date, lake: Store) -> dict[str, float | None]:
    """The share of expected rows of each feed; a feed that brought nothing has 0, one without expectation none."""
    tables = [(feed, f"{feed}_hourly") for feed in sorted(region.feeds) if f"{feed}_hourly" in schema.tables()]
    newest = {feed: lake.versions(table, [day])[-1:] for feed, table in tables}
    return {feed: versions[0].complete_share if versions else 0.0 for feed, versions in newest.items()}


def _cases(region: Region, store: ScenarioStore, scenario: Row, hours: Window) -> list[Row] | None:
    if not store.versions("compliance_hourly", hours.days(region.time_zone)):
        return None
    rows: list[Row] = database.read("compliance_case", region.region_id).to_pylist()
    own = [
        row
        for row in rows
        if row["scenario_id"] == scenario["scenario_id"]
        and row["from_utc"] < hours.to_utc
        and row["to_utc"] > hours.from_utc
    ]
    return sorted(own, key=lambda row: (-(row["excess_emission_g"] or 0.0), row["case_id"]))
