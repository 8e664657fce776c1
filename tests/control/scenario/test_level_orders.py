"""Events whose level or list changes: what is read, what is refused, and the hours in which each measure is ordered."""

from datetime import UTC, datetime, timedelta

import pytest

from bigdata_emis.control.scenario.level_orders import LevelOrder, highest_level, join_orders, parse_changes
from bigdata_emis.control.scenario.measure_cuts import HourCondition, MeasureCuts
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.errors import InputError
from bigdata_emis.window import Window

START = datetime(2015, 12, 7, 16, tzinfo=UTC)
"""Midnight in Beijing."""
WINDOW = Window(START, START + timedelta(hours=48))
NOON = START + timedelta(hours=12)
FIRST = LevelOrder(START, "yellow")
KILN = Measure("kiln", "yellow", industry_code="cement_clinker", cut_share=0.5)
GLASS = Measure("glass", "yellow", industry_code="ceramics", cut_share=0.2)
HEADER = "measure_id,alert_level_code,industry_code,affected_share,cut_share\n"


def parse(*texts):
    return parse_changes(texts, WINDOW, "Asia/Shanghai")


def test_changes_are_local_hours_in_order_of_time():
    later, earlier = parse("2015-12-09T06:00=yellow", "2015-12-08T12:00=red,late.csv")[::-1]
    assert (earlier.from_utc, earlier.level, earlier.measures_file.name) == (NOON, "red", "late.csv")
    assert (later.from_utc, later.level, later.measures_file) == (START + timedelta(hours=30), "yellow", None)


def test_an_event_without_changes_has_none():
    assert parse() == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("red", "not an hour and a level"),
        ("2015-12-08T12:00=", "not an hour and a level"),
        ("2015-12-08T12:30=red", "full hour"),
        ("2015-12-08T12:00=purple", "unknown"),
        ("2015-12-08T00:00=red", "not within the event"),
        ("2015-12-10T00:00=red", "not within the event"),
        ("noon=red", "not a date or time"),
    ],
)
def test_a_change_that_says_nothing_of_the_event_is_refused(text, says):
    with pytest.raises(InputError, match=says):
        parse(text)


def test_two_changes_at_one_hour_are_refused():
    with pytest.raises(InputError, match="two changes"):
        parse("2015-12-08T12:00=red", "2015-12-08T12:00=orange")


def test_a_change_of_level_leaves_the_measures_as_they_are():
    assert join_orders(FIRST, [KILN, GLASS], [LevelOrder(NOON, "red")]) == [KILN, GLASS]
    assert highest_level([FIRST, LevelOrder(NOON, "red"), LevelOrder(NOON, "orange")]) == "red"


def test_a_change_that_changes_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match="changes nothing"):
        join_orders(FIRST, [KILN], [LevelOrder(NOON, "yellow")])
    (tmp_path / "same.csv").write_text(HEADER + "kiln,yellow,cement_clinker,1,0.5\n", "utf-8")
    with pytest.raises(InputError, match="changes nothing"):
        join_orders(FIRST, [KILN], [LevelOrder(NOON, "yellow", tmp_path / "same.csv")])


def test_a_list_that_replaces_another_ends_its_measures_and_keeps_what_both_say(tmp_path):
    rows = "kiln,yellow,cement_clinker,1,0.8\nglass,yellow,ceramics,1,0.2\nbrick,yellow,brick_kiln,1,1\n"
    (tmp_path / "b.csv").write_text(HEADER + rows, "utf-8")
    joined = {
        m.measure_id: m for m in join_orders(FIRST, [KILN, GLASS], [LevelOrder(NOON, "yellow", tmp_path / "b.csv")])
    }
    assert set(joined) == {"kiln", "kiln@2", "glass", "brick"}
    assert (joined["kiln"].cut_share, joined["kiln"].applies_to_utc) == (0.5, NOON)
    assert (joined["kiln@2"].cut_share, joined["kiln@2"].applies_from_utc) == (0.8, NOON)
    assert joined["glass"] == GLASS
    assert joined["brick"].applies_from_utc == NOON


def banned_share(measures, level, at_utc):
    condition = HourCondition(level, 12, int(at_utc.timestamp()) * 1_000_000)
    return MeasureCuts(measures).vehicle_share("LPV_mini_small", "V", condition)


@pytest.mark.parametrize("first_levels", [("yellow", "orange"), ("yellow",), ("orange",)])
def test_rows_of_a_ban_at_several_levels_count_once_after_a_change(tmp_path, first_levels):
    """30 % at yellow and 60 % at orange ban 60 % at orange, not 1 - 0.7 * 0.4 = 72 %, whatever was ordered before."""
    before = [Measure("ban", level, sector_code="mobile", cut_share=0.3) for level in first_levels]
    header = "measure_id,alert_level_code,sector_code,affected_share,cut_share\n"
    (tmp_path / "b.csv").write_text(header + "ban,yellow,mobile,1,0.3\nban,orange,mobile,1,0.6\n", "utf-8")
    first = LevelOrder(START, "orange")
    joined = join_orders(first, before, [LevelOrder(NOON, "orange", tmp_path / "b.csv")])
    assert banned_share(joined, "orange", START) == pytest.approx(0.3)
    assert banned_share(joined, "orange", NOON) == pytest.approx(0.6)


def test_a_measure_whose_name_ends_as_a_renamed_one_is_not_replaced_by_it(tmp_path):
    other = Measure("kiln@2", "yellow", industry_code="ceramics", cut_share=0.2)
    rows = "kiln,yellow,cement_clinker,1,0.8\nkiln@2,yellow,ceramics,1,0.2\n"
    (tmp_path / "b.csv").write_text(HEADER + rows, "utf-8")
    joined = join_orders(FIRST, [KILN, other], [LevelOrder(NOON, "yellow", tmp_path / "b.csv")])
    assert other in joined
    assert sorted((m.industry_code, m.cut_share) for m in joined) == [
        ("cement_clinker", 0.5),
        ("cement_clinker", 0.8),
        ("ceramics", 0.2),
    ]


def test_an_order_under_which_no_measure_applies_is_refused(tmp_path):
    (tmp_path / "b.csv").write_text(HEADER + "kiln,red,cement_clinker,1,0.8\n", "utf-8")
    with pytest.raises(InputError, match="no measure of the list applies at level orange"):
        join_orders(FIRST, [KILN], [LevelOrder(NOON, "orange", tmp_path / "b.csv")])
