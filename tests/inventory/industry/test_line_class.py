"""Classes of lines: traits that the register states, nested codes, unknown ones left out."""

import pytest

from bigdata_emis.inventory.industry.line_class import LineClasses, class_code, level_codes


def line(name="a", *, capacity=10.0, **stated):
    about = {"industry_code": "sinter", "activity_unit_code": "t", "capacity_per_h": capacity}
    return {"production_line_id": name, **about, **stated}


def test_a_line_of_which_nothing_is_stated_is_known_by_its_industry_alone():
    bare = line()
    traits = LineClasses([bare], [], 2020).traits(bare)
    assert traits == ("sinter", "-", "-", "-", "-")
    assert level_codes(traits) == {1: "sinter"}
    assert LineClasses([bare], [], 2020).codes(bare) == ("line:a", "sinter|-|-|-|-", "sinter")


@pytest.mark.parametrize(
    ("year", "age"), [(2020, "new"), (2016, "new"), (2015, "middle"), (2006, "middle"), (2005, "old")]
)
def test_age_is_counted_from_the_commissioned_year(year, age):
    of_year = line(commissioned_year=year)
    assert LineClasses([of_year], [], 2020).traits(of_year)[3] == age


def test_devices_are_the_control_in_any_order():
    devices = [{"production_line_id": "a", "device_name": name} for name in ("wet FGD", "bag filter")]
    assert LineClasses([line()], devices, 2020).traits(line())[2] == "bag filter+wet FGD"


def test_size_splits_an_industry_of_four_lines_at_their_median_capacity():
    """Capacities 1, 2, 4, 8: the median is 3."""
    lines = [line(str(capacity), capacity=capacity) for capacity in (1.0, 2.0, 4.0, 8.0)]
    classes = LineClasses(lines, [], 2020)
    assert [classes.traits(one)[4] for one in lines] == ["small", "small", "large", "large"]
    assert LineClasses(lines[:3], [], 2020).traits(lines[0])[4] == "-"


def test_levels_are_nested_and_skip_what_is_unknown():
    traits = ("sinter", "belt", "-", "old", "-")
    assert level_codes(traits) == {1: "sinter", 2: "sinter|belt", 4: "sinter|belt|-|old"}
    assert class_code(traits) == "sinter|belt|-|old|-"
