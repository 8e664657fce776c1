"""Orders of an event that changes: hours, cut and target of each."""

from bigdata_emis.report.brief.level_orders_section import (
    BY_ORDER,
    NO_TARGET,
    has_target,
    level_orders_section,
    order_and_pollutant,
    orders_by_number,
    target_words,
    targets_first,
)
from tests.report.stores import START, ZONE

WHOLE = {"target_share": None, "cut_emission_g": 1000.0}


def order(number, pollutant, target):
    return {
        "event_order_number": number,
        "pollutant_code": pollutant,
        "alert_level_code": "red" if number > 1 else "orange",
        "order_from_utc": START,
        "order_to_utc": START,
        "baseline_emission_g": 4000.0,
        "cut_emission_g": 1000.0,
        "cut_share": 0.25,
        "target_share": target,
        "is_met": None if target is None else target <= 0.25,
    }


ORDERS = [order(2, "NOx", 0.3), order(1, "NOx", 0.2), order(1, "CO", None)]


def test_only_a_pollutant_with_a_target_in_an_order_is_referred_to_the_orders() -> None:
    nox, co = ({**WHOLE, "pollutant_code": code} for code in ("NOx", "CO"))
    assert (target_words(nox, ORDERS), target_words(co, ORDERS)) == (BY_ORDER, NO_TARGET)
    assert target_words({**nox, "target_share": 0.2}, ORDERS)["en"] == "20.0%"
    assert not has_target(co, ORDERS)


def test_pollutants_with_a_target_come_first_and_those_without_a_cut_are_left_out() -> None:
    rows = [{**WHOLE, "pollutant_code": code} for code in ("CO", "NOx")]
    rows.append({**WHOLE, "pollutant_code": "BC", "cut_emission_g": 0.0})
    assert [row["pollutant_code"] for row in targets_first(rows, ORDERS)] == ["NOx", "CO"]


def test_the_orders_are_in_order_of_time_with_their_own_verdict() -> None:
    assert [row["alert_level_code"] for row in orders_by_number(ORDERS)] == ["orange", "red"]
    part = level_orders_section(sorted(ORDERS, key=order_and_pollutant), ZONE)
    assert [[cell["zh"] for cell in row[-4:]] for row in part["rows"]] == [
        ["1", "25.0%", "20.0%", "是"],
        ["1", "25.0%", "30.0%", "否"],
    ]
    unknown = level_orders_section([{**ORDERS[0], "is_met": None}], ZONE)
    assert unknown["rows"][0][-1] == {"en": "not known", "zh": "无法判定"}
