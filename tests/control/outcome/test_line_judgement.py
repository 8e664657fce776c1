"""One code, one probability and the reasons of each line and hour, from evidence of all kinds."""

from dataclasses import replace

import numpy as np
import pytest

from bigdata_emis.codes import Evidence
from bigdata_emis.control.outcome.hour_evidence import AbatementEvidence
from bigdata_emis.control.outcome.line_judgement import LineJudgement, LoadVerdict
from bigdata_emis.control.outcome.load_indicators import LoadIndicator
from bigdata_emis.control.outcome.meter_doubts import REASONS, MeterDoubts
from bigdata_emis.control.outcome.order_obedience import LoadSeries, Obedience

HOURS = 4
NO = np.zeros((1, HOURS), dtype=bool)
ONE = np.ones(1)


def abatement_of(off):
    return AbatementEvidence(off, NO, NO, NO, NO, NO, np.where(off, 0.97, 0.0))


def judgement(*, breach=(0, 0, 0, 0), probability=(0.1, 0.1, 0.1, 0.1), observed=(50, 50, 50, 50), **more):
    """One line under an order of half its load in all hours; nothing is doubted."""
    series = LoadSeries(
        observed=np.array([observed], dtype=float),
        expected=np.full((1, HOURS), 100.0),
        order_share=np.full((1, HOURS), 0.5),
        base_share=0 * ONE,
        power_elasticity=ONE,
        reference=100 * ONE,
        level=100 * ONE,
        persistent_sd=0.1 * ONE,
        hourly_sd=0.1 * ONE,
    )
    obedience = Obedience(np.array([probability], dtype=float), np.ones((1, HOURS)))
    variable, profile = more.pop("variable", False), more.pop("profile", True)
    load = LoadVerdict(
        series,
        obedience,
        np.array([breach], dtype=bool),
        is_too_variable=NO | variable,
        is_unclear=NO,
        runs_while_shut=NO,
        is_by_day=np.array([False]),
        has_profile=np.array([profile]),
    )
    fields = {
        "order": series.order_share,
        "load": load,
        "abatement": abatement_of(NO),
        "contradicts": NO,
        "is_grace": NO,
        "indicator": LoadIndicator(np.zeros((1, 1, 24)), np.array([False]), [""]),
        "doubts": MeterDoubts(np.full((1, HOURS), -1)),
        "stack_probability_share": 0.9,
        "unseen_share": 0.01,
    }
    return LineJudgement(**{**fields, **more})


def codes(judged):
    return judged.codes()[0].tolist()


def test_an_hour_is_obeyed_breached_or_without_an_order():
    order = np.array([[0.5, 0.5, 0.0, 0.0]])
    assert codes(judgement(breach=(0, 1, 0, 0), order=order)) == ["obeyed", "breached", "no_order", "no_order"]


@pytest.mark.parametrize("reason", range(len(REASONS)))
def test_an_hour_of_a_doubted_meter_is_unknown_even_when_every_kind_of_evidence_accuses(reason):
    doubts = MeterDoubts(np.array([[-1, reason, reason, -1]]))
    all_of_it = NO | True
    abatement = AbatementEvidence(all_of_it, all_of_it, NO, NO, NO, NO, np.full((1, HOURS), 0.97))
    judged = judgement(breach=(1, 1, 1, 1), doubts=doubts, abatement=abatement, contradicts=all_of_it)
    assert codes(judged) == ["breached", "unknown", "unknown", "breached"]
    assert np.isnan(judged.probability[0]).tolist() == [False, True, True, False]
    assert str(REASONS[reason]) in judged.evidence()[1]


def test_a_missing_reading_a_variable_line_and_few_normal_days_have_their_own_reasons():
    assert "meter_offline" in judgement(observed=(50, np.nan, 50, 50)).evidence()[1]
    assert "too_variable" in judgement(variable=True).evidence()[0]
    assert "few_normal_days" in judgement(profile=False, observed=[np.nan] * HOURS).evidence()[0]
    by_flow = LoadIndicator(np.zeros((1, 1, 24)), np.array([True]), [""])
    assert "stack_offline" in judgement(observed=(50, np.nan, 50, 50), indicator=by_flow).evidence()[1]


def test_an_unknown_hour_has_one_reason():
    doubts = MeterDoubts(np.array([[0, 1, 2, 3]]))
    counts = sum(flag.astype(int) for _, flag in judgement(variable=True, doubts=doubts).reasons())
    assert counts.tolist() == [[1, 1, 1, 1]]


def test_probabilities_of_independent_evidence_are_joined():
    """1 − (1 − 0.5) × (1 − 0.9) = 0.95, and at least the share of what nobody can see."""
    judged = judgement(probability=(0.5, 0.5, 0.0, 0.0), contradicts=np.array([[True, False, False, False]]))
    assert judged.probability[0].tolist() == pytest.approx([0.95, 0.5, 0.01, 0.01])


def test_abatement_that_is_off_is_a_breach_although_the_load_is_too_variable_to_judge():
    off = np.array([[True, False, False, False]])
    abatement = abatement_of(off)
    judged = replace(judgement(variable=True), abatement=abatement)
    assert codes(judged) == ["breached", "unknown", "unknown", "unknown"]
    assert judged.probability[0, 0] == pytest.approx(1 - 0.99 * 0.03)
    assert Evidence.ABATEMENT_OFF.value in judged.evidence()[0]


def test_abatement_that_contradicts_the_meter_leaves_an_obeyed_hour_unknown_and_a_breach_a_breach():
    abatement = replace(abatement_of(NO), contradicts=np.array([[True, True, False, False]]))
    judged = judgement(breach=(0, 1, 0, 0), abatement=abatement)
    assert codes(judged) == ["unknown", "breached", "obeyed", "obeyed"]
    assert judged.evidence()[0] == ["abatement_contradicts"]
