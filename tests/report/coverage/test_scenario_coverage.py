"""A partial ledger says which hours it lacks."""

from bigdata_emis.report.coverage.scenario_coverage import hours_without_inventory, scenario_notices
from bigdata_emis.window import HOUR, Window
from tests.report.brief.briefed_town import fill_town
from tests.report.stores import START

SCENARIO = {"from_utc": START, "to_utc": START + 48 * HOUR, "parameters_json": "{}"}
LEDGER = {"complete_share": 0.0625, "base_source_code": "inventory"}


def test_hours_without_rows_are_missing(home) -> None:
    store = fill_town()
    assert hours_without_inventory(SCENARIO, store) == [Window(START + 3 * HOUR, START + 48 * HOUR)]
    (notice,) = scenario_notices(SCENARIO, [LEDGER], store)
    assert notice["zh"] == "不完整：情景台账（48小时）的源小时完整率为6.2%；缺 12-21 03:00 – 12-23 00:00。"


def test_a_day_that_the_scenario_did_not_read_is_missing_though_it_was_computed_since(home) -> None:
    named = {**SCENARIO, "parameters_json": '{"inputs": {"emission_hourly": {"2015-12-22": "v"}}}'}
    assert hours_without_inventory(named, fill_town()) == [Window(START, START + 48 * HOUR)]


def test_a_whole_ledger_has_no_notice_and_a_projected_one_names_no_hours(home) -> None:
    store = fill_town()
    assert scenario_notices(SCENARIO, [{**LEDGER, "complete_share": 1.0}], store) == []
    (notice,) = scenario_notices(SCENARIO, [{**LEDGER, "base_source_code": "projected"}], store)
    assert notice["en"] == "PARTIAL: the ledger of the scenario has 6.2% of the source-hours of its 48 h."


def test_targets_that_nobody_can_judge_are_said_with_the_orders_that_count_as_obeyed(home) -> None:
    row = {**LEDGER, "complete_share": 1.0, "pollutant_code": "NOx", "target_share": 0.2, "is_met": None}
    (notice,) = scenario_notices({**SCENARIO, "parameters_json": '{"in_force": ["O1"]}'}, [row], fill_town())
    assert notice["en"].startswith("TARGETS NOT KNOWN (NOx)")
    assert "emis outcome --scenario O1" in notice["en"]
    assert "能否达标无法判定（NOx）" in notice["zh"]
    assert scenario_notices(SCENARIO, [{**row, "is_met": True}], fill_town()) == []
