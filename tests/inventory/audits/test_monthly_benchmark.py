"""One line and month against its audit: how far each hour moves, and the status of the audit."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.equations.uncertainty import emission_g_p05, emission_g_p95
from bigdata_emis.inventory.audits.monthly_benchmark import APPLIED_STATUSES, benchmark_month
from bigdata_emis.reference.error_correlations import ErrorCorrelations

CORRELATIONS = ErrorCorrelations(
    pa.table(
        {
            "sector_code": pa.array([None, None], pa.string()),
            "method_code": ["measured", "modelled"],
            "class_variance_share": [0.0, 1.0],
            "persistence_share": [0.0, 0.0],
        }
    )
)


def hours(*grams, method="modelled", sd_share=0.5):
    return pa.table(
        {
            "method_code": pa.array([method] * len(grams), pa.string()),
            "emission_g": pa.array(grams, pa.float64()),
            "emission_g_p05": pa.array([emission_g_p05(g, sd_share) for g in grams], pa.float64()),
            "emission_g_p95": pa.array([emission_g_p95(g, sd_share) for g in grams], pa.float64()),
            "is_made": pa.array([True] * len(grams), pa.bool_()),
        }
    )


def benchmark(rows, audited_g, relative_sd_share=0.05, hour_count=None):
    audit = {"audited_emission_g": audited_g, "relative_sd_share": relative_sd_share}
    return benchmark_month(rows, audit, hour_count or len(rows), CORRELATIONS)


def moved(result):
    return np.maximum(result.emission_g + result.shift * result.reach_g, 0).tolist()


def test_with_a_fully_shared_error_all_hours_move_by_one_ratio():
    result = benchmark(hours(100.0, 300.0), 500.0)
    assert moved(result) == pytest.approx([125, 375])
    assert result.status == "agrees"


def test_with_independent_errors_hours_move_by_their_variance():
    """Standard deviations of 1 and 3 g: of 10 g, one tenth and nine tenths."""
    rows = hours(10.0, 30.0, method="measured", sd_share=0.1)
    assert moved(benchmark(rows, 42.0)) == pytest.approx([10.2, 31.8])


def test_an_audit_of_zero_leaves_no_emission():
    assert moved(benchmark(hours(100.0, 300.0), 0.0)) == [0, 0]


def test_an_hour_that_would_become_negative_is_zero_and_the_others_close_the_month():
    rows = pa.concat_tables(
        [hours(1.0, method="measured", sd_share=2.0), hours(100.0, method="measured", sd_share=0.01)]
    )
    result = benchmark(rows, 99.5)
    assert sum(moved(result)) == pytest.approx(99.5)
    assert min(moved(result)) >= 0


@pytest.mark.parametrize(
    ("rows", "audited_g", "hour_count", "status"),
    [
        (hours(100.0, 100.0), 210.0, 2, "agrees"),
        (hours(100.0, 100.0), 9e9, 2, "contradicts"),
        (hours(100.0), 210.0, 2, "incomplete"),
        (hours(0.0, 0.0), 210.0, 2, "nothing_to_move"),
    ],
)
def test_the_status_of_an_audit_follows_from_its_hours(rows, audited_g, hour_count, status):
    assert benchmark(rows, audited_g, hour_count=hour_count).status == status


def test_a_line_that_emits_other_pollutants_only_does_not_wait_for_hours():
    rows = hours(100.0).set_column(1, "emission_g", pa.array([None], pa.float64()))
    assert benchmark(rows, 210.0, hour_count=2).status == "not_emitted"


def test_a_settlement_has_one_row_for_each_method():
    rows = pa.concat_tables([hours(10.0, method="measured", sd_share=0.1), hours(10.0)])
    settlement = benchmark(rows, 20.0).settlement_rows()
    assert [row["method_code"] for row in settlement] == ["measured", "modelled"]
    assert {row["made_emission_g"] for row in settlement} == {20.0}


def test_only_audits_with_a_shift_are_applied():
    assert set(APPLIED_STATUSES) == {"agrees", "contradicts", "reconciled"}
