"""The numbers of a review, read from the registry and the lake of a region.

Belongs here: what is read, and what cannot be known and why. Does not: sums (measure_effects), wording (review_sheet).
"""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from bigdata_emis.codes import Cause
from bigdata_emis.reference.aqi import standard_on
from bigdata_emis.region import Region
from bigdata_emis.report.brief.level_orders_section import order_and_pollutant
from bigdata_emis.report.coverage.scenario_coverage import scenario_notices
from bigdata_emis.report.names.county_names import county_names
from bigdata_emis.report.names.measure_names import measure_names
from bigdata_emis.report.names.source_names import source_names
from bigdata_emis.report.review.alert_timeline import LeadTimes, TimelineEntry, build_timeline, measure_lead_times
from bigdata_emis.report.review.earlier_orders import EarlierOrder, earlier_order, line_hours, without_later_hours
from bigdata_emis.report.review.event_levels import LevelHours, event_levels
from bigdata_emis.report.review.measure_effects import JudgedHours, judged_hours, measure_effects, total_effects
from bigdata_emis.report.review.measured_air import AirComparison, compare_with_forecast, find_cause, measured_means
from bigdata_emis.report.review.review_subject import ReviewSubject, Row
from bigdata_emis.report.sheet.report_sheet import Words
from bigdata_emis.schema import table as declared_table
from bigdata_emis.schema.arrow import empty
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.registries.case_record import has_hours_in_force
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window

TABLES = ("control_ledger", "control_account", "control_order", "control_measure", "achieved_cut", "compliance_hourly")
AIR_COLUMNS = ("pollutant_code", "hour_utc", "concentration_ug_per_m3")
FORECAST_COLUMNS = ("issued_utc", *AIR_COLUMNS, "flag_codes")


@dataclass(frozen=True)
class ReviewData:
    """All that a review shows.

    effects: table measure_effect. totals: by pollutant. judged: the hours of the outcome, which may be fewer than those
    of the plan; None without one. line_hours: by compliance code, of these hours; empty when not judged.
    cases: rows of compliance_case, the largest excess first. levels: with the hours of each. orders: rows of
    control_order of a scenario whose level changes. ledger_notices: what its ledger lacks. names: of lines and areas.
    earlier: the orders of the alert before that of its scenario, in order of time.
    """

    region: Region
    subject: ReviewSubject
    cause: Cause
    timeline: list[TimelineEntry]
    lead_times: LeadTimes
    effects: pa.Table
    totals: list[Row]
    judged: JudgedHours | None
    line_hours: dict[str, int]
    cases: list[Row]
    air: list[AirComparison]
    levels: list[LevelHours]
    orders: list[Row] = field(default_factory=list)
    ledger_notices: list[Words] = field(default_factory=list)
    names: dict[str, Words] = field(default_factory=dict)
    measure_names: dict[str, Words] = field(default_factory=dict)
    place_names: dict[str, Words] = field(default_factory=dict)
    earlier: list[EarlierOrder] = field(default_factory=list)

    @property
    def planned_window(self) -> Window | None:
        """The hours for which the scenario was planned, whatever became of it; None without a scenario."""
        row = self.subject.scenario
        return Window(row["from_utc"], row["to_utc"]) if row else None

    @property
    def scenario_window(self) -> Window | None:
        """The hours in which the scenario was in force; None without a scenario, or with one that never was."""
        row = self.subject.scenario
        if row is None or not row["in_force_from_utc"] or row["in_force_to_utc"] <= row["in_force_from_utc"]:
            return None
        return Window(row["in_force_from_utc"], row["in_force_to_utc"])


def gather_review(region: Region, subject: ReviewSubject, lake: Store) -> ReviewData:
    """Read everything that a review shows. Nothing is computed that is not in the lake already."""
    window, days = subject.window, subject.window.days(region.time_zone)
    proposals = [row for row in _registry("alert", region)]
    means = measured_means(lake.read("air_quality_hourly", days, columns=list(AIR_COLUMNS)), window)
    cause = find_cause(means, standard_on(days[0], region_folder=region.folder))
    air = compare_with_forecast(means, lake.read("air_quality_forecast", days, columns=list(FORECAST_COLUMNS)), window)
    tables = _scenario_tables(region, subject.scenario, lake)
    level = str(subject.scenario["alert_level_code"]) if subject.scenario else subject.level
    ledger, achieved = tables["control_ledger"], tables["achieved_cut"]
    orders = sorted(tables["control_order"].to_pylist(), key=order_and_pollutant)
    levels, sources = event_levels(subject, orders), source_names(region) if database.can_be_read() else {}
    scenario_window = _planned_window(subject)
    return ReviewData(
        region=region,
        subject=subject,
        cause=cause,
        timeline=build_timeline(subject, proposals, levels, region.time_zone),
        lead_times=measure_lead_times(subject, proposals),
        effects=measure_effects(
            tables["control_account"], achieved, ledger, cause=cause, level=level, window=scenario_window
        ),
        totals=total_effects(ledger, achieved),
        judged=judged_hours(achieved),
        line_hours=line_hours(tables["compliance_hourly"]),
        cases=_cases(region, subject),
        air=air,
        levels=levels,
        orders=orders,
        ledger_notices=scenario_notices(subject.scenario, ledger.to_pylist(), lake) if subject.scenario else [],
        names=sources,
        measure_names=measure_names(tables["control_measure"].to_pylist(), sources),
        place_names=county_names(region),
        earlier=[
            earlier_order(row, _scenario_tables(region, row, lake), lake, cause=cause, time_zone=region.time_zone)
            for row in subject.earlier
        ],
    )


def _planned_window(subject: ReviewSubject) -> Window:
    row = subject.scenario
    return Window(row["from_utc"], row["to_utc"]) if row else subject.window


def _scenario_tables(region: Region, scenario: Row | None, lake: Store) -> dict[str, pa.Table]:
    """The tables of a scenario over its days, without hours in which it is in force no more; empty ones without one."""
    if scenario is None:
        return {name: empty(declared_table(name)) for name in TABLES}
    store = ScenarioStore(lake, scenario["scenario_id"])
    days = Window(scenario["from_utc"], scenario["to_utc"]).days(region.time_zone)
    return without_later_hours({name: store.read(name, days) for name in TABLES}, scenario)


def _cases(region: Region, subject: ReviewSubject) -> list[Row]:
    if subject.scenario is None:
        return []
    scenarios = {row["scenario_id"]: row for row in subject.scenarios}
    rows = [
        row
        for row in _registry("compliance_case", region)
        if row["scenario_id"] in scenarios and has_hours_in_force(row, scenarios[row["scenario_id"]])
    ]
    return sorted(rows, key=lambda row: (-(row["excess_emission_g"] or 0.0), row["case_id"]))


def _registry(table_name: str, region: Region) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = database.read(table_name, region.region_id).to_pylist()
    return rows
