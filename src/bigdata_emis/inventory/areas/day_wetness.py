"""Dust in the hours of a day with rain: the probability that the surface was wet, and the interval that follows.

Belongs here: which hours count as wet, and the bounds of two states. Does not: the equations (equations/area_weather),
the other effects of weather (day_weather).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from bigdata_emis.equations import area_weather as equations
from bigdata_emis.equations.uncertainty import NINETY_FIFTH
from bigdata_emis.errors import InputError

LEAST_WET_MM = 0.25
"""Precipitation of a local day from which it is wet; technical guide on dust sources (2014)."""
LONGEST_CREDIT_H = 12
"""Hours after rain that count as rain, one for each hour of it at most; AP-42 section 13.2.1 (2011)."""
TAIL_SHARE = 0.05
LARGEST_WET_SHARE = 0.95
"""A month in which every day is wet would have no dust to share out."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class HourWetness:
    """What rain does to the dust of an hour.

    ratio: expected dust against its usual value. wet_factor, dry_factor: dust of either state over the expected one.
    lower_quantile, upper_quantile: standard normal quantiles of the bounds within the state that decides each.
    """

    ratio: float
    wet_probability_share: float | None = None
    wet_factor: float = 1.0
    dry_factor: float = 1.0
    lower_quantile: float = NINETY_FIFTH
    upper_quantile: float = NINETY_FIFTH


def hour_wetness(rain_mm: Sequence[float | None], usual: Row, response: Row) -> list[HourWetness]:
    """The effect of rain in each hour of a local day on an industry whose dust it holds down.

    rain_mm: of its hours in order; an hour without a reading (None) counts as one without rain.
    On a day with rain the surface is wet or dry, with the probabilities of the industry: its dust has the expected
    value of both, and the interval reaches from the 5 % of the wet state to the 95 % of the dry one, each taken within
    its probability. That is exact for states far apart.

    Raises InputError when the industry has no such probabilities.
    """
    remaining, in_rain, after_rain = _of_industry(response)
    wet_day_share = min(usual["wet_day_share"], LARGEST_WET_SHARE)
    usual_remaining = equations.usual_dust_remaining_share(remaining, in_rain, after_rain)
    if sum(rain or 0.0 for rain in rain_mm) < LEAST_WET_MM:
        return [HourWetness(equations.wetness_ratio(1.0, wet_day_share, usual_remaining))] * len(rain_mm)
    hours = []
    for is_counted in _counted_as_rain(rain_mm):
        probability = in_rain if is_counted else after_rain
        expected = equations.dust_remaining_share(remaining, probability)
        ratio = equations.wetness_ratio(expected, wet_day_share, usual_remaining)
        hours.append(_of_two_states(ratio, probability, remaining / expected, 1 / expected))
    return hours


def _of_industry(response: Row) -> tuple[float, float, float]:
    values = [response[name] for name in ("wet_remaining_share", "wet_in_rain_share", "wet_after_rain_share")]
    if None in values:
        raise InputError(
            f"area_weather_response, industry_code {response['industry_code']}: wet_remaining_share without "
            "wet_in_rain_share or wet_after_rain_share",
            "give the probability that the surface is wet in hours of rain and in the others of a wet day",
        )
    return values[0], values[1], values[2]


def _counted_as_rain(rain_mm: Sequence[float | None]) -> list[bool]:
    """Whether each hour has rain, or follows it by no more hours than it rained."""
    counted, credit = [], 0
    for rain in rain_mm:
        is_rain = bool(rain)
        counted.append(is_rain or credit > 0)
        credit = min(credit + 1, LONGEST_CREDIT_H) if is_rain else max(credit - 1, 0)
    return counted


def _of_two_states(ratio: float, probability: float, wet_factor: float, dry_factor: float) -> HourWetness:
    """The bounds lie in the wet and in the dry state, if each is likelier than the tail that it would have to hold."""
    normal, dry_probability = NormalDist(), 1 - probability
    has_wet, has_dry = probability > TAIL_SHARE, dry_probability > TAIL_SHARE
    return HourWetness(
        ratio,
        probability,
        wet_factor if has_wet else dry_factor,
        dry_factor if has_dry else wet_factor,
        -normal.inv_cdf(TAIL_SHARE / probability) if has_wet else NINETY_FIFTH,
        normal.inv_cdf(1 - TAIL_SHARE / dry_probability) if has_dry else NINETY_FIFTH,
    )
