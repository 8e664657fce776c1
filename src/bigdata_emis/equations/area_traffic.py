"""Area sources and the traffic of a day: roads without a reading follow the counted links.

Belongs here: equations on declared fields. Does not: which source responds (reference area_traffic_response).
"""

from bigdata_emis.equations.functions import Value


def vehicle_km(flow_veh_per_h: Value, length_km: Value, interval_h: Value = 1.0) -> Value:
    """Vehicle-kilometres of a link in an interval.

        VKT = q × L × t

    Source: by definition.
    """
    return flow_veh_per_h * length_km * interval_h


def unrestricted_vehicle_km(vehicle_km: Value, kept_share: Value) -> Value:
    """Vehicle-kilometres that a counted link would have if no restriction kept vehicles off the road.

        VKT' = VKT ÷ kept share

    Source: docs/decisions/0014-fleets-and-restrictions.md.
    """
    return vehicle_km / kept_share


def traffic_level_ratio(vehicle_km: Value, usual_vehicle_km: Value) -> Value:
    """The traffic of a day against that of the days before, both for the same kind of day.

        r_day = VKT_day / VKT_usual

    Source: by definition.
    """
    return vehicle_km / usual_vehicle_km


def traffic_ratio(hour_traffic_share: Value, hour_profile_share: Value, traffic_level_ratio: Value) -> Value:
    """Emission of an hour by traffic against that by the profile.

        r = r_day × (VKT_h / VKT_day) / (w_h / Σ w)

    The mean of r over the hours of a day, weighted by the profile, is r_day: the profile still gives the day its part
    of the year, and the traffic gives the hours, and the difference between days.

    Assumption: traffic on roads without a reading rises and falls with that of the links that have one.

    Source: by definition; scaling of local roads by counted roads as usual in inventories of cities.
    """
    return traffic_level_ratio * hour_traffic_share / hour_profile_share
