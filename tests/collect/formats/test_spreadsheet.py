"""Workbooks as columns of texts."""

import datetime as dt
import io

import pytest
from openpyxl import Workbook
from openpyxl.chart import LineChart, Reference

from bigdata_emis.collect.formats.delimited import FileLayout, TextTable
from bigdata_emis.collect.formats.limits import Limits, TooLargeError
from bigdata_emis.collect.formats.spreadsheet import read_workbook
from bigdata_emis.errors import FeedError

LIMITS = Limits("power", byte_count=1 << 20, row_count=4)


def workbook(**sheets: list[list]) -> bytes:
    book, target = Workbook(), io.BytesIO()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(target)
    return target.getvalue()


def read(content: bytes, *names: str, **layout: object) -> TextTable:
    return read_workbook(content, FileLayout(**layout), names or None, "here", LIMITS)


def values(table: TextTable) -> dict[str, list]:
    return {name: column.to_pylist() for name, column in table.columns.items()}


def test_cells_are_texts_whatever_their_kind():
    at = dt.datetime.fromisoformat("2015-12-20T08:00")
    table = read(workbook(data=[["meter", "time", "kWh"], [7, at, 36.5], [8.0, dt.time(8), None]]))
    assert values(table) == {"meter": ["7", "8"], "time": ["2015-12-20 08:00:00", "08:00:00"], "kWh": ["36.5", ""]}


def test_title_rows_merged_headers_and_empty_rows_are_understood():
    rows = [["日报"], ["电表", "电量", ""], ["", "有功", "间隔"], ["M1", 36, 60], [], ["M2", 37, 60]]
    table = read(workbook(data=rows), "电量 有功", skip_rows=1, header_rows=2)
    assert (values(table), table.row_count) == ({"电量 有功": ["36", "37"]}, 2)


def test_a_formula_that_was_never_computed_has_no_value():
    assert values(read(workbook(data=[["a", "b"], ["=1+1", 2], [3, 4]]))) == {"a": ["", "3"], "b": ["2", "4"]}


def test_a_column_of_formulas_that_were_never_computed_is_refused_where_it_is_read():
    content = workbook(data=[["日报"], ["电表", "电量", "备注"], ["M1", "=30+6", ""], ["M2", "=37*1", ""]])
    with pytest.raises(ValueError, match="column '电量' of sheet 'data' has formulas without values: open the file"):
        read(content, "电表", "电量", skip_rows=1)
    assert values(read(content, "电表", "备注", skip_rows=1)) == {"电表": ["M1", "M2"], "备注": ["", ""]}


def test_a_heading_of_several_lines_is_one_line():
    table = read(workbook(data=[["电表", "电量\n(kWh)"], ["M1", 36]]), "电量 (kWh)")
    assert (table.names, values(table)) == (("电表", "电量 (kWh)"), {"电量 (kWh)": ["36"]})


def test_a_sheet_that_is_a_chart_is_no_sheet_of_data():
    book, target = Workbook(), io.BytesIO()
    book.active.append(["a"])
    book.active.append([1])
    chart = LineChart()
    chart.add_data(Reference(book.active, min_col=1, min_row=1, max_row=2))
    book.create_chartsheet().add_chart(chart)
    book.save(target)
    assert values(read(target.getvalue())) == {"a": ["1"]}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"Excel before 2007 \(.xls\), or it is locked"),
        (b"<html><body><table><tr><td>meter_id", "a web page: save it as .xlsx"),
    ],
)
def test_what_is_often_sent_instead_of_a_workbook_is_named(content, kind):
    with pytest.raises(ValueError, match=kind):
        read(content)


def test_of_several_sheets_one_must_be_named():
    content = workbook(first=[["a"], [1]], second=[["b"], [2]])
    assert values(read(content, sheet="second")) == {"b": ["2"]}
    for sheet in ("", "third"):
        with pytest.raises(FeedError, match=r"expected one of 'first', 'second'; write sheet = \"first\""):
            read(content, sheet=sheet)


def test_sheets_whose_names_are_values_are_read_one_after_another():
    head = ["时间", "浓度"]
    content = workbook(
        **{"PM2.5数据": [head, ["0时", 80], ["1时"]], "SO2数据": [head, ["0时", 20]], "说明": [["其他"]]}
    )
    table = read(content, "浓度", "pollutant_code", sheet="{pollutant_code}数据")
    assert values(table) == {"浓度": ["80", "", "20"], "pollutant_code": ["PM2.5", "PM2.5", "SO2"]}
    assert (table.row_count, table.names) == (3, ("时间", "浓度", "pollutant_code"))
    with pytest.raises(ValueError, match="other columns than the first"):
        read(content, sheet="{pollutant_code}")
    with pytest.raises(TooLargeError):
        read(workbook(a=[head, *[["0时", 1]] * 3], b=[head, *[["0时", 1]] * 3]), sheet="{pollutant_code}")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"a,b\n1,2\n"])
def test_what_is_no_workbook_is_refused(content):
    with pytest.raises(ValueError, match="no workbook"):
        read(content)


def test_more_rows_or_bytes_than_allowed_are_refused():
    content = workbook(data=[["a"], *[[number] for number in range(9)]])
    with pytest.raises(TooLargeError, match="more than 4 rows"):
        read(content)
    with pytest.raises(TooLargeError, match="more than 100 bytes"):
        read_workbook(content, FileLayout(), None, "here", Limits("power", byte_count=100, row_count=100))
