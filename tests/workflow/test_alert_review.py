"""Reviews by themselves after a lift, and the control framework that grows from alert to alert."""

import io
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.publish.alerts.alert_acts import Signature, issue_for_scenario, lift_alert
from bigdata_emis.region import Region
from bigdata_emis.report.sheet.report_sheet import number_text
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.workflow.alert_review import review_after_lift, write_review
from bigdata_emis.workflow.outcome import judge_outcome
from tests.control.outcome.outcome_frames import SCENARIO, make_table, planned
from tests.workflow.outcome_town import DAYS, REGION, build_town, day_start, known_utc, scenario_row, shifted

pytestmark = pytest.mark.usefixtures("home")
PLANNED_G = 24 * 90.0
"""The foundry is ordered to stop for a day; it emits 90 g an hour."""


def add_ledger(region: Region, scenario_id: str = SCENARIO) -> None:
    """The ledger and the account of the order of the town: 20 % of the region, all by one measure."""
    start = day_start(DAYS[-1])
    base = {"scenario_id": scenario_id, "pollutant_code": "NOx", "from_utc": start}
    cut = {"cut_emission_g": PLANNED_G, "baseline_emission_g": 5 * PLANNED_G}
    ledger = {**base, **cut, "alert_level_code": "red", "to_utc": start + timedelta(days=1), "cut_share": 0.2}
    ledger |= {"target_share": 0.3, "is_met": False, "complete_share": 1.0}
    own = {"sector_code": "industrial_process", "county_id": "", "measure_id": "foundry-C"}
    account = {**base, **own, "cut_emission_g": PLANNED_G, "baseline_emission_g": PLANNED_G}
    store = ScenarioStore(open_lake(region), scenario_id)
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


def replace_order(region: Region, *, after_h: int) -> None:
    """Another order of the same cut is approved, in force from some hours of the day on; nobody changes the alert."""
    start, later = day_start(DAYS[-1]), day_start(DAYS[-1]) + timedelta(hours=after_h)
    approved = {"decided_by": "Zhao", "decided_utc": known_utc(-9), "authentication_code": "command"}
    old = {**scenario_row("in_force"), **approved, "status": "superseded", "in_force_to_utc": later}
    new = {**scenario_row("in_force"), **approved, "scenario_id": "plan-2", "in_force_from_utc": later}
    for row in (old, {**new, "in_force_to_utc": start + timedelta(days=1)}):
        database.upsert_row("scenario", REGION, row, may_replace=lambda _: True)
    add_ledger(region, "plan-2")
    cuts = shifted(planned("a", lambda n: 90.0, scenario="plan-2"))
    own = ScenarioStore(open_lake(region), "plan-2")
    own.write("control_hourly", make_table("control_hourly", cuts), [DAYS[-1]], known_utc=start, run_id="r")
    source = {"source_id": "a", "hour_utc": start, "sector_code": "industrial_process"}
    lake = open_lake(region)
    lake.write("control_source", make_table("control_source", [source]), [DAYS[-1]], known_utc=start, run_id="r")


def test_an_alert_whose_order_was_replaced_says_whose_outcome_is_stored_and_is_one_event() -> None:
    region = town()
    name = issue_for_scenario(region, SCENARIO, cities=(), known_utc=known_utc(0))["alert"]
    judge_outcome(region, SCENARIO, known_utc=known_utc())
    assert write_review(region, known_utc=known_utc(), alert_id=name)["judged_hours"]["hours"] == 24
    replace_order(region, after_h=0)
    again = write_review(region, known_utc=known_utc(), alert_id=name)
    assert (again["scenario"], again["judged_hours"]) == ("plan-2", None)
    assert "The outcome stored is of plan-1" in again["unknown"][0]
    assert "emis outcome --region nys --scenario plan-2" in again["unknown"][0]
    assert [row["scenario_id"] for row in read_framework(region)] == ["plan-2"]
    assert "in 1 alert," in again["rules_to_change"][0]
    judge_outcome(region, "plan-2", known_utc=known_utc())
    assert write_review(region, known_utc=known_utc(), alert_id=name)["judged_hours"]["hours"] == 24


def test_orders_that_followed_each_other_are_reviewed_together_and_are_one_event() -> None:
    region = town()
    name = issue_for_scenario(region, SCENARIO, cities=(), known_utc=known_utc(0))["alert"]
    judge_outcome(region, SCENARIO, known_utc=known_utc())
    write_review(region, known_utc=known_utc(), alert_id=name)
    replace_order(region, after_h=12)
    lift_alert(region, name, signature=Signature("Li", known_utc(30)), at_utc=known_utc(24))
    assert review_after_lift(region, name, known_utc=known_utc())["review_missing"] == []
    lake = open_lake(region)
    stored = json.loads(lake.read_document(f"review/{name}.json", tree="published") or b"")
    assert [(one["scenario"], one["judged_hours"]["hours"]) for one in stored["earlier_orders"]] == [(SCENARIO, 12)]
    assert (stored["scenario"], stored["judged_hours"]["hours"]) == ("plan-2", 12)
    planned_g = {row["scenario_id"]: row["cut_emission_g"] for row in read_framework(region)}
    assert planned_g == {SCENARIO: PLANNED_G / 2, "plan-2": PLANNED_G / 2}, "each in its 12 h judged"
    page = (lake.read_document("framework/control_framework.html", tree="published") or b"").decode()
    assert "1 reviewed" in page


def test_a_changed_event_that_misses_the_target_of_an_order_has_a_rule() -> None:
    """The whole event has no target; its second order, of red, cuts 20 % where 30 % is asked."""
    region, start = town(), day_start(DAYS[-1])
    order = {"scenario_id": SCENARIO, "pollutant_code": "NOx", "from_utc": start, "event_order_number": 2}
    order |= {"order_from_utc": start, "order_to_utc": start + timedelta(days=1), "alert_level_code": "red"}
    order |= {"baseline_emission_g": 5 * PLANNED_G, "cut_emission_g": PLANNED_G, "cut_share": 0.2}
    order |= {"target_share": 0.3, "gap_share": 0.1, "is_met": False}
    ledger = {"scenario_id": SCENARIO, "pollutant_code": "NOx", "from_utc": start, "to_utc": start + timedelta(days=1)}
    ledger |= {"alert_level_code": "red", "baseline_emission_g": 5 * PLANNED_G, "cut_emission_g": PLANNED_G}
    ledger |= {"cut_share": 0.2, "complete_share": 1.0}
    store = ScenarioStore(open_lake(region), SCENARIO)
    for table, row in (("control_ledger", ledger), ("control_order", order)):
        store.write(table, make_table(table, [row]), [DAYS[-1]], known_utc=known_utc(), run_id="r2")
    (rule,) = write_review(region, known_utc=known_utc(), scenario_id=SCENARIO)["rules_to_change"]
    assert rule.startswith("red, NOx: the list of measures misses the target in 1 alert, by up to 10.0% of the region")


def read_parquet(region: Region, table: str) -> list[dict[str, Any]]:
    """The rows of a table of the order, from its file, by no reader of ours."""
    lake = open_lake(region)
    version = ScenarioStore(lake, SCENARIO).versions(table, [DAYS[-1]])[-1]
    rows: list[dict[str, Any]] = pq.read_table(ScenarioStore(lake, SCENARIO).address(version)).to_pylist()
    return rows


def test_the_figures_of_a_review_are_those_of_the_parquet_files() -> None:
    region = town()
    judge_outcome(region, SCENARIO, known_utc=known_utc())
    document = write_review(region, known_utc=known_utc(), scenario_id=SCENARIO)
    page = (open_lake(region).read_document(f"review/{SCENARIO}.html", tree="published") or b"").decode()
    (ledger,), (account,) = read_parquet(region, "control_ledger"), read_parquet(region, "control_account")
    achieved = next(row for row in read_parquet(region, "achieved_cut") if row["sector_code"] == "all")
    (total,), (measure,) = document["totals"], document["measures"]
    assert (total["base_kg"], total["planned_kg"]) == (
        ledger["baseline_emission_g"] / 1e3,
        ledger["cut_emission_g"] / 1e3,
    )
    assert total["judged"]["planned_kg"] == achieved["cut_emission_g"] / 1e3
    assert total["judged"]["without_control_kg"] == achieved["counterfactual_emission_g"] / 1e3
    assert total["achieved_kg"] == achieved["achieved_emission_g"] / 1e3
    assert measure["planned_kg"] == account["cut_emission_g"] / 1e3
    hours = Counter(row["compliance_code"] for row in read_parquet(region, "compliance_hourly"))
    assert {code: count for code, count in document["line_hours"].items() if count} == dict(hours)
    for row, names in ((ledger, ("baseline_emission_g", "cut_emission_g")), (achieved, ("counterfactual_emission_g",))):
        assert all(f'<td class="n">{number_text(row[name] / 1e3)}</td>' in page for name in names)


def test_what_is_in_force_or_unknown_is_refused_and_nothing_is_written() -> None:
    region = town()
    with pytest.raises(RefusedError, match="is in force until"):
        write_review(region, known_utc=known_utc(10), scenario_id=SCENARIO)
    with pytest.raises(InputError, match="is unknown in nys"):
        write_review(region, known_utc=known_utc(), scenario_id="x")
    assert open_lake(region).read_document("framework/control_framework.parquet", tree="published") is None
