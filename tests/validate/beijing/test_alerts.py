"""Change of air quality in a red alert."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.validate.beijing.alerts import compare_alerts
from bigdata_emis.validate.beijing.data import read_stations
from tests.validate.beijing.station_files import HOURS, START, station_table, write_stations


@pytest.fixture(scope="module")
def halved(tmp_path_factory):
    """One station whose PM2.5 is halved from 8 to 10 December 2015, whatever the weather."""
    folder = tmp_path_factory.mktemp("alerts")
    table = station_table("a", 1)
    first = int((datetime(2015, 12, 8, tzinfo=UTC) - START).total_seconds() // 3600)
    values = table["PM2.5"].to_numpy().copy()
    values[first : first + 72] *= 0.5
    write_stations(folder, table.set_column(table.column_names.index("PM2.5"), "PM2.5", pa.array(values)))
    return compare_alerts(read_stations(folder), np.ones(HOURS, bool))


def test_a_halved_concentration_is_a_change_of_minus_one_half_that_weather_does_not_explain(halved):
    rows = {(row["alert"], row["pollutant"]): row for row in halved[0]}
    row = rows["2015-12-08", "PM2.5"]
    assert row["unexplained_change_share"] == pytest.approx(-0.5, abs=0.06)
    assert row["unexplained_change_share_p05"] <= row["unexplained_change_share"] <= row["unexplained_change_share_p95"]
    assert (row["alert_days"], row["days_beside"]) == (3, 24)


def test_an_alert_outside_the_hours_has_no_row_and_missing_pollutants_have_no_series(halved):
    rows, series = halved
    assert {row["alert"] for row in rows} == {"2015-12-08", "2015-12-19"}
    assert set(series) == {"PM2.5", "O3"}
