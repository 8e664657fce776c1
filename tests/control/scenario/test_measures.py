"""Which measure holds for whom, and how a bad list of measures is refused."""

from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.control.scenario.measure_cuts import Cuts
from bigdata_emis.control.scenario.measures import Measure, levels_up_to, read_measures
from bigdata_emis.errors import InputError

HEADER = "measure_id,alert_level_code,sector_code,industry_code,grade_code,vehicle_class_code,stage_threshold_code,affected_share,cut_share"


def sources(*rows: tuple[str, str, str | None, str | None, str | None]) -> pa.Table:
    names = ("source_id", "sector_code", "industry_code", "grade_code", "road_class_code")
    return pa.table([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], names=names)


def listed(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "measures.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", "utf-8")
    return path


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


def test_the_most_specific_measure_wins_even_when_it_cuts_less() -> None:
    cuts = Cuts([SECTOR, SECTOR_GRADE, INDUSTRY, INDUSTRY_GRADE, LINE], "orange")
    assert cuts.of_sources(PLANTS).tolist() == [0.3, 0.05, 0.9, 0.1, 0.2, 0.0]


def test_the_order_of_the_list_does_not_matter() -> None:
    forwards, backwards = (
        [SECTOR, SECTOR_GRADE, INDUSTRY, INDUSTRY_GRADE, LINE],
        [LINE, INDUSTRY_GRADE, INDUSTRY, SECTOR_GRADE, SECTOR],
    )
    assert Cuts(forwards, "orange").of_sources(PLANTS).tolist() == Cuts(backwards, "orange").of_sources(PLANTS).tolist()


def test_of_two_equally_specific_measures_the_larger_cut_holds() -> None:
    half, most = (
        Measure(name, "orange", industry_code="cement_clinker", cut_share=cut) for name, cut in (("a", 0.5), ("b", 0.8))
    )
    assert Cuts([most, half], "orange").of_sources(PLANTS)[0] == 0.8


def test_a_measure_touches_only_the_affected_share() -> None:
    measure = Measure("part", "orange", industry_code="cement_clinker", affected_share=0.5, cut_share=0.5)
    assert Cuts([measure], "orange").of_sources(PLANTS)[0] == 0.25


def test_a_measure_of_a_lower_level_holds_at_a_higher_one() -> None:
    yellow = Measure("y", "yellow", industry_code="cement_clinker", cut_share=0.6)
    less = Measure("o", "orange", industry_code="cement_clinker", grade_code="B", cut_share=0.1)
    assert [Cuts([yellow, less], level).of_sources(PLANTS)[0] for level in ("blue", "yellow", "orange", "red")] == [
        0.0,
        0.6,
        0.6,
        0.6,
    ]


def test_bans_that_meet_the_same_vehicles_leave_the_product_of_what_each_leaves() -> None:
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
    cuts = Cuts([old, bulk], "orange")
    shares = [cuts.of_vehicles("HeavyT", "IV"), cuts.of_vehicles("HeavyT", "V"), cuts.of_vehicles("BUS", "IV")]
    assert shares == [pytest.approx(0.6), pytest.approx(0.2), 0.0]


def test_a_ban_that_two_levels_name_counts_once_with_its_largest_cut() -> None:
    levels = [
        Measure("old", level, vehicle_class_code="HeavyT", affected_share=share, cut_share=1.0)
        for level, share in (("yellow", 0.3), ("orange", 0.5))
    ]
    assert [Cuts(levels, level).of_vehicles("HeavyT", "III") for level in ("yellow", "orange")] == [
        pytest.approx(0.3),
        0.5,
    ]


def test_a_vehicle_measure_leaves_other_mobile_sources_alone() -> None:
    machines = sources(("port-1", "mobile", "port", None, None))
    ban = Measure("cars", "red", sector_code="mobile", vehicle_class_code="LPV_mini_small", cut_share=0.5)
    assert Cuts([ban], "red").of_sources(machines).tolist() == [0.0]


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
    by_level = [Cuts(measures, level).of_sources(everyone) for level in ("yellow", "orange", "red")]
    assert (by_level[0] <= by_level[1]).all()
    assert (by_level[1] <= by_level[2]).all()
    for vehicle in schema.codes()["vehicle_class"]:
        for stage in schema.codes()["emission_stage"]:
            shares = [Cuts(measures, level).of_vehicles(vehicle, stage) for level in ("yellow", "orange", "red")]
            assert shares == sorted(shares)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        pytest.param("m,orange,,,,,,1,1.5", "row 2, column cut_share: 1.5 is not between 0 and 1", id="percent"),
        pytest.param("m,orange,,,,,,1,half", "row 2, column cut_share: 'half' is not a number", id="text"),
        pytest.param("m,orange,,,,,,1,nan", "row 2, column cut_share: nan is not between 0 and 1", id="not-a-number"),
        pytest.param("m,purple,,,,,,1,0.5", "row 2, column alert_level_code: 'purple' is unknown", id="level"),
        pytest.param(
            "m,orange,,cement works,,,,1,0.5", "row 2, column industry_code: 'cement works' is unknown", id="industry"
        ),
        pytest.param(",orange,,,,,,1,0.5", "row 2, column measure_id: is empty", id="no-name"),
        pytest.param("m,orange,,,,1,0.5", "row 2: 7 cells under 9 columns", id="cells"),
        pytest.param(
            "m,orange,,cement,,HeavyT,,1,0.5", "row 2, column vehicle_class_code", id="vehicle-of-an-industry"
        ),
        pytest.param(
            "m,orange,,,,,,1,0.5\nm,orange,,,,,,1,0.6", "row 3, column measure_id: m at orange repeats", id="twice"
        ),
    ],
)
def test_a_bad_row_is_refused_with_row_column_and_mend(tmp_path: Path, line: str, where: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_measures(listed(tmp_path, line))
    assert where in str(refusal.value)
    assert refusal.value.remedy
    assert "\n" not in str(refusal.value)


def test_a_list_with_unknown_or_missing_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "measures.csv"
    path.write_text("measure_id,alert_level_code,affected_share,reduction\nm,orange,1,0.5\n", "utf-8")
    with pytest.raises(InputError, match=r"missing \['cut_share'\], unknown \['reduction'\]"):
        read_measures(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["missing", "not-utf-8"])
def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "measures.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="give a readable UTF-8 CSV"):
        read_measures(path)


def test_an_empty_list_has_no_header_and_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "measures.csv"
    path.write_text("", "utf-8")
    with pytest.raises(InputError, match="header: missing"):
        read_measures(path)


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(InputError, match="use one of blue, yellow, orange, red"):
        levels_up_to("none")
