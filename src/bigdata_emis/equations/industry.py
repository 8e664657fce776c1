"""From electricity to activity to emission of a production line.

Belongs here: the equations of industry. Does not: what a stack monitor measured (stack.py) or the fitting of parameters.
"""

from bigdata_emis.equations.functions import Value, maximum, where


def activity(
    energy_kwh: Value,
    reference_energy_kwh: Value,
    *,
    base_load_share: Value,
    power_elasticity: Value,
    capacity_per_h: Value,
) -> Value:
    """Activity of an hour from its electricity, above a base load that produces nothing.

    A = capacity × ((P / P_ref − b) / (1 − b)) ^ (1 / eps), and 0 where P is below the base load. Above P_ref it goes on rising.
    Valid for power-driven lines; coke ovens, float glass and blast furnaces need another indicator.

    Source: inverse of the power test P = P_ref × (b + (1 − b) × A^eps) of docs/method.md, after the elasticity form
    eps = d ln P / d ln A; priors in reference/power_elasticity.csv.
    """
    working_share = maximum((energy_kwh / reference_energy_kwh - base_load_share) / (1 - base_load_share), 0.0)
    return capacity_per_h * working_share ** (1 / power_elasticity)


def working_energy_kwh(
    energy_kwh: Value, reference_energy_kwh: Value, *, base_load_share: Value, power_elasticity: Value
) -> Value:
    """Energy that goes with the work alone: W = P_ref × ((P / P_ref − b) / (1 − b)) ^ (1 / eps), 0 at base load and P_ref at normal power.

    Activity is proportional to it where the base load and the elasticity are right, so it carries a model to loads that did not
    teach it. Valid as `activity` is.

    Source: as of `activity`, per unit of capacity.
    """
    working_share = maximum((energy_kwh / reference_energy_kwh - base_load_share) / (1 - base_load_share), 0.0)
    return reference_energy_kwh * working_share ** (1 / power_elasticity)


def heat_input_gj(energy_kwh: Value, *, no_load_heat_gj: Value, heat_rate_gj_per_kwh: Value) -> Value:
    """Fuel heat of a generating hour: a no-load part and a part proportional to output; nothing when it stands.

    H = a + b × P where P > 0, else 0.

    Source: linear input-output curve of thermal units, Wood and Wollenberg, Power Generation, Operation and Control (2nd ed.
    1996), chapter 2.
    """
    burning = maximum(no_load_heat_gj + heat_rate_gj_per_kwh * energy_kwh, 0.0)
    return where(energy_kwh > 0 * energy_kwh, burning, 0 * burning)


def emission_g(activity: Value, emission_factor_g_per_unit: Value, *, removal_share: Value) -> Value:
    """Emission of a line from its activity: E = A × EF × (1 − removal).

    Source: China city air pollutant inventory handbook (2015, updated 2018), the emission-factor method; the same as tier 2 of
    the EMEP/EEA guidebook 2019.
    """
    return activity * emission_factor_g_per_unit * (1 - removal_share)


def uncontrolled_factor_g_per_unit(emission_factor_g_per_unit: Value, *, device_removal_share: Value) -> Value:
    """Factor of a line as if its abatement stood still, from the one behind it: EF / (1 − removal). Valid for removal below 1.

    Source: E = A × EF × (1 − removal) solved for EF, China city air pollutant inventory handbook (2015, updated 2018).
    """
    return emission_factor_g_per_unit / (1 - device_removal_share)


def condensable_factor_g_per_unit(
    concentration_mg_per_m3: Value, gas_m3_per_unit: Value, *, g_per_mg: Value = 1e-3
) -> Value:
    """Factor of condensable particulate from its concentration in the stack gas: EF = C × V.

    Source: factor from a concentration and a gas volume, as limits are turned into factors; concentrations in
    reference/condensable_pm.csv.
    """
    return concentration_mg_per_m3 * gas_m3_per_unit * g_per_mg


def condensable_emission_g(emission_g: Value, *, condensable_share: Value) -> Value:
    """Condensable particulate beside a filterable emission, from its share s of both together: E × s / (1 − s).

    Source: definition of the share in reference/condensable_pm.csv (GRL 2025, 10.1029/2025GL117794).
    """
    return emission_g * condensable_share / (1 - condensable_share)
