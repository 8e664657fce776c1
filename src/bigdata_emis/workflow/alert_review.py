"""The review of an alert that is over, and the summary over all reviewed alerts: gathered, written, published.

Belongs here: the order of the steps, and that a review never undoes what it follows. Does not: numbers or wording
(report/review), the outcome (workflow.outcome).
"""

import json
from datetime import datetime
from typing import Any

import pyarrow as pa

from bigdata_emis.errors import EmisError
from bigdata_emis.region import Region
from bigdata_emis.report.names.measure_names import measure_names
from bigdata_emis.report.names.source_names import source_names
from bigdata_emis.report.review.control_framework import framework_rows, rules_to_change
from bigdata_emis.report.review.framework_sheet import framework_sheet
from bigdata_emis.report.review.review_data import ReviewData, gather_review
from bigdata_emis.report.review.review_document import review_document
from bigdata_emis.report.review.review_sheet import review_sheet
from bigdata_emis.report.review.review_subject import find_subject
from bigdata_emis.report.sheet.report_sheet import Words
from bigdata_emis.report.sheet.sheet_files import write_sheet
from bigdata_emis.run.run_record import one_line
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window
from bigdata_emis.workflow.outcome import judge_outcome

EFFECTS = "measure_effect"
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
    effects = _all_effects(lake)
    changes = rules_to_change(effects, _ledger_rows(lake, effects))
    paths = write_sheet(
        lake, f"review/{subject.name}", review_sheet(review, changes, known_utc=known_utc), tree=PUBLISHED
    )
    document = review_document(review, changes)
    content = json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
    paths["json"] = lake.write_document(f"review/{subject.name}.json", content, tree=PUBLISHED)
    return {**document, "files": paths, "framework": _write_framework(region, lake, effects, changes, known_utc)}


def review_after_lift(region: Region, alert_id: str, *, known_utc: datetime) -> dict[str, Any]:
    """The outcome and the review that follow a lift; the lift holds whatever becomes of them.

    Returns the paths of the review, and why outcome or review are missing.
    """
    missing = []
    try:
        subject = find_subject(region, known_utc=known_utc, alert_id=alert_id)
        if subject.scenario is not None:
            try:
                judge_outcome(region, subject.scenario["scenario_id"], known_utc=known_utc)
            except EmisError as problem:
                missing.append(f"outcome: {one_line(problem)}")
        files = write_review(region, known_utc=known_utc, alert_id=alert_id)["files"]
    except EmisError as problem:
        return {"review": None, "review_missing": [*missing, f"review: {one_line(problem)}"]}
    return {"review": files, "review_missing": missing}


def _add_effects(region: Region, lake: Store, review: ReviewData, known_utc: datetime) -> None:
    """Add the effects of the scenario to the table that grows from alert to alert."""
    if review.subject.scenario is None or not review.effects.num_rows:
        return
    row = review.effects.slice(0, 1).to_pylist()[0]
    first_day = Window(row["from_utc"], row["to_utc"]).days(region.time_zone)[0]
    run_id = f"{region.region_id}-review-{known_utc:%Y%m%dT%H%M%S}"
    store = ScenarioStore(lake, row["scenario_id"])
    store.write(EFFECTS, review.effects, [first_day], known_utc=known_utc, run_id=run_id)


def _all_effects(lake: Store) -> pa.Table:
    """The effects of every reviewed scenario, in order of key."""
    effects = lake.read(EFFECTS, lake.days(EFFECTS))
    return effects.sort_by(
        [(name, "ascending") for name in ("scenario_id", "measure_id", "sector_code", "pollutant_code")]
    )


def _ledger_rows(lake: Store, effects: pa.Table) -> list[dict[str, Any]]:
    """The ledgers of the reviewed scenarios; the share is the one by which targets were judged."""
    reviewed = set(effects["scenario_id"].to_pylist())
    rows = lake.read("control_ledger", lake.days(EFFECTS), columns=list(LEDGER_COLUMNS)).to_pylist()
    own = [row for row in rows if row["scenario_id"] in reviewed]
    net = [row["cut_share"] if row["net_cut_share"] is None else row["net_cut_share"] for row in own]
    return [{**row, "cut_share": share} for row, share in zip(own, net, strict=True)]


def _write_framework(
    region: Region, lake: Store, effects: pa.Table, changes: list[Words], known_utc: datetime
) -> dict[str, str]:
    """Publish the control framework as a table and as a sheet."""
    alert_count = len(set(effects["scenario_id"].to_pylist()))
    measures = lake.read("control_measure", lake.days(EFFECTS)).to_pylist()
    sheet = framework_sheet(
        region,
        framework_rows(effects),
        changes,
        alert_count=alert_count,
        known_utc=known_utc,
        names=measure_names(measures, source_names(region)),
    )
    paths = write_sheet(lake, FRAMEWORK, sheet, tree=PUBLISHED)
    content, _ = lake.encode(effects)
    return {**paths, "parquet": lake.write_document(f"{FRAMEWORK}.parquet", content, tree=PUBLISHED)}
