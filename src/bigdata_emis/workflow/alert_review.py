"""The review of an alert that is over, and the summary over all reviewed alerts: gathered, written, published.

Belongs here: the order of the steps, and that a review never undoes what it follows. Does not: numbers or wording
(report/review), the outcome (workflow.outcome).
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.codes import AlertEvent
from bigdata_emis.errors import EmisError
from bigdata_emis.publish.scenarios.hours_in_force import window_in_force
from bigdata_emis.region import Region
from bigdata_emis.report.names.measure_names import measure_names
from bigdata_emis.report.names.source_names import source_names
from bigdata_emis.report.review.control_framework import framework_rows, rules_to_change
from bigdata_emis.report.review.framework_sheet import framework_sheet
from bigdata_emis.report.review.review_data import ReviewData, gather_review
from bigdata_emis.report.review.review_document import review_document
from bigdata_emis.report.review.review_sheet import review_sheet
from bigdata_emis.report.review.review_subject import find_subject, is_in_force_in
from bigdata_emis.report.sheet.report_sheet import Words
from bigdata_emis.report.sheet.sheet_files import write_sheet
from bigdata_emis.run.run_record import one_line
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.storage.registries.alert_record import fold_alerts, read_alert_events
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window
from bigdata_emis.workflow.outcome import judge_outcome

EFFECTS = "measure_effect"
LEDGERS = ("control_ledger", "control_order")
FRAMEWORK = "framework/control_framework"
LEDGER_COLUMNS = (
    "scenario_id",
    "pollutant_code",
    "alert_level_code",
    "cut_share",
    "net_cut_share",
    "target_share",
    "is_met",
)


def write_review(region: Region, *, known_utc: datetime, alert_id: str = "", scenario_id: str = "") -> dict[str, Any]:
    """Write the review of an alert or a scenario, add it to the control framework, and publish both.

    A review that is written again replaces the one before; nothing else of the alert changes.

    Raises:
        InputError: neither or both names are given, or there is no such alert or scenario.
        RefusedError: it is still in force, or was never.
    """
    prepare_registry()
    subject = find_subject(region, known_utc=known_utc, alert_id=alert_id, scenario_id=scenario_id)
    lake = open_lake(region)
    review = gather_review(region, subject, lake)
    _add_effects(region, lake, review, known_utc)
    effects = _all_effects(region, lake)
    events = _events(region, effects)
    changes = rules_to_change(effects, _ledger_rows(lake, effects), events)
    paths = write_sheet(
        lake, f"review/{subject.name}", review_sheet(review, changes, known_utc=known_utc), tree=PUBLISHED
    )
    document = review_document(review, changes)
    content = json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
    paths["json"] = lake.write_document(f"review/{subject.name}.json", content, tree=PUBLISHED)
    return {
        **document,
        "files": paths,
        "framework": _write_framework(region, lake, effects, events, changes, known_utc),
    }


def review_after_lift(region: Region, alert_id: str, *, known_utc: datetime) -> dict[str, Any]:
    """The outcome and the review that follow a lift; the lift holds whatever becomes of them.

    Returns the paths of the review, and why outcome or review are missing.
    """
    missing = []
    try:
        subject = find_subject(region, known_utc=known_utc, alert_id=alert_id)
        for row in subject.scenarios:
            if row is subject.scenario or is_in_force_in(row, subject.window):
                missing += _judge(region, row["scenario_id"], known_utc)
        files = write_review(region, known_utc=known_utc, alert_id=alert_id)["files"]
    except EmisError as problem:
        return {"review": None, "review_missing": [*missing, f"review: {one_line(problem)}"]}
    return {"review": files, "review_missing": missing}


def _judge(region: Region, scenario_id: str, known_utc: datetime) -> list[str]:
    """Judge the outcome of a scenario; why there is none where that fails."""
    try:
        judge_outcome(region, scenario_id, known_utc=known_utc)
    except EmisError as problem:
        return [f"outcome: {one_line(problem)}"]
    return []


def _add_effects(region: Region, lake: Store, review: ReviewData, known_utc: datetime) -> None:
    """Add the effects of the scenarios of the alert to the table that grows from alert to alert.

    Of a scenario that another one replaced since a review before, what is left replaces what was written then.
    """
    run_id = f"{region.region_id}-review-{known_utc:%Y%m%dT%H%M%S}"
    own = [(review.subject.scenario, review.effects)] if review.subject.scenario else []
    for row, effects in (*((one.scenario, one.effects) for one in review.earlier), *own):
        first_day = Window(row["from_utc"], row["to_utc"]).days(region.time_zone)[0]
        store = ScenarioStore(lake, row["scenario_id"])
        if effects.num_rows or store.versions(EFFECTS, [first_day]):
            store.write(EFFECTS, effects, [first_day], known_utc=known_utc, run_id=run_id)


def _all_effects(region: Region, lake: Store) -> pa.Table:
    """The effects of every reviewed scenario that is, or was, in force in an hour, in order of key.

    One that another replaced from its start on ordered nothing: a review of it, written before, does not count.
    """
    effects = lake.read(EFFECTS, lake.days(EFFECTS))
    rows = database.read("scenario", region.region_id).to_pylist()
    held = [row["scenario_id"] for row in rows if window_in_force(row) is not None]
    effects = effects.filter(pc.is_in(effects["scenario_id"].cast(pa.string()), pa.array(held, pa.string())))
    return effects.sort_by(
        [(name, "ascending") for name in ("scenario_id", "measure_id", "sector_code", "pollutant_code")]
    )


def _events(region: Region, effects: pa.Table) -> dict[str, str]:
    """The alert of each reviewed scenario: the one with which it has most hours in common."""
    alerts = [one for one in fold_alerts(read_alert_events(region.region_id)) if one.kind == AlertEvent.ISSUE]
    reviewed, events = set(effects["scenario_id"].to_pylist()), dict[str, str]()
    for row in database.read("scenario", region.region_id).to_pylist():
        held = window_in_force(row)
        if held is None or row["scenario_id"] not in reviewed:
            continue
        common = {
            one.alert_id: min(held.to_utc, one.to_utc or held.to_utc) - max(held.from_utc, one.from_utc)
            for one in alerts
        }
        name = max(common, key=lambda alert_id: (common[alert_id], alert_id), default="")
        if name and common[name] > timedelta(0):
            events[row["scenario_id"]] = name
    return events


def _ledger_rows(lake: Store, effects: pa.Table) -> list[dict[str, Any]]:
    """The ledgers of the reviewed scenarios, and those of each order of one whose level changed, which has the targets.

    The share is the one by which targets were judged.
    """
    reviewed, days = set(effects["scenario_id"].to_pylist()), lake.days(EFFECTS)
    rows = [row for name in LEDGERS for row in lake.read(name, days, columns=list(LEDGER_COLUMNS)).to_pylist()]
    own = [row for row in rows if row["scenario_id"] in reviewed]
    net = [row["cut_share"] if row["net_cut_share"] is None else row["net_cut_share"] for row in own]
    return [{**row, "cut_share": share} for row, share in zip(own, net, strict=True)]


def _write_framework(
    region: Region, lake: Store, effects: pa.Table, events: Mapping[str, str], changes: list[Words], known_utc: datetime
) -> dict[str, str]:
    """Publish the control framework as a table and as a sheet."""
    alert_count = len({events.get(name, name) for name in effects["scenario_id"].to_pylist()})
    measures = lake.read("control_measure", lake.days(EFFECTS)).to_pylist()
    sheet = framework_sheet(
        region,
        framework_rows(effects, events),
        changes,
        alert_count=alert_count,
        known_utc=known_utc,
        names=measure_names(measures, source_names(region)),
    )
    paths = write_sheet(lake, FRAMEWORK, sheet, tree=PUBLISHED)
    content, _ = lake.encode(effects)
    return {**paths, "parquet": lake.write_document(f"{FRAMEWORK}.parquet", content, tree=PUBLISHED)}
