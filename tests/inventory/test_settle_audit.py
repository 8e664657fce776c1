"""Benchmark coefficients of audited months: their status, and one row for each day."""

import pytest

from bigdata_emis.inventory.settle_audit import ROW, SETTLEMENT
from tests.inventory.audit_frames import JANUARY, audit, fused, settlement
from tests.inventory.industry_frames import hour


def test_a_month_with_missing_hours_is_incomplete_and_a_distant_audit_contradicts(spark):
    missing = settlement(spark, [fused(n, 100.0) for n in range(JANUARY - 1)], [audit(1.0)])
    nothing = settlement(spark, [], [audit(1.0)])
    far = settlement(spark, [fused(n, 100.0, "measured") for n in range(JANUARY)], [audit(JANUARY * 900.0)])
    assert set(missing["audit_status_code"].to_pylist()) == {"incomplete"}
    assert (set(nothing["audit_status_code"].to_pylist()), set(nothing["method_code"].to_pylist())) == (
        {"incomplete"},
        {"none"},
    )
    assert set(far["audit_status_code"].to_pylist()) == {"contradicts"}


def test_an_audit_of_a_pollutant_that_the_line_does_not_emit_is_not_emitted(spark):
    """Line a emits, but no SO2; line z has no hours at all, and waits."""
    settlement_rows = settlement(
        spark,
        [fused(n, 100.0) for n in range(JANUARY)],
        [audit(1.0, pollutant="SO2"), audit(1.0, line="z", pollutant="SO2")],
    ).to_pandas()
    assert {line: set(rows.audit_status_code) for line, rows in settlement_rows.groupby("source_id")} == {
        "a": {"not_emitted"},
        "z": {"incomplete"},
    }


def test_a_window_without_a_whole_month_has_no_settlement(spark):
    assert settlement(spark, [fused(n, 100.0) for n in range(24)], [audit(1.0)], days=1).num_rows == 0


def test_every_day_of_the_month_has_its_settlement(spark):
    settlement_rows = settlement(spark, [fused(n, 100.0) for n in range(JANUARY)], [audit(JANUARY * 90.0)])
    assert settlement_rows["from_utc"].to_pylist() == [hour(24 * day) for day in range(31)]


def test_the_shift_of_an_audit_is_relative_to_the_error_of_month_and_audit(spark):
    """One modelled method: reach c s summed over the month times the shift closes the difference to the audit."""
    rows = settlement(spark, [fused(n, 100.0) for n in range(JANUARY)], [audit(JANUARY * 110.0)]).to_pylist()
    row = rows[0]
    explained = row["shared_coefficient"] + row["own_coefficient"]
    assert row["audit_shift"] * explained * row["mean_sd_g"] == pytest.approx(10.0)
    assert row["made_emission_g"] == pytest.approx(JANUARY * 100.0)


def test_the_rows_for_the_engine_have_the_columns_of_the_settlement():
    assert [column.split()[0] for column in ROW.split(", ")] == SETTLEMENT.names
