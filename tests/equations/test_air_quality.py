"""Air quality index and relative humidity on paper."""

import pytest

from bigdata_emis.equations import air_quality


@pytest.mark.parametrize(
    ("concentration", "expected"),
    [(35.0, 50.0), (55.0, 75.0), (75.0, 100.0), (35.1, 51.0)],
    ids=["lower breakpoint", "middle", "upper breakpoint", "rounded up"],
)
def test_sub_index_of_pm25_between_its_breakpoints(concentration: float, expected: float):
    """HJ 633: 35 to 75 µg/m³ of PM2.5 are 50 to 100; 55 is the middle."""
    index = air_quality.iaqi(
        concentration,
        lower_breakpoint_ug_per_m3=35.0,
        upper_breakpoint_ug_per_m3=75.0,
        lower_iaqi=50.0,
        upper_iaqi=100.0,
    )
    assert index == expected


def test_the_index_is_the_largest_sub_index():
    assert air_quality.aqi(100.0, 120.0) == 120.0
    assert air_quality.aqi(130.0, 120.0) == 130.0


@pytest.mark.parametrize(
    ("temperature", "dew_point", "expected"),
    [(20.0, 20.0, 1.0), (20.0, 9.26, 0.50), (0.0, -10.0, 0.469), (10.0, 11.0, 1.0)],
)
def test_relative_humidity_from_dew_point(temperature: float, dew_point: float, expected: float):
    """Over water e_s is 6.11 hPa at 0 °C and 2.86 hPa at −10 °C; half of the 23.4 hPa of 20 °C is e_s at 9.3 °C."""
    assert air_quality.relative_humidity_share(temperature, dew_point) == pytest.approx(expected, abs=0.003)
