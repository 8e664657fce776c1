"""Planned and achieved cuts of emission under emergency measures.

Belongs here: the equations of emergency control. Does not: which measure applies to which source (control stages).
"""

from bigdata_emis.equations.functions import Value, maximum, minimum


def applied_cut_share(affected_share: Value, cut_share: Value) -> Value:
    """Share of a source's emission that one measure cuts.

        applied = affected share of activity × cut of the affected part

    Source: 2020 guide on emergency reduction measures of key industries (document 340), potential of a production line.
    """
    return affected_share * cut_share


def combined_cut_share(combined_cut_share: Value, applied_cut_share: Value) -> Value:
    """Share of a source's emission that several measures cut, with one more measure included.

        combined = 1 − (1 − combined before) × (1 − applied)

    Assumption: measures are independent, so each acts on what the others leave.

    Source: docs/method.md, control section.
    """
    return 1 - (1 - combined_cut_share) * (1 - applied_cut_share)


def remaining_cut_share(combined_cut_share: Value, restricted_share: Value) -> Value:
    """Share that measures cut of the emission which a restriction in force has left.

        remaining = max(0, cut − restricted) ÷ (1 − restricted)

    Both are shares of the emission without restriction and reach the same vehicles first: what the restriction keeps
    off the road is not cut a second time.

    Source: docs/decisions/0014-fleets-and-restrictions.md.
    """
    return maximum(combined_cut_share - restricted_share, 0 * restricted_share) / (1 - restricted_share)


def cut_emission_g(baseline_emission_g: Value, combined_cut_share: Value) -> Value:
    """Emission that the measures cut.

        cut = baseline × share cut by all measures together

    Source: 2020 guide on emergency reduction measures of key industries (document 340), potential of a production line.
    """
    return baseline_emission_g * combined_cut_share


def baseline_emission_g(emission_g: Value, combined_cut_share: Value) -> Value:
    """Emission without measures, from the emission under measures that cut a share of it.

        baseline = emission / (1 − share cut)

    Assumption: the measures were followed as planned.

    Source: inverse of the planned cut; docs/method.md, control section.
    """
    return emission_g / (1 - combined_cut_share)


def cut_share(cut_emission_g: Value, baseline_emission_g: Value) -> Value:
    """Share of the baseline emission that is cut; undefined where the baseline is zero.

        cut_share = cut / baseline

    Source: national guidance on heavy-pollution plans, share of whole-society emission.
    """
    return cut_emission_g / baseline_emission_g


def gap_share(target_share: Value, cut_share: Value) -> Value:
    """Missing part of the target cut; negative where more is cut than required.

        gap = target − cut

    Source: by definition; targets in reference/alert_target.csv.
    """
    return target_share - cut_share


def achieved_share(emission_g: Value, baseline_emission_g: Value) -> Value:
    """Achieved cut against the emission without measures; negative where emission rose.

        achieved = 1 − E_observed / E_without

    The baseline is the counterfactual emission, or the administrative base if so stated.

    Source: docs/method.md, control section.
    """
    return 1 - emission_g / baseline_emission_g


def allowed_energy_kwh(
    reference_energy_kwh: Value, base_load_share: Value, *, cut_order_share: Value, power_elasticity: Value
) -> Value:
    """Energy of an hour that a line may use under an order to cut its output, without tolerance.

        P_allowed = P_ref × (b + (1 − b) × (1 − x) ^ eps)

    The reference energy is that of the same hour without the order. Valid for power-driven lines, as for
    industry.activity.

    Source: power model of docs/method.md at the load 1 − x; rule cut_breach in reference/supervision_rule.csv.
    """
    return reference_energy_kwh * (base_load_share + (1 - base_load_share) * (1 - cut_order_share) ** power_elasticity)


def achieved_emission_g(counterfactual_emission_g: Value, emission_g: Value) -> Value:
    """Emission that was cut; negative where emission rose.

        achieved = E_without − E_observed

    Source: docs/method.md, control section.
    """
    return counterfactual_emission_g - emission_g


def excess_emission_g(emission_g: Value, counterfactual_emission_g: Value, *, cut_order_share: Value) -> Value:
    """Emission above what the order leaves of the emission without control.

        excess = max(0, E_observed − E_without × (1 − x))

    Source: docs/method.md, control section.
    """
    return maximum(emission_g - counterfactual_emission_g * (1 - cut_order_share), 0.0)


def moved_emission_g(cut_emission_g: Value, moved_share: Value) -> Value:
    """Emission that is moved instead of avoided.

        moved = share moved × cut

    Assumption: the share is given by the person who asks; a unit of production or distance emits as where it was cut.

    Source: docs/decisions/0013-rebound-and-detour.md.
    """
    return moved_share * cut_emission_g


def free_emission_g(capacity_per_h: Value, emission_factor_g_per_unit: Value, *, emission_g: Value) -> Value:
    """Emission of an hour that a line could add up to its capacity; zero where it runs above it.

        free = max(capacity × emission per unit of activity − emission, 0)

    Assumption: emission is in proportion to activity, up to the capacity.

    Source: docs/decisions/0013-rebound-and-detour.md.
    """
    return maximum(capacity_per_h * emission_factor_g_per_unit - emission_g, 0.0)


def free_capacity_share(moved_emission_g: Value, free_emission_g: Value) -> Value:
    """Share of the free capacity of all hours that is used; all of it where more is to be made up than fits.

        used = min(1, moved ÷ free)

    Valid for free capacity above zero. Assumption: production is made up in proportion to the free capacity of hours.

    Source: docs/decisions/0013-rebound-and-detour.md.
    """
    return minimum(moved_emission_g / free_emission_g, 1.0)


def added_emission_g(free_emission_g: Value, free_capacity_share: Value) -> Value:
    """Emission that is made up in an hour.

        added = free × share used

    Source: docs/decisions/0013-rebound-and-detour.md.
    """
    return free_emission_g * free_capacity_share


def net_cut_share(cut_emission_g: Value, added_emission_g: Value, *, baseline_emission_g: Value) -> Value:
    """Share of the baseline that is cut, less what is moved within region and window; negative where more is added.

        net = (cut − added) ÷ baseline

    Source: docs/decisions/0013-rebound-and-detour.md.
    """
    return (cut_emission_g - added_emission_g) / baseline_emission_g
