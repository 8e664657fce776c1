"""The tables of the city: as declared, made of readings, with the order of the scenario."""

import numpy as np
import pyarrow.compute as pc
import pytest

from bigdata_emis import schema
from bigdata_emis.demo.alert_trial.alert_period import SCENARIO, alert_window
from bigdata_emis.demo.alert_trial.city_tables import city_tables
from bigdata_emis.schema.arrow import conform
from tests.demo.alert_trial.trial_world import world


@pytest.mark.parametrize(
    "name",
    ["line_energy_hourly", "activity_hourly", "emission_hourly", "control_hourly", "cems_hourly", "production_line"],
)
def test_every_table_is_as_declared(name):
    table = world().tables[name]
    assert conform(table, schema.table(name)).num_rows == table.num_rows > 0
    assert callable(city_tables)


def test_the_scenario_plans_in_the_alert_only():
    planned = world().tables["control_hourly"]
    assert set(planned["scenario_id"].to_pylist()) == {SCENARIO}
    assert pc.min(planned["hour_utc"]).as_py() >= alert_window().from_utc


def test_an_unread_hour_is_imputed_and_a_line_without_meter_allocated():
    rows = world().tables["line_energy_hourly"]
    method = np.array(rows["energy_method_code"].to_pylist())
    unread = rows["metered_energy_kwh"].is_null().to_numpy()
    assert set(method[unread]) == {"imputed", "allocated"}
    assert set(method[~unread]) == {"metered"}
