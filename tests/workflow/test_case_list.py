"""Cases with the names of their enterprises, and every act about one."""

from pathlib import Path

import pytest

from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.storage.registries.case_record import move_case
from bigdata_emis.workflow.case_list import decide_case, list_cases, show_case, write_case_sheet
from bigdata_emis.workflow.outcome import judge_outcome
from tests.control.outcome.outcome_frames import SCENARIO
from tests.workflow.outcome_town import REGION, build_town, known_utc, region

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


def test_cases_of_another_scenario_or_status_are_left_out(case_id: str):
    assert list_cases(region(), scenario_id="other") == []
    assert list_cases(region(), status="closed") == []


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


def test_the_dispatch_sheet_lists_what_is_to_do_as_page_and_pdf(case_id: str):
    written = write_case_sheet(region(), known_utc=known_utc())
    assert written["cases"] == 1
    page = Path(written["files"]["html"]).read_text()
    assert "一号铸造厂" in page
    assert {Path(path).suffix for path in written["files"].values()} == {".html", ".pdf"}
    assert write_case_sheet(region(), known_utc=known_utc(), status="closed")["cases"] == 0
