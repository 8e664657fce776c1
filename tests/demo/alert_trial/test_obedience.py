"""The hidden response of lines: each behaviour does what its name says."""

import numpy as np
import pytest

from bigdata_emis.demo.alert_trial.obedience import BEHAVIOURS, draw_response, true_breach

DAYS, START = 6, 2 * 96
IN_ALERT = np.arange(DAYS * 96) >= START
GRACE_H = 6


@pytest.fixture(scope="module")
def response():
    return draw_response(np.random.default_rng(1), np.full(2000, 0.5), IN_ALERT)


def rows(response, behaviour):
    return np.flatnonzero(response.behaviour == behaviour)


def breaches(response):
    normal = np.full((2000, DAYS * 96), 0.8, dtype=np.float32)
    return true_breach(normal * response.remaining, normal, np.full(2000, 0.5), response, GRACE_H)


def test_all_behaviours_occur_in_their_shares(response):
    for behaviour, share in BEHAVIOURS.items():
        assert (response.behaviour == behaviour).mean() == pytest.approx(share, abs=0.02)
    assert sum(BEHAVIOURS.values()) == pytest.approx(1)


def test_before_the_alert_nobody_cuts(response):
    assert response.remaining[:, :START].min() == 1
    assert not breaches(response)[:, :START].any()


def test_who_obeys_cuts_at_least_what_was_ordered_after_a_few_hours(response):
    obeying = rows(response, "obeys")
    assert response.remaining[obeying, START + 5 * 4 :].max() <= 0.5
    assert not breaches(response)[obeying].any()


def test_who_ignores_breaches_from_the_end_of_the_grace_to_the_end(response):
    ignoring = rows(response, "ignores")
    assert breaches(response)[ignoring, START + GRACE_H * 4 :].all()
    assert not breaches(response)[ignoring, : START + GRACE_H * 4].any()


def test_a_late_start_ends_and_an_early_restart_begins_within_the_alert(response):
    late, early = breaches(response)[rows(response, "late_start")], breaches(response)[rows(response, "early_restart")]
    assert late[:, START + GRACE_H * 4].all()
    assert not late[:, -1].any()
    assert early[:, -1].all()
    assert not early[:, START + 96].any()


def test_night_runs_are_at_night(response):
    running = breaches(response)[rows(response, "night_running")].any(axis=0)
    hours = np.flatnonzero(running) // 4 % 24
    assert set(hours) <= {21, 22, 23, *range(8)}


def test_abatement_that_is_off_is_a_breach_although_the_load_is_right(response):
    off = rows(response, "abatement_off")
    assert breaches(response)[off].any(axis=1).all()
    assert response.is_untreated[rows(response, "obeys")].sum() == 0


def test_offline_meters_are_silent_in_the_alert_and_some_of_their_lines_obey(response):
    offline = rows(response, "meter_offline")
    assert response.is_silent[offline, -1].all()
    ignoring = breaches(response)[offline, -1]
    assert 0.2 < ignoring.mean() < 0.8


def test_a_line_without_an_order_does_not_breach_by_its_load():
    free = draw_response(np.random.default_rng(2), np.zeros(500), IN_ALERT)
    assert set(free.behaviour) <= {"obeys", "abatement_off"}
    normal = np.full((500, DAYS * 96), 0.8, dtype=np.float32)
    breached = true_breach(normal, normal, np.zeros(500), free, GRACE_H)
    assert not breached[free.behaviour == "obeys"].any()
