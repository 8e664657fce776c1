"""Cases with the names of their enterprises, and every act about one."""

import re
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.case_record import move_case, record_cases
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.workflow.case_list import decide_case, list_cases, orders_not_judged, show_case, write_case_sheet
from bigdata_emis.workflow.outcome import judge_outcome
from tests.control.outcome.outcome_frames import SCENARIO, planned
from tests.workflow.outcome_town import DAYS, REGION, build_town, known_utc, region, scenario_row, write

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def case_id() -> str:
    judge_outcome(build_town(), SCENARIO, known_utc=known_utc())
    return str(list_cases(region())[0]["case"])


def test_a_case_names_its_enterprise_and_what_was_seen(case_id: str):
    case = list_cases(region(), scenario_id=SCENARIO, status="open")[0]
    assert (case["enterprise_en"], case["enterprise_zh"], case["city"]) == ("Foundry One", "一号铸造厂", "Albany")
    assert (case["rank"], case["kind_zh"], case["evidence"]["breach_hours"]) == (1, "未停产", 18)
    assert (case["address"], case["evidence"]["order_share"]) == ("Albany (42.0000, -74.0000)", 1.0)
    assert case["excess_kg"] == pytest.approx(18 * 0.09, rel=0.01)


def test_a_case_without_excess_mass_is_after_one_whose_excess_is_unknown(case_id: str):
    one = database.read("compliance_case", REGION).to_pylist()[0]
    none = {"excess_emission_g": 0.0, "case_status_code": "open", "decided_by": None}
    more = [
        {**one, **none, "case_id": "a-none", "evidence_json": '{"inventory_hours": 3}'},
        {**one, **none, "case_id": "b-unknown", "evidence_json": '{"inventory_hours": 0}'},
    ]
    record_cases(REGION, [one, *more], SCENARIO)
    assert [case["case"] for case in list_cases(region())][-2:] == ["b-unknown", "a-none"]


def test_cases_of_another_status_are_left_out_and_an_unknown_scenario_is_refused(case_id: str):
    with pytest.raises(InputError, match="scenario 'other' is unknown; see emis scenario list"):
        list_cases(region(), scenario_id="other")
    assert list_cases(region(), status="closed") == []


def replace_order() -> None:
    """Let the order end where another one begins: at the start of its day, so that it has no hour; which has a case."""
    start = scenario_row("in_force")["in_force_from_utc"]
    rows = [
        {**scenario_row("in_force"), "status": "superseded", "in_force_to_utc": start},
        {**scenario_row("in_force"), "scenario_id": "red-2", "status": "in_force"},
    ]
    for row in rows:
        database.upsert_row("scenario", REGION, row, may_replace=lambda _: True)
    case = next(row for row in database.read("compliance_case", REGION).to_pylist())
    new = {**case, "case_id": "a-new", "scenario_id": "red-2", "case_status_code": "open", "decided_by": None}
    record_cases(REGION, [new], "red-2")


def test_cases_that_another_order_closed_stay_visible_until_that_is_judged(case_id: str):
    start = scenario_row("in_force")["in_force_from_utc"]
    assert orders_not_judged(region()) == []
    old = {**scenario_row("in_force"), "status": "superseded", "in_force_to_utc": start}
    new = {**scenario_row("in_force"), "scenario_id": "red-2", "status": "in_force"}
    case = {**database.read("compliance_case", REGION).to_pylist()[0], "case_status_code": "superseded"}
    for table, row in (("scenario", old), ("scenario", new), ("compliance_case", case)):
        database.upsert_row(table, REGION, row, may_replace=lambda _: True)
    assert orders_not_judged(region()) == ["red-2"]
    files = write_case_sheet(region(), known_utc=known_utc())["files"]
    page = Path(files["html"]).read_text("utf-8")
    assert "NOT JUDGED: the orders in force, red-2, have no outcome yet" in page
    assert "Cases of the earlier order, which another one replaced" in page
    assert "一号铸造厂" in page
    own = ScenarioStore(open_lake(region()), "red-2")
    write(own, "control_hourly", planned("a", lambda n: 90.0, scenario="red-2"), [DAYS[-1]])
    judge_outcome(region(), "red-2", known_utc=known_utc())
    assert orders_not_judged(region()) == []


def test_a_case_of_an_order_without_hours_is_listed_after_those_in_force(case_id: str):
    replace_order()
    cases = list_cases(region())
    assert [(case["rank"], case["case"], case["is_order_in_force"]) for case in cases] == [
        (1, "a-new", True),
        (2, case_id, False),
    ]
    assert (cases[0]["order_ended_utc"], cases[1]["scenario_status"]) == (None, "superseded")
    assert cases[1]["order_ended_utc"] == scenario_row("in_force")["from_utc"].isoformat()
    assert write_case_sheet(region(), known_utc=known_utc())["cases"] == 1


def test_what_was_seen_under_a_replaced_order_is_with_the_case_of_the_new_one(case_id: str):
    move_case(REGION, case_id, to="checked", actor="Li", note="gate was shut", known_utc=known_utc())
    replace_order()
    new, old = list_cases(region())
    assert [(visit["case"], visit["by"], visit["note"]) for visit in new["visits"]] == [
        (case_id, "Li", "gate was shut")
    ]
    assert old["visits"] == []
    page = Path(write_case_sheet(region(), known_utc=known_utc())["files"]["html"]).read_text()
    assert "指令已失效、已核查待定案" in page


def test_a_case_has_the_acts_about_it(case_id: str):
    move_case(REGION, case_id, to="checked", actor="Li", note="gate was shut", known_utc=known_utc())
    acts = show_case(region(), case_id)["acts"]
    assert [(act["actor"], act["note"].rpartition("; ")[2]) for act in acts] == [("Li", "gate was shut")]


def test_an_unknown_case_or_status_is_refused(case_id: str):
    with pytest.raises(InputError, match="case 'x' is unknown"):
        show_case(region(), "x")
    with pytest.raises(InputError, match="status 'gone' is unknown"):
        list_cases(region(), status="gone")


def test_only_approvers_decide_what_a_check_amounts_to(case_id: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EMIS_APPROVERS", "Wang, Sun")
    decide_case(region(), case_id, to="checked", actor="Li", note="gate was shut", known_utc=known_utc())
    with pytest.raises(RefusedError, match="Li may not move a case to confirmed"):
        decide_case(region(), case_id, to="confirmed", actor="Li", note="ran at night", known_utc=known_utc())
    moved = decide_case(region(), case_id, to="confirmed", actor="Wang", note="ran at night", known_utc=known_utc())
    assert (moved["status"], moved["decided_by"]) == ("confirmed", "Wang")
    assert [act["actor"] for act in moved["acts"]] == ["Li", "Li", "Wang"]


def test_a_move_that_is_repeated_says_that_the_case_is_there_already(case_id: str):
    first = decide_case(region(), case_id, to="checked", actor="Li", note="gate was shut", known_utc=known_utc())
    again = decide_case(region(), case_id, to="checked", actor="Wang", note="gate was shut", known_utc=known_utc())
    assert first["already"] == ""
    assert re.fullmatch(r"already checked since 20\S+ \S+ \S+, by Li: nothing was changed", again["already"])
    assert {**again, "already": ""} == first


def test_the_dispatch_sheet_lists_what_is_to_do_as_page_and_pdf(case_id: str):
    written = write_case_sheet(region(), known_utc=known_utc())
    assert written["cases"] == 1
    page = Path(written["files"]["html"]).read_text()
    assert "一号铸造厂" in page
    assert {Path(path).suffix for path in written["files"].values()} == {".html", ".pdf"}
    assert write_case_sheet(region(), known_utc=known_utc(), status="closed")["cases"] == 0
