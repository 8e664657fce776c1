"""The verdict about the trucks of a plant: a breach, obedience that was seen, and what shows neither."""

import dataclasses
import datetime as dt

import pytest

from bigdata_emis.control.transport.truck_compliance import GateHours, judge_plant
from bigdata_emis.control.transport.truck_orders import TruckOrder
from bigdata_emis.window import Window
from tests.control.transport.plants import START, gate_row, gates_table

ORDER = TruckOrder("red", "HeavyT", "IV", "notice")
DAY = Window(START, START + dt.timedelta(days=1))


def judge(*rows: dict, unknown: tuple[dict, ...] = (), usual: tuple[int, ...] = (), order: TruckOrder = ORDER):
    gates = GateHours(gates_table(*rows), gates_table(*unknown, table="gate_quarantine"))
    days = [Window(START + dt.timedelta(days=n), START + dt.timedelta(days=n + 1)) for n in usual]
    return judge_plant(gates, [order], DAY, days, time_zone="Asia/Shanghai")


def test_a_banned_truck_that_entered_is_a_breach_with_its_hours():
    found = judge(gate_row(3, 2), gate_row(7, 1, stage="III"), gate_row(9, 17, stage="VI"))
    assert (found.verdict, found.reason.name) == ("breached", "ENTERED")
    assert (found.ordered_off, found.entries, found.ordered_off_share) == (3, 20, 0.15)
    assert (found.first_utc, found.last_utc) == (START + dt.timedelta(hours=3), START + dt.timedelta(hours=7))
    assert [(trip["emission_stage_code"], trip["entries"], trip["is_ordered_off"]) for trip in found.trips] == [
        ("III", 1, True),
        ("IV", 2, True),
        ("VI", 17, False),
    ]


def test_trucks_outside_the_hours_of_the_order_are_none_of_it():
    found = judge(gate_row(-1, 4), gate_row(24, 5), gate_row(5, 6, stage="V"))
    assert (found.verdict, found.ordered_off, found.entries) == ("obeyed", 0, 6)


@pytest.mark.parametrize(
    ("rows", "unknown", "reason"),
    [
        ((), (), "NO_RECORDS"),
        ((gate_row(-30, 9),), (), "NO_RECORDS"),
        ((gate_row(2, 5, 0, stage="VI"), gate_row(4, 0, 3), gate_row(-3, 2)), (), "EXITS_WITHOUT_ENTRIES"),
        ((gate_row(2, 8, stage="VI"),), (gate_row(3, 1, stage=""),), "KIND_UNKNOWN"),
    ],
)
def test_what_shows_neither_is_unknown(rows, unknown, reason):
    found = judge(*rows, unknown=unknown)
    assert (found.verdict, found.reason.name) == ("unknown", reason)


def test_trucks_that_entered_before_the_order_may_leave_and_a_few_unknown_do_no_harm():
    rows = (gate_row(-3, 2), gate_row(4, 0, 2), gate_row(5, 9, stage="VI"))
    found = judge(*rows, unknown=(gate_row(3, 1, stage=""),))
    assert (found.verdict, found.exits, found.unknown_entries) == ("obeyed", 2, 1)


def test_unknown_trucks_do_not_hide_a_breach():
    assert judge(gate_row(3, 1), unknown=(gate_row(3, 50, stage=""),)).verdict == "breached"


def test_cars_of_staff_are_no_trucks():
    found = judge(gate_row(3, 50, vehicle_class_code="LPV_mini_small", fuel_code="gasoline"))
    assert (found.verdict, found.entries, found.trips) == ("obeyed", 0, [])


def test_a_usual_day_is_the_mean_of_days_with_records():
    assert judge(gate_row(-20, 6), gate_row(-44, 2), gate_row(1, stage="V"), usual=(-1, -2, -3)).usual_per_day == 4.0
    assert judge(gate_row(1, stage="V"), usual=(-1,)).usual_per_day is None


@pytest.mark.parametrize(("hours", "ordered_off"), [((6, 22), 2), ((22, 6), 5), ((0, 24), 7), (None, 7)])
def test_an_order_for_hours_of_the_day_accuses_nobody_outside_them(hours, ordered_off):
    order = dataclasses.replace(ORDER, local_hours=hours)
    assert judge(gate_row(7, 2), gate_row(5, 4), gate_row(22, 1), order=order).ordered_off == ordered_off


@pytest.mark.parametrize("reason", ["ENTERED", "NO_RECORDS", "EXITS_WITHOUT_ENTRIES", "KIND_UNKNOWN", "NONE_ENTERED"])
def test_a_reason_is_said_in_both_languages(reason):
    one = type(judge().reason)[reason]
    assert one.in_english.isascii()
    assert not one.in_chinese.isascii()
