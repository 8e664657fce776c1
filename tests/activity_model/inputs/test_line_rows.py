"""Rows of a line and of its siblings as the models read them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.activity_model.inputs.line_rows import (
    HourlyEnergy,
    column_values,
    drop_sibling_rows,
    hour_numbers,
    hours_of_week,
    local_years,
    parse_sibling_covariate,
    read_series,
    sibling_covariate_name,
    siblings_by_line,
    union_sibling_hours,
)

START = datetime(2019, 1, 1, tzinfo=UTC)


def registry(**enterprises):
    return pa.table({"production_line_id": list(enterprises), "enterprise_id": list(enterprises.values())})


def table_of(*rows):
    """Rows of (sibling or None, hour, energy)."""
    return pa.table(
        {
            "sibling_line_id": pa.array([sibling for sibling, _, _ in rows], pa.string()),
            "hour_utc": pa.array([START + timedelta(hours=hour) for _, hour, _ in rows], pa.timestamp("us", "UTC")),
            "energy_kwh": pa.array([energy for _, _, energy in rows], pa.float64()),
        }
    )


def test_siblings_are_the_other_lines_of_the_enterprise():
    assert siblings_by_line(registry(a="e", b="f", c="e", d="e")) == {"a": ("c", "d"), "c": ("a", "d"), "d": ("a", "c")}


def test_lines_of_an_enterprise_with_more_than_five_lines_have_no_siblings():
    assert siblings_by_line(registry(**dict.fromkeys("abcdef", "e"))) == {}
    assert len(siblings_by_line(registry(**dict.fromkeys("abcde", "e")))) == 5


def test_the_energy_of_a_sibling_is_a_covariate_and_unknown_where_the_sibling_has_none():
    rows = table_of(
        (None, 2, 7.0), ("b", 2, 30.0), (None, 0, 5.0), ("b", 1, 20.0), (None, 1, 6.0), ("c", 0, None), (None, 3, None)
    )
    series, own = read_series(rows, "UTC")
    assert series.energy_kwh.tolist() == [5, 6, 7]
    assert own.num_rows == 3
    assert series.covariates["sibling_energy_kwh:b"] == pytest.approx(np.array([np.nan, 20, 30]), nan_ok=True)
    assert list(series.covariates) == ["sibling_energy_kwh:b"]


def test_a_named_column_is_a_covariate_if_it_exists():
    rows = table_of((None, 0, 5.0)).append_column("air_temperature_degc", pa.array([21.0]))
    series, _ = read_series(rows, "UTC", covariates=("air_temperature_degc", "wind_speed_m_per_s"))
    assert {name: value.tolist() for name, value in series.covariates.items()} == {"air_temperature_degc": [21.0]}


def test_rows_without_a_sibling_column_are_all_the_line_s_own():
    alone = table_of((None, 0, 5.0)).drop_columns(["sibling_line_id"])
    assert drop_sibling_rows(alone) is alone
    assert read_series(alone, "UTC")[0].covariates == {}


def test_the_name_of_a_covariate_names_the_sibling_line():
    assert parse_sibling_covariate(sibling_covariate_name("ny-a:1")) == "ny-a:1"
    assert parse_sibling_covariate("air_temperature_degc") is None


def test_energy_of_another_line_is_looked_up_by_hour():
    energy = HourlyEnergy(np.array([3, 5]), np.array([30.0, 50.0]))
    assert energy.at(np.array([3, 4, 5, 9])) == pytest.approx([30, np.nan, 50, np.nan], nan_ok=True)
    nothing = HourlyEnergy(np.empty(0, dtype=np.int64), np.empty(0))
    assert np.isnan(nothing.at(np.array([1, 2]))).all()


def test_instants_are_hours_since_1970_and_missing_numbers_are_nan():
    rows = table_of((None, 0, None), (None, 1, 2.0))
    assert np.diff(hour_numbers(rows["hour_utc"])).tolist() == [1]
    assert hour_numbers(rows["hour_utc"])[0] * 3600 == START.timestamp()
    assert column_values(rows, "energy_kwh") == pytest.approx([np.nan, 2.0], nan_ok=True)


def test_hours_of_the_week_are_local_and_start_on_monday():
    """1970-01-01 at midnight UTC is a Thursday: hour 72, in Shanghai eight hours later."""
    midnight = np.array([0], dtype=np.int64)
    assert hours_of_week(midnight, "UTC").tolist() == [72]
    assert hours_of_week(midnight, "Asia/Shanghai").tolist() == [80]
    with pytest.raises(ValueError, match="read-only"):
        hours_of_week(midnight, "UTC")[0] = 1


def test_the_year_of_an_hour_is_the_local_one():
    assert local_years(np.array([-1]), "UTC").tolist() == [1969]
    assert local_years(np.array([-1]), "Asia/Shanghai").tolist() == [1970]


def test_without_siblings_the_hours_stay_as_they_are():
    hours = object()
    assert union_sibling_hours(hours, None, {}) is hours


def test_hours_of_siblings_are_added_under_the_line_with_their_working_energy(spark):
    hours = spark.createDataFrame(
        [("a", START, 5.0)], "production_line_id string, hour_utc timestamp, energy_kwh double"
    )
    energy = spark.createDataFrame(
        [("b", START, 9.0, 7.0), ("b", START + timedelta(hours=1), 9.0, None), ("z", START, 1.0, 1.0)],
        "production_line_id string, hour_utc timestamp, energy_kwh double, working_energy_kwh double",
    )
    rows = union_sibling_hours(hours, energy, {"a": ("b",)}).toArrow().to_pylist()
    assert sorted((row["production_line_id"], row["sibling_line_id"] or "", row["energy_kwh"]) for row in rows) == [
        ("a", "", 5.0),
        ("a", "b", 7.0),
        ("a", "b", 9.0),
    ]
