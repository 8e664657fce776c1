"""Gaps of a monitor: continuity at their ends, honest intervals, and better than plain ways on hidden blocks of measured hours."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from bigdata_emis import reference
from bigdata_emis.activity_model.operating_state.states import fit_states, state_numbers
from bigdata_emis.inventory.monitors.gap_backtest import FUSED, LAST_WEEK, LINEAR, MODEL, backtest, hide_blocks
from bigdata_emis.inventory.monitors.gap_filling import Series, fill_gaps
from bigdata_emis.inventory.monitors.monitor_model_ratio import FusionRule
from bigdata_emis.settings import PACKAGE

GIVEN = {row["parameter_name"]: row["parameter_value"] for row in reference.read("fusion_parameter").to_pylist()}
RULE = FusionRule(**{name: GIVEN[name] for name in FusionRule.__dataclass_fields__})
UNITS = (
    "ny-arthur-kill-st-2",
    "ny-athens-1",
    "ny-barrett-st-01",
    "ny-greenidge-4",
    "ny-northport-4",
    "ny-caithness-cc-1",
)
MMBTU_PER_MWH = 12.0  # a poor guess on purpose: the model alone is off by a fifth and more
DAYS = 90
MEMORY_H = 14 * 24


def series(measured, modelled, state=None):
    modelled = np.asarray(modelled, dtype=float)
    states = np.zeros(len(modelled), dtype=np.int64) if state is None else np.asarray(state)
    return Series(np.asarray(measured, dtype=float), modelled, modelled / 2, modelled * 2, states)


def filled(measured, modelled, state=None):
    given = series(measured, modelled, state)
    return fill_gaps(given, np.ones(len(given.measured_g), dtype=bool), RULE)


def test_a_gap_follows_the_model_at_the_level_of_the_monitor():
    """A hundred hours at twice the model: the gap is twice the model, whatever the model does in it."""
    found = filled([200.0] * 100 + [np.nan] * 3, [100.0] * 100 + [50.0, 100.0, 150.0])
    assert found.emission_g[100:] == pytest.approx([100, 200, 300], rel=0.05)
    assert np.isnan(found.emission_g[:100]).all()


def test_the_series_goes_on_at_both_ends_of_the_gap():
    """Ratio 1 for long, lately 1.5 before and 0.75 after the gap: it begins near the one and ends near the other."""
    random = np.random.default_rng(1)
    wobble = np.exp(np.convolve(random.normal(0, 0.15, 480), np.ones(24) / 24**0.5, "same"))
    measured = np.concatenate([100 * wobble, [150.0] * 12, [np.nan] * 72, [75.0] * 12, 100 * wobble])
    found = filled(measured, np.full(len(measured), 100.0))
    first, last = found.emission_g[492], found.emission_g[563]
    assert first > 125
    assert last < 88
    assert 80 < found.emission_g[528] < 130


def test_with_few_valid_hours_the_ratio_is_shrunk_to_one_and_the_interval_stays_the_model_s():
    found = filled([300.0] * 3 + [np.nan], [100.0] * 4)
    assert 100 < found.emission_g[3] < 300
    assert found.p95_g[3] / found.emission_g[3] == pytest.approx(2)


def test_without_any_valid_hour_the_model_stands_as_it_is():
    found = filled([np.nan] * 2, [100.0, 50.0])
    assert found.emission_g.tolist() == [100, 50]
    assert np.isnan(found.ratio).all()


def test_a_line_that_stands_emits_what_it_emitted_when_it_stood_before():
    measured = [100.0] * 30 + [2.0] * 5 + [100.0] * 30 + [np.nan] * 2
    modelled = [100.0] * 30 + [0.0] * 5 + [100.0] * 30 + [0.0, 100.0]
    found = filled(measured, modelled, [1] * 30 + [0] * 5 + [1] * 30 + [0, 1])
    assert found.emission_g[65] == 2
    assert found.emission_g[66] == pytest.approx(100)


def test_a_pollutant_without_a_model_goes_by_what_was_measured_in_the_same_state():
    state = [0, 1] * 30
    measured = [10.0 if s else 1.0 for s in state[:-2]] + [np.nan] * 2
    found = filled(measured, np.full(60, np.nan), state)
    assert found.emission_g[58:].tolist() == [1, 10]


def test_hidden_blocks_last_whole_days_and_do_not_touch():
    hidden = hide_blocks(np.ones(24 * 200, dtype=bool), shortest_days=1, longest_days=7, hidden_share=0.2, seed=3)
    lengths = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], hidden, [0]]).astype(int))))[::2]
    assert {int(length) % 24 for length in lengths} == {0}
    assert 0.2 <= hidden.mean() < 0.25


def test_hidden_blocks_of_measured_units_are_filled_better_than_by_any_plain_way():
    """Measured fuel heat of six New York units stands for what a monitor measures, load times a constant for the model."""
    table = pq.read_table(
        PACKAGE / "regions/nys/data/thermal_2018.parquet", filters=[("production_line_id", "in", UNITS)]
    )
    assert set(table["production_line_id"].to_pylist()) == set(UNITS)
    scores = []
    for seed, unit in enumerate(UNITS):
        rows = table.filter(np.asarray(table["production_line_id"]) == unit).sort_by("hour_utc").slice(0, DAYS * 24)
        load, heat = (rows[name].to_numpy().astype(float) for name in ("gross_load_mw", "heat_input_mmbtu"))
        given = series(heat, load * MMBTU_PER_MWH, state_numbers(fit_states(load), load))
        scores.append(
            backtest(
                given,
                hide_blocks(np.isfinite(heat), shortest_days=1, longest_days=7, hidden_share=0.25, seed=seed),
                RULE,
                memory_h=MEMORY_H,
            )
        )
    median = {way: np.median([score[way].nmae for score in scores]) for way in (FUSED, LINEAR, LAST_WEEK, MODEL)}
    assert median[FUSED] < 0.4 * min(median[LINEAR], median[LAST_WEEK], median[MODEL])
    assert abs(np.median([score[FUSED].nmb for score in scores])) < 0.03
    assert 0.85 < np.mean([score[FUSED].coverage_90_share for score in scores]) < 0.97
