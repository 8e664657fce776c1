"""Alert and orders that differ are said in one sentence; those that agree are not."""

from dataclasses import replace

import pytest

from bigdata_emis.report.brief.alert_agreement import disagreement_words
from bigdata_emis.report.sheet.report_sheet import Words
from bigdata_emis.storage.registries.alert_record import StandingAlert
from bigdata_emis.window import HOUR, Window
from tests.chinese_text import english_in
from tests.report.stores import START, ZONE

DAY = Window(START, START + 24 * HOUR)
SCENARIO = {"scenario_id": "red-1", "alert_level_code": "red"}
ALERT = StandingAlert("a", "issue", "red", (), START - 24 * HOUR, START + 48 * HOUR, START, "Li")


def said(alerts, *, scenario=SCENARIO, orders=(), held=DAY) -> list[Words]:
    return disagreement_words(alerts, scenario, list(orders), day=DAY, held=held, time_zone=ZONE)


def order(level: str, first: int, last: int) -> dict[str, object]:
    return {"alert_level_code": level, "order_from_utc": START + first * HOUR, "order_to_utc": START + last * HOUR}


def test_an_alert_and_orders_of_one_level_and_of_the_same_hours_need_no_word() -> None:
    assert said([ALERT]) == []
    assert said([], scenario=None, held=None) == []
    changed = [order("orange", 0, 12), order("red", 12, 24)]
    assert said([ALERT], orders=changed) == []


@pytest.mark.parametrize("kind", ["regional_prompt", "temporary"])
def test_orders_without_an_alert_are_said_and_a_prompt_is_none(kind: str) -> None:
    for alerts in ([], [replace(ALERT, kind=kind)]):
        (sentence,) = said(alerts)
        assert sentence["en"].startswith("NO ALERT is issued for this day, and the orders of red-1 (red) are in force")
        assert sentence["zh"].startswith("当日未发布预警，而情景 red-1（红色预警）的指令生效")


def test_an_alert_without_orders_is_said() -> None:
    (sentence,) = said([ALERT], scenario=None, held=None)
    assert sentence["en"].startswith("NO ORDERS are in force on this day, and an alert (red) is")
    assert "红色预警生效，而无生效情景" in sentence["zh"]


def test_another_level_is_said_and_of_orders_only_those_of_the_day() -> None:
    (sentence,) = said([replace(ALERT, level="orange")])
    assert sentence["en"] == "ALERT AND ORDERS DIFFER: the alert is orange, the orders in force are of red."
    assert sentence["zh"] == "预警与指令不一致：已发布橙色预警，生效指令为红色预警。"
    orders = [order("orange", -24, 0), order("red", 0, 24)]
    assert said([ALERT], orders=orders) == []


def test_other_hours_are_said_in_local_time() -> None:
    (sentence,) = said([ALERT], held=Window(START, START + 12 * HOUR))
    assert "the alert is in force 2015-12-21 00:00 – 2015-12-22 00:00, the orders 2015-12-21 00:00" in sentence["en"]
    assert english_in(sentence["zh"]) == []


def test_an_alert_without_an_end_is_in_force_until_the_day_is_over() -> None:
    assert said([replace(ALERT, to_utc=None)]) == []
