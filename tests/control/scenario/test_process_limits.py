"""Processes that cannot stop: least load and ramps."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario.process_limits import (
    NO_MEASURE,
    UNLIMITED,
    KindLimits,
    ProcessLimit,
    StatedLimits,
    counted_shares,
    ramped_cut_shares,
    read_machine_shares,
    read_process_limits,
    share_up_to,
)
from bigdata_emis.region import Grid, Region
from tests.control.scenario.day_frames import counted

REGION = Region("r", Path("r"), "R", "区", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, {}, {})
OVEN = ProcessLimit(min_load_share=0.4, ramp_down_h=12, restart_h=24)


def ramp(ordered, down_h, up_h):
    count = len(ordered)
    return ramped_cut_shares(np.array(ordered, dtype=float), np.full(count, down_h), np.full(count, up_h)).tolist()


def test_without_a_ramp_the_order_is_followed_at_once() -> None:
    assert ramp([0.5, 1.0, 0.0], 0, 0) == [0.5, 1.0, 0.0]


def test_a_cut_grows_by_the_hours_to_stop_and_shrinks_by_the_hours_to_restart() -> None:
    assert ramp([1, 1, 1, 0, 0, 0], 2, 4) == pytest.approx([0.25, 0.75, 1.0, 0.875, 0.625, 0.375])


def test_a_small_cut_is_reached_within_its_part_of_the_ramp() -> None:
    assert ramp([0.25, 0.25], 4, 4) == pytest.approx([0.125, 0.25])


def test_the_mean_of_a_ramp_never_exceeds_the_order() -> None:
    random = np.random.default_rng(1)
    for _ in range(50):
        largest = random.uniform()
        means = ramp([largest] * 10, random.integers(0, 12), random.integers(0, 12))
        assert max(means) <= largest + 1e-12
        assert sorted(means) == means


def test_a_measure_that_names_the_line_has_priority_and_states_its_own_limits() -> None:
    broad = Measure("m", "red", industry_code="coking")
    line = Measure("m", "red", production_line_id="oven")
    own = Measure("m", "red", production_line_id="oven", min_load_share=0.2, ramp_down_h=1, restart_h=2)
    assert [OVEN.of_measure(one).min_load_share for one in (broad, line, own)] == [0.4, 0.0, 0.2]
    assert [OVEN.of_measure(one).ramp_down_h for one in (broad, line, own)] == [12, 12, 1]


def test_limits_on_whole_arrays_are_those_of_each_measure() -> None:
    measures = [
        Measure("broad", "red", industry_code="coking"),
        Measure("line", "red", production_line_id="oven"),
        Measure("own", "red", production_line_id="oven", min_load_share=0.2, ramp_down_h=0, restart_h=0),
    ]
    limits = KindLimits(StatedLimits(measures), [OVEN, UNLIMITED])
    winners = np.array([[[0, 1, 2, NO_MEASURE]], [[0, 1, 2, NO_MEASURE]]])
    assert limits.least_loads(winners).tolist() == [[[0.4, 0.0, 0.2, 0.0]], [[0.0, 0.0, 0.2, 0.0]]]
    assert limits.has_ramp(winners).tolist() == [True, False]
    assert limits.has_ramp(winners[:, :, 2:]).tolist() == [False, False]
    reached = limits.ramp(np.array([0]), np.array([[[0, 0, NO_MEASURE]]]), np.array([[[0.5, 0.5, 0.0]]]))
    assert reached[0, 0] == pytest.approx([1 / 24, 1 / 8, (1 / 6 + 1 / 8) / 2])


def test_every_guarantee_and_limit_has_its_row() -> None:
    limits = read_process_limits(REGION)
    assert limits["coal_power"].is_supply_guaranteed
    assert not limits["coking"].is_supply_guaranteed
    assert limits["coking"].min_load_share == pytest.approx(20 / 48, abs=1e-3)


def test_the_shares_of_machines_sum_to_one() -> None:
    for shares in read_machine_shares(REGION).values():
        assert sum(shares.values()) == pytest.approx(1.0)


def test_machines_up_to_a_stage_are_that_stage_and_older_ones() -> None:
    shares = {"I": 0.1, "II": 0.6, "III": 0.3}
    found = [share_up_to(stage, shares) for stage in ("PRE", "I", "II", "III", "all")]
    assert found == pytest.approx([0.0, 0.1, 0.7, 1.0, 1.0])


def test_counted_machines_have_the_shares_of_their_own_tonnes() -> None:
    shares = counted_shares(counted(("a", "II", 6.0), ("a", "IV", 2.0), ("b", "III", 1.0), ("c", "I", 0.0)))
    assert shares == {"a": {"NOx": {"II": 0.75, "IV": 0.25}}, "b": {"NOx": {"III": 1.0}}}


def test_what_follows_counted_machines_has_their_stages() -> None:
    machines = counted(("a", "II", 6.0), ("a", "IV", 2.0))
    carbon = counted(("a", "II", 3.0), ("a", "IV", 1.0))
    for name, code in (("pollutant_code", "BC"), ("annual_source_code", "scaled_with_count")):
        carbon = carbon.set_column(carbon.column_names.index(name), name, [[code] * 2])
    of_stages = {"II": 0.75, "IV": 0.25}
    assert counted_shares(pa.concat_tables([machines, carbon])) == {"a": {"NOx": of_stages, "BC": of_stages}}


def test_parked_vehicles_are_no_machines() -> None:
    table = counted(("a", "II", 6.0))
    parked = table.set_column(
        table.column_names.index("annual_source_code"), "annual_source_code", [["parked_vehicles"]]
    )
    assert counted_shares(parked) == {}
