"""The plan of `emis demo`: which stages run on which days."""

from bigdata_emis import flow, reference
from bigdata_emis.demo import show
from bigdata_emis.demo.alert_orders import LEVEL_IN_FORCE


def test_the_compared_day_is_the_same_weekday_before_the_alert_and_has_every_table_that_it_needs():
    assert (show.DEMO_DAY - show.COMPARED_DAY).days == 7
    assert show.COMPARED_DAY < show.TRAINING_LAST_DAY
    written = {
        table for name in (*show.READINGS, "estimate_activity", *show.COMPARED) for table in flow.stage(name).writes
    }
    assert {"emission_hourly", "line_energy_hourly", "activity_hourly", "traffic_hourly"} <= written
    assert [name for name in show.COMPARED if name in {stage.name for stage in flow.STAGES}] == list(show.COMPARED)


def test_derived_factors_have_as_many_hours_as_they_need():
    parameters = {
        row["parameter_name"]: row["parameter_value"] for row in reference.read("fusion_parameter").to_pylist()
    }
    (days,) = [(last - first).days + 1 for stages, first, last in show.STEPS if stages == show.FACTORS]
    assert days * 24 >= parameters["least_factor_h"] + 24
    assert show.FACTORS_LAST_DAY < show.DEMO_DAY


def test_the_level_recalculated_is_the_one_whose_orders_the_simulated_plants_were_given():
    assert show.RECALCULATED_LEVEL == LEVEL_IN_FORCE == "red"
