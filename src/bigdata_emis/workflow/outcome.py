"""The outcome of a scenario: emission without control, compliance, achieved cut and cases, in one run.

Belongs here: which stages run over which versions and what they amount to. Does not: the stages (control), the wording
of the lists (cli/outcome).
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NotRequired, TypedDict

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import reference
from bigdata_emis.codes import CaseStatus, Compliance, Sector
from bigdata_emis.control.inventory_versions import INVENTORY, newest_versions, published_versions
from bigdata_emis.control.outcome.cases import CaseFinding, find_cases
from bigdata_emis.control.outcome.supervision_rules import SupervisionRules
from bigdata_emis.errors import RefusedError
from bigdata_emis.flow import stage as find_stage
from bigdata_emis.publish.scenarios.hours_in_force import Row, was_approved, window_in_force
from bigdata_emis.publish.scenarios.recorded_files import restore_stable_files
from bigdata_emis.publish.scenarios.scenario_rows import find_scenario
from bigdata_emis.region import Region
from bigdata_emis.run.receipt import Receipt
from bigdata_emis.run.stage import context_for, run_stage
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.schema.row_times import select_between
from bigdata_emis.storage import database
from bigdata_emis.storage.checksums import OUTCOME_TABLES
from bigdata_emis.storage.lake import Store, Version, open_lake
from bigdata_emis.storage.registries.case_record import read_cases, record_cases
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window, day_window

STAGES = ("expect_without_control", "judge_compliance", "achieve_cut")
CASE_HASH_LENGTH = 8


class AchievedRow(TypedDict):
    """What was achieved of one pollutant over the whole window, by all sectors; shares are of the emission without.

    unseen_kg: of planned_kg, what no reading shows.
    """

    pollutant: str
    without_control_kg: float
    observed_kg: float
    planned_kg: float
    unseen_kg: float
    achieved_kg: float
    achieved_kg_p05: float
    achieved_kg_p95: float
    achieved_share: float | None
    achieved_share_p05: float | None
    achieved_share_p95: float | None
    execution_share: float | None


class OutcomeDocument(TypedDict):
    """The document of `emis outcome`.

    from_utc, to_utc: the hours judged, of which `hours` have an inventory; order_from_utc, order_to_utc: those of the
    order, which may end later. line_hours: hours of lines by compliance code; unknown is neither obeyed nor a breach.
    cases: opened or updated. is_draft: nobody approved the scenario, so no case was opened.
    """

    scenario: str
    region: str
    simulated: bool
    run: str
    from_utc: str
    to_utc: str
    hours: int
    order_from_utc: str
    order_to_utc: str
    is_draft: bool
    achieved: list[AchievedRow]
    line_hours: dict[str, int]
    cases: int
    receipts: list[dict[str, Any]]
    files: NotRequired[list[str]]


def judge_outcome(
    region: Region, scenario_id: str, *, known_utc: datetime, with_draft: bool = False
) -> OutcomeDocument:
    """Run the stages of an outcome over the hours in which a scenario was in force until now, and open its cases.

    The inventory of these hours is what was published; profiles are fitted on what was computed before.
    Cases of orders that ended since they were judged keep the hours in which these were in force.

    with_draft: judge a scenario that nobody approved over its whole window; no case is opened then.

    Raises:
        InputError: there is no such scenario.
        RefusedError: it is a draft, none of its hours has ended, or no day of it has a published inventory.
        ChangedFileError: a file of the scenario or of its inventory is not what was recorded.
    """
    prepare_registry()
    row = find_scenario(region, scenario_id)
    ordered, window = _windows(row, known_utc, with_draft=with_draft)
    days = window.days(region.time_zone)
    restore_stable_files(region, row)
    lake = open_lake(region)
    store = ScenarioStore(lake, scenario_id, {INVENTORY: _inventory(lake, region, days)})
    run_id = f"{region.region_id}-outcome-{known_utc:%Y%m%dT%H%M%S}"
    context = context_for(region, window, known_utc, run_id, store=store)
    receipts = [run_stage(name, context) for name in STAGES]
    compliance = _judged_rows(store, "compliance_hourly", region, window)
    achieved = store.read("achieved_cut", days)
    is_draft = not was_approved(row)
    cases = [] if is_draft else _record_findings(store, region, window, run_id=run_id, known_utc=known_utc)
    if not is_draft:
        _trim_cases_of_ended_orders(region, run_id=run_id, known_utc=known_utc)
    return {
        "scenario": scenario_id,
        "region": region.region_id,
        "simulated": region.is_simulated,
        "run": run_id,
        "from_utc": window.from_utc.isoformat(),
        "to_utc": window.to_utc.isoformat(),
        "hours": _hours_judged(achieved, window),
        "order_from_utc": ordered.from_utc.isoformat(),
        "order_to_utc": ordered.to_utc.isoformat(),
        "is_draft": is_draft,
        "achieved": _achieved(achieved, window),
        "line_hours": _line_hours(compliance),
        "cases": len(cases),
        "receipts": [_describe(receipt) for receipt in receipts],
        "files": _outcome_files(store, days),
    }


def _judged_rows(store: ScenarioStore, table: str, region: Region, window: Window) -> pa.Table:
    """What an outcome wrote of the hours of a window."""
    rows = store.read(table, window.days(region.time_zone))
    return select_between(rows, "hour_utc", window.from_utc, window.to_utc)


def _record_findings(
    store: ScenarioStore, region: Region, window: Window, *, run_id: str, known_utc: datetime
) -> list[dict[str, Any]]:
    """Open and update the cases of a scenario from what its outcome says of the hours of a window."""
    compliance = _judged_rows(store, "compliance_hourly", region, window)
    excess = _judged_rows(store, "excess_hourly", region, window)
    rules = SupervisionRules.read(reference.read("supervision_rule", region.folder))
    hours = store.read(INVENTORY, window.days(region.time_zone), columns=["hour_utc"])["hour_utc"]
    inventory_hours = set(pc.unique(hours).to_pylist())
    findings = find_cases(compliance, excess, region.time_zone, rules, inventory_hours=inventory_hours)
    cases = [_case_row(finding, store.scenario_id, run_id, known_utc) for finding in findings]
    record_cases(region.region_id, cases, store.scenario_id)
    return cases


def _trim_cases_of_ended_orders(region: Region, *, run_id: str, known_utc: datetime) -> None:
    """Bring cases that go on after the end of their order to the hours in which it was in force.

    Another order replaced it, or it was lifted, after it was judged; what follows is a case of the next order, if any.
    """
    held = {
        row["scenario_id"]: window
        for row in database.read("scenario", region.region_id).to_pylist()
        if (window := window_in_force(row)) is not None
    }
    straddling = {
        case["scenario_id"]
        for case in read_cases(region.region_id)
        if case["case_status_code"] in (CaseStatus.OPEN, CaseStatus.CHECKED)
        and (window := held.get(case["scenario_id"])) is not None
        and window.to_utc < case["to_utc"]
        and case["from_utc"] < window.to_utc
    }
    lake = open_lake(region)
    for scenario_id in sorted(straddling):
        window = held[scenario_id]
        published = published_versions(lake, window.days(region.time_zone)).by_table[INVENTORY]
        store = ScenarioStore(lake, scenario_id, {INVENTORY: published})
        _record_findings(store, region, window, run_id=run_id, known_utc=known_utc)


def _outcome_files(store: ScenarioStore, days: Sequence[date]) -> list[str]:
    return [
        store.files.address(store.layout.stable_file(table, day))
        for table in OUTCOME_TABLES
        for day in store.days(table)
        if day in days
    ]


def _in_no_hour(row: Row) -> RefusedError:
    what = f"scenario '{row['scenario_id']}' is in force in no hour"
    if was_approved(row):
        what += f": it is {row['status']}, and other orders or none hold in its hours"
        return RefusedError(
            what, "see emis scenario list, and judge the one in force, or recalculate it under another name"
        )
    return RefusedError(
        f"{what}: it ordered nothing", "approve it with emis approve, or see what a draft says with --draft"
    )


def _windows(row: Row, known_utc: datetime, *, with_draft: bool) -> tuple[Window, Window]:
    """The hours in force, and those of them that have ended; of a draft, if asked for, its own window."""
    held = window_in_force(row)
    if held is None and not (with_draft and not was_approved(row)):
        raise _in_no_hour(row)
    planned = held or Window(row["from_utc"], row["to_utc"])
    end = min(planned.to_utc, known_utc.replace(minute=0, second=0, microsecond=0))
    if end <= planned.from_utc:
        raise RefusedError(
            f"scenario '{row['scenario_id']}' begins at {planned.from_utc.isoformat()}: no hour of it has ended",
            "judge it later",
        )
    return planned, Window(planned.from_utc, end)


def _inventory(lake: Store, region: Region, days: Sequence[date]) -> dict[str, Version]:
    """Published versions of the days that are judged, and the newest ones of the days before them."""
    published = published_versions(lake, days).by_table[INVENTORY]
    if not published:
        raise RefusedError(
            f"none of the days {days[0]} to {days[-1]} has a published inventory in {region.region_id}",
            f"run emis day --region {region.region_id} --date {days[0]}",
        )
    reach = day_window(days[0], region.time_zone).widened(
        days_before=find_stage(STAGES[0]).lookback_days, time_zone=region.time_zone
    )
    before = [day for day in reach.days(region.time_zone) if day < days[0]]
    return {**newest_versions(lake, before).by_table[INVENTORY], **published}


def _case_row(finding: CaseFinding, scenario_id: str, run_id: str, known_utc: datetime) -> dict[str, Any]:
    text = f"{scenario_id}/{finding.source_id}"
    return {
        "case_id": f"{finding.source_id}-{hashlib.sha256(text.encode()).hexdigest()[:CASE_HASH_LENGTH]}",
        "scenario_id": scenario_id,
        "source_id": finding.source_id,
        "breach_kind_code": finding.breach_kind.value,
        "from_utc": finding.from_utc,
        "to_utc": finding.to_utc,
        "breach_probability_share": finding.probability,
        "excess_emission_g": finding.total_excess_g,
        "evidence_json": finding.evidence_json(),
        "case_status_code": CaseStatus.OPEN.value,
        "run_id": run_id,
        "known_utc": known_utc,
    }


def _hours_judged(achieved_cut: pa.Table, window: Window) -> int:
    """The hours of the window that are in the sums of its outcome."""
    rows = _whole_rows(achieved_cut, window)
    return max((row["judged_hour_count"] or 0 for row in rows), default=0)


def _achieved(achieved_cut: pa.Table, window: Window) -> list[AchievedRow]:
    """The rows of the whole window, or of its only day."""
    return [
        {
            "pollutant": row["pollutant_code"],
            "without_control_kg": row["counterfactual_emission_g"] / G_PER_KG,
            "observed_kg": row["emission_g"] / G_PER_KG,
            "planned_kg": row["cut_emission_g"] / G_PER_KG,
            "unseen_kg": row["unseen_cut_emission_g"] / G_PER_KG,
            "achieved_kg": row["achieved_emission_g"] / G_PER_KG,
            "achieved_kg_p05": row["achieved_emission_g_p05"] / G_PER_KG,
            "achieved_kg_p95": row["achieved_emission_g_p95"] / G_PER_KG,
            "achieved_share": row["achieved_share"],
            "achieved_share_p05": row["achieved_share_p05"],
            "achieved_share_p95": row["achieved_share_p95"],
            "execution_share": row["execution_share"],
        }
        for row in _whole_rows(achieved_cut, window)
    ]


def _whole_rows(achieved_cut: pa.Table, window: Window) -> list[Row]:
    """The rows of all sectors over the whole window, in order of pollutant."""
    return [
        row
        for row in achieved_cut.sort_by("pollutant_code").to_pylist()
        if row["sector_code"] == Sector.ALL and (row["from_utc"], row["to_utc"]) == (window.from_utc, window.to_utc)
    ]


def _line_hours(compliance_hourly: pa.Table) -> dict[str, int]:
    counts = Counter(compliance_hourly["compliance_code"].to_pylist())
    return {code.value: counts.get(code.value, 0) for code in Compliance}


def _describe(receipt: Receipt) -> dict[str, Any]:
    return {"stage": receipt.stage, "rows_in": receipt.rows_in, "rows_out": receipt.rows_out}
