"""The plain script: rates in their cells, and the amount over all hours."""

from datetime import UTC, datetime
from pathlib import Path

import netCDF4
import pandas as pd
import pytest

from bench.rivals.export_pandas import export_plainly

START = datetime(2015, 12, 19, 16, tzinfo=UTC)


def test_rates_lie_in_their_cells(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "cell_id": ["r0c1", "r1c2"],
            "sector_code": ["dust", "dust"],
            "pollutant_code": ["NOx", "NOx"],
            "hour_utc": pd.to_datetime([START, START.replace(hour=17)]),
            "emission_g": [3600.0, 7200.0],
        }
    )
    totals = export_plainly(frame, {("NOx", "dust"): {"NO": 0.5}}, START, (2, 2, 3), tmp_path / "a.nc")
    assert totals == {"NO": pytest.approx(5400.0)}
    with netCDF4.Dataset(tmp_path / "a.nc") as file:
        assert float(file["NO"][0, 0, 1]) == pytest.approx(0.5)
        assert float(file["NO"][1, 1, 2]) == pytest.approx(1.0)
