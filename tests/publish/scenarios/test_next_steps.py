"""What an approval leaves to be done is said in both languages, and nothing where nothing is left."""

from datetime import UTC, date, datetime, timedelta

from bigdata_emis.publish.scenarios.hours_in_force import Supersession
from bigdata_emis.publish.scenarios.next_steps import steps_after_approval, warnings_of_base
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.registries.alert_record import StandingAlert
from tests.report.stores import declared_table

START = datetime(2015, 12, 20, 16, tzinfo=UTC)
END = START + timedelta(days=1)
ROW = {"scenario_id": "red-2", "alert_level_code": "red", "in_force_from_utc": START, "in_force_to_utc": END}
RED = StandingAlert("a", "issue", "red", (), START, END, START, "Li")
ORANGE = StandingAlert("a", "issue", "orange", (), START, None, START, "Li")
OLD = Supersession({**ROW, "scenario_id": "orange-1"}, "red-2", None)


def test_an_approval_that_an_alert_of_its_level_covers_leaves_nothing_to_do() -> None:
    assert steps_after_approval("jjj", ROW, [], [RED], ended_cases=0) == []


def test_without_an_alert_of_its_hours_one_is_to_be_issued_and_of_another_level_to_be_changed() -> None:
    past = StandingAlert("p", "issue", "red", (), START - timedelta(days=2), START, START, "Li")
    prompt = StandingAlert("q", "regional_prompt", "red", (), START, END, START, "Li")
    (missing,) = steps_after_approval("jjj", ROW, [], [past, prompt], ended_cases=0)
    assert missing["en"] == "No alert is issued for its hours: emis alert issue --region jjj --scenario red-2"
    (other,) = steps_after_approval("jjj", ROW, [], [ORANGE], ended_cases=0)
    assert other["en"].startswith("The alert of its hours is orange, these orders are red: emis alert issue")
    assert other["zh"].startswith("其时段已发布橙色预警，本指令为红色预警")


def test_a_replaced_order_has_its_cases_named_and_the_new_one_is_to_be_judged() -> None:
    (step,) = steps_after_approval("jjj", ROW, [OLD], [RED], ended_cases=193)
    assert step["en"].startswith("193 open cases of orange-1 are closed as superseded")
    assert step["en"].endswith("emis outcome --region jjj --scenario red-2")
    assert "orange-1 的193件未核查案件" in step["zh"]


def test_a_scenario_in_force_in_no_hour_leaves_nothing_to_do() -> None:
    assert steps_after_approval("jjj", {**ROW, "in_force_to_utc": START}, [OLD], [], ended_cases=1) == []


def test_an_approval_repeats_what_the_base_rests_on_and_targets_that_nobody_can_judge(tmp_path) -> None:
    row = {**ROW, "from_utc": START, "to_utc": END, "parameters_json": '{"in_force": ["orange-1"]}'}
    lake = Store(str(tmp_path), "jjj", "Asia/Shanghai")
    assert warnings_of_base(lake, row) == []
    ledger = {"scenario_id": "red-2", "pollutant_code": "NOx", "alert_level_code": "red", "from_utc": START}
    ledger |= {"to_utc": END, "baseline_emission_g": 10.0, "cut_emission_g": 6.0, "cut_share": 0.6}
    ledger |= {"base_source_code": "reconstructed", "target_share": 0.3, "complete_share": 1.0}
    frame = declared_table("control_ledger", [ledger])
    lake.write("control_ledger", frame, [date(2015, 12, 21)], known_utc=START, run_id="r")
    base, unknown = warnings_of_base(lake, row)
    assert base["en"].startswith("base: inventory over what the order in force left, taken as obeyed")
    assert "TARGETS NOT KNOWN (NOx)" in unknown["en"]
    assert "emis outcome --scenario orange-1" in unknown["zh"]
