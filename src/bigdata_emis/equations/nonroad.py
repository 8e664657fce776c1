"""Non-road machines and ships: emission from power and working time, and fuel of ships at berth.

Belongs here: the power method of the non-road guide, and fuel of berth hours. Does not: which factor applies to which
machine (inventory/areas/counted_units), or emission by counts (equations/area).
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


def berth_fuel_kg_per_h(
    auxiliary_fuel_kg_per_h: Value, boiler_fuel_kg_per_h: Value, *, shore_power_share: Value
) -> Value:
    """Fuel of a ship in an hour at berth, on the mean of ships with and without shore power.

        F = F_auxiliary × (1 − shore power share) + F_boiler

    Assumption: a connected ship stops its auxiliary engines and keeps its boilers.

    Source: by definition.
    """
    return auxiliary_fuel_kg_per_h * (1 - shore_power_share) + boiler_fuel_kg_per_h


def annual_fuel_t(annual_berth_h: Value, berth_fuel_kg_per_h: Value, kg_per_t: Value = 1e3) -> Value:
    """Fuel that ships at berth burn in a year.

        fuel = berth hours × fuel of a berth hour / 1,000

    Source: by definition.
    """
    return annual_berth_h * berth_fuel_kg_per_h / kg_per_t
