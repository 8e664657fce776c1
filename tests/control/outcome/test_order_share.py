"""Orders from planned cuts: the share of activity that a line has to cut in each hour."""

from datetime import timedelta

import numpy as np
import pytest

from bigdata_emis.control.outcome.day_grid import DayGrid
from bigdata_emis.control.outcome.order_share import line_mass, order_shares, scenario_of
from bigdata_emis.errors import InputError
from tests.control.outcome.outcome_frames import FIRST, emission, make_table, planned

GRID = DayGrid(FIRST, 1, "UTC")


def shares(emissions, cuts, names=("a",)):
    tables = make_table("control_hourly", cuts), make_table("emission_hourly", emissions)
    return order_shares(*tables, list(names), GRID)[:, 0]


def test_the_order_is_the_planned_share_of_each_hour():
    order = shares(emission("a", lambda n: 10.0, 0, 24), planned("a", lambda n: 4.0 if n >= 12 else 0.0, 0, 24))
    assert order[0].tolist() == pytest.approx([0.0] * 12 + [0.4] * 12)


def test_a_measure_for_one_pollutant_alone_is_no_order_to_produce_less():
    emissions = emission("a", lambda n: 10.0, 0, 24) + emission("a", lambda n: 5.0, 0, 24, pollutant="VOCs")
    assert shares(emissions, planned("a", lambda n: 5.0, 0, 24, pollutant="VOCs")).max() == 0


def test_in_an_hour_without_emission_the_order_goes_on():
    order = shares(emission("a", lambda n: 10.0 if n < 5 else 0.0, 0, 24), planned("a", lambda n: 10.0, 0, 5))
    assert order[0].tolist() == [1.0] * 24


def test_a_cut_is_a_share_of_the_base_that_it_states_where_another_order_was_in_force():
    """The line emits 5 under an order of a half; the new one cuts a fifth of the 10 without it, not two fifths of 5."""
    cuts = [{**row, "baseline_emission_g": 10.0} for row in planned("a", lambda n: 2.0, 0, 24)]
    assert shares(emission("a", lambda n: 5.0, 0, 24), cuts)[0].tolist() == pytest.approx([0.2] * 24)


def test_a_line_without_inventory_has_no_known_order():
    assert np.isnan(shares(emission("a", lambda n: 10.0, 0, 24), [], names=("b",))).all()


def test_planned_cuts_of_two_scenarios_or_of_none_are_refused():
    both = planned("a", lambda n: 1.0, 0, 1) + planned("a", lambda n: 1.0, 0, 1, scenario="plan-2")
    with pytest.raises(InputError, match="planned cuts of 2 scenarios"):
        scenario_of(make_table("control_hourly", both))
    with pytest.raises(InputError, match="no planned cut"):
        scenario_of(make_table("control_hourly", []))
    assert scenario_of(make_table("control_hourly", both[:1])) == "plan-1"


def test_mass_lies_at_its_line_and_hour():
    rows = make_table("emission_hourly", emission("b", lambda n: float(n), 0, 3))
    mass = line_mass(rows, "emission_g", "NOx", ["a", "b"], DayGrid(FIRST - timedelta(days=1), 2, "UTC"))
    assert mass[1, 1, :3].tolist() == [0.0, 1.0, 2.0]
    assert np.isnan(mass[0]).all()
