"""CSV files as columns of texts."""

import pytest

from bigdata_emis.collect.formats.delimited import (
    FileLayout,
    TextTable,
    detect_separator,
    join_header,
    likely_header,
    read_delimited,
)
from bigdata_emis.collect.formats.limits import Limits, TooLargeError

LIMITS = Limits("power", byte_count=1 << 20, row_count=3)
REPORT = "用电日报,,,\n日期:12-20,,单位,\n电表,时间,电量,\n,,有功,间隔\nM1,00:00,36,60\nM2,00:00,37,60\n"


def read(text: str, *names: str, **layout: object) -> TextTable:
    return read_delimited(text.encode(), FileLayout(**layout), names or None, "here", LIMITS)


def values(table: TextTable) -> dict[str, list]:
    return {name: column.to_pylist() for name, column in table.columns.items()}


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_found_in_the_header(sign):
    table = read(f"meter{sign}kWh\nm1{sign}1\n")
    assert values(table) == {"meter": ["m1"], "kWh": ["1"]}
    assert sign in table.written_as


def test_a_separator_in_quotes_does_not_count():
    assert detect_separator('"a,b,c";"d"') == ";"
    assert values(read('"a,b";c\n"1,5";2\n')) == {"a,b": ["1,5"], "c": ["2"]}


def test_title_rows_are_skipped_and_two_header_rows_joined():
    table = read(REPORT, skip_rows=2, header_rows=2)
    assert table.names == ("电表", "时间", "电量 有功", "电量 间隔")
    assert values(table)["电量 有功"] == ["36", "37"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_lines_end_as_those_of_any_system(end):
    table = read(REPORT.replace("\n", end), skip_rows=2, header_rows=2)
    assert (table.names[2], values(table)["电量 有功"]) == ("电量 有功", ["36", "37"])


def test_a_cell_of_several_lines_is_one_line_in_the_header_and_as_it_is_below():
    table = read('meter,"电量\n(kWh)",remark\nm1,36,"power cut\n, repaired"\nm2,37,\n')
    assert values(table) == {"meter": ["m1", "m2"], "电量 (kWh)": ["36", "37"], "remark": ["power cut\n, repaired", ""]}


def test_a_value_of_several_lines_may_lie_anywhere_in_a_long_file():
    lines = "".join(f'm1,{number},"a\nb{"x" * 500}"\n' for number in range(6000))
    limits = Limits("power", byte_count=1 << 24, row_count=20_000)
    table = read_delimited(f"meter,kWh,remark\n{lines}".encode(), FileLayout(), ["kWh"], "here", limits)
    assert values(table)["kWh"] == [str(number) for number in range(6000)]


def test_rows_that_end_with_a_separator_keep_their_columns():
    assert (
        values(read("a,b\n1,2,\n3,4,\n"))
        == values(read("a,b,\n1,2,\n3,4,\n", "a", "b"))
        == {"a": ["1", "3"], "b": ["2", "4"]}
    )
    with pytest.raises(ValueError, match="Expected 3 columns"):
        read("a,b\n1,2,\n3,4\n")
    with pytest.raises(ValueError, match="Expected 2 columns"):
        read("a,b\n1,2,5\n")
    with pytest.raises(ValueError, match="row 2 below the header has 3 values, and the header 2 names"):
        read("a,b\n1,2,\n3,4,7\n", "a", "b")
    assert values(read("a,b,\n1,2,,\n3,4,,\n", "a", "b")) == {"a": ["1", "3"], "b": ["2", "4"]}


@pytest.mark.parametrize("text", ["<!DOCTYPE html>\n<html></html>", "\n <HTML lang='zh'><body>log in</body></HTML>\n"])
def test_a_web_page_is_named_as_such(text):
    with pytest.raises(ValueError, match="it is a web page"):
        read(text)


def test_a_merged_cell_is_that_to_its_left_where_a_cell_lies_below():
    assert join_header([["a", "", "b", ""], ["x", "y", "", ""]]) == ["a x", "a y", "b", ""]


def test_only_the_wanted_columns_are_read_and_all_are_named():
    table = read("a,b,c\n1,2,3\n", "c")
    assert (values(table), table.names) == ({"c": ["3"]}, ("a", "b", "c"))


def test_a_file_with_a_header_and_no_rows_is_empty():
    assert read("a,b\n").row_count == read("a,b\r\n\r\n").row_count == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "empty"), (" \n\n", "empty"), ("a,a\n1,2\n", "column 'a' comes 2 times"), ("a,b\n1\n", "Expected 2 columns")],
)
def test_a_file_that_is_no_table_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        read(text, "a")


def test_more_rows_than_allowed_are_refused():
    with pytest.raises(TooLargeError):
        read("a\n1\n2\n3\n4\n")
    assert read("a\n1\n2\n3\n").row_count == 3


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (REPORT, (2, 2)),
        ("report of a day,,\nmeter,time,kWh\nm1,00:00,36\n", (1, 1)),
        ("meter,time,kWh\nm1,00:00,36\n", (0, 1)),
        ("", (0, 1)),
    ],
)
def test_the_header_likely_lies_just_above_the_first_row_of_data(text, header):
    assert likely_header(text.encode(), FileLayout(), "here") == header
