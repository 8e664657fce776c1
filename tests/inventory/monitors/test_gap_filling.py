"""Gaps of a monitor: continuous at their ends, covered by their intervals, better than simple methods."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from bigdata_emis import reference
from bigdata_emis.activity_model.operating_state.states import classify_states, fit_states
from bigdata_emis.inventory.monitors.gap_filling import MonitorSeries, fill_gaps
from bigdata_emis.inventory.monitors.monitor_model_ratio import FusionRule
from bigdata_emis.settings import PACKAGE
from tests.inventory.monitors.gap_backtest import FUSED, LAST_WEEK, LINEAR, MODEL, backtest, hide_blocks

PARAMETERS = {row["parameter_name"]: row["parameter_value"] for row in reference.read("fusion_parameter").to_pylist()}
RULE = FusionRule(**{name: PARAMETERS[name] for name in FusionRule.__dataclass_fields__})
UNITS = (
    "ny-arthur-kill-st-2",
    "ny-athens-1",
    "ny-barrett-st-01",
    "ny-greenidge-4",
    "ny-northport-4",
    "ny-caithness-cc-1",
)
MMBTU_PER_MWH = 12.0  # a poor value on purpose: the model alone is wrong by a fifth and more
DAYS = 90
HISTORY_H = 14 * 24


def series(measured, modelled, state=None):
    modelled = np.asarray(modelled, dtype=float)
    states = np.zeros(len(modelled), dtype=np.int64) if state is None else np.asarray(state)
    return MonitorSeries(np.asarray(measured, dtype=float), modelled, modelled / 2, modelled * 2, states)


def filled(measured, modelled, state=None):
    hours = series(measured, modelled, state)
    return fill_gaps(hours, np.ones(len(hours.measured_g), dtype=bool), RULE)


def test_a_gap_follows_the_model_at_the_level_of_the_monitor():
    """A hundred hours at twice the model: the gap is twice the model, at any level of the model."""
    result = filled([200.0] * 100 + [np.nan] * 3, [100.0] * 100 + [50.0, 100.0, 150.0])
    assert result.emission_g[100:] == pytest.approx([100, 200, 300], rel=0.05)
    assert np.isnan(result.emission_g[:100]).all()


def test_the_series_is_continuous_at_both_ends_of_the_gap():
    """Ratio 1.5 just before and 0.75 just after the gap: it begins near 1.5 and ends near 0.75."""
    random = np.random.default_rng(1)
    noise = np.exp(np.convolve(random.normal(0, 0.15, 480), np.ones(24) / 24**0.5, "same"))
    measured = np.concatenate([100 * noise, [150.0] * 12, [np.nan] * 72, [75.0] * 12, 100 * noise])
    result = filled(measured, np.full(len(measured), 100.0))
    first, last = result.emission_g[492], result.emission_g[563]
    assert first > 125
    assert last < 88
    assert 80 < result.emission_g[528] < 130


def test_with_few_valid_hours_the_ratio_is_shrunk_to_one_and_the_interval_is_that_of_the_model():
    result = filled([300.0] * 3 + [np.nan], [100.0] * 4)
    assert 100 < result.emission_g[3] < 300
    assert result.p95_g[3] / result.emission_g[3] == pytest.approx(2)


def test_without_a_valid_hour_the_model_is_not_corrected():
    result = filled([np.nan] * 2, [100.0, 50.0])
    assert result.emission_g.tolist() == [100, 50]
    assert np.isnan(result.ratio).all()


def test_an_idle_line_emits_what_was_measured_in_idle_hours():
    measured = [100.0] * 30 + [2.0] * 5 + [100.0] * 30 + [np.nan] * 2
    modelled = [100.0] * 30 + [0.0] * 5 + [100.0] * 30 + [0.0, 100.0]
    result = filled(measured, modelled, [1] * 30 + [0] * 5 + [1] * 30 + [0, 1])
    assert result.emission_g[65] == 2
    assert result.emission_g[66] == pytest.approx(100)


def test_a_pollutant_without_a_model_has_the_level_measured_in_the_same_state():
    state = [0, 1] * 30
    measured = [10.0 if s else 1.0 for s in state[:-2]] + [np.nan] * 2
    result = filled(measured, np.full(60, np.nan), state)
    assert result.emission_g[58:].tolist() == [1, 10]


def test_hidden_blocks_are_whole_days_and_do_not_touch():
    hidden = hide_blocks(np.ones(24 * 200, dtype=bool), shortest_days=1, longest_days=7, hidden_share=0.2, seed=3)
    lengths = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], hidden, [0]]).astype(int))))[::2]
    assert {int(length) % 24 for length in lengths} == {0}
    assert 0.2 <= hidden.mean() < 0.25


def test_hidden_blocks_of_measured_units_are_filled_better_than_by_simple_methods():
    """Measured fuel heat of six New York units is the monitor, load times a constant is the model."""
    table = pq.read_table(
        PACKAGE / "regions/nys/data/thermal_2018.parquet", filters=[("production_line_id", "in", UNITS)]
    )
    assert set(table["production_line_id"].to_pylist()) == set(UNITS)
    scores = []
    for seed, unit in enumerate(UNITS):
        rows = table.filter(np.asarray(table["production_line_id"]) == unit).sort_by("hour_utc").slice(0, DAYS * 24)
        load, heat = (rows[name].to_numpy().astype(float) for name in ("gross_load_mw", "heat_input_mmbtu"))
        hours = series(heat, load * MMBTU_PER_MWH, classify_states(fit_states(load), load))
        scores.append(
            backtest(
                hours,
                hide_blocks(np.isfinite(heat), shortest_days=1, longest_days=7, hidden_share=0.25, seed=seed),
                RULE,
                history_h=HISTORY_H,
            )
        )
    median = {
        method: np.median([score[method].nmae for score in scores]) for method in (FUSED, LINEAR, LAST_WEEK, MODEL)
    }
    assert median[FUSED] < 0.4 * min(median[LINEAR], median[LAST_WEEK], median[MODEL])
    assert abs(np.median([score[FUSED].nmb for score in scores])) < 0.03
    assert 0.85 < np.mean([score[FUSED].coverage_90_share for score in scores]) < 0.97
