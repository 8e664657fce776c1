"""Planned and achieved cuts of emission under emergency measures.

Belongs here: the equations of emergency control. Does not: which measure applies to which source (control stages).
"""

from bigdata_emis.equations.functions import Value


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
