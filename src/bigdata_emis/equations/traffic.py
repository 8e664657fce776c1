"""Emission of road links from flow, speed, fleet and weather.

Belongs here: the equations of the on-road guide and the speed-flow relation. Does not: which correction row applies
(stages).
"""

from bigdata_emis.equations.functions import Value, ln, maximum, minimum, where

# Conditions for which the base factors of the on-road guide (2014) are valid: there every correction is 1.
REFERENCE_SPEED_KM_PER_H = 30.0
REFERENCE_TEMPERATURE_DEGC = 15.0
REFERENCE_HUMIDITY_SHARE = 0.5
# 1/e: the speed of maximum flow as a share of free speed, in the relation of Underwood.
SPEED_AT_CAPACITY_SHARE = 0.36787944117144233
# Rounding of the weather: a mean of 24.000000000001 °C would fall on the other side of a step of the corrections.
WEATHER_DECIMALS = 6
# The time on a link, length ÷ speed, has no bound in standing traffic; slower traffic evaporates as at this speed.
SLOWEST_SPEED_KM_PER_H = 5.0


def flow_veh_per_h(speed_km_per_h: Value, free_speed_km_per_h: Value, *, jam_density_veh_per_km: Value) -> Value:
    """Flow of a road link from its mean speed; a link with standing traffic has no flow.

        q = k × v × ln(v_f / v),  v at most v_f

    Near free speed the relation carries no information: it gives no flow at v_f, and an error of 1 km/h in speed is
    an error of k vehicles per hour. There the stage uses a typical volume (clean/readings/free_flow_volume).
    Calibrate k and v_f with counters.

    Source: Underwood (1961), Speed, volume and density relationships; as applied by ROE, Geosci. Model Dev. 13, 23
    (2020), doi:10.5194/gmd-13-23-2020.
    """
    speed = minimum(speed_km_per_h, free_speed_km_per_h)
    is_moving = speed > 0 * speed
    ratio = free_speed_km_per_h / where(is_moving, speed, free_speed_km_per_h)
    return jam_density_veh_per_km * speed * ln(ratio)


def capacity_veh_per_h(free_speed_km_per_h: Value, *, jam_density_veh_per_km: Value) -> Value:
    """Maximum flow of a road link, reached at the speed v_f / e.

        q_max = k × v_f / e

    Source: Underwood (1961), Speed, volume and density relationships: the maximum of q = k × v × ln(v_f / v).
    """
    return jam_density_veh_per_km * free_speed_km_per_h * SPEED_AT_CAPACITY_SHARE


def emission_factor_g_per_km(
    base_emission_factor_g_per_km: Value,
    *,
    temperature_correction: Value,
    humidity_correction: Value,
    speed_correction: Value,
    altitude_correction: Value,
    sulphur_correction: Value,
    deterioration_correction: Value,
    load_correction: Value,
) -> Value:
    """Emission factor of a vehicle class under the conditions of the hour.

        EF = BEF × temperature × humidity × altitude × speed × deterioration × load × sulphur

    Each correction is 1 at the reference state of the guide.

    Source: technical guide for on-road vehicle inventories, China 2014 (trial), equation of the corrected factor.
    """
    environment = temperature_correction * humidity_correction * altitude_correction
    use = deterioration_correction * load_correction * sulphur_correction
    return base_emission_factor_g_per_km * environment * speed_correction * use


def restricted_fleet_share(fleet_share: Value, restricted_share: Value, *, kept_share: Value) -> Value:
    """Share of a vehicle class in the flow while restrictions keep a part of it off the road.

        share' = share × (1 − restricted) ÷ Σ share × (1 − restricted)

    A flow that was counted, or follows from a speed of the day, has the effect of the restriction already: only its
    composition is changed. A typical flow has not, and is multiplied by the sum.

    Source: docs/decisions/0014-fleets-and-restrictions.md.
    """
    return fleet_share * (1 - restricted_share) / kept_share


def kept_emission_factor_g_per_km(unrestricted_emission_factor_g_per_km: Value, restricted_share: Value) -> Value:
    """Emission of a vehicle class per kilometre of the flow without restrictions, of the vehicles that still drive.

        f' = f × (1 − restricted)

    Summed over the fleet, f' ÷ f is the share of its emission that restrictions leave, where traffic is else as usual.

    Source: docs/decisions/0014-fleets-and-restrictions.md.
    """
    return unrestricted_emission_factor_g_per_km * (1 - restricted_share)


def emission_g(
    flow_veh_per_h: Value,
    fleet_share: Value,
    *,
    emission_factor_g_per_km: Value,
    length_km: Value,
    interval_h: Value = 1.0,
) -> Value:
    """Emission of one vehicle class on one road link.

        E = q × share × EF × L × t

    Source: technical guide for on-road vehicle inventories, China 2014 (trial), with vehicle-kilometres as flow ×
    length.
    """
    return flow_veh_per_h * fleet_share * emission_factor_g_per_km * length_km * interval_h


def running_loss_g_per_km(
    running_loss_g_per_h: Value, speed_km_per_h: Value, *, least_speed_km_per_h: Value = SLOWEST_SPEED_KM_PER_H
) -> Value:
    """Fuel that evaporates from a vehicle while it drives, by distance.

        e_km = e_h / v,  v at least 5 km/h

    Source: technical guide for on-road vehicle inventories, China 2014 (trial): evaporation while driving is EF1 × VKT
    / V. The lower bound of the speed is our own.
    """
    return running_loss_g_per_h / maximum(speed_km_per_h, least_speed_km_per_h)


def load_correction(
    load_share: Value, *, unladen_wear: Value, laden_wear_increase: Value, reference_load_share: Value
) -> Value:
    """Wear of a heavy vehicle by its load, against that at the reference load.

        (a + b × L) / (a + b × L_ref)

    a is the wear of an empty vehicle in units of a light one, b what a full load adds.

    Source: EMEP/EEA air pollutant emission inventory guidebook, 1.A.3.b.vi–vii, Tier 2: load correction factor, as
    read in gtfs2emis and vein.
    """
    at_reference = unladen_wear + laden_wear_increase * reference_load_share
    return (unladen_wear + laden_wear_increase * load_share) / at_reference


def wear_factor_g_per_km(base_wear_factor_g_per_km: Value, *, speed_correction: Value, load_correction: Value) -> Value:
    """Particulate that wears off tyres, brakes or the road surface, by distance driven.

        w = w_base × S(v) × load

    S is linear between 40 and 90 km/h (brakes: 95 km/h) and constant beyond; the surface has none.

    Source: EMEP/EEA air pollutant emission inventory guidebook, 1.A.3.b.vi–vii, Tier 2, as read in gtfs2emis and vein.
    """
    return base_wear_factor_g_per_km * speed_correction * load_correction


def carbon_factor_g_per_km(emission_factor_g_per_km: Value, species_mass_share: Value) -> Value:
    """Black or organic carbon of the exhaust as a share of its PM2.5.

        e_carbon = e_PM2.5 × share

    Source: EMEP/EEA air pollutant emission inventory guidebook, exhaust of road transport: shares of PM2.5.
    """
    return emission_factor_g_per_km * species_mass_share


def annual_emission_t(
    vehicle_count: Value, parked_loss_g_per_d: Value, *, days_per_year: Value = 365.0, g_per_t: Value = 1e6
) -> Value:
    """Fuel that evaporates from parked vehicles in a year, after a drive and by the warming of the day together.

        E = N × e_d × 365 / 10⁶

    Source: technical guide for on-road vehicle inventories, China 2014 (trial), evaporation while parked, EF2 × 365.
    """
    return vehicle_count * parked_loss_g_per_d * days_per_year / g_per_t
