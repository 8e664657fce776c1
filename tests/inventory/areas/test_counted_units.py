"""Annual emission of counted machines and parked vehicles, on paper from the limits of GB 20891."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.areas.counted_units import UnitTables, counted_emission, counted_on_days
from bigdata_emis.schema.arrow import arrow_schema

DAY = datetime(2015, 12, 19, 16, tzinfo=UTC)
AREAS = pa.table(
    {
        "activity_area_id": ["site", "farm", "docks", "town", "apron"],
        "industry_code": ["nonroad_machinery", "agricultural_machinery", "port", "parked_vehicles", "airport"],
    }
)
FACTORS = (
    "nonroad_emission_factor",
    "machine_load",
    "road_evaporation_factor",
    "nonroad_fuel_emission_factor",
    "uncertainty_rating",
)


def rows_of(name, rows):
    declared = arrow_schema(schema.table(name))
    return pa.Table.from_pylist([{**dict.fromkeys(declared.names), **row} for row in rows], declared)


def group(stage="II", power=120.0, area="site", name="m", **changes):
    """Ten machines that work 1,000 hours a year."""
    return {
        "machine_group_id": name,
        "activity_area_id": area,
        "rated_power_kw": power,
        "emission_stage_code": stage,
        "machine_count": 10.0,
        "working_h": 1000.0,
        **changes,
    }


def counted(*machines, vehicles=(), movers=()):
    stock = [
        {
            "activity_area_id": "town",
            "vehicle_class_code": "LPV_mini_small",
            "fuel_code": fuel,
            "emission_stage_code": stage,
            "vehicle_count": count,
        }
        for fuel, stage, count in vehicles
    ]
    return counted_emission(
        UnitTables(
            rows_of("machine", machines),
            rows_of("vehicle_stock", stock),
            rows_of("counted_area", movers),
            AREAS,
            **{name: reference.read(name) for name in FACTORS},
        )
    )


def tonnes(*machines, **given):
    return {(one.pollutant_code, one.emission_stage_code): one.annual_emission_t for one in counted(*machines, **given)}


def test_stage_ii_excavators_emit_their_limits_at_the_load_of_the_guide():
    """10 × 120 kW × 0.65 × 1,000 h = 780 MWh; limits of 75 to 130 kW: CO 5, HC 1, NOx 6, PM 0.3 g/kWh."""
    assert tonnes(group()) == {
        ("CO", "II"): pytest.approx(3.9),
        ("VOCs", "II"): pytest.approx(0.78),
        ("NOx", "II"): pytest.approx(4.68),
        ("PM10", "II"): pytest.approx(0.234),
        ("PM2.5", "II"): pytest.approx(0.234 * 1.99 / 2.09, rel=1e-3),
    }


def test_a_stated_load_replaces_that_of_the_guide_and_is_certain():
    (nox,) = [one for one in counted(group(load_factor_share=0.5)) if one.pollutant_code == "NOx"]
    assert (nox.annual_emission_t, nox.confidence) == (pytest.approx(3.6), 0.9)
    (nox,) = [one for one in counted(group()) if one.pollutant_code == "NOx"]
    assert nox.confidence == 0.8


@pytest.mark.parametrize(
    ("stage", "power", "nox"),
    [
        ("I", 37.0, 9.2),
        ("I", 36.9, 10.8),
        ("II", 560.0, 6.0),
        ("III", 560.0, 3.76),
        ("III", 600.0, 6.016),
        ("IV", 56.0, 3.3),
    ],
    ids=["edge is of the larger", "below", "560 kW", "560 kW of III", "above 560 kW", "IV has an edge at 56 kW"],
)
def test_the_factor_is_that_of_the_power_class(stage, power, nox):
    """Of a common limit of HC and NOx, 0.94 is NOx: stage III has 4.0 up to 560 kW and 6.4 above."""
    emitted = tonnes(group(stage, power, load_factor_share=1.0))
    assert emitted["NOx", stage] == pytest.approx(10 * power * 1000 * nox / 1e6)


def test_groups_of_one_stage_in_one_area_are_summed():
    twice = tonnes(group(), group(name="n", machine_count=5.0), group("III", name="o"))
    assert twice["NOx", "II"] == pytest.approx(1.5 * 4.68)
    assert twice["NOx", "III"] == pytest.approx(0.78 * 3.76)


def test_petrol_evaporates_from_parked_cars_of_every_stage_and_no_diesel_does():
    emitted = tonnes(vehicles=[("gasoline", "IV", 1e5), ("gasoline", "PRE", 1e4), ("diesel", "IV", 1e5)])
    assert emitted == {("VOCs", "IV"): pytest.approx(237.25), ("VOCs", "PRE"): pytest.approx(23.725)}


def test_movers_emit_by_their_factor_and_carry_its_low_confidence():
    """100,000 LTO at 16.29 kg of NOx; the factor is remembered, 0.65, and its error is that of rating D."""
    movers = [{"activity_area_id": "apron", "activity_unit_code": "lto", "annual_activity": 1e5}]
    of_apron = {one.pollutant_code: one for one in counted(group(), movers=movers) if one.activity_area_id == "apron"}
    nox = of_apron["NOx"]
    assert set(of_apron) == {"CO", "VOCs", "NOx", "PM10", "PM2.5"}
    assert nox.annual_emission_t == pytest.approx(1_629.0)
    assert (nox.annual_source_code, nox.emission_stage_code) == ("movements", "all")
    assert (nox.confidence, nox.relative_sd_share) == (0.65, 0.8)


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (group("PRE"), "machine m: stage PRE with 120 kW has no factor, expected one of I, II, III, IV"),
        (group("II", 17.0), "stage II with 17 kW has no factor, the stage has 130 to 561, 75 to 130"),
        (
            group(area="docks"),
            "machine m: load_factor_share is empty, and its area is not of agricultural_machinery or",
        ),
    ],
    ids=["stage", "power", "load"],
)
def test_a_machine_without_factor_or_load_is_refused(machine, message):
    with pytest.raises(InputError, match=message):
        counted(machine)


def test_the_table_of_a_day_has_each_day():
    table = counted_on_days(counted(group()), [DAY])
    assert table.num_rows == 5
    assert set(table["hour_utc"].to_pylist()) == {DAY}
    assert counted_on_days([], [DAY]).schema == arrow_schema(schema.table("counted_emission"))
