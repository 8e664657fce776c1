"""Costs of the user, and the index where there are none."""

from pathlib import Path

import pytest

from bigdata_emis.codes import CostSource
from bigdata_emis.control.optimise.cost_table import check_selectors, emission_index, grade_steps, read_costs
from bigdata_emis.errors import InputError
from tests.control.optimise.published_region import region_of

HEADER = "production_line_id,industry_code,sector_code,cost_cny_per_d\n"


def write(folder: Path, rows: str, header: str = HEADER) -> Path:
    path = folder / "costs.csv"
    path.write_text(header + rows, "utf-8")
    return path


def test_the_most_specific_row_decides(tmp_path: Path) -> None:
    costs = read_costs(write(tmp_path, "kiln-1,,,9\n,cement,,5\n,,industrial_process,1\n"))
    assert costs.source_code == CostSource.USER_TABLE
    traits = {"production_line_id": "kiln-1", "industry_code": "cement", "sector_code": "industrial_process"}
    assert costs.cost_per_d(traits) == 9.0
    assert costs.cost_per_d({**traits, "production_line_id": "kiln-2"}) == 5.0
    assert costs.cost_per_d({"sector_code": "industrial_process"}) == 1.0
    assert costs.cost_per_d({"sector_code": "dust"}) is None


def test_without_a_file_the_source_of_costs_says_so() -> None:
    assert read_costs(None).source_code == CostSource.EMISSION_PROXY


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("kiln-1,,,nan\n", "row 2, column cost_cny_per_d: 'nan'"),
        ("kiln-1,,,-1\n", "row 2, column cost_cny_per_d: '-1'; it must not be below 0"),
        ("kiln-1,,,inf\n", "column cost_cny_per_d: 'inf'"),
        ("kiln-1,,,1e308\n", "row 2: column cost_cny_per_d: 1e\\+308 is above 1e\\+12 yuan per day"),
        (",,nonsense,3\n", "column sector_code: 'nonsense' is not a known sector"),
        ("kiln-1,,,\n", "column cost_cny_per_d: the cell is empty"),
        (",,,3\n", "row 2: expected one of production_line_id"),
        ("kiln-1,cement,,3\n", "row 2: expected one of"),
        ("kiln-1,,,3\nkiln-1,,,4\n", "row 3: production_line_id kiln-1 is repeated"),
        (",nonsense,,3\n", "column industry_code: 'nonsense' is not a known industry"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_costs(write(tmp_path, rows))


def test_a_line_that_does_not_exist_is_refused_with_its_row(tmp_path: Path) -> None:
    costs = read_costs(write(tmp_path, "kiln-1,,,9\n,cement,,5\nkiln-02,,,3\n"))
    with pytest.raises(InputError, match="row 4, column production_line_id: 'kiln-02' is unknown"):
        check_selectors(costs, {"production_line_id": {"kiln-1", "kiln-2"}})
    check_selectors(costs, {"production_line_id": {"kiln-1", "kiln-02"}})


def test_better_grades_cut_less_and_count_more(tmp_path: Path) -> None:
    steps = grade_steps(region_of(tmp_path))
    assert steps["A"] == {}
    assert [max(steps[grade]) for grade in ("B", "B-", "C", "D")] == [0.3, 0.5, 1.0, 1.0]
    assert steps["B"][0.3] > steps["C"][0.3] > steps["D"][0.3]


def test_the_index_is_the_mean_share_of_the_base_in_thousandths() -> None:
    base, targets = {"SO2": 10.0, "NOx": 20.0, "CO": 5.0}, {"SO2": 0.1, "NOx": 0.1, "PM10": 0.1}
    assert emission_index({"SO2": 1.0, "NOx": 4.0, "CO": 5.0}, base, targets) == pytest.approx(150.0)
    assert emission_index({"SO2": 1.0}, {}, targets) == 0.0
