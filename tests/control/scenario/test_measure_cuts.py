"""The share that measures cut of each source and vehicle."""

import pyarrow as pa
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.control.scenario.measure_cuts import MeasureCuts
from bigdata_emis.control.scenario.measures import Measure


def sources(*rows: tuple[str, str, str | None, str | None, str | None]) -> pa.Table:
    names = ("source_id", "sector_code", "industry_code", "grade_code", "road_class_code")
    return pa.table([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], names=names)


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
    cuts = MeasureCuts([SECTOR, SECTOR_GRADE, INDUSTRY, INDUSTRY_GRADE, LINE], "orange")
    assert cuts.source_shares(PLANTS).tolist() == [0.3, 0.05, 0.9, 0.1, 0.2, 0.0]


def test_the_order_of_the_list_does_not_matter() -> None:
    forwards, backwards = (
        [SECTOR, SECTOR_GRADE, INDUSTRY, INDUSTRY_GRADE, LINE],
        [LINE, INDUSTRY_GRADE, INDUSTRY, SECTOR_GRADE, SECTOR],
    )
    assert (
        MeasureCuts(forwards, "orange").source_shares(PLANTS).tolist()
        == MeasureCuts(backwards, "orange").source_shares(PLANTS).tolist()
    )


def test_of_two_equally_specific_measures_the_larger_cut_applies() -> None:
    half, most = (
        Measure(name, "orange", industry_code="cement_clinker", cut_share=cut) for name, cut in (("a", 0.5), ("b", 0.8))
    )
    assert MeasureCuts([most, half], "orange").source_shares(PLANTS)[0] == 0.8


def test_a_measure_cuts_only_the_affected_share() -> None:
    measure = Measure("part", "orange", industry_code="cement_clinker", affected_share=0.5, cut_share=0.5)
    assert MeasureCuts([measure], "orange").source_shares(PLANTS)[0] == 0.25


def test_a_measure_of_a_lower_level_applies_at_a_higher_one() -> None:
    yellow = Measure("y", "yellow", industry_code="cement_clinker", cut_share=0.6)
    less = Measure("o", "orange", industry_code="cement_clinker", grade_code="B", cut_share=0.1)
    assert [
        MeasureCuts([yellow, less], level).source_shares(PLANTS)[0] for level in ("blue", "yellow", "orange", "red")
    ] == [0.0, 0.6, 0.6, 0.6]


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
    cuts = MeasureCuts([old, bulk], "orange")
    shares = [cuts.vehicle_share("HeavyT", "IV"), cuts.vehicle_share("HeavyT", "V"), cuts.vehicle_share("BUS", "IV")]
    assert shares == [pytest.approx(0.6), pytest.approx(0.2), 0.0]


def test_a_ban_listed_at_two_levels_counts_once_with_its_largest_cut() -> None:
    levels = [
        Measure("old", level, vehicle_class_code="HeavyT", affected_share=share, cut_share=1.0)
        for level, share in (("yellow", 0.3), ("orange", 0.5))
    ]
    assert [MeasureCuts(levels, level).vehicle_share("HeavyT", "III") for level in ("yellow", "orange")] == [
        pytest.approx(0.3),
        0.5,
    ]


def test_a_vehicle_measure_does_not_cut_other_mobile_sources() -> None:
    machines = sources(("port-1", "mobile", "port", None, None))
    ban = Measure("cars", "red", sector_code="mobile", vehicle_class_code="LPV_mini_small", cut_share=0.5)
    assert MeasureCuts([ban], "red").source_shares(machines).tolist() == [0.0]


def test_the_default_list_never_cuts_less_at_a_higher_level() -> None:
    names = Measure.__dataclass_fields__
    rows = reference.read("default_measure").to_pylist()
    measures = [Measure(**{n: row[n] if row[n] is not None else "" for n in names}) for row in rows]
    sectors, industries = (
        ("industrial_process", "stationary_combustion", "solvent_use", "dust"),
        schema.codes()["industry"],
    )
    everyone = sources(
        *(
            (f"{s}/{i}/{g}", s, i, g, None)
            for s in sectors
            for i in industries
            for g in ("A", "B", "B-", "C", "D", None)
        )
    )
    by_level = [MeasureCuts(measures, level).source_shares(everyone) for level in ("yellow", "orange", "red")]
    assert (by_level[0] <= by_level[1]).all()
    assert (by_level[1] <= by_level[2]).all()
    for vehicle in schema.codes()["vehicle_class"]:
        for stage in schema.codes()["emission_stage"]:
            shares = [
                MeasureCuts(measures, level).vehicle_share(vehicle, stage) for level in ("yellow", "orange", "red")
            ]
            assert shares == sorted(shares)
