"""Which hours are dust: by ratio, by wind, by the word of an operator."""

import numpy as np
import pytest

from bigdata_emis.control.alert.dust import DustRule, find_dust, read_dust_rule

RULE = DustRule(least_pm10_ug_per_m3=150, dust_ratio_share=0.3, mixed_ratio_share=0.5, dust_wind_m_per_s=6)
UNKNOWN = float("nan")


@pytest.mark.parametrize(
    ("pm25", "pm10", "wind", "expected"),
    [
        (70, 1500, UNKNOWN, (True, False)),
        (60, 200, 1, (True, False)),
        (30, 140, 9, (False, False)),
        (180, 450, 9, (False, True)),
        (180, 450, 5, (False, False)),
        (180, 450, UNKNOWN, (False, False)),
        (260, 420, 9, (False, False)),
        (UNKNOWN, 900, 9, (False, True)),
        (UNKNOWN, 900, UNKNOWN, (False, False)),
        (70, UNKNOWN, 9, (False, False)),
    ],
)
def test_an_hour_is_dust_by_ratio_and_wind(pm25, pm10, wind, expected) -> None:
    found = find_dust(np.array([pm25]), np.array([pm10]), np.array([wind]), rule=RULE)
    assert tuple(bool(flags[0]) for flags in found) == expected


def test_the_word_of_an_operator_prevails() -> None:
    haze, storm = np.array([260.0]), np.array([420.0])
    assert find_dust(haze, storm, storm, rule=RULE, word="yes")[0].all()
    assert not find_dust(np.array([1.0]), storm, storm, rule=RULE, word="no")[0].any()


def test_the_rule_is_read_from_reference() -> None:
    rule = read_dust_rule()
    assert 0 < rule.dust_ratio_share < rule.mixed_ratio_share < 1
