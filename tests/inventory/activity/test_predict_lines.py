"""Hours of lines with stored models: rows in, rows out, with an interval as certain as the energy."""

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis.inventory.activity.predict_lines import COLUMNS, EnergyRule, make_line_estimator

START = datetime(2019, 1, 1, tzinfo=UTC)
RULE = EnergyRule(learnt_energy_relative_sd=0.03, beyond_taught_relative_sd=0.2)
INTERVAL = {"edges": [], "running": [[-1.0, 1.0]], "starting": [-1.0, 1.0]}
PROPORTIONAL = {"form": "proportional", "activity_per_kwh": 2.0, "interval": INTERVAL}


def hours(line, *energies, sd=0.0, imputation="none"):
    count = len(energies)
    return pa.table(
        {
            "production_line_id": [line] * count,
            "hour_utc": pa.array([START + timedelta(hours=n) for n in range(count)], pa.timestamp("us", "UTC")),
            "energy_kwh": pa.array(energies, pa.float64()),
            "energy_sd_kwh": pa.array([sd] * count, pa.float64()),
            "method_code": ["modelled"] * count,
            "imputation_code": [imputation] * count,
        }
    )


def models(**parameters_by_line):
    count = len(parameters_by_line)
    return pa.table(
        {
            "production_line_id": list(parameters_by_line),
            "activity_unit_code": ["t"] * count,
            "model_version_id": ["v1"] * count,
            "parameters_json": [json.dumps(parameters) for parameters in parameters_by_line.values()],
            "activity_correction": [1.0] * count,
            "interval_correction": [1.0] * count,
            "blend_json": [""] * count,
            "blend_version_id": [""] * count,
            "blend_share": [0.0] * count,
            "level_to_hour": [0] * count,
        }
    )


def estimated(energy, parameters, **options):
    estimate_lines = make_line_estimator("UTC", RULE, **options)
    return estimate_lines(energy, parameters).to_pylist()


def test_a_proportional_model_gives_activity_with_its_interval():
    (row,) = estimated(hours("a", 10.0), models(a=PROPORTIONAL))
    assert tuple(row) == tuple(COLUMNS)
    assert (row["activity"], row["activity_p05"], row["activity_p95"]) == (20, 19, 21)
    assert (row["activity_unit_code"], row["model_version_id"], row["imputation_code"]) == ("t", "v1", "none")


def test_a_pooled_model_also_gives_the_mean_that_sums_need():
    pooled = {"form": "pooled", "activity_per_kwh": 2.0, "lower_relative": 0.5, "upper_relative": 2.0}
    pooled |= {"activity_unit_code": "t", "expected_over_typical": 1.2}
    rows = estimated(pa.concat_tables([hours("a", 10.0), hours("b", 10.0)]), models(a=pooled, b=PROPORTIONAL))
    assert [(row["activity"], row["expected_activity"]) for row in rows] == [(20, 24), (20, 20)]


def test_a_blend_gives_the_weighted_mean_of_both_models_and_of_their_bounds():
    """2 and 4 t/kWh, a quarter of the second: 25 t from 10 kWh, ± 1 t."""
    other = {**PROPORTIONAL, "activity_per_kwh": 4.0}
    model = models(a=PROPORTIONAL).drop_columns(["blend_json", "blend_share"])
    model = model.append_column("blend_json", [[json.dumps(other)]]).append_column("blend_share", [[0.25]])
    (row,) = estimated(hours("a", 10.0), model)
    assert (row["activity"], row["activity_p05"], row["activity_p95"]) == (25, 24, 26)


def test_truth_that_confirms_the_level_makes_its_margin_younger():
    """Half a year without truth: 0.9 × 0.1 × √(1/8 + 1/2) × 20 t; with truth up to the hour a quarter: √(1/8 + 1/4)."""
    hour = int(START.timestamp()) // 3600
    still = {**PROPORTIONAL, "interval": {"edges": [], "running": [[0.0, 0.0]], "starting": [0.0, 0.0]}}
    aged = still | {"level_drift": {"drift_share": 0.1, "latest_hour": hour - 4383}}
    renewed = models(a=aged).drop_columns("level_to_hour").append_column("level_to_hour", [[hour]])
    (old,), (new,) = (estimated(hours("a", 10.0), model) for model in (models(a=aged), renewed))
    assert old["activity_p95"] - 20 == pytest.approx(0.9 * 0.1 * (1 / 8 + 1 / 2) ** 0.5 * 20)
    assert new["activity_p95"] - 20 == pytest.approx(0.9 * 0.1 * (1 / 8 + 1 / 4) ** 0.5 * 20)


def test_uncertain_energy_widens_the_interval_in_quadrature():
    """A standard deviation of 1 kWh moves the activity by 2 × 1.645 t."""
    (row,) = estimated(hours("a", 10.0, sd=1.0), models(a=PROPORTIONAL))
    assert row["activity_p95"] - 20 == pytest.approx((1 + (2 * 1.645) ** 2) ** 0.5, rel=1e-3)


def test_energy_as_certain_as_in_training_does_not_widen_the_interval():
    (row,) = estimated(hours("a", 10.0, sd=0.3), models(a=PROPORTIONAL))
    assert row["activity_p95"] == 21


def test_hours_before_the_window_are_not_returned():
    rows = estimated(hours("a", 10.0, 20.0), models(a=PROPORTIONAL), from_utc=START + timedelta(hours=1))
    assert [row["activity"] for row in rows] == [40]


def test_a_model_that_cannot_be_parsed_gives_one_row_without_activity():
    rows = estimated(
        pa.concat_tables([hours("a", 10.0), hours("b", 10.0)]), models(a=PROPORTIONAL, b={"form": "astrology"})
    )
    assert {row["source_id"]: row["activity"] for row in rows} == {"a": 20, "b": None}


def test_the_imputation_of_the_energy_is_that_of_the_activity():
    (row,) = estimated(hours("a", 10.0, imputation="interpolated"), models(a=PROPORTIONAL))
    assert row["imputation_code"] == "interpolated"
    (row,) = estimated(hours("a", 10.0, imputation=""), models(a=PROPORTIONAL))
    assert row["imputation_code"] is None


def test_if_no_model_can_be_parsed_every_line_has_one_row_without_activity():
    rows = estimated(pa.concat_tables([hours("a", 10.0, 20.0), hours("b", 10.0)]), models(a={}, b={}))
    assert [(row["source_id"], row["activity"]) for row in rows] == [("a", None), ("b", None)]


@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_a_line_whose_estimate_is_not_finite_has_one_row_without_activity():
    """1e300 kWh at 1e90 t a kWh are more than a number can hold."""
    huge = {"form": "proportional", "activity_per_kwh": 1e90, "interval": INTERVAL}
    rows = estimated(pa.concat_tables([hours("a", 10.0), hours("b", 1e300)]), models(a=PROPORTIONAL, b=huge))
    assert {row["source_id"]: row["activity"] for row in rows} == {"a": 20, "b": None}


def test_an_error_that_is_not_of_a_model_is_raised():
    with pytest.raises(KeyError):
        estimated(hours("a", 10.0).drop_columns(["energy_sd_kwh"]), models(a=PROPORTIONAL))


def test_edges_of_runs_are_marked_where_the_load_does_not_show_the_minutes():
    """Runs of one hour and of three; the hour within a run is measured, an imputed hour keeps its own code."""
    unknown = {**PROPORTIONAL, "running_minutes": {"most_r2": 0.2}}
    energies = (0.0, 10.0, 0.0, 10.0, 10.0, 10.0, 0.0)
    codes = [row["imputation_code"] for row in estimated(hours("a", *energies), models(a=unknown))]
    edge = "unknown_minutes"
    assert codes == ["none", edge, "none", edge, "none", edge, "none"]
    assert {row["imputation_code"] for row in estimated(hours("a", *energies), models(a=PROPORTIONAL))} == {"none"}
    filled = hours("a", *energies, imputation="interpolated")
    assert {row["imputation_code"] for row in estimated(filled, models(a=unknown))} == {"interpolated"}
