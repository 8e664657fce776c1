"""Area sources: from an annual total to one hour.

Belongs here: equations on declared fields. Does not: which profile applies to which source (inventory/emit_area).
"""

from bigdata_emis.equations.functions import Value, maximum


def hour_share(month_share: Value, hour_in_month_share: Value) -> Value:
    """Share of an annual total that falls in one hour.

        hour_share = month_share × hour_in_month_share

    Assumption: the profile of weekday and hour is the same in every month.

    Source: by definition.
    """
    return month_share * hour_in_month_share


def annual_emission_t(annual_activity: Value, emission_factor_g_per_unit: Value, g_per_t: Value = 1e6) -> Value:
    """Emission of a year from counted activity: landings and take-offs, or tonnes of fuel.

        E = A × EF / 10⁶

    Source: technical guide for non-road mobile source inventories, China 2014 (trial), fuel and LTO methods.
    """
    return annual_activity * emission_factor_g_per_unit / g_per_t


def counted_share(counted_activity: Value, annual_activity: Value) -> Value:
    """Share of the activity of the annual total that was counted in an hour or a day; a busy year exceeds 1 in all.

        share = counted activity ÷ activity of the annual total

    Source: by definition.
    """
    return counted_activity / annual_activity


def hour_share_of_count(counted_share: Value, hour_in_day_share: Value) -> Value:
    """Share of the annual total in one hour, where a day was counted and the hours follow the profile.

        share = counted share × hour's share of the day

    hour_in_day_share is 1 where the hour itself was counted.

    Source: by definition.
    """
    return counted_share * hour_in_day_share


def emission_g(
    annual_emission_t: Value,
    hour_share: Value,
    activity_index: Value,
    g_per_t: Value = 1e6,
    *,
    weather_ratio: Value = 1.0,
    traffic_ratio: Value = 1.0,
    kept_emission_share: Value = 1.0,
) -> Value:
    """Emission of an area source in one hour.

        E = E_annual × g_per_t × hour_share × activity_index × weather_ratio × traffic_ratio
            × kept_emission_share

    Assumption: emission is proportional to the index, which is 1 at the activity of the annual total, and to the ratio,
    which is 1 in the usual weather of the month; to the ratio of traffic, which is 1 where none was observed; and to
    what traffic restrictions leave.

    Source: by definition.
    """
    in_usual_traffic = annual_emission_t * g_per_t * hour_share * activity_index * weather_ratio
    return in_usual_traffic * traffic_ratio * kept_emission_share


def proxy_index(activity_index: Value, proxy_share: Value) -> Value:
    """Activity of an industry against its usual value, where a part of it follows another one.

        p × i + (1 − p)

    i: index of the other industry. p: part of the work that follows it; the rest goes on as usual.

    Source: by definition.
    """
    return proxy_share * activity_index + (1 - proxy_share)


def course_relative_sd_share(hour_weight_ratio: Value, unexplained_weight_share: Value = 0.3) -> Value:
    """Relative standard deviation of the weight of an hour in its day.

        cv = b / max(w, b)

    w: weight against the mean of the day. b: error of a weight as a share of that mean, so that an hour of low
    activity is known to its order only.

    Source: b from the hours of the European traffic profile (TNO, SNAP 7) against a motorway counter of Minneapolis
    (six years; root mean square 0.23 on working days, 0.41 at weekends, 0.29 over the week).
    """
    return unexplained_weight_share / maximum(hour_weight_ratio, unexplained_weight_share)


def unheld_weight_ratio(hour_weight_ratio: Value, unexplained_weight_share: Value = 0.3) -> Value:
    """What the error of a weight has beyond the weight itself, over the weight: 0 in hours of weight b and more.

        max(b − w, 0) / w

    A lognormal about a small weight does not reach the weights that the hour may have: b is an error of the weight of
    any hour, as a share of the mean of the day (course_relative_sd_share). Valid for w > 0.

    Source: b as in course_relative_sd_share.
    """
    return maximum(unexplained_weight_share - hour_weight_ratio, 0.0) / hour_weight_ratio
