"""Detection of planted totals of the power bureau, counted on paper."""

from datetime import UTC, date, datetime

import pandas as pd
import pyarrow as pa
import pytest

from bigdata_emis.demo.truth.score_bureau import compare_planted_with_detected, score_planted_totals
from bigdata_emis.demo.truth.truth import FOLDER, TruthFiles
from bigdata_emis.schema import table
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage.lake import Store

HOURS = pd.date_range("2015-12-19T16:00Z", periods=2, freq="h")
BALANCE_CODES = {"1": ("exceeded", "reconciled"), "2": ("reconciled", "reconciled"), "3": ("reconciled", "unexplained")}
PLANTED = pd.DataFrame({"day": "2015-12-20", "district_id": ["1", "2"], "industry_code": "foundry"})


@pytest.fixture
def balance() -> pd.DataFrame:
    """Three cells of two hours: one planted and detected, one planted and missed, one false alarm."""
    return pd.DataFrame(
        [
            {"district_id": cell, "industry_code": "foundry", "hour_utc": hour, "balance_code": code}
            for cell, codes in BALANCE_CODES.items()
            for hour, code in zip(HOURS, codes, strict=True)
        ]
    )


def test_half_of_the_planted_totals_are_detected_and_the_rest_are_false_alarms(balance):
    assert compare_planted_with_detected(balance, PLANTED) == {
        "planted_cell_days": 2,
        "planted_found_share": 0.5,
        "contradicted_elsewhere_share": 0.5,
    }


def test_without_planted_totals_there_is_no_detected_share(balance):
    assert compare_planted_with_detected(balance, PLANTED.head(0))["planted_found_share"] is None


def test_the_score_reads_the_reconciled_days_of_the_lake(balance, tmp_path):
    store = Store(str(tmp_path / "lake"), "jjj", "Asia/Shanghai")
    declared = table("energy_balance_hourly")
    names = arrow_schema(declared)
    numbers = dict.fromkeys((f.name for f in names if pa.types.is_floating(f.type)), 1.0)
    rows = pa.Table.from_pylist(
        [{**numbers, **row} for row in balance.to_dict("records")], pa.schema([(f.name, f.type) for f in names])
    )
    known = datetime(2015, 12, 21, tzinfo=UTC)
    store.write(declared.name, conform(rows, declared), [date(2015, 12, 20)], known_utc=known, run_id="x")
    TruthFiles(tmp_path / FOLDER).write_frame("miscounted_total", PLANTED)
    assert score_planted_totals(tmp_path, store)["planted_found_share"] == 0.5
