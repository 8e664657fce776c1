"""The quantity that shows a line's load: its own meter, its stack, or none, with the reason."""

import numpy as np

from bigdata_emis.control.outcome.day_grid import DayGrid
from bigdata_emis.control.outcome.load_indicators import LineMeasurements, choose_indicator
from tests.control.outcome.outcome_frames import FIRST, hour, line_energy, make_table

GRID = DayGrid(FIRST, 1, "UTC")
STACK = {"stack_id": "S1", "production_line_id": "a"}


def flows(stack_id, value, *, valid=True):
    key = {"stack_id": stack_id, "pollutant_code": "NOx", "is_valid": valid, "imputation_code": "none"}
    return [{**key, "hour_utc": hour(n), "flow_m3_per_h": value, "reading_count": 1} for n in range(24)]


def measure(energy, cems=(), stacks=()):
    tables = make_table("line_energy_hourly", energy), make_table("cems_hourly", list(cems))
    return LineMeasurements.of(*tables, make_table("stack", list(stacks)), ["a"], GRID)


def test_a_metered_line_is_judged_by_its_power():
    chosen = choose_indicator(measure(line_energy("a", lambda h: 1.0, jitter=0)), ["foundry"])
    assert chosen.reason == [""]
    assert not chosen.is_flow[0]
    assert chosen.values[0].ravel().tolist() == [100.0] * 24


def test_an_imputed_hour_is_no_measurement():
    rows = line_energy("a", lambda h: 1.0)
    rows[3] |= {"energy_method_code": "imputed", "metered_energy_kwh": 77.0}
    measured = measure(rows)
    assert np.flatnonzero(np.isnan(measured.energy_kwh)).tolist() == [3]


def test_a_coke_oven_is_judged_by_its_stack_and_without_one_not_at_all():
    energy = line_energy("a", lambda h: 1.0)
    by_stack = choose_indicator(measure(energy, flows("S1", 50.0), [STACK]), ["coking"])
    assert by_stack.is_flow[0]
    assert by_stack.values[0].max() == 50.0
    without = choose_indicator(measure(energy), ["coking"])
    assert without.reason == ["not_by_power"]
    assert np.isnan(without.values).all()


def test_a_line_without_a_meter_of_its_own_is_not_judged():
    assert choose_indicator(measure(line_energy("a", lambda h: 1.0, method="shared")), ["foundry"]).reason == [
        "shared_meter"
    ]
    assert choose_indicator(measure([]), ["foundry"]).reason == ["no_meter"]


def test_the_flow_of_a_line_is_that_of_all_its_stacks_and_unknown_with_one_missing():
    stacks = [STACK, {**STACK, "stack_id": "S2"}]
    both = measure([], [*flows("S1", 50.0), *flows("S2", 30.0)], stacks)
    assert both.stack_flow.ravel().tolist() == [80.0] * 24
    one = measure([], [*flows("S1", 50.0), *flows("S2", 30.0, valid=False)], stacks)
    assert np.isnan(one.stack_flow).all()
