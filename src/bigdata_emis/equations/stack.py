"""Emission measured by a stack monitor.

Belongs here: mass from concentration and flow. Does not: validity of hours, or gap filling (clean, inventory/monitors).
"""

from bigdata_emis.equations.functions import Value


def emission_g(
    concentration_mg_per_m3: Value, flow_m3_per_h: Value, *, g_per_mg: Value = 1e-3, interval_h: Value = 1.0
) -> Value:
    """Mass emitted in one interval, from concentration and flow at dry standard state.

        G = C_dry × Q_dry × t

    C is the measured dry concentration, not the one converted to reference oxygen: that conversion cancels dilution,
    not mass.

    Source: HJ 212-2017 annex D, hourly emission of flue gas (G = C × Q × 1e-6 in kg/h).
    """
    return concentration_mg_per_m3 * flow_m3_per_h * g_per_mg * interval_h
