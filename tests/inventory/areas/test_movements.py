"""Annual emission of ships, aircraft and trains, on paper from the factors by fuel and movement."""

import pytest

from bigdata_emis import reference
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.areas.movements import annual_factor_activity, factors_of, mover_emission

FACTORS = reference.read("nonroad_fuel_emission_factor").to_pylist()
INDUSTRIES = {"quay": "port", "apron": "airport", "track": "rail", "fields": "open_burning"}
QUAY = {
    "activity_area_id": "quay",
    "activity_unit_code": "berth_h",
    "annual_activity": 10_000.0,
    "auxiliary_fuel_kg_per_h": 500.0,
    "boiler_fuel_kg_per_h": 100.0,
    "shore_power_share": 0.4,
}


def area(area_id, unit, activity):
    return {"activity_area_id": area_id, "activity_unit_code": unit, "annual_activity": activity}


def tonnes(*counted):
    return {one.pollutant_code: one.annual_emission_t for one in mover_emission(counted, INDUSTRIES, FACTORS)}


def test_ships_at_berth_emit_by_the_fuel_of_their_hours():
    """10,000 h × (500 × 0.6 + 100) kg/h = 4,000 t; vessel diesel: CO 23.8, HC 6.19, NOx 47.6, PM 3.81, 3.65 g/kg."""
    assert annual_factor_activity(QUAY) == pytest.approx(4_000.0)
    assert tonnes(QUAY) == {
        "CO": pytest.approx(95.2),
        "VOCs": pytest.approx(24.76),
        "NOx": pytest.approx(190.4),
        "PM10": pytest.approx(15.24),
        "PM2.5": pytest.approx(14.6),
    }


def test_shore_power_cuts_the_fuel_of_auxiliary_engines_alone():
    """All ships connected leave the boilers: 10,000 h × 100 kg/h × 47.6 g/kg."""
    assert tonnes({**QUAY, "shore_power_share": 1.0})["NOx"] == pytest.approx(47.6)
    assert tonnes({**QUAY, "shore_power_share": 0.0})["NOx"] == pytest.approx(285.6)


@pytest.mark.parametrize(
    ("counted", "pm25"),
    [(area("apron", "lto", 1e5), 53.0), (area("track", "t", 2_000.0), 3.94), (area("quay", "t", 2_000.0), 7.3)],
    ids=["landings at 0.53 kg", "rail diesel at 1.97 g/kg", "ship fuel at 3.65 g/kg"],
)
def test_landings_and_fuel_emit_by_their_own_unit(counted, pm25):
    assert tonnes(counted)["PM2.5"] == pytest.approx(pm25)


def test_every_factor_says_how_far_it_is_to_be_trusted():
    emitted = list(mover_emission([QUAY, area("apron", "lto", 1.0), area("track", "t", 1.0)], INDUSTRIES, FACTORS))
    assert {(one.rating_code, one.confidence) for one in emitted} == {("D", 0.65)}
    assert len(emitted) == 3 * 5


def test_fires_have_no_factor():
    assert tonnes(area("fields", "fire", 60.0)) == {}


def test_a_unit_without_a_factor_is_refused():
    with pytest.raises(InputError, match="counted_area apron: airport has no emission factor by t"):
        factors_of(area("apron", "t", 1.0), "airport", FACTORS)
