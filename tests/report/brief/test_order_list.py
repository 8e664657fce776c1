"""The orders of a day: what each line is asked, as it is when obedience is judged."""

import pytest

from bigdata_emis.report.brief.order_list import list_orders
from tests.report.brief.briefed_town import CUTS, EMISSION, ENTERPRISES, HOUR, LINES, cut_row, emission_row
from tests.report.stores import START, declared_table


def orders(cuts=CUTS, emission=EMISSION):
    tables = declared_table("control_hourly", list(cuts)), declared_table("emission_hourly", list(emission))
    return {order["line"]: order for order in list_orders(*tables, LINES, ENTERPRISES)}


def steps(order):
    """First hour, hour after the last, share and cut of each part of an order."""
    return [
        ((step["from_utc"] - START) // HOUR, (step["to_utc"] - START) // HOUR, step["cut_share"], step["cut_g"])
        for step in order["steps"]
    ]


def test_a_line_has_its_share_hours_and_cut_and_other_sources_have_no_order() -> None:
    listed = orders()
    assert list(listed) == ["kiln", "mill"]
    assert listed["kiln"]["enterprise_zh"] == "北厂"
    assert steps(listed["kiln"]) == [(0, 3, 1.0, {"NOx": 3000.0})]
    assert steps(listed["mill"]) == [(1, 3, 0.5, {"NOx": 1000.0})]


def test_a_measure_for_one_pollutant_does_not_ask_for_less_output() -> None:
    listed = orders(emission=[*EMISSION, *(emission_row("mill", n, 10.0, "SO2") for n in range(3))])
    assert steps(listed["mill"]) == [(1, 3, 0.0, {"NOx": 1000.0})]
    assert listed["mill"]["steps"][0]["pollutant_share"] == {"NOx": 0.5}


def test_an_order_for_pollutants_alone_that_changes_has_a_part_for_each_share() -> None:
    """In hour 2 a quarter more of NOx is cut; SO2 is never cut."""
    emission = [*EMISSION, *(emission_row("mill", n, 10.0, "SO2") for n in range(3))]
    listed = orders([cut_row("mill", 1, 500.0), cut_row("mill", 2, 750.0)], emission)
    assert [(step["cut_share"], step["pollutant_share"]) for step in listed["mill"]["steps"]] == [
        (0.0, {"NOx": 0.5}),
        (0.0, {"NOx": 0.75}),
    ]


def test_an_order_that_changes_has_the_hours_and_the_share_of_each_part() -> None:
    listed = orders(cuts=[*CUTS, cut_row("mill", 0, 800.0)])
    assert steps(listed["mill"]) == [(0, 1, 0.8, {"NOx": 800.0}), (1, 3, 0.5, {"NOx": 1000.0})]


def test_hours_without_an_order_part_an_order_and_idle_hours_do_not() -> None:
    """Emission in hours 0, 1, 2, 4 and 5, nothing in hour 3; a cut in hours 0, 2, 4 and 5."""
    emission = [emission_row("mill", n, 1000.0) for n in (0, 1, 2, 4, 5)]
    listed = orders([cut_row("mill", n, 500.0) for n in (0, 2, 4, 5)], emission)
    assert [(first, last, share) for first, last, share, _ in steps(listed["mill"])] == [(0, 1, 0.5), (2, 6, 0.5)]


def test_shares_that_differ_in_the_last_digits_are_one_order() -> None:
    listed = orders([cut_row("mill", 0, 500.0), cut_row("mill", 1, 500.0000001)])
    assert [step[:2] for step in steps(listed["mill"])] == [(0, 2)]


def test_a_share_is_of_the_base_that_the_cut_states() -> None:
    """While another order was in force the emission is not the base: 800 g are a half of 1,600 g."""
    stated = {**cut_row("mill", 0, 800.0), "baseline_emission_g": 1600.0}
    assert steps(orders(cuts=[stated])["mill"])[0][2] == pytest.approx(0.5)


def test_a_line_that_was_shut_already_is_ordered_what_the_stated_base_says() -> None:
    """It emits nothing under the order before; 800 g are a half of the 1,600 g that it would emit."""
    stated = {**cut_row("mill", 0, 800.0), "baseline_emission_g": 1600.0}
    shut = [emission_row("mill", 0, 0.0), emission_row("mill", 0, 0.0, "SO2")]
    assert steps(orders([stated], shut)["mill"])[0][2] == pytest.approx(0.5)


def test_without_cuts_there_are_no_orders() -> None:
    assert orders(cuts=[]) == {}
