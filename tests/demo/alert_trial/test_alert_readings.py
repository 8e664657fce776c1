"""Readings follow the truth, except where meters are silent or bypassed."""

import numpy as np

from bigdata_emis.demo.alert_trial.alert_period import NORMAL_DAYS
from bigdata_emis.demo.alert_trial.alert_readings import AlertReadings
from tests.demo.alert_trial.trial_world import world


def energy():
    rows = world().tables["line_energy_hourly"].select(["metered_energy_kwh"]).to_pandas()
    return rows["metered_energy_kwh"].to_numpy().reshape(len(world().lines), -1)


def test_the_readings_have_a_name_for_each_kind_of_sensor():
    assert set(AlertReadings.__annotations__) == {
        "energy", "allocated", "abatement", "flow", "activity", "emission", "key",
    }  # fmt: skip


def test_a_silent_meter_reads_nothing_in_the_last_hour():
    offline = world().response.is_silent[:, -1]
    assert np.isnan(energy()[offline, -1]).all()


def test_a_line_without_a_meter_has_no_metered_energy():
    none = world().lines["tier"].eq("none").to_numpy()
    assert none.any()
    assert np.isnan(energy()[none]).all()


def test_a_watched_line_is_read_on_normal_days():
    watched = world().lines["tier"].ne("none").to_numpy()
    assert np.isfinite(energy()[watched, : NORMAL_DAYS * 24]).all()
