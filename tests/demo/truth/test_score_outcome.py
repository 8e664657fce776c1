"""Scores of the outcome: perfect and silent judges, the truth of a cut, and reliability by hand."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from bigdata_emis.demo.alert_trial.alert_period import alert_window
from bigdata_emis.demo.truth.score_outcome import (
    TARGET_POLLUTANTS,
    has_metered_pair,
    reliability_bins,
    score_achieved,
    score_compliance,
    true_achieved_share,
)
from tests.demo.alert_trial.trial_world import world


def judged(accuses):
    """Compliance of every line and hour of the alert; `accuses(is truly a breach)` says what a judge does."""
    hours = pd.to_datetime(list(alert_window().hour_starts_utc()))
    true = world().is_breach.reshape(len(world().lines), -1, 4).mean(axis=2)[:, -len(hours) :] >= 0.5
    accused = accuses(true)
    return pa.table(
        {
            "source_id": np.repeat(world().lines["production_line_id"].to_numpy(), len(hours)),
            "hour_utc": pa.array(np.tile(hours, len(true))).cast(pa.timestamp("us", tz="UTC")),
            "cut_order_share": np.repeat(world().order_share, len(hours)),
            "compliance_code": np.where(accused, "breached", "obeyed").ravel(),
            "breach_probability_share": np.where(accused, 1.0, 0.0).ravel(),
        }
    )


def test_a_judge_who_knows_the_truth_is_right():
    score = score_compliance(world(), judged(lambda true: true))
    assert (score["all"]["f1"], score["all"]["false_accusation_share"]) == (1.0, 0.0)


def test_a_judge_who_accuses_nobody_misses_everything():
    score = score_compliance(world(), judged(np.zeros_like))
    assert score["all"]["recall"] == 0.0
    assert score["by_kind"]["ignores"]["missed"] > 0


def test_a_judge_who_accuses_everybody_accuses_offline_meters_too():
    score = score_compliance(world(), judged(np.ones_like))
    assert score["all"]["false_accusation_share"] == 1.0
    assert score["accused_offline_hours"] > 0


def test_abatement_that_is_off_can_be_seen_only_where_production_is_metered_too():
    pair = has_metered_pair(world())
    is_unmetered = world().lines["tier"].eq("none").to_numpy()
    energy = world().tables["line_energy_hourly"].to_pandas()
    has_abatement = energy.groupby("production_line_id")["abatement_energy_kwh"].any()
    is_read = has_abatement.reindex(world().lines["production_line_id"]).to_numpy(dtype=bool)
    assert (is_unmetered & is_read).any()
    assert (pair == (is_read & ~is_unmetered)).all()


def test_the_truth_itself_has_no_error_and_is_covered():
    window = alert_window()
    rows = [
        {
            "sector_code": "all",
            "pollutant_code": pollutant,
            "from_utc": window.from_utc,
            "to_utc": window.to_utc,
            "achieved_share": (truth := true_achieved_share(world(), pollutant)),
            "achieved_share_p05": truth - 0.01,
            "achieved_share_p95": truth + 0.01,
        }
        for pollutant in TARGET_POLLUTANTS
    ]
    scores = score_achieved(world(), pa.Table.from_pylist(rows))
    assert [score["error_points"] for score in scores.values()] == pytest.approx([0.0] * len(rows))
    assert all(score["covered_90"] for score in scores.values())


def test_reliability_compares_what_was_stated_with_what_was_true():
    bins = reliability_bins(np.array([0.01, 0.02, 0.9, 0.9]), np.array([False, False, True, False]))
    assert (bins[0]["hours"], bins[0]["true_share"]) == (2, 0.0)
    assert (bins[4]["hours"], bins[4]["true_share"], bins[4]["stated_share"]) == (2, 0.5, pytest.approx(0.9))
