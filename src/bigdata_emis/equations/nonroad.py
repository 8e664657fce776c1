"""Non-road machines: emission from their number, power and working time.

Belongs here: the power method of the non-road guide. Does not: which factor applies to which machine
(inventory/areas/counted_units).
"""

from bigdata_emis.equations.functions import Value


def annual_emission_t(
    machine_count: Value,
    rated_power_kw: Value,
    *,
    load_factor_share: Value,
    working_h: Value,
    emission_factor_g_per_kwh: Value,
    g_per_t: Value = 1e6,
) -> Value:
    """Emission of machines of one power and emission stage in a year.

        E = N × P × LF × h × EF / 10⁶

    Source: technical guide for non-road mobile source inventories, China 2014 (trial), power method.
    """
    return machine_count * rated_power_kw * load_factor_share * working_h * emission_factor_g_per_kwh / g_per_t
