"""A list of measures: what is accepted, what is refused, and what applies at a level."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bigdata_emis.control.scenario.measures import (
    Measure,
    check_contradictions,
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
            "m,orange,,,,,,1,nan",
            "row 2, column cut_share: 'nan' is not a number; write a share between 0 and 1",
            id="not-a-number",
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


def test_a_line_that_begins_with_a_number_sign_after_the_header_is_a_measure(tmp_path: Path) -> None:
    path = listed(tmp_path, "#1炉停产,orange,,cement_clinker,,,,1,1", "#2窑限产,orange,,float_glass,,,,1,0.5")
    assert [measure.measure_id for measure in read_measures(path)] == ["#1炉停产", "#2窑限产"]


def test_a_remark_after_the_header_is_refused_and_not_skipped(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 2: 1 cells under 9 columns"):
        read_measures(listed(tmp_path, "# furnaces"))


def test_a_quoted_cell_may_hold_a_line_break_and_rows_keep_their_line_number(tmp_path: Path) -> None:
    path = tmp_path / "measures.csv"
    header = "measure_id,alert_level_code,affected_share,cut_share,action"
    path.write_text(f'{header}\na,orange,1,0.3,"stop one\nof two"\nb,orange,1,2,x\n', "utf-8")
    with pytest.raises(InputError, match="row 4, column cut_share = 2"):
        read_measures(path)
    path.write_text(f'{header}\na,orange,1,0.3,"stop one\nof two"\n', "utf-8")
    assert len(read_measures(path)) == 1


def test_a_row_with_broken_quotes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 2.*correct the quotes"):
        read_measures(listed(tmp_path, '"a"b,orange,,,,,,1,0.5'))


MORE = "measure_id,alert_level_code,industry_code,stage_threshold_code,pollutant_code,from_local_hour,to_local_hour"
MORE += ",affected_share,cut_share,min_load_share,ramp_down_h,restart_h"


def read_more(tmp_path: Path, line: str) -> Measure:
    path = tmp_path / "more.csv"
    path.write_text(f"{MORE}\n{line}\n", "utf-8")
    return read_measures(path)[0]


def test_hours_pollutant_and_limits_of_the_process_are_read(tmp_path: Path) -> None:
    measure = read_more(tmp_path, "m,orange,coking,,VOCs,20,8,1,0.5,0.4,12,24")
    assert (measure.pollutant_code, measure.from_local_hour, measure.to_local_hour) == ("VOCs", 20, 8)
    assert (measure.min_load_share, measure.ramp_down_h, measure.restart_h) == (0.4, 12.0, 24.0)
    assert [measure.applies_at(hour) for hour in (0, 7, 8, 19, 20)] == [True, True, False, False, True]


@pytest.mark.parametrize(
    ("line", "where"),
    [
        pytest.param("m,orange,,,,7,,1,0.5,,,", "two different hours or none", id="one-hour"),
        pytest.param("m,orange,,,,7,7,1,0.5,,,", "two different hours or none", id="same-hour"),
        pytest.param(
            "m,orange,,,,7.5,9,1,0.5,,,", "from_local_hour = 7.5: expected a whole number from 0 to 23", id="half"
        ),
        pytest.param("m,orange,,,,7,25,1,0.5,,,", "to_local_hour = 25: expected a whole number from 0 to 24", id="25"),
        pytest.param("m,orange,,,,,,1,0.5,nan,,", "min_load_share = nan: expected a number from 0 to 1", id="nan"),
        pytest.param("m,orange,,,,,,1,0.5,,inf,", "ramp_down_h = inf: expected a number from 0 to 240", id="infinite"),
        pytest.param("m,orange,,II,NOx,,,1,0.5,,,", "a vehicle measure cannot also select", id="pollutant-of-vehicles"),
    ],
)
def test_wrong_hours_limits_and_combinations_are_refused(tmp_path: Path, line: str, where: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_more(tmp_path, line)
    assert where in str(refusal.value)


TURNS = (
    "measure_id,alert_level_code,production_line_id,affected_share,cut_share,rotation_group,rotation_turn,rotation_days"
)


def read_turns(tmp_path: Path, *lines: str) -> list[Measure]:
    path = tmp_path / "turns.csv"
    path.write_text("\n".join((TURNS, *lines)) + "\n", "utf-8")
    return read_measures(path)


def test_lines_that_take_turns_are_read(tmp_path: Path) -> None:
    first, second = read_turns(tmp_path, "a,red,line-a,1,1,plant,1,2", "b,red,line-b,1,1,plant,2,2")
    assert (first.rotation_group, first.rotation_turn, first.rotation_days) == ("plant", 1, 2)
    assert second.rotation_turn == 2


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["a,red,line-a,1,1,plant,,"], "columns rotation_group, rotation_turn: expected both or none"),
        (["a,red,line-a,1,1,,1,"], "columns rotation_group, rotation_turn: expected both or none"),
        (["a,red,line-a,1,1,,,2"], "column rotation_days"),
        (["a,red,,1,1,plant,1,"], "only production lines take turns"),
        (["a,red,line-a,1,1,plant,1,"], "has the turns 1: expected 1, 2"),
        (["a,red,line-a,1,1,plant,1,", "b,red,line-b,1,1,plant,3,"], "has the turns 1, 3"),
        (["a,red,line-a,1,1,plant,1,1", "b,red,line-b,1,1,plant,2,2"], "several values of rotation_days"),
        (["a,red,line-a,1,1,plant,0,1"], "column rotation_turn = 0: expected a whole number from 1"),
    ],
)
def test_wrong_turns_are_refused(tmp_path: Path, lines: list[str], says: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_turns(tmp_path, *lines)
    assert says in str(refusal.value)
    assert refusal.value.remedy


def read_hours(tmp_path: Path, start: str, end: str) -> Measure:
    path = tmp_path / "hours.csv"
    head = "measure_id,alert_level_code,sector_code,affected_share,cut_share,applies_from_utc,applies_to_utc"
    path.write_text(f"{head}\nm,red,mobile,1,1,{start},{end}\n", "utf-8")
    return read_measures(path)[0]


def test_hours_of_an_event_are_instants(tmp_path: Path) -> None:
    measure = read_hours(tmp_path, "2015-12-08T12:00+08:00", "")
    assert (measure.applies_from_utc, measure.applies_to_utc) == (datetime(2015, 12, 8, 4, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2015-12-08T12:00", ""),
        ("2015-12-08T12:30+08:00", ""),
        ("2015-12-08T12:00+05:30", ""),
        ("2015-12-08T12:00+08:00:30", ""),
        ("0001-01-01T00:00+08:00", ""),
        ("", "9999-12-31T23:00-08:00"),
        ("noon", ""),
        ("2015-12-08T12:00+08:00", "2015-12-08T12:00+08:00"),
    ],
)
def test_hours_of_an_event_without_offset_or_in_wrong_order_are_refused(tmp_path: Path, start: str, end: str) -> None:
    with pytest.raises(InputError, match="applies_"):
        read_hours(tmp_path, start, end)


def test_an_industry_with_a_stage_is_a_measure_of_machines(tmp_path: Path) -> None:
    machines = read_more(tmp_path, "m,orange,nonroad_machinery,II,,,,1,1,,,")
    assert (machines.is_for_machines, machines.is_for_vehicles_only, machines.is_for_roads) == (True, False, False)


def test_an_exemption_and_a_cut_of_the_same_sources_contradict_each_other() -> None:
    exempt, cut = (
        Measure("e", "red", industry_code="coking"),
        Measure("c", "red", industry_code="coking", cut_share=0.5),
    )
    with pytest.raises(InputError, match="measures e and c at red select the same: .* cuts 50%"):
        check_contradictions([cut, exempt])
    more = Measure("d", "red", industry_code="coking", cut_share=0.8)
    night = Measure("n", "red", industry_code="coking", from_local_hour=20, to_local_hour=8)
    check_contradictions([cut, more, night, Measure("y", "yellow", industry_code="coking")])


def test_a_measure_of_vehicles_applies_to_roads_only() -> None:
    trucks, plants = Measure("t", "red", vehicle_class_code="HeavyT"), Measure("p", "red", grade_code="C")
    assert (trucks.is_for_roads, trucks.is_for_vehicles_only) == (True, True)
    assert (plants.is_for_roads, plants.is_for_vehicles_only) == (False, False)
