"""Dust of a day with rain: which hours count as wet, expected value, and an interval that reaches both states."""

import math

import numpy as np
import pytest

from bigdata_emis import reference
from bigdata_emis.equations.uncertainty import NINETY_FIFTH
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.areas.day_wetness import HourWetness, hour_wetness

USUAL = {"wet_day_share": 0.1}
RESPONSES = {row["industry_code"]: row for row in reference.read("area_weather_response").to_pylist()}
ROAD = {"industry_code": "road_dust", "wet_remaining_share": 0.0, "wet_in_rain_share": 0.8, "wet_after_rain_share": 0.5}
USUAL_ROAD = 0.25 * 0.2 + 0.75 * 0.5


def day(*rain, hours=24):
    """Rain of the first hours of a day; the others are dry."""
    return [*rain, *[0.0] * (hours - len(rain))]


def probabilities(hours):
    return [hour.wet_probability_share for hour in hours]


def test_a_day_below_a_quarter_of_a_millimetre_is_dry_and_certain():
    hours = hour_wetness(day(0.1, 0.1), USUAL, ROAD)
    assert hours == [HourWetness(pytest.approx(1 / (1 - 0.1 * (1 - USUAL_ROAD))))] * 24
    assert hours[0].lower_quantile == hours[0].upper_quantile == NINETY_FIFTH


def test_rain_is_credited_to_as_many_hours_after_it():
    assert probabilities(hour_wetness(day(0.0, 0.2, 0.2), USUAL, ROAD)) == [0.5, 0.8, 0.8, 0.8, 0.8] + [0.5] * 19


def test_no_more_than_twelve_hours_are_credited():
    assert probabilities(hour_wetness(day(*[0.1] * 11), USUAL, ROAD)) == [0.8] * 22 + [0.5] * 2
    assert probabilities(hour_wetness(day(*[0.1] * 14, hours=30), USUAL, ROAD)) == [0.8] * 26 + [0.5] * 4


def test_an_hour_without_a_reading_counts_as_one_without_rain():
    assert probabilities(hour_wetness([None, 0.3, None, None], USUAL, ROAD)) == [0.5, 0.8, 0.8, 0.5]


def test_dust_of_a_wet_day_is_expected_and_never_certain_to_be_zero():
    after = hour_wetness(day(1.0), USUAL, ROAD)[-1]
    assert after.ratio == pytest.approx(0.5 / (1 - 0.1 * (1 - USUAL_ROAD)))
    assert (after.wet_factor, after.dry_factor) == (0.0, 2.0)
    assert after.upper_quantile == pytest.approx(1.2816, abs=1e-4)  # the 90 % of a state with probability one half


def test_a_month_of_days_with_six_hours_of_rain_keeps_its_mass():
    wet, dry = hour_wetness(day(0.1, 0.1, 0.1), USUAL, ROAD), hour_wetness(day(), USUAL, ROAD)
    mean = [sum(hour.ratio for hour in hours) / 24 for hours in (wet, dry)]
    assert 0.1 * mean[0] + 0.9 * mean[1] == pytest.approx(1.0)


@pytest.mark.parametrize("industry", sorted(name for name, row in RESPONSES.items() if row["wet_in_rain_share"]))
@pytest.mark.parametrize("spread", [0.5, 1.0])
def test_the_interval_holds_about_nine_of_ten_draws_of_both_states(industry, spread):
    """Draws: the state by its probability, times an independent lognormal error of mean 1."""
    random = np.random.default_rng(1)
    response = RESPONSES[industry]
    for hour in (hour_wetness(day(1.0, 1.0), USUAL, response)[n] for n in (0, -1)):
        log_sd = math.sqrt(math.log(1 + spread**2))
        error = np.exp(log_sd * random.standard_normal(200_000) - log_sd**2 / 2)
        is_wet = random.random(200_000) < hour.wet_probability_share
        dry_state = 1 / (hour.wet_probability_share * response["wet_remaining_share"] + 1 - hour.wet_probability_share)
        draws = error * dry_state * np.where(is_wet, response["wet_remaining_share"], 1.0)
        assert draws.mean() == pytest.approx(1.0, abs=0.02)
        lower = hour.wet_factor * math.exp(-hour.lower_quantile * log_sd - log_sd**2 / 2)
        upper = hour.dry_factor * math.exp(hour.upper_quantile * log_sd - log_sd**2 / 2)
        inside = ((draws >= lower) & (draws <= upper)).mean()
        # Dust of zero lies inside; states that overlap lose up to three points.
        assert 0.87 <= inside <= 0.96


def test_a_state_less_likely_than_the_tail_does_not_widen_the_interval():
    hour = hour_wetness([1.0], USUAL, {**ROAD, "wet_remaining_share": 0.3, "wet_in_rain_share": 0.96})[0]
    assert hour.dry_factor == hour.wet_factor == pytest.approx(0.3 / (0.96 * 0.3 + 0.04))
    assert hour.upper_quantile == NINETY_FIFTH


def test_a_month_of_wet_days_has_a_finite_ratio():
    certain = {**ROAD, "wet_in_rain_share": 1.0, "wet_after_rain_share": 1.0}
    assert hour_wetness(day(), {"wet_day_share": 1.0}, certain)[0].ratio == pytest.approx(20.0)


def test_dust_without_probabilities_is_refused():
    with pytest.raises(InputError, match="industry_code road_dust: wet_remaining_share without"):
        hour_wetness(day(), USUAL, {**ROAD, "wet_after_rain_share": None})
