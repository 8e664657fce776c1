"""Air quality index and relative humidity, for one row.

Belongs here: the formulas of the standards. Does not: breakpoints, and which of them apply (reference).
"""

from bigdata_emis.equations.functions import Value, ceiling, exp, maximum, minimum

FLOAT_NOISE = 1e-9
"""A sub-index that is whole on paper may come out slightly above it; no standard resolves anything near this."""


def iaqi(
    concentration_ug_per_m3: Value,
    *,
    lower_breakpoint_ug_per_m3: Value,
    upper_breakpoint_ug_per_m3: Value,
    lower_iaqi: Value,
    upper_iaqi: Value,
) -> Value:
    """Individual air quality index between two breakpoints, rounded up to a whole number.

        IAQI = (I_hi − I_lo) / (BP_hi − BP_lo) × (C − BP_lo) + I_lo

    Source: HJ 633-2012 section 4.3 equation 1 and rounding of section 4.4; the same in HJ 633-2026.
    """
    part = (concentration_ug_per_m3 - lower_breakpoint_ug_per_m3) / (
        upper_breakpoint_ug_per_m3 - lower_breakpoint_ug_per_m3
    )
    return ceiling((upper_iaqi - lower_iaqi) * part + lower_iaqi - FLOAT_NOISE)


def aqi(aqi: Value, iaqi: Value) -> Value:
    """Air quality index with one more pollutant included.

        AQI = max(AQI, IAQI)

    Source: HJ 633-2012 section 4.4 equation 2; the same in HJ 633-2026.
    """
    return maximum(aqi, iaqi)


def relative_humidity_share(
    air_temperature_degc: Value,
    dew_point_degc: Value,
    *,
    magnus_coefficient: Value = 17.625,
    magnus_temperature_degc: Value = 243.04,
) -> Value:
    """Relative humidity from air temperature and dew point, at most 1.

        RH = e_s(T_d) / e_s(T),  e_s ∝ exp(a × T / (b + T))

    Valid over water, −40 to 50 °C; temperatures count as differences from 0 °C.

    Source: Alduchov and Eskridge (1996), J. Appl. Meteorol. 35, 601, equation 21 (a = 17.625, b = 243.04 °C),
    doi:10.1175/1520-0450(1996)035<0601:IMFAOS>2.0.CO;2.
    """
    at_dew_point = dew_point_degc / (magnus_temperature_degc + dew_point_degc)
    at_temperature = air_temperature_degc / (magnus_temperature_degc + air_temperature_degc)
    return minimum(exp(magnus_coefficient * (at_dew_point - at_temperature)), 1.0)
