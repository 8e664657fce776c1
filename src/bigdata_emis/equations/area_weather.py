"""Area sources and the weather of a day: each ratio is 1 on average over the usual weather of its month.

Belongs here: equations on declared fields. Does not: which source responds to what (reference area_weather_response).
"""

from bigdata_emis.equations.functions import Value, exp, maximum


def heating_degree_degc(air_temperature_degc: Value, base_temperature_degc: Value = 18.0) -> Value:
    """Heating degrees: how far the day is colder than the temperature below which buildings are heated.

        HD = max(0, T_base − T)

    Source: degree-day method; base 18 °C as in JGJ 26-2018 (heating degree days HDD18).
    """
    return maximum(base_temperature_degc - air_temperature_degc, 0)


def heating_ratio(
    heating_degree_degc: Value, usual_heating_degree_degc: Value, constant_share: Value, steady_degree_degc: Value = 1.0
) -> Value:
    """Residential emission of a day against its usual value in the month.

        r = c + (1 − c) × (HD + s) / (HD_usual + s)

    c: part that does not follow the weather. s: small constant that bounds r in months with hardly any heating. The
    mean of r over days whose mean HD is the usual one is exactly 1, so the mass of the season is conserved.

    Source: degree-day method; c and s by judgement of this project.
    """
    driven = (heating_degree_degc + steady_degree_degc) / (usual_heating_degree_degc + steady_degree_degc)
    return constant_share + (1 - constant_share) * driven


def dust_remaining_share(wet_remaining_share: Value, wet_probability_share: Value) -> Value:
    """Expected part of the dust that remains in an hour whose surface is wet with some probability.

        r = p × w + (1 − p)

    p: probability that the surface is wet. w: part that remains while it is.

    Source: expectation over two states, by definition.
    """
    return wet_probability_share * wet_remaining_share + (1 - wet_probability_share)


def usual_dust_remaining_share(
    wet_remaining_share: Value, wet_in_rain_share: Value, wet_after_rain_share: Value, rain_hours_share: Value = 0.25
) -> Value:
    """Expected part of the dust that remains over the hours of a usual wet day.

        r = w + (1 − w) × (q × (1 − p_rain) + (1 − q) × (1 − p_after))

    w: part that remains while the surface is wet. p_rain, p_after: probability that it is, in hours of rain or just
    after, and in the others. q: share of the former in a wet day.

    Source: q from AP-42 section 13.2.1 (2011), 1 − P / 4N: a wet day takes a quarter of the dust of a paved road.
    """
    dry_share = rain_hours_share * (1 - wet_in_rain_share) + (1 - rain_hours_share) * (1 - wet_after_rain_share)
    return wet_remaining_share + (1 - wet_remaining_share) * dry_share


def wetness_ratio(dust_remaining_share: Value, wet_day_share: Value, usual_dust_remaining_share: Value) -> Value:
    """Dust of an hour by rain against its usual value in the month.

        r / (1 − s × (1 − r_usual))

    r: expected part of the dust that remains, 1 on a dry day. s: usual share of wet days. r_usual: what remains on a
    usual wet day, so that a month of usual wet days keeps its mass.

    Source: technical guide on particulate matter from dust sources (2014): a factor 1 − n_rain / 365 for the year.
    """
    return dust_remaining_share / (1 - wet_day_share * (1 - usual_dust_remaining_share))


def temperature_ratio(
    air_temperature_degc: Value, usual_temperature_degc: Value, temperature_scale_degc: Value
) -> Value:
    """Evaporation of a day by temperature against its usual value in the month.

        r = exp((T − T_usual) / T_e)

    Source: Gyldenkærne et al. (2005), doi:10.1029/2004JD005459, for ammonia (1 / T_e = 0.0223 per K).
    """
    return exp((air_temperature_degc - usual_temperature_degc) / temperature_scale_degc)


def ventilation_ratio(wind_speed_m_per_s: Value, usual_wind_speed_m_per_s: Value, wind_scale_m_per_s: Value) -> Value:
    """Evaporation of a day by wind against its usual value in the month.

        r = exp((u − u_usual) / u_e)

    Source: Gyldenkærne et al. (2005), doi:10.1029/2004JD005459, for ammonia (1 / u_e = 0.0419 s per m).
    """
    return exp((wind_speed_m_per_s - usual_wind_speed_m_per_s) / wind_scale_m_per_s)


def wind_erosion_ratio(
    wind_speed_m_per_s: Value, usual_wind_speed_m_per_s: Value, wind_exponent: Value, usual_wind_power: Value
) -> Value:
    """Dust of a day by wind against its usual value in the month.

        r = (u / u_usual)^n / m

    m: mean of (u / u_usual)^n over usual days.

    Source: technical guide on particulate matter from dust sources (2014): climate factor 0.504 u³ / PE² of bare soil
    (n = 3), handling of piles (u / 2.2)^1.3.
    """
    return (wind_speed_m_per_s / usual_wind_speed_m_per_s) ** wind_exponent / usual_wind_power
