"""One New York unit, scored without the engine."""

import json

import numpy as np
import pyarrow as pa

from bigdata_emis.validate.nys.units import CHAMPION, FROZEN, RUNNING_HOUR, WALKING, Plan, make_unit_scorer

HOURS = 480
START = np.datetime64("2001-12-22T05")  # local midnight; the second half of the hours is in 2002


def unit_rows(*, heat_of_score_year: float = 10.0) -> pa.Table:
    """Load by day and none by night; heat is 10 GJ/MWh in the fit year."""
    times = START + np.arange(HOURS) * np.timedelta64(1, "h")
    energy = np.where(np.arange(HOURS) % 24 < 6, 0.0, 1000.0 + 100 * (np.arange(HOURS) % 7))
    is_score = times >= np.datetime64("2002-01-01T05")
    activity = energy / 1000 * np.where(is_score, heat_of_score_year, 10.0)
    return pa.table(
        {
            "production_line_id": ["One"] * HOURS,
            "hour_utc": pa.array(times.astype("datetime64[us]"), pa.timestamp("us", "UTC")),
            "energy_kwh": energy,
            "activity": activity,
            "activity_unit_code": ["GJ"] * HOURS,
            "line_unit_code": ["GJ"] * HOURS,
            "industry_code": [""] * HOURS,
        }
    )


def score(rows: pa.Table, *modes: str) -> list[dict]:
    return make_unit_scorer(Plan((2001,), modes, late_h=24))(rows).to_pylist()


def champion_scores(rows: list[dict], mode: str) -> dict:
    (row,) = [r for r in rows if (r["model"], r["mode"], r["hours"]) == (CHAMPION, mode, "load")]
    return json.loads(row["metrics"])


def test_a_proportional_unit_is_estimated_exactly_in_each_mode():
    rows = score(unit_rows(), FROZEN, WALKING)
    for mode in (FROZEN, RUNNING_HOUR, WALKING):
        assert champion_scores(rows, mode)["r2"] > 0.999


def test_a_level_shift_in_the_score_year_is_a_bias_of_the_frozen_champion():
    scores = champion_scores(score(unit_rows(heat_of_score_year=12.5), FROZEN), FROZEN)
    assert abs(scores["nmb"] + 0.2) < 0.01
    assert scores["traits"]["r2_at_level"] > 0.999


def test_a_failed_unit_is_an_error_row_and_raises_nothing():
    rows = unit_rows().set_column(3, "activity", pa.array([None] * HOURS, pa.float64()))
    assert all(row["error"] for row in score(rows, FROZEN))
