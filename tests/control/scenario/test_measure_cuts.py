"""The share that measures cut of each source and vehicle."""

import functools
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bigdata_emis import schema
from bigdata_emis.control.scenario.measure_cuts import HourCondition, MeasureCuts
from bigdata_emis.control.scenario.measures import Measure, default_measures
from bigdata_emis.control.scenario.process_limits import ProcessLimit, read_machine_shares, read_process_limits
from bigdata_emis.region import Grid, Region
from tests.control.scenario.day_frames import sources

ORANGE = HourCondition("orange", 12)
NOX = list(schema.codes()["pollutant"]).index("NOx")


def shares(
    measures, table, level="orange", *, pollutant="NOx", local_hour=12, limits=None, machines=None, counted=None
) -> list[float]:
    """The share cut of each source in one hour."""
    cuts = MeasureCuts(measures, limits or {}, machines or {})
    found = cuts.source_cuts(table, [HourCondition(level, local_hour)], counted=counted)
    place = list(schema.codes()["pollutant"]).index(pollutant)
    return found.shares[found.kind_of_source, place, 0].tolist()


def hourly(measures, table, conditions, *, limits=None, hours=None) -> list[float]:
    """The share cut of the first source in each hour."""
    found = MeasureCuts(measures, limits or {}).source_cuts(table, conditions, hours)
    return found.shares[found.kind_of_source[0], NOX, found.column_of_hour].tolist()


PLANTS = sources(
    ("kiln-1", "industrial_process", "cement_clinker", "B", None),
    ("kiln-2", "industrial_process", "cement_clinker", "B", None),
    ("kiln-3", "industrial_process", "cement_clinker", "C", None),
    ("paint-1", "solvent_use", "industrial_coating", "B", None),
    ("paint-2", "solvent_use", "industrial_coating", "C", None),
    ("link-1", "mobile", None, None, "primary"),
)
SECTOR = Measure("sector", "orange", sector_code="solvent_use", cut_share=0.1)
SECTOR_GRADE = Measure("sector-grade", "orange", sector_code="solvent_use", grade_code="C", cut_share=0.2)
INDUSTRY = Measure("industry", "orange", industry_code="cement_clinker", cut_share=0.9)
INDUSTRY_GRADE = Measure("industry-grade", "orange", industry_code="cement_clinker", grade_code="B", cut_share=0.3)
LINE = Measure("line", "orange", production_line_id="kiln-2", cut_share=0.05)


def test_the_most_specific_measure_applies_even_when_it_cuts_less() -> None:
    listed = [SECTOR, SECTOR_GRADE, INDUSTRY, INDUSTRY_GRADE, LINE]
    assert shares(listed, PLANTS) == [0.3, 0.05, 0.9, 0.1, 0.2, 0.0]


def test_the_order_of_the_list_does_not_matter() -> None:
    listed = [SECTOR, SECTOR_GRADE, INDUSTRY, INDUSTRY_GRADE, LINE]
    assert shares(listed, PLANTS) == shares(listed[::-1], PLANTS)


def test_of_two_equally_specific_measures_the_larger_cut_applies() -> None:
    half, most = (
        Measure(name, "orange", industry_code="cement_clinker", cut_share=cut) for name, cut in (("a", 0.5), ("b", 0.8))
    )
    assert shares([most, half], PLANTS)[0] == 0.8


def test_a_measure_cuts_only_the_affected_share() -> None:
    measure = Measure("part", "orange", industry_code="cement_clinker", affected_share=0.5, cut_share=0.5)
    assert shares([measure], PLANTS)[0] == 0.25


def test_a_more_specific_measure_wins_over_a_broader_one_of_any_level() -> None:
    """An exemption listed at yellow holds at orange and red; one listed at orange holds from orange."""
    broad = [Measure("y", "yellow", industry_code="cement_clinker", cut_share=0.6)]
    broad.append(Measure("r", "red", industry_code="cement_clinker", cut_share=1.0))
    exempt = Measure("e", "yellow", industry_code="cement_clinker", grade_code="B")
    later = Measure("e", "orange", industry_code="cement_clinker", grade_code="B")
    levels = ("blue", "yellow", "orange", "red")
    assert [shares([*broad, exempt], PLANTS, level)[0] for level in levels] == [0.0, 0.0, 0.0, 0.0]
    assert [shares([*broad, later], PLANTS, level)[0] for level in levels] == [0.0, 0.6, 0.0, 0.0]


def test_of_one_selector_the_row_at_the_highest_level_applies() -> None:
    rows = [Measure("m", level, industry_code="cement_clinker", cut_share=cut) for level, cut in LEVEL_CUTS.items()]
    assert [shares(rows, PLANTS, level)[0] for level in ("blue", "yellow", "orange", "red")] == [0.0, 0.4, 0.7, 0.7]


LEVEL_CUTS = {"yellow": 0.4, "orange": 0.7}


def test_one_pollutant_before_all_pollutants_of_the_same_sources() -> None:
    spray = Measure("spray", "orange", sector_code="solvent_use", pollutant_code="VOCs", cut_share=0.9)
    assert shares([SECTOR, spray], PLANTS, pollutant="VOCs")[3] == 0.9
    assert shares([SECTOR, spray], PLANTS, pollutant="NOx")[3] == 0.1
    assert shares([SECTOR_GRADE, spray], PLANTS, pollutant="VOCs")[4] == 0.2


def test_a_measure_applies_in_its_hours_of_the_day_only() -> None:
    night = Measure("n", "orange", industry_code="cement_clinker", cut_share=1.0, from_local_hour=20, to_local_hour=8)
    assert [shares([night, SECTOR], PLANTS, local_hour=h)[0] for h in (7, 8, 19, 20)] == [1.0, 0.0, 0.0, 1.0]


def test_a_level_that_changes_in_the_event_changes_the_measures() -> None:
    rows = [Measure("m", level, industry_code="cement_clinker", cut_share=cut) for level, cut in LEVEL_CUTS.items()]
    conditions = [HourCondition(level, 0) for level in ("yellow", "yellow", "orange", "yellow")]
    assert hourly(rows, PLANTS, conditions) == [0.4, 0.4, 0.7, 0.4]


COKE = sources(
    ("oven", "industrial_process", "coking", "D", None), ("unit", "stationary_combustion", "coal_power", "D", None)
)
STOP = Measure("stop", "orange", grade_code="D", cut_share=1.0)
LIMITS = {"coking": ProcessLimit(min_load_share=0.4), "coal_power": ProcessLimit(is_supply_guaranteed=True)}


def test_a_process_that_cannot_stop_keeps_its_least_load() -> None:
    assert shares([STOP], COKE, limits=LIMITS)[0] == pytest.approx(0.6)


def test_a_measure_that_names_the_line_has_priority_over_the_least_load() -> None:
    line = Measure("line", "orange", production_line_id="oven", cut_share=1.0)
    assert shares([STOP, line], COKE, limits=LIMITS)[0] == 1.0
    own = Measure("line", "orange", production_line_id="oven", cut_share=1.0, min_load_share=0.25)
    assert shares([STOP, own], COKE, limits=LIMITS)[0] == 0.75


def test_supply_is_cut_only_by_a_measure_of_its_industry_or_line() -> None:
    everything = Measure("all", "orange", cut_share=0.5)
    dispatch = Measure("dispatch", "orange", industry_code="coal_power", cut_share=0.2)
    assert shares([STOP, everything], COKE, limits=LIMITS)[1] == 0.0
    assert shares([STOP, everything, dispatch], COKE, limits=LIMITS)[1] == 0.2


def test_a_ramp_begins_with_the_event_and_goes_on_over_midnight() -> None:
    """Four hours from full load to none: 1/8, 3/8, 5/8, 7/8 as means of the hours, then all; two hours back."""
    limits = {"coking": ProcessLimit(ramp_down_h=4, restart_h=2)}
    conditions = [HourCondition("orange", 0)] * 5 + [HourCondition("blue", 0)] * 3
    expected = [0.125, 0.375, 0.625, 0.875, 1.0, 0.75, 0.25, 0.0]
    assert hourly([STOP], COKE, conditions, limits=limits) == pytest.approx(expected)
    assert hourly([STOP], COKE, conditions, limits=limits, hours=range(2, 4)) == pytest.approx(expected[2:4])


def test_a_ban_of_machines_reaches_the_stages_up_to_the_threshold() -> None:
    table = sources(("site", "mobile", "nonroad_machinery", None, None))
    ban = Measure(
        "m", "orange", industry_code="nonroad_machinery", stage_threshold_code="II", affected_share=0.5, cut_share=1
    )
    machines = {"nonroad_machinery": {"I": 0.1, "II": 0.6, "III": 0.3}}
    assert shares([ban], table, machines=machines) == [pytest.approx(0.35)]


def test_a_ban_reaches_the_counted_machines_of_an_area_by_their_own_stages_and_pollutants() -> None:
    """Nine tenths of the NOx of site a are of stages I and II; other pollutants, and site b, follow their industry."""
    table = sources(("a", "mobile", "nonroad_machinery", None, None), ("b", "mobile", "nonroad_machinery", None, None))
    ban = Measure("m", "orange", industry_code="nonroad_machinery", stage_threshold_code="II", cut_share=0.5)
    machines = {"nonroad_machinery": {"I": 0.1, "II": 0.6, "III": 0.3}}
    counted = {"a": {"NOx": {"I": 0.4, "II": 0.5, "IV": 0.1}}}
    found = shares([ban], table, machines=machines, counted=counted)
    assert found == [pytest.approx(0.45), pytest.approx(0.35)]
    found = shares([ban], table, machines=machines, counted=counted, pollutant="CO2")
    assert found == [pytest.approx(0.35), pytest.approx(0.35)]


def test_a_measure_without_a_stage_cuts_counted_machines_as_it_says() -> None:
    table = sources(("a", "mobile", "nonroad_machinery", None, None))
    stop = Measure("m", "orange", industry_code="nonroad_machinery", cut_share=0.5)
    assert shares([stop], table, counted={"a": {"NOx": {"I": 0.4, "IV": 0.6}}}) == [0.5]


def test_traffic_bans_leave_the_petrol_that_evaporates_from_parked_cars() -> None:
    table = sources(("a", "mobile", "parked_vehicles", None, None), ("p", "mobile", "port", None, None))
    assert shares([Measure("m", "orange", sector_code="mobile", cut_share=0.5)], table) == [0.0, 0.5]


def test_bans_of_the_same_vehicles_multiply_the_shares_that_remain() -> None:
    old = Measure(
        "old",
        "orange",
        sector_code="mobile",
        vehicle_class_code="HeavyT",
        stage_threshold_code="IV",
        affected_share=0.5,
        cut_share=1.0,
    )
    bulk = Measure(
        "bulk", "orange", sector_code="mobile", vehicle_class_code="HeavyT", affected_share=0.2, cut_share=1.0
    )
    cuts = MeasureCuts([old, bulk])
    found = [cuts.vehicle_share(*vehicle, ORANGE) for vehicle in (("HeavyT", "IV"), ("HeavyT", "V"), ("BUS", "IV"))]
    assert found == [pytest.approx(0.6), pytest.approx(0.2), 0.0]
    assert cuts.vehicle_parts("HeavyT", "IV", ORANGE) == [(1, pytest.approx(0.2)), (0, pytest.approx(0.4))]


def test_a_ban_listed_at_two_levels_counts_once_with_its_row_at_the_highest() -> None:
    levels = [
        Measure("old", level, vehicle_class_code="HeavyT", affected_share=share, cut_share=1.0)
        for level, share in (("yellow", 0.3), ("orange", 0.5))
    ]
    cuts = MeasureCuts(levels)
    assert [cuts.vehicle_share("HeavyT", "III", HourCondition(level, 0)) for level in ("yellow", "orange")] == [
        pytest.approx(0.3),
        0.5,
    ]


def test_an_exempt_vehicle_class_is_not_reached_by_a_ban_of_all_vehicles() -> None:
    everything = Measure("all", "orange", sector_code="mobile", cut_share=0.5)
    buses = Measure("buses", "yellow", vehicle_class_code="BUS")
    cuts = MeasureCuts([everything, buses])
    assert [cuts.vehicle_share(code, "IV", ORANGE) for code in ("BUS", "HeavyT")] == [0.0, 0.5]


def test_a_vehicle_measure_does_not_cut_other_mobile_sources() -> None:
    machines = sources(("port-1", "mobile", "port", None, None))
    ban = Measure("cars", "red", sector_code="mobile", vehicle_class_code="LPV_mini_small", cut_share=0.5)
    assert shares([ban], machines, "red") == [0.0]


SECTORS = ("industrial_process", "stationary_combustion", "solvent_use", "dust")
PLANT_GRADES = ("A", "B", "B-", "C", "D")
EVERYONE = [
    (f"{sector}/{industry}/{grade}", sector, industry, grade, None)
    for sector in SECTORS
    for industry, described in schema.codes()["industry"].items()
    for grade in ([None] if described.note.startswith("area source") else PLANT_GRADES)
]
REGION = Region("r", Path("r"), "R", "区", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, {}, {})


@functools.cache
def default_shares(level: str) -> list[float]:
    limits, machines = read_process_limits(REGION), read_machine_shares(REGION)
    return shares(default_measures(REGION), sources(*EVERYONE), level, limits=limits, machines=machines)


def test_the_default_list_never_cuts_less_at_a_higher_level() -> None:
    by_level = [default_shares(level) for level in ("yellow", "orange", "red")]
    for lower, higher in itertools.pairwise(by_level):
        assert [row[0] for row, low, high in zip(EVERYONE, lower, higher, strict=True) if low > high] == []
    cuts = MeasureCuts(default_measures(REGION))
    for vehicle in schema.codes()["vehicle_class"]:
        for stage in schema.codes()["emission_stage"]:
            found = [
                cuts.vehicle_share(vehicle, stage, HourCondition(level, 0)) for level in ("yellow", "orange", "red")
            ]
            assert found == sorted(found)


@pytest.mark.parametrize("industry", ["coal_power", "gas_power", "coal_steam", "waste_steam", "primary_aluminium"])
def test_the_default_list_cuts_no_power_heat_or_aluminium_at_any_level(industry: str) -> None:
    for level in ("yellow", "orange", "red"):
        found = [share for row, share in zip(EVERYONE, default_shares(level), strict=True) if row[2] == industry]
        assert set(found) == {0.0}


@pytest.mark.parametrize(
    ("industry", "most"), [("coking", 0.583), ("blast_furnace", 0.5), ("glass", 0.3), ("float_glass", 0.3)]
)
def test_the_default_list_stops_no_oven_or_furnace_that_cannot_stop(industry: str, most: float) -> None:
    for level in ("yellow", "orange", "red"):
        found = [share for row, share in zip(EVERYONE, default_shares(level), strict=True) if row[2] == industry]
        assert max(found) <= most + 1e-12


TWO_LINES = sources(("a", "industrial_process", "coking", "D", None), ("b", "industrial_process", "coking", "D", None))


def turns(days, **limits):
    """Two lines of a plant take turns: a first, then b; each turn stops its line."""
    return [
        Measure(
            name, "orange", production_line_id=name, cut_share=1.0, rotation_group="plant", rotation_turn=turn,
            rotation_days=days, **limits,
        )
        for turn, name in enumerate("ab", start=1)
    ]  # fmt: skip


def line_shares(rows, days, limits=None):
    """The share cut of lines a and b at noon of each day of the event."""
    conditions = [HourCondition("orange", 12, day_number=day) for day in days]
    found = MeasureCuts(rows, limits or {}).source_cuts(TWO_LINES, conditions)
    by_hour = found.shares[found.kind_of_source][:, NOX][:, found.column_of_hour]
    return by_hour.tolist()


def test_lines_take_turns_by_days_of_the_event() -> None:
    assert line_shares(turns(1), range(4)) == [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]
    assert line_shares(turns(2), range(4)) == [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]]


def test_lines_that_take_turns_without_days_are_cut_by_their_part_of_the_time() -> None:
    assert line_shares(turns(None), range(2)) == [[0.5, 0.5], [0.5, 0.5]]


def test_a_line_that_takes_turns_keeps_the_least_load_of_its_process() -> None:
    assert line_shares(turns(1), range(2), LIMITS) == [[0.6, 0.0], [0.0, 0.6]]
    assert line_shares(turns(1, min_load_share=0.25), range(2), LIMITS) == [[0.75, 0.0], [0.0, 0.75]]


def test_a_turn_ramps_down_and_its_line_restarts_after_it() -> None:
    """Down in 2 h: means 0.25, 0.75, then 1; after the turn up in 4 h, from 0.875 by 0.25."""
    conditions = [HourCondition("orange", hour % 24, day_number=hour // 24) for hour in range(30)]
    rows = turns(1, ramp_down_h=2.0, restart_h=4.0)
    found = MeasureCuts(rows).source_cuts(TWO_LINES, conditions)
    first, second = found.shares[found.kind_of_source][:, NOX].tolist()
    assert first[:3] == [0.25, 0.75, 1.0]
    assert first[23:29] == [1.0, 0.875, 0.625, 0.375, 0.125, 0.0]
    assert second[23:27] == [0.0, 0.25, 0.75, 1.0]


def test_a_measure_is_ordered_only_within_its_instants() -> None:
    start = datetime(2015, 12, 8, tzinfo=UTC)
    noon = start + timedelta(hours=12)
    rows = [
        Measure("early", "orange", industry_code="coking", cut_share=0.2, applies_to_utc=noon),
        Measure("late", "orange", industry_code="coking", cut_share=0.5, applies_from_utc=noon),
    ]
    hours = [int((start + timedelta(hours=h)).timestamp()) * 1_000_000 for h in (0, 11, 12, 23)]
    conditions = [HourCondition("orange", 0, instant) for instant in hours]
    assert hourly(rows, TWO_LINES, conditions) == [0.2, 0.2, 0.5, 0.5]
