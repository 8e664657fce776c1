"""Pollution outside the plans: its cause, its hours and the index that it would have had."""

from datetime import UTC, datetime

import pytest

from bigdata_emis.control.alert.forecast_index import compute_index_series
from bigdata_emis.control.alert.notices import find_notices
from tests.control.alert.forecasts import HOUR, table, together

NOW = datetime(2024, 5, 18, tzinfo=UTC)


def notices(forecast):
    return [(n.cause, n.index_aqi) for n in find_notices(compute_index_series(forecast, at_utc=NOW))]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"PM2.5": 60, "PM10": 1800}, [("dust", 500)]),
        ({"PM2.5": 60, "PM10": 100}, []),
        ({"PM2.5": 40, "O3": 280}, [("ozone", 203)]),
        ({"PM2.5": 40, "O3": 150}, []),
        ({"PM2.5": 40, "NO2": 300}, [("gas", 208)]),
        ({"PM2.5": 260, "O3": 170}, []),
        ({"PM2.5": 260, "PM10": 400}, []),
    ],
)
def test_a_notice_has_the_cause_with_the_largest_index(parts, expected) -> None:
    assert notices(together(parts, hours=48, start=NOW, issued=NOW)) == expected


def test_a_notice_of_dust_has_the_hours_of_the_dust() -> None:
    pm10 = [(NOW, "PM10", NOW + k * HOUR, 1800.0 if 30 <= k < 50 else 80.0) for k in range(96)]
    pm25 = [(NOW, "PM2.5", NOW + k * HOUR, 60.0) for k in range(96)]
    (notice,) = find_notices(compute_index_series(table(pm10 + pm25), at_utc=NOW))
    assert (notice.from_utc, notice.to_utc) == (NOW + 30 * HOUR, NOW + 50 * HOUR)


def test_dust_and_ozone_have_a_notice_each() -> None:
    rows = [(NOW, "PM2.5", NOW + k * HOUR, 30.0) for k in range(120)]
    rows += [(NOW, "PM10", NOW + k * HOUR, 900.0 if k < 30 else 50.0) for k in range(120)]
    rows += [(NOW, "O3", NOW + k * HOUR, 300.0 if k >= 80 else 60.0) for k in range(120)]
    assert [cause for cause, _ in notices(table(rows))] == ["dust", "ozone"]
