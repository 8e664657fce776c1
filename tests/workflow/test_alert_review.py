"""Reviews by themselves after a lift, and the control framework that grows from alert to alert."""

import io
import json
from datetime import timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.publish.alerts.alert_acts import Signature, issue_for_scenario, lift_alert
from bigdata_emis.region import Region
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.workflow.alert_review import review_after_lift, write_review
from bigdata_emis.workflow.outcome import judge_outcome
from tests.control.outcome.outcome_frames import SCENARIO, make_table
from tests.workflow.outcome_town import DAYS, REGION, build_town, day_start, known_utc, scenario_row

pytestmark = pytest.mark.usefixtures("home")
PLANNED_G = 24 * 90.0
"""The foundry is ordered to stop for a day; it emits 90 g an hour."""


def add_ledger(region: Region) -> None:
    """The ledger and the account of the order of the town: 20 % of the region, all by one measure."""
    start = day_start(DAYS[-1])
    base = {"scenario_id": SCENARIO, "pollutant_code": "NOx", "from_utc": start}
    cut = {"cut_emission_g": PLANNED_G, "baseline_emission_g": 5 * PLANNED_G}
    ledger = {**base, **cut, "alert_level_code": "red", "to_utc": start + timedelta(days=1), "cut_share": 0.2}
    ledger |= {"target_share": 0.3, "is_met": False, "complete_share": 1.0}
    own = {"sector_code": "industrial_process", "county_id": "", "measure_id": "foundry-C"}
    account = {**base, **own, "cut_emission_g": PLANNED_G, "baseline_emission_g": PLANNED_G}
    store = ScenarioStore(open_lake(region), SCENARIO)
    for table, row in (("control_ledger", ledger), ("control_account", account)):
        store.write(table, make_table(table, [row]), [DAYS[-1]], known_utc=start, run_id="r")


def town(**more: Any) -> Region:
    """The town, with a person who approved its order."""
    region = build_town(**more)
    approved = {"decided_by": "Zhao", "decided_utc": known_utc(-10), "authentication_code": "command"}
    row = {**scenario_row("in_force"), **approved}
    database.upsert_row("scenario", REGION, row, may_replace=lambda _: True)
    add_ledger(region)
    return region


def read_framework(region: Region) -> list[dict[str, Any]]:
    content = open_lake(region).read_document("framework/control_framework.parquet", tree="published")
    assert content is not None
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
    return rows


def test_a_review_before_the_outcome_has_no_achieved_cut_and_one_after_it_replaces_it() -> None:
    region = town()
    first = write_review(region, known_utc=known_utc(), scenario_id=SCENARIO)
    assert first["measures"][0]["achieved_kg"] is None
    judge_outcome(region, SCENARIO, known_utc=known_utc())
    second = write_review(region, known_utc=known_utc(49), scenario_id=SCENARIO)
    assert second["measures"][0]["achieved_kg"] == pytest.approx(0.0, abs=1e-9)
    (row,) = read_framework(region)
    assert (row["measure_id"], row["effect_basis_code"], row["cut_emission_g"]) == ("foundry-C", "own", PLANNED_G)
    assert len(second["rules_to_change"]) == 2


def test_page_pdf_and_document_are_published_together_with_equal_numbers() -> None:
    region = town()
    document = write_review(region, known_utc=known_utc(), scenario_id=SCENARIO)
    lake = open_lake(region)
    page = lake.read_document(f"review/{SCENARIO}.html", tree="published") or b""
    assert f"{document['totals'][0]['planned_kg']:,.0f}".encode() in page
    stored = json.loads(lake.read_document(f"review/{SCENARIO}.json", tree="published") or b"")
    assert stored["totals"] == document["totals"]
    assert (lake.read_document(f"review/{SCENARIO}.zh.pdf", tree="published") or b"").startswith(b"%PDF")
    again = write_review(region, known_utc=known_utc(), scenario_id=SCENARIO)
    assert again == document


def test_outcome_and_review_follow_a_lift() -> None:
    region = town()
    name = issue_for_scenario(region, SCENARIO, cities=(), known_utc=known_utc(0))["alert"]
    lift_alert(region, name, signature=Signature("Li", known_utc(30)), at_utc=known_utc(20))
    written = review_after_lift(region, name, known_utc=known_utc())
    assert written["review_missing"] == []
    stored = json.loads(open_lake(region).read_document(f"review/{name}.json", tree="published") or b"")
    assert (stored["alert"], stored["scenario"]) == (name, SCENARIO)
    assert stored["line_hours"]["breached"] == 18


def test_a_lift_holds_although_its_outcome_or_review_is_missing() -> None:
    region = town(publish=False)
    name = issue_for_scenario(region, SCENARIO, cities=(), known_utc=known_utc(0))["alert"]
    lift_alert(region, name, signature=Signature("Li", known_utc(30)), at_utc=known_utc(20))
    written = review_after_lift(region, name, known_utc=known_utc())
    assert written["review"] is not None
    assert written["review_missing"][0].startswith("outcome: none of the days")
    early = review_after_lift(region, name, known_utc=known_utc(10))
    assert early["review"] is None
    assert "is in force until" in early["review_missing"][-1]


def test_what_is_in_force_or_unknown_is_refused_and_nothing_is_written() -> None:
    region = town()
    with pytest.raises(RefusedError, match="is in force until"):
        write_review(region, known_utc=known_utc(10), scenario_id=SCENARIO)
    with pytest.raises(InputError, match="is unknown in nys"):
        write_review(region, known_utc=known_utc(), scenario_id="x")
    assert open_lake(region).read_document("framework/control_framework.parquet", tree="published") is None
