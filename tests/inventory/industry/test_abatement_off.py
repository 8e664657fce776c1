"""Hours in which a line produces while its abatement is off."""

from bigdata_emis import reference
from bigdata_emis.inventory.industry.abatement_off import find_hours_without_abatement
from tests.inventory.industry_frames import hour, make_frame


def hours_off(spark, *energies, duration_h=1, reference_energy_kwh=100.0):
    """Numbers of the hours that are off, from production and abatement energy by hour."""
    rows = [
        {"production_line_id": "a", "hour_utc": hour(n), "energy_kwh": production, "abatement_energy_kwh": abatement}
        for n, (production, abatement) in enumerate(energies)
    ]
    rule = reference.read("abatement_rule").to_pylist()[0] | {"duration_h": duration_h}
    line = {"production_line_id": "a", "reference_energy_kwh": reference_energy_kwh}
    result = find_hours_without_abatement(
        make_frame(spark, "line_energy_hourly", rows),
        make_frame(spark, "production_line", [line]),
        spark.createDataFrame([rule]).select(
            "abatement_power_share", "production_power_share", "duration_h", "normal_rank_share"
        ),
    )
    return sorted(int((row["hour_utc"] - hour(0)).total_seconds() // 3600) for row in result.toArrow().to_pylist())


ON, OFF, IDLE = (80.0, 20.0), (80.0, 3.0), (40.0, 3.0)
"""Production above half of its reference with abatement at 100 % and at 15 %; production below half."""


def test_low_abatement_counts_only_while_the_line_produces(spark):
    assert hours_off(spark, ON, OFF, IDLE, ON) == [1]


def test_an_unread_abatement_meter_is_not_tested(spark):
    assert hours_off(spark, ON, (80.0, None), ON) == []


def test_abatement_that_never_drew_power_has_no_reference(spark):
    assert hours_off(spark, (80.0, 0.0), (80.0, 0.0)) == []


def test_a_run_shorter_than_the_duration_does_not_count(spark):
    assert hours_off(spark, ON, OFF, ON, OFF, OFF, ON, ON, ON, ON, ON, ON, duration_h=2) == [3, 4]


def test_without_a_registered_reference_the_energy_of_the_line_itself_is_used(spark):
    assert hours_off(spark, ON, OFF, ON, reference_energy_kwh=None) == [1]
