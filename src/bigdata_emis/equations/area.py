"""Arithmetic of area sources: from an annual total to one hour.

Belongs here: equations on declared fields. Does not: which profile holds for which source (inventory/area).
"""

from typing import Any


def hour_share(month_share: Any, hour_in_month_share: Any) -> Any:
    """The share of a year's total that falls into one hour: hour_share = month_share * hour_in_month_share.

    Source: a definition; the profile of weekday and hour is taken as the same in every month.
    """
    return month_share * hour_in_month_share


def emission_g(annual_emission_t: Any, hour_share: Any, activity_index: Any, g_per_t: float = 1e6) -> Any:
    """The emission of an area source in an hour: emission_g = annual_emission_t * g_per_t * hour_share * activity_index.

    Source: a definition; emission is taken as proportional to the index, which is 1 at the activity behind the annual total.
    """
    return annual_emission_t * g_per_t * hour_share * activity_index
