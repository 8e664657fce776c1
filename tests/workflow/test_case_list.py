"""Cases with the names of their enterprises, and every act about one."""

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.storage.registries.case_record import move_case
from bigdata_emis.workflow.case_list import list_cases, show_case
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
    assert (case["rank"], case["kind_zh"], case["evidence"]["breach_hours"]) == (1, "未响应停产", 18)
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
