"""A list of measures: what is accepted, what is refused, and what applies at a level."""

from pathlib import Path

import pytest

from bigdata_emis.control.scenario.measures import (
    Measure,
    check_production_lines,
    levels_up_to,
    read_measures,
    require_active_measures,
)
from bigdata_emis.errors import InputError

HEADER = (
    "measure_id,alert_level_code,sector_code,industry_code,grade_code,"
    "vehicle_class_code,stage_threshold_code,affected_share,cut_share"
)


def listed(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "measures.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "where"),
    [
        pytest.param(
            "m,orange,,,,,,1,1.5", "row 2, column cut_share = 1.5: expected a share between 0 and 1", id="percent"
        ),
        pytest.param("m,orange,,,,,,1,half", "row 2, column cut_share: 'half' is not a number", id="text"),
        pytest.param(
            "m,orange,,,,,,1,nan", "row 2, column cut_share = nan: expected a share between 0 and 1", id="not-a-number"
        ),
        pytest.param("m,purple,,,,,,1,0.5", "row 2, column alert_level_code: 'purple' is unknown", id="level"),
        pytest.param(
            "m,orange,,cement works,,,,1,0.5", "row 2, column industry_code: 'cement works' is unknown", id="industry"
        ),
        pytest.param(
            ",orange,,,,,,1,0.5", "row 2, column measure_id: expected a value, found an empty cell", id="no-name"
        ),
        pytest.param("m,orange,,,,1,0.5", "row 2: 7 cells under 9 columns", id="cells"),
        pytest.param(
            "m,orange,,cement,,HeavyT,,1,0.5", "row 2, column vehicle_class_code", id="vehicle-of-an-industry"
        ),
        pytest.param(
            "m,orange,,,,,,1,0.5\nm,orange,,,,,,1,0.6", "row 3, column measure_id: m at orange is repeated", id="twice"
        ),
    ],
)
def test_a_wrong_row_is_refused_with_row_column_and_remedy(tmp_path: Path, line: str, where: str) -> None:
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
    with pytest.raises(InputError, match="give the path of a file|save the file as UTF-8"):
        read_measures(path)


def test_an_empty_list_has_no_header_and_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "measures.csv"
    path.write_text("", "utf-8")
    with pytest.raises(InputError, match="header: missing"):
        read_measures(path)


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(InputError, match="use one of blue, yellow, orange, red"):
        levels_up_to("none")


def test_a_list_is_read_with_empty_selectors_and_comments_skipped(tmp_path: Path) -> None:
    path = tmp_path / "measures.csv"
    path.write_text(f"# source\n{HEADER}\nkiln,orange,,cement_clinker,,,,0.5,0.3\n", "utf-8")
    (measure,) = read_measures(path)
    assert measure == Measure("kiln", "orange", industry_code="cement_clinker", affected_share=0.5, cut_share=0.3)


def test_a_level_includes_every_lower_one() -> None:
    assert levels_up_to("orange") == ["blue", "yellow", "orange"]


def test_a_list_without_a_measure_up_to_the_level_is_refused() -> None:
    red = [Measure("m", "red", cut_share=0.5)]
    assert require_active_measures(red, "red") == red
    with pytest.raises(InputError, match="no measure of the list applies at level orange; it has measures for red"):
        require_active_measures(red, "orange")


def test_a_measure_for_an_unknown_line_is_refused() -> None:
    measures = [Measure("m", "red", production_line_id="kiln-9", cut_share=0.5)]
    check_production_lines(measures, {"kiln-9"}, "region test")
    with pytest.raises(InputError, match="measure m, column production_line_id: 'kiln-9' is unknown in region test"):
        check_production_lines(measures, {"kiln-1"}, "region test")


def test_a_measure_of_vehicles_applies_to_roads_only() -> None:
    trucks, plants = Measure("t", "red", vehicle_class_code="HeavyT"), Measure("p", "red", grade_code="C")
    assert (trucks.is_for_roads, trucks.is_for_vehicles_only) == (True, True)
    assert (plants.is_for_roads, plants.is_for_vehicles_only) == (False, False)
