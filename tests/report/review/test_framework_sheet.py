"""The summary as a sheet: the same numbers as its rows, and a sentence where nothing is to change."""

from datetime import UTC, datetime

from bigdata_emis.region import load_region
from bigdata_emis.report.review.control_framework import framework_rows
from bigdata_emis.report.review.framework_sheet import COLUMNS, framework_sheet
from bigdata_emis.report.sheet.report_sheet import words
from tests.report.review.test_control_framework import effect, table

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_each_row_has_a_cell_for_each_column(home) -> None:
    rows = framework_rows(table(effect("a", "trucks", 500, 0.5)))
    sheet = framework_sheet(
        load_region("nys"), rows, [], alert_count=1, known_utc=NOW, names={"trucks": words("heavy truck", "重型货车")}
    )
    changes, effects = sheet["sections"]
    assert "Nothing" in changes["notes"][0]["en"]
    (cells,) = effects["rows"]
    assert len(cells) == len(COLUMNS)
    assert [cell["en"] for cell in cells[3:]] == ["heavy truck", "NOx", "1", "500", "50.0%", "1", "500", "250", "50.0%"]
    assert "1" in sheet["subtitle"]["zh"]
