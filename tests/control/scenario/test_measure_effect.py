"""Measures against the sources of the region: refused, without effect, or counted as ungraded."""

import pyarrow as pa
import pytest

from bigdata_emis.codes import WithoutEffect
from bigdata_emis.control.scenario.account import account_day
from bigdata_emis.control.scenario.measure_cuts import HourCondition, MeasureCuts
from bigdata_emis.control.scenario.measure_effect import (
    check_machine_industries,
    check_selected_lines,
    count_ungraded,
    list_without_effect,
    require_effect,
)
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.errors import InputError
from tests.control.scenario.day_frames import SOURCES, emission, sources, traffic
from tests.control.scenario.test_account import cut_day

PLANTS = Measure("plants", "red", industry_code="sinter", cut_share=0.25)
RED = [HourCondition("red", hour) for hour in range(24)]


def without_effect(*measures, pieces=None, conditions=RED):
    plan, cuts = cut_day(list(measures), *(pieces or [emission("plant", "NOx", {0: 8.0})]), conditions=conditions)
    return {
        one["measure"]: str(one["why"])
        for one in list_without_effect([plan], cuts, account_day(plan, cuts), conditions)
    }


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        pytest.param(
            Measure("x", "red", production_line_id="nowhere"), "'nowhere' is unknown in region r", id="unknown-line"
        ),
        pytest.param(Measure("x", "red", production_line_id="link"), "'link' is a road link", id="link-as-line"),
        pytest.param(
            Measure("x", "red", production_line_id="plant", sector_code="mobile"),
            "'plant' has sector_code industrial_process: the measure selects mobile",
            id="wrong-sector",
        ),
        pytest.param(
            Measure("x", "red", production_line_id="plant", grade_code="A"), "has grade_code C", id="wrong-grade"
        ),
    ],
)
def test_a_line_that_is_unknown_a_link_or_has_other_traits_is_refused(measure: Measure, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        check_selected_lines([measure], SOURCES, "region r")
    assert message in str(refusal.value)
    assert "measure x, column production_line_id" in str(refusal.value)


def test_a_line_with_its_own_traits_is_accepted() -> None:
    own = Measure("x", "red", production_line_id="plant", sector_code="industrial_process", industry_code="sinter")
    check_selected_lines([own, PLANTS], SOURCES, "region r")


def test_stages_of_an_industry_without_stages_are_refused() -> None:
    ban = Measure("x", "red", industry_code="cement", stage_threshold_code="II", cut_share=1)
    with pytest.raises(InputError, match="measure x, column stage_threshold_code: the emission of cement is not known"):
        check_machine_industries([ban], MeasureCuts([ban], {}, {"nonroad_machinery": {"II": 1.0}}))


def test_a_measure_of_an_industry_that_the_region_lacks_is_listed() -> None:
    assert without_effect(PLANTS, Measure("coke", "red", industry_code="coking", cut_share=0.5)) == {
        "coke": "no_source"
    }


def test_a_measure_that_a_more_specific_one_replaces_everywhere_is_listed() -> None:
    assert without_effect(PLANTS, Measure("grade", "red", grade_code="C", cut_share=0.5)) == {"grade": "more_specific"}


def test_an_exemption_that_holds_is_not_without_effect() -> None:
    assert without_effect(PLANTS, Measure("line", "red", production_line_id="plant")) == {"plants": "more_specific"}


def test_a_vehicle_that_the_fleet_lacks_is_listed() -> None:
    bus = Measure("bus", "red", vehicle_class_code="BUS", cut_share=0.5)
    assert without_effect(PLANTS, bus) == {"bus": "no_vehicle"}


def test_a_measure_outside_the_window_is_listed_and_one_of_a_higher_level_is_not() -> None:
    night = Measure("night", "red", grade_code="C", cut_share=1.0, from_local_hour=20, to_local_hour=6)
    noon = [HourCondition("orange", 12)] * 24
    orange = Measure("plants", "orange", industry_code="sinter", cut_share=0.25)
    assert without_effect(orange, night, conditions=noon) == {}
    night_at_orange = Measure("night", "orange", grade_code="C", cut_share=1.0, from_local_hour=20, to_local_hour=6)
    assert without_effect(orange, night_at_orange, conditions=noon) == {"night": "not_in_window"}


def test_a_measure_whose_sources_emit_nothing_of_its_pollutant_is_listed() -> None:
    spray = Measure("spray", "red", industry_code="sinter", pollutant_code="VOCs", cut_share=0.5)
    assert without_effect(PLANTS, spray) == {"spray": "no_emission"}


def test_a_scenario_that_cuts_nothing_is_refused_with_the_reasons() -> None:
    listed = [{"measure": f"m{n}", "why": "no_source"} for n in range(5)]
    with pytest.raises(InputError, match=r"level red cut nothing in the window: m0 \(no_source\), .* and 2 more"):
        require_effect(listed, {}, "red")
    with pytest.raises(InputError, match="every measure is an exemption"):
        require_effect([], {}, "red")


def test_a_scenario_in_which_exemptions_hold_over_broader_measures_may_cut_nothing() -> None:
    """The line is exempt and the only one of its industry: zero is what the list orders, and the list says why."""
    require_effect([{"measure": "industry", "why": WithoutEffect.MORE_SPECIFIC}], {}, "orange")
    with pytest.raises(InputError, match="cut nothing in the window"):
        require_effect([{"measure": "industry", "why": WithoutEffect.NO_EMISSION}], {}, "orange")


def test_ungraded_sources_are_counted_with_their_mass() -> None:
    table = sources(*((name, "industrial_process", "sinter", "D", None) for name in ("plant", "idle")))
    ungraded = pa.array(["ungraded_as_d", "ungraded_as_d"])
    table = table.set_column(table.schema.get_field_index("grade_source_code"), "grade_source_code", ungraded)
    pieces = emission("plant", "NOx", {0: 8000.0})
    plan, _ = cut_day([PLANTS], pieces, sources=table, traffic_hourly=traffic(range(0)))
    assert count_ungraded([plan]) == {"sources": 1, "emission_kg": {"NOx": 8.0}, "cut_kg": {"NOx": 2.0}}
