"""The plain script for stack readings, on a file whose hours are computed by hand."""

from datetime import datetime
from pathlib import Path

import polars as pl

from bench.rivals.cems_polars import run

ROWS = """stack,pollutant,time,mg_m3,m3_h,status
S1,21026,2024-11-01 00:00:00,10,2000,N
S1,21026,2024-11-01 00:00:00,20,2000,N
S1,21026,2024-11-01 01:00:00,-1,2000,N
S1,21026,2024-11-01 02:00:00,40,2000,N
S1,21026,2024-11-01 03:00:00,40,2000,M
S9,21026,2024-11-01 03:00:00,40,2000,N
"""


def test_the_last_reading_counts_and_a_short_gap_is_on_a_straight_line(tmp_path: Path) -> None:
    """20 and 40 mg/m³ in 2,000 m³/h are 40 and 80 g; the hour between them, of a negative reading, is 60 g."""
    for name, text in (("registry/stack", "stack_id,production_line_id\nS1,L1\n"), ("drop/2024-11-01", ROWS)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    run(tmp_path, tmp_path / "results", datetime(2024, 10, 31, 16), 24)  # noqa: DTZ001
    hours = pl.read_parquet(tmp_path / "results" / "hourly.parquet").sort("hour_utc")
    assert hours["best_emission_g"].to_list()[:4] == [40.0, 60.0, 80.0, None]
    assert hours["imputation_code"].to_list()[:3] == ["none", "interpolated", "none"]
    reasons = pl.read_parquet(tmp_path / "results" / "quarantine.parquet")["reason"].to_list()
    assert sorted(reasons) == ["duplicate", "invalid_status", "negative", "unknown_id"]
