"""CSV files of the registry as texts, and texts as values."""

import datetime as dt

import pytest

from bigdata_emis import schema
from bigdata_emis.collect.registry.csv_text import TextColumns, read_text_columns, typed_column
from bigdata_emis.errors import InputError


def file(folder, content: bytes):
    path = folder / "table.csv"
    path.write_bytes(content)
    return path


def test_byte_order_mark_remarks_and_blanks_around_values_are_dropped(tmp_path):
    path = file(tmp_path, "\ufeff# a remark\nname, city\na, 东四\n\n".encode())
    assert read_text_columns(path) == TextColumns({"name": ["a"], "city": ["东四"]}, [3])


def test_a_quoted_value_may_hold_a_comma(tmp_path):
    assert read_text_columns(file(tmp_path, b'name\n"a, b"\n')).columns == {"name": ["a, b"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"name\n\xb6\xab\n", "line 2: byte 5 is not UTF-8; save the file as UTF-8", id="encoding"),
        pytest.param(b"", "the header is missing, has an empty name or names a column twice", id="empty"),
        pytest.param(
            b"a,a\n1,2\n", "the header is missing, has an empty name or names a column twice", id="repeated column"
        ),
        pytest.param(b"a,b\n1\n", "row 2: 1 values for 2 columns; correct the row", id="short row"),
        pytest.param(b'a\n"x\n', "row 2: unexpected end of data; correct the quotes", id="open quote"),
    ],
)
def test_a_file_of_another_shape_is_refused_with_its_row(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        read_text_columns(file(tmp_path, content))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("station_id", "p", "p"),
        ("longitude_deg", "116.4", 116.4),
        ("reading_count", "7", 7),
        ("is_valid", "Yes", True),
        ("is_valid", "0", False),
        ("hour_utc", "2015-12-20T08:00+08:00", dt.datetime(2015, 12, 20, tzinfo=dt.UTC)),
        ("month_start", "2015-11-01", dt.date(2015, 11, 1)),
        ("flag_codes", "gap; late", ["gap", "late"]),
        ("longitude_deg", "", None),
    ],
)
def test_a_text_becomes_a_value_of_the_declared_kind(tmp_path, name, text, value):
    assert typed_column([text], [2], schema.field(name), tmp_path).to_pylist() == [value]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("longitude_deg", "east", "a number with a decimal point"),
        ("longitude_deg", "inf", "a number with a decimal point"),
        ("longitude_deg", "1_000", "a number with a decimal point"),
        ("reading_count", "1.5", "a whole number"),
        ("is_valid", "maybe", "true or false"),
        ("hour_utc", "noon", "a time such as 2015-12-20T08:00"),
        ("month_start", "November", "a date such as 2015-12-20"),
    ],
)
def test_a_text_that_is_no_such_value_is_refused_with_row_and_value(tmp_path, name, text, expected):
    with pytest.raises(InputError, match=rf"table\.csv, row 9, column {name}: '{text}'; give {expected}"):
        typed_column(["", text], [2, 9], schema.field(name), tmp_path / "table.csv")


def test_a_row_is_counted_from_the_line_on_which_it_begins(tmp_path):
    content = b'# a remark, "with a quote\n\n# another\nname,note\n"a","two\nlines"\n\nb,x\n'
    assert read_text_columns(file(tmp_path, content)).lines == [5, 8]


@pytest.mark.parametrize("furnace", ["#1 boiler", "# 3炉", "#"])
def test_an_identifier_may_begin_with_a_number_sign(tmp_path, furnace):
    columns = read_text_columns(file(tmp_path, f"name,unit\na,t\n{furnace},t\n".encode())).columns
    assert columns["name"] == ["a", furnace]


def test_a_remark_below_the_header_is_refused_since_it_could_be_a_row(tmp_path):
    message = "row 3: 1 values for 2 columns; correct the row; remarks are written above the header"
    with pytest.raises(InputError, match=message):
        read_text_columns(file(tmp_path, b"name,unit\na,t\n# closed in 2023\n"))


def test_columns_without_name_and_value_at_the_end_are_those_of_a_spreadsheet(tmp_path):
    assert read_text_columns(file(tmp_path, b"name,unit,,\na,t,,\n")).columns == {"name": ["a"], "unit": ["t"]}


def test_a_value_below_no_name_is_refused(tmp_path):
    with pytest.raises(InputError, match="has an empty name"):
        read_text_columns(file(tmp_path, b"name,unit,\na,t,7\n"))
