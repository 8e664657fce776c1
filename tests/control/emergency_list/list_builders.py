"""Small workbooks of emergency lists for tests."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

from bigdata_emis.settings import PACKAGE

DATA = PACKAGE.parents[1] / "tests" / "data" / "emergency_list"
HEAD = ("序号", "企业名称", "统一社会信用代码", "县区", "行业类型", "管控类别", "生产线名称", "生产线数量")
EMISSIONS = ("SO2日均排放量(千克/天)", "NOx日均排放量(千克/天)")
MEASURES = ("黄色预警减排措施", "橙色预警减排措施", "红色预警减排措施", "备注")
FULL_HEAD = (*HEAD, *EMISSIONS, *MEASURES)


def plant(number: int = 1, **changes: Any) -> list[Any]:
    """A row below FULL_HEAD: a lime kiln with two lines, 10 kg SO2 and 20 kg NOx a day."""
    values: dict[str, Any] = {
        "序号": number,
        "企业名称": f"示例石灰{number}厂",
        "县区": "示例甲县",
        "行业类型": "石灰窑",
        "管控类别": "C",
        "生产线名称": "石灰窑",
        "生产线数量": 2,
        "SO2日均排放量(千克/天)": 10,
        "NOx日均排放量(千克/天)": 20,
        "黄色预警减排措施": "限产20%",
        "橙色预警减排措施": "限产50%",
        "红色预警减排措施": "停产",
    }
    assert set(changes) <= set(FULL_HEAD)
    return [(values | changes).get(name) for name in FULL_HEAD]


def write_book(
    path: Path, rows: Sequence[Sequence[Any]], *, sheet: str = "工业源", merge: Sequence[str] = (), **others: Any
) -> Path:
    """A workbook with one sheet, and more sheets by name."""
    book = openpyxl.Workbook()
    first = book.active
    first.title = sheet
    for row in rows:
        first.append(list(row))
    for place in merge:
        first.merge_cells(place)
    for name, more in others.items():
        added = book.create_sheet(name)
        for row in more:
            added.append(list(row))
    book.save(path)
    return path
