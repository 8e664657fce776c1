"""Lines of the same enterprise: who they are, and how their load stands beside that of a line."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.activity_model.inputs.line_rows import (
    own_rows,
    read_series,
    sibling_covariate,
    sibling_of,
    siblings_by_line,
)

START = datetime(2019, 1, 1, tzinfo=UTC)


def registry(**enterprises):
    return pa.table({"production_line_id": list(enterprises), "enterprise_id": list(enterprises.values())})


def rows(*told):
    """Rows of (sibling or None, hour, energy)."""
    return pa.table(
        {
            "sibling_line_id": pa.array([sibling for sibling, _, _ in told], pa.string()),
            "hour_utc": pa.array([START + timedelta(hours=hour) for _, hour, _ in told], pa.timestamp("us", "UTC")),
            "energy_kwh": pa.array([energy for _, _, energy in told], pa.float64()),
        }
    )


def test_siblings_are_the_other_lines_of_the_enterprise():
    assert siblings_by_line(registry(a="e", b="f", c="e", d="e")) == {"a": ("c", "d"), "c": ("a", "d"), "d": ("a", "c")}


def test_lines_of_an_enterprise_with_more_than_five_lines_go_without():
    assert siblings_by_line(registry(**dict.fromkeys("abcdef", "e"))) == {}
    assert len(siblings_by_line(registry(**dict.fromkeys("abcde", "e")))) == 5


def test_the_load_of_a_sibling_stands_beside_the_hours_of_the_line_and_is_unknown_where_it_has_none():
    series, known = read_series(
        rows((None, 2, 7.0), ("b", 2, 30.0), (None, 0, 5.0), ("b", 1, 20.0), (None, 1, 6.0), ("c", 0, None)), "UTC"
    )
    assert series.energy_kwh.tolist() == [5, 6, 7]
    assert known.num_rows == 3
    assert series.covariates["sibling_energy_kwh:b"] == pytest.approx(np.array([np.nan, 20, 30]), nan_ok=True)
    assert list(series.covariates) == ["sibling_energy_kwh:b"]


def test_rows_without_siblings_are_all_the_line_s_own():
    alone = rows((None, 0, 5.0)).drop_columns(["sibling_line_id"])
    assert own_rows(alone) is alone
    assert read_series(alone, "UTC")[0].covariates == {}


def test_the_name_of_a_covariate_tells_whose_energy_it_is():
    assert sibling_of(sibling_covariate("ny-a:1")) == "ny-a:1"
    assert sibling_of("air_temperature_degc") is None
