"""Area sources: from an annual total to one hour.

Belongs here: equations on declared fields. Does not: which profile applies to which source (inventory/emit_area).
"""

from bigdata_emis.equations.functions import Value


def hour_share(month_share: Value, hour_in_month_share: Value) -> Value:
    """Share of an annual total that falls in one hour.

        hour_share = month_share × hour_in_month_share

    Assumption: the profile of weekday and hour is the same in every month.

    Source: by definition.
    """
    return month_share * hour_in_month_share


def emission_g(
    annual_emission_t: Value,
    hour_share: Value,
    activity_index: Value,
    g_per_t: Value = 1e6,
    *,
    weather_ratio: Value = 1.0,
    traffic_ratio: Value = 1.0,
) -> Value:
    """Emission of an area source in one hour.

        E = E_annual × g_per_t × hour_share × activity_index × weather_ratio × traffic_ratio

    Assumption: emission is proportional to the index, which is 1 at the activity of the annual total, and to the ratio,
    which is 1 in the usual weather of the month; to the ratio of traffic, which is 1 where none was observed.

    Source: by definition.
    """
    return annual_emission_t * g_per_t * hour_share * activity_index * weather_ratio * traffic_ratio
