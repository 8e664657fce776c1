"""Widths of the columns of a workbook that is written, so that a person reads every cell on screen and on paper.

Belongs here: widths, wrapped text and the frozen head of a sheet. Does not: what its cells say (list_export).
"""

import unicodedata
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

NARROWEST, WIDEST, MARGIN = 6, 36, 2
"""Widths in characters; longer texts are wrapped."""
HEAD_LINES, SHORT_HEAD = 3, 10
"""A heading longer than the second is wrapped to so many lines before it makes its column wider."""
NAME_COLUMNS = "A:C"
"""Repeated on every page: number, county or code, and name of the plant."""
WIDE = ("W", "F")
LINE_POINTS = 16
"""Height of a line of text."""


def fit_columns(sheet: "Worksheet", *, head_rows: int) -> None:
    """Set the width of every column by its longest cell, wrap what is longer, and keep the head in view.

    head_rows: the rows above the first row of the table, titles included; a cell over several columns counts for none.
    """
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    spread = {where for place in sheet.merged_cells.ranges if place.size["columns"] > 1 for where in place.cells}
    widths: dict[int, int] = {}
    for cells in sheet.iter_rows():
        for cell in cells:
            if cell.value is None:
                continue
            is_head = cell.row <= head_rows
            if (cell.row, cell.column) not in spread:
                width = _head_width(str(cell.value)) if is_head else text_width(str(cell.value))
                widths[cell.column] = max(widths.get(cell.column, NARROWEST), width + MARGIN)
            cell.alignment = Alignment(
                wrap_text=True, vertical="center" if is_head else "top", horizontal="center" if is_head else None
            )
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(width, WIDEST)
    for row in range(1, head_rows + 1):
        texts = {cell.column: str(cell.value) for cell in sheet[row] if cell.value and (row, cell.column) not in spread}
        lines = [ceil(text_width(text) / (min(widths[column], WIDEST) - MARGIN)) for column, text in texts.items()]
        sheet.row_dimensions[row].height = LINE_POINTS * max(lines, default=1)
    sheet.freeze_panes = sheet.cell(head_rows + 1, 1).coordinate
    sheet.print_title_rows = f"1:{head_rows}"
    sheet.print_title_cols, sheet.print_options.gridLines = NAME_COLUMNS, True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A3


def _head_width(text: str) -> int:
    """The width that a heading asks for: a short one its own, a long one that of its wrapped lines."""
    return max(ceil(text_width(text) / HEAD_LINES), min(text_width(text), SHORT_HEAD))


def text_width(text: str) -> int:
    """The longest line of a text in columns; a Chinese character takes two."""
    return max(sum(1 + (unicodedata.east_asian_width(one) in WIDE) for one in line) for line in text.split("\n"))
