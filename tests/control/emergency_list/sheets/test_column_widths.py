"""Columns as wide as the texts in them, within bounds."""

import openpyxl

from bigdata_emis.control.emergency_list.sheets.column_widths import LINE_POINTS, WIDEST, fit_columns, text_width


def test_a_chinese_character_takes_two_columns_and_the_longest_line_counts() -> None:
    assert text_width("NOx减量") == 7
    assert text_width("一\nabcdef") == 6


def test_a_long_heading_is_wrapped_and_does_not_make_a_column_of_numbers_wide() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["系统:橙色PM2.5减量(千克/天)"])
    sheet.append([12.5])
    fit_columns(sheet, head_rows=1)
    assert text_width("系统:橙色PM2.5减量(千克/天)") == 27
    assert sheet.column_dimensions["A"].width == 10 + 2
    assert sheet.row_dimensions[1].height == 3 * LINE_POINTS


def test_columns_show_their_longest_cell_and_a_title_over_all_counts_for_none() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["某市重污染天气应急减排清单" * 3, None, None])
    sheet.merge_cells("A1:C1")
    sheet.append(["序号", "企业名称", "措施"])
    sheet.append([1, "示例钢铁一厂", "停产" * 40])
    fit_columns(sheet, head_rows=2)
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths == [6, 14, WIDEST]
    assert sheet.print_title_cols == "$A:$C"
    assert sheet.freeze_panes == "A3"
    assert sheet["C3"].alignment.wrap_text
    assert sheet.print_title_rows == "$1:$2"
