"""Score against the hidden truth, on numbers that can be added up on paper."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from bigdata_emis.demo.truth.score import score, score_by_sector, sum_sector_hours
from bigdata_emis.errors import InputError
from bigdata_emis.storage.lake import Store

HOURS = [datetime(2015, 12, 20, hour, tzinfo=UTC) for hour in range(4)]
INSTANT = pa.timestamp("us", tz="UTC")


def truth(grams: list[float], source: str = "L1") -> pa.Table:
    return pa.table(
        {
            "source_id": [source] * 4,
            "sector_code": ["mobile"] * 4,
            "pollutant_code": ["NOx"] * 4,
            "hour_utc": pa.array(HOURS, INSTANT),
            "truth_emission_g": grams,
        }
    )


def estimate(grams: list[float], width: float, source: str = "L1") -> pa.Table:
    frame = truth(grams, source).rename_columns(
        ["source_id", "sector_code", "pollutant_code", "hour_utc", "emission_g"]
    )
    low, high = [g - width for g in grams], [g + width for g in grams]
    return frame.append_column("emission_g_p05", pa.array(low)).append_column("emission_g_p95", pa.array(high))


def test_an_inventory_that_is_ten_percent_high_has_that_bias():
    measures = score_by_sector(
        sum_sector_hours(truth([10.0, 20.0, 30.0, 40.0]), estimate([11.0, 22.0, 33.0, 44.0], 2.5))
    )["mobile"]["NOx"]
    assert measures["nmb"] == pytest.approx(0.1)
    assert measures["r2"] == pytest.approx(1 - 30 / 500)
    assert measures["coverage_90"] == pytest.approx(0.5)
    assert (measures["n"], measures["missing"]) == (4, 0)


def test_a_source_that_is_not_published_counts_as_zero_and_as_missing():
    both = pa.concat_tables([truth([10.0] * 4), truth([30.0] * 4, "L2")])
    measures = score_by_sector(sum_sector_hours(both, estimate([10.0] * 4, 1.0)))["mobile"]["NOx"]
    assert measures["nmb"] == pytest.approx(-0.75)
    assert (measures["coverage_90"], measures["missing"]) == (1.0, 4)


def test_a_sector_that_never_varies_has_no_r2():
    assert (
        score_by_sector(sum_sector_hours(truth([10.0] * 4), estimate([10.0] * 4, 1.0)))["mobile"]["NOx"]["r2"] is None
    )


def test_nothing_published_is_refused(tmp_path):
    with pytest.raises(InputError, match="none of the simulated days"):
        score(tmp_path, Store(str(tmp_path / "lake"), "jjj", "Asia/Shanghai"))
