"""The orders of a day: what each line is asked, as it is when obedience is judged."""

import pytest

from bigdata_emis.report.brief.order_list import list_orders
from tests.report.brief.briefed_town import CUTS, EMISSION, ENTERPRISES, HOUR, LINES, cut_row, emission_row
from tests.report.stores import START, declared_table


def orders(cuts=CUTS, emission=EMISSION):
    tables = declared_table("control_hourly", list(cuts)), declared_table("emission_hourly", list(emission))
    return {order["line"]: order for order in list_orders(*tables, LINES, ENTERPRISES)}


def test_a_line_has_its_share_hours_and_cut_and_other_sources_have_no_order() -> None:
    listed = orders()
    assert list(listed) == ["kiln", "mill"]
    kiln, mill = listed["kiln"], listed["mill"]
    assert (kiln["cut_share"], kiln["cut_g"], kiln["enterprise_zh"]) == (1.0, {"NOx": 3000.0}, "北厂")
    assert (mill["cut_share"], mill["from_utc"], mill["to_utc"]) == (0.5, START + HOUR, START + 2 * HOUR)


def test_a_measure_for_one_pollutant_does_not_ask_for_less_output() -> None:
    listed = orders(emission=[*EMISSION, *(emission_row("mill", n, 10.0, "SO2") for n in range(3))])
    assert (listed["mill"]["cut_share"], listed["mill"]["cut_g"]) == (0.0, {"NOx": 1000.0})


def test_the_strictest_hour_counts() -> None:
    assert orders(cuts=[*CUTS, cut_row("mill", 0, 800.0)])["mill"]["cut_share"] == pytest.approx(0.8)


def test_a_share_is_of_the_base_that_the_cut_states() -> None:
    """While another order was in force the emission is not the base: 800 g are a half of 1,600 g."""
    stated = {**cut_row("mill", 0, 800.0), "baseline_emission_g": 1600.0}
    assert orders(cuts=[stated])["mill"]["cut_share"] == pytest.approx(0.5)


def test_without_cuts_there_are_no_orders() -> None:
    assert orders(cuts=[]) == {}
