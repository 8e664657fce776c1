"""The simulated alert: truth and tables from one seed."""

import numpy as np
import pytest

from bigdata_emis.codes import Method
from bigdata_emis.demo.accounts.known_factors import REGISTERED
from bigdata_emis.demo.alert_trial.alert_period import NORMAL_DAYS
from bigdata_emis.demo.alert_trial.alert_world import draw_alert_world
from bigdata_emis.errors import InputError
from tests.demo.alert_trial.trial_world import world

ALERT_H = NORMAL_DAYS * 24 + 7


def test_the_alert_cuts_and_the_days_before_do_not():
    truth, without = world().true_emission, world().true_emission_without
    assert truth[:, :ALERT_H] == pytest.approx(without[:, :ALERT_H])
    assert truth[:, ALERT_H:].sum() < without[:, ALERT_H:].sum()


def test_breaches_lie_in_the_alert():
    quarters = np.flatnonzero(world().is_breach.any(axis=0))
    assert quarters.min() >= ALERT_H * 4


def test_the_same_seed_gives_the_same_tables():
    again = draw_alert_world(4, "tiny")
    assert again.tables["line_energy_hourly"].equals(world().tables["line_energy_hourly"])


def test_accounts_change_what_the_city_estimates_and_nothing_of_the_truth():
    registered = draw_alert_world(4, "tiny", REGISTERED)
    assert np.array_equal(registered.true_emission, world().true_emission)
    assert registered.tables["line_energy_hourly"].equals(world().tables["line_energy_hourly"])
    without, known = (w.tables["emission_hourly"].to_pandas() for w in (registered, world()))
    is_measured = known["method_code"].eq(Method.MEASURED).to_numpy()
    assert np.array_equal(without["emission_g"][is_measured], known["emission_g"][is_measured])
    assert not np.array_equal(without["emission_g"][~is_measured], known["emission_g"][~is_measured])


def test_an_unknown_size_is_refused():
    with pytest.raises(InputError, match="size 'huge'"):
        draw_alert_world(4, "huge")
