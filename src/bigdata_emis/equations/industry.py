"""From electricity to activity to emission of a production line.

Belongs here: the equations of industry. Does not: measured emission of stacks (stack), or the fitting of parameters.
"""

from bigdata_emis.equations.functions import Value, exp, maximum, minimum


def activity(
    energy_kwh: Value,
    reference_energy_kwh: Value,
    *,
    base_load_share: Value,
    power_elasticity: Value,
    capacity_per_h: Value,
) -> Value:
    """Activity of one hour from its electricity, above a base load that produces nothing.

        A = capacity × ((P / P_ref − b) / (1 − b)) ^ (1 / eps)

    A is 0 where P is below the base load, and goes on rising above P_ref. Valid for power-driven lines; coke ovens,
    float glass and blast furnaces need another indicator.

    Source: inverse of the power model P = P_ref × (b + (1 − b) × A^eps) of docs/method.md, with the elasticity
    eps = d ln P / d ln A; priors in reference/power_elasticity.csv.
    """
    working_share = maximum((energy_kwh / reference_energy_kwh - base_load_share) / (1 - base_load_share), 0.0)
    return capacity_per_h * working_share ** (1 / power_elasticity)


def prior_log_sd(working_power_log_sd: Value, *, power_elasticity: Value, largest_log_sd: Value) -> Value:
    """Standard deviation of ln A of a prior, from that of the power above the base load.

        s_A = min(s_W / eps, largest)

    Where power says little about activity (a small elasticity), the same error of power is a larger one of activity.

    Source: derivative of ln A = ln W / eps, the inverse power model of docs/method.md.
    """
    return minimum(working_power_log_sd / power_elasticity, largest_log_sd)


def prior_relative_sd_share(prior_log_sd: Value) -> Value:
    """Relative standard deviation of activity by the prior, which is lognormal.

        cv = sqrt(exp(s²) − 1)

    Source: moments of the lognormal distribution; inverse of s² = ln(1 + cv²).
    """
    return (exp(prior_log_sd**2) - 1) ** 0.5


def working_energy_kwh(
    energy_kwh: Value, reference_energy_kwh: Value, *, base_load_share: Value, power_elasticity: Value
) -> Value:
    """Working energy: the part of a line's electricity that is proportional to its activity.

        W = P_ref × ((P / P_ref − b) / (1 − b)) ^ (1 / eps)

    W is 0 at base load and P_ref at reference load. Where the base load and the elasticity are right, activity is
    proportional to W, which carries a model to loads outside its training range. Valid as `activity` is.

    Source: as for `activity`, per unit of capacity.
    """
    working_share = maximum((energy_kwh / reference_energy_kwh - base_load_share) / (1 - base_load_share), 0.0)
    return reference_energy_kwh * working_share ** (1 / power_elasticity)


def emission_g(activity: Value, emission_factor_g_per_unit: Value, *, removal_share: Value) -> Value:
    """Emission of a production line from its activity.

        E = A × EF × (1 − removal)

    Source: China city air pollutant inventory handbook (2015, updated 2018), the emission-factor method; the same as
    tier 2 of the EMEP/EEA guidebook 2019.
    """
    return activity * emission_factor_g_per_unit * (1 - removal_share)


def uncontrolled_factor_g_per_unit(emission_factor_g_per_unit: Value, *, device_removal_share: Value) -> Value:
    """Emission factor of a line with its abatement device off; valid for a removal below 1.

        EF_uncontrolled = EF / (1 − removal)

    Source: E = A × EF × (1 − removal) solved for EF, China city air pollutant inventory handbook (2015, updated 2018).
    """
    return emission_factor_g_per_unit / (1 - device_removal_share)


def condensable_factor_g_per_unit(
    concentration_mg_per_m3: Value, gas_m3_per_unit: Value, *, g_per_mg: Value = 1e-3
) -> Value:
    """Emission factor of condensable particulate from its concentration in the stack gas.

        EF = C × V

    Source: factor from a concentration and a gas volume, as limits are converted to factors; concentrations in
    reference/condensable_pm.csv.
    """
    return concentration_mg_per_m3 * gas_m3_per_unit * g_per_mg


def condensable_emission_g(emission_g: Value, *, condensable_share: Value) -> Value:
    """Condensable particulate of a source from its filterable emission.

        E_condensable = E_filterable × s / (1 − s)

    s is the condensable share of both together.

    Source: definition of the share in reference/condensable_pm.csv (GRL 2025, 10.1029/2025GL117794).
    """
    return emission_g * condensable_share / (1 - condensable_share)
