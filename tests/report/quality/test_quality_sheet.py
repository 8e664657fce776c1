"""The sheet says the same in both languages, and the document what the sheet says."""

from pathlib import Path

from bigdata_emis.report.quality.quality_data import gather_quality
from bigdata_emis.report.quality.quality_sheet import quality_document, quality_sheet
from tests.report.quality.quality_town import DAY, KNOWN, lake, town


def test_the_sheet_has_completeness_faults_visits_and_the_gate(tmp_path: Path):
    region = town(tmp_path)
    feeds = gather_quality(region, lake(tmp_path), DAY)
    sheet = quality_sheet(region, DAY, feeds, checks_page="checks/2015-12-20.html", known_utc=KNOWN)
    completeness, reasons, marks, visits, gate = sheet["sections"]
    assert [cell["en"] for cell in completeness["rows"][0][1:4]] == ["83.3%", "100", "100"]
    assert completeness["rows"][1][1]["zh"] == "尚未清洗"
    assert [row[1]["zh"] for row in reasons["rows"]] == ["负值"]
    assert [row[2]["en"] for row in marks["rows"]] == ["8"]
    assert [cell["en"] for cell in visits["rows"][0][1:4]] == ["b", "16", "8"]
    assert visits["rows"][0][4]["zh"] == "缺测；负值"
    assert "checks/2015-12-20.html" in gate["notes"][0]["zh"]
    assert sheet["notices"][0]["zh"] == "模拟数据：本区域数据源均为模拟，不得据此评价任何企业。"


def test_the_document_has_shares_and_visits(tmp_path: Path):
    region = town(tmp_path)
    document = quality_document(region, DAY, gather_quality(region, lake(tmp_path), DAY))
    assert document["feeds"][0]["complete_share_by_hour"][20] == 0.5
    assert document["visits"][0]["reasons"] == {"gap": 8, "negative": 1}
