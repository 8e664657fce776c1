"""Simulated meters: which lines they measure, and how power follows activity."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.demo.plan import find_size
from bigdata_emis.demo.world.enterprises import draw_industry
from bigdata_emis.demo.world.power_meters import day_energy, draw_meters, line_energy, true_meter_energy
from bigdata_emis.demo.world.tiers import assign_tiers
from tests.demo.builders import LINE, TREATED, size_of, two_lines, wired_meters


def test_power_is_base_load_plus_a_part_that_follows_activity():
    lines = pd.DataFrame([{**LINE, "power_elasticity": 2.0}])
    utilisation = np.full((1, 960), 0.5, dtype=np.float32)
    energy = line_energy(lines, utilisation, slice(0, 1))
    assert energy[0, 0] == pytest.approx(100 * (0.1 + 0.9 * 0.25))


def test_the_base_load_remains_when_production_stops():
    lines = pd.DataFrame([LINE])
    utilisation = np.zeros((1, 960), dtype=np.float32)
    utilisation[0, 48:96] = 1.0
    meters = draw_meters(1, size_of(1), lines)
    energy = day_energy(1, 0, meters=meters, lines=lines, utilisation=utilisation, untreated=TREATED[:1])
    assert energy[0, :48].mean() == pytest.approx(10, rel=0.02)
    assert energy[0, 48:].mean() == pytest.approx(100, rel=0.02)


def test_a_shared_meter_reads_what_its_lines_buy_and_a_generator_what_it_generates():
    untreated = TREATED[:2].copy()
    untreated[0, 4:] = True
    energy = true_meter_energy(
        0,
        meters=wired_meters(),
        lines=two_lines(),
        utilisation=np.ones((2, 960), dtype=np.float32),
        untreated=untreated,
    )
    assert energy[0] == pytest.approx(np.full(96, 100 + 100))
    assert energy[1] == pytest.approx(np.full(96, 100))
    assert energy[2, [0, 4]] == pytest.approx([10, 0.2])


def test_stated_shares_of_a_shared_meter_add_up_to_one():
    lines = assign_tiers(2, draw_industry(2, find_size("small")).truth, pd.DataFrame({"line_row": []}, dtype=int))
    share = draw_meters(2, find_size("small"), lines).meter_share
    sums = share.dropna().groupby("meter_id")["energy_share"].sum()
    assert len(sums) > 0
    assert sums.to_numpy() == pytest.approx(1)
    assert share["energy_share"].isna().any()
