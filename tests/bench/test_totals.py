"""Totals on which contenders must agree."""

import pyarrow as pa
import pyarrow.parquet as pq

from bench.totals import compute_totals, find_differences


def write(folder, table, columns):
    (folder / table).mkdir()
    pq.write_table(pa.table(columns), folder / table / "part.parquet")


def test_rows_codes_and_sums_of_a_table_by_hand(tmp_path):
    write(
        tmp_path,
        "power_hourly",
        {"energy_kwh": [1.0, 2.0, 4.0], "imputation_code": ["none", "none", "scaled"], "meter_id": ["a", "b", "c"]},
    )
    assert compute_totals(tmp_path) == {
        "power_hourly rows": 3,
        "power_hourly imputation_code none": 2,
        "power_hourly imputation_code scaled": 1,
        "power_hourly energy_kwh": 7.0,
    }


def test_emission_is_summed_by_pollutant_and_bounds_of_power_are_not_compared(tmp_path):
    write(
        tmp_path,
        "emission_hourly",
        {"pollutant_code": ["CO", "NOx", "CO"], "emission_g": [1.0, 2.0, 3.0], "emission_g_p05": [0.0, 0.0, 0.0]},
    )
    totals = compute_totals(tmp_path, "power")
    assert totals == {
        "emission_hourly rows": 3,
        "emission_hourly emission_g CO": 4.0,
        "emission_hourly emission_g NOx": 2.0,
    }


def test_chosen_forms_are_counted(tmp_path):
    write(tmp_path, "model_score", {"form_code": ["affine", "proportional"], "is_chosen": [True, False]})
    totals = compute_totals(tmp_path)
    assert totals["model_score chosen affine"] == 1
    assert "model_score chosen proportional" not in totals


def test_totals_that_differ_by_a_millionth_are_reported_and_rounding_is_not():
    assert find_differences({"rows": 1e6}, {"rows": 1e6 + 1}) == ["rows: 1000000.0 and 1000001.0"]
    assert find_differences({"sum": 1.0}, {"sum": 1.0 + 1e-12}) == []
    assert find_differences({"rows": 1.0}, {}) == ["rows: 1.0 and 0.0"]
