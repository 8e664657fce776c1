"""Rows of monitored lines fused with their model: measured, corrected, profile, or as modelled."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.monitors.fuse_lines import COLUMNS, make_line_fuser
from bigdata_emis.inventory.monitors.monitor_model_ratio import FusionRule
from bigdata_emis.reference.pollutant_hierarchy import Containment

START = datetime(2019, 1, 1, tzinfo=UTC)
RULE = FusionRule(ratio_h=72, prior_h=3, persistence_h=24, persistent_share=0.7, neighbour_h=12, least_interval_h=72)
INPUTS = pa.schema(
    [
        ("source_id", pa.string()),
        ("pollutant_code", pa.string()),
        ("hour_utc", pa.timestamp("us", "UTC")),
        ("emission_g", pa.float64()),
        ("emission_g_p05", pa.float64()),
        ("emission_g_p95", pa.float64()),
        ("method_code", pa.string()),
        ("factor_source_code", pa.string()),
        ("measured_emission_g", pa.float64()),
        ("energy_kwh", pa.float64()),
    ]
)


def row(number, modelled_g, measured_g, pollutant="NOx"):
    has_model = modelled_g is not None
    return {
        "source_id": "a",
        "pollutant_code": pollutant,
        "hour_utc": START + timedelta(hours=number),
        "emission_g": modelled_g,
        "emission_g_p05": modelled_g / 2 if has_model else None,
        "emission_g_p95": modelled_g * 2 if has_model else None,
        "method_code": "modelled" if has_model else None,
        "factor_source_code": "reference" if has_model else None,
        "measured_emission_g": measured_g,
        "energy_kwh": 50.0,
    }


def fused(rows, start_h=0, hour_count=24):
    fuse_lines = make_line_fuser(
        RULE,
        0.1,
        Containment(reference.read("pollutant_part")),
        first=START,
        start=START + timedelta(hours=start_h),
        end=START + timedelta(hours=hour_count),
    )
    result = fuse_lines(pa.Table.from_pylist(rows, INPUTS)).to_pylist()
    return {(r["pollutant_code"], (r["hour_utc"] - START) // timedelta(hours=1)): r for r in result}


def test_a_measured_hour_has_the_value_of_the_monitor_and_no_factor():
    result = fused([row(0, 100.0, 30.0)])["NOx", 0]
    assert (result["emission_g"], result["method_code"], result["factor_source_code"]) == (30, "measured", None)
    assert result["emission_g_p05"] < 30 < result["emission_g_p95"]
    assert tuple(result) == COLUMNS


def test_a_gap_is_corrected_by_the_ratio_of_the_hours_before():
    rows = [row(n, 100.0, 200.0 if n < 20 else None) for n in range(24)]
    result = fused(rows, start_h=20)
    assert sorted(hour for _, hour in result) == [20, 21, 22, 23]
    assert result["NOx", 20]["method_code"] == "corrected"
    assert result["NOx", 20]["monitor_ratio"] == pytest.approx(2, rel=0.1)
    assert result["NOx", 20]["factor_source_code"] == "reference"


def test_a_gap_without_a_model_is_a_profile_of_the_measured_level():
    result = fused([row(n, None, 5.0 if n < 20 else None) for n in range(24)])
    assert (result["NOx", 23]["emission_g"], result["NOx", 23]["method_code"]) == (5, "profile")


def test_an_unmonitored_pollutant_keeps_its_model_and_a_size_fraction_follows_its_monitored_total():
    rows = [row(0, 10.0, None, "SO2"), row(0, 100.0, 50.0, "PM10"), row(0, 60.0, None, "PM2.5")]
    result = fused(rows)
    assert (result["SO2", 0]["emission_g"], result["SO2", 0]["method_code"]) == (10, "modelled")
    assert (result["PM2.5", 0]["emission_g"], result["PM2.5", 0]["method_code"]) == (30, "corrected")
    assert result["PM2.5", 0]["monitor_ratio"] == 0.5
