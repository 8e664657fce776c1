"""What measures cut, what they allow, and whether it was done.

Belongs here: the equations of emergency control. Does not: which measure applies to which source (control stages).
"""

from bigdata_emis.equations.functions import Value


def applied_cut_share(affected_share: Value, cut_share: Value) -> Value:
    """Share of a source's emission that one measure cuts: share of the activity it touches × cut of what it touches.

    Source: 2020 guide on emergency reduction measures of key industries (document 340), potential of a production line.
    """
    return affected_share * cut_share


def combined_cut_share(combined_cut_share: Value, applied_cut_share: Value) -> Value:
    """Share cut by several measures with one more counted: 1 − (1 − c) × (1 − a); each acts on what the others leave.

    Source: docs/method.md, control section; measures are taken as independent.
    """
    return 1 - (1 - combined_cut_share) * (1 - applied_cut_share)


def cut_emission_g(baseline_emission_g: Value, combined_cut_share: Value) -> Value:
    """Emission that the measures cut: baseline × share cut by all of them together.

    Source: 2020 guide on emergency reduction measures of key industries (document 340), potential of a production line.
    """
    return baseline_emission_g * combined_cut_share


def allowed_emission_g(baseline_emission_g: Value, cut_emission_g: Value) -> Value:
    """Emission left under the measures: baseline less cut.

    Source: by definition.
    """
    return baseline_emission_g - cut_emission_g


def cut_share(cut_emission_g: Value, baseline_emission_g: Value) -> Value:
    """Share of the baseline that is cut; undefined where the baseline is zero.

    Source: national guidance on heavy-pollution plans, share of whole-society emission.
    """
    return cut_emission_g / baseline_emission_g


def gap_share(target_share: Value, cut_share: Value) -> Value:
    """What is missing to the target; negative when more is cut than asked.

    Source: by definition; targets in reference/alert_target.csv.
    """
    return target_share - cut_share


def achieved_share(emission_g: Value, baseline_emission_g: Value) -> Value:
    """Cut that was achieved against what would have been emitted: 1 − E_observed / E_without.

    Negative when emission rose. The baseline is the counterfactual, or the administrative base if so stated.

    Source: docs/method.md, control section.
    """
    return 1 - emission_g / baseline_emission_g


def execution_share(achieved_share: Value, cut_share: Value) -> Value:
    """Execution rate of a measure: achieved over planned cut; undefined where nothing was planned.

    Source: docs/method.md, control section.
    """
    return achieved_share / cut_share


def allowed_energy_kwh(
    reference_energy_kwh: Value, base_load_share: Value, *, cut_share: Value, power_elasticity: Value
) -> Value:
    """Electricity that agrees with a planned cut of activity: P = P_ref × (b + (1 − b) × (1 − x)^eps).

    Source: the power model of industry.activity, turned round; docs/method.md, control section.
    """
    return reference_energy_kwh * (base_load_share + (1 - base_load_share) * (1 - cut_share) ** power_elasticity)
