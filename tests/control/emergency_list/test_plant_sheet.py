"""The one-page sheet of a plant: its measures by line and level, printed as PDF with Chinese glyphs."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_versions import store_version
from bigdata_emis.control.emergency_list.plant_sheet import plant_document, render_sheet
from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from tests.control.emergency_list.list_builders import DATA

NOW = datetime(2026, 10, 1, 8, tzinfo=UTC)


@pytest.fixture
def stored(home: Path) -> None:
    imported = import_workbook(DATA / "list_a_simple.xlsx")
    store_version("nys", imported, valid_from=None, valid_to=None, actor="Li", known_utc=NOW)


@pytest.mark.parametrize("plant", ["示例钢铁一厂", "91999999MA0000001N"])
def test_a_plant_is_found_by_name_or_code_with_all_its_lines(stored: None, plant: str) -> None:
    document = plant_document(load_region("nys"), plant, printed=NOW)
    assert (document["name"], document["credit_code"], document["grade"]) == (
        "示例钢铁一厂",
        "91999999MA0000001N",
        "C级",
    )
    assert [line["name"] for line in document["lines"]] == ["1号烧结机(180平方米)", "高炉"]
    assert document["lines"][0]["emissions"] == "NOx 1200，PM 300，SO2 600，VOCs 0"
    yellow = document["lines"][1]["measures"][0]
    assert (yellow["level"], yellow["share"], yellow["cuts"]) == (
        "黄色预警",
        "50.0 %",
        "NOx 200，PM 250，SO2 100，VOCs 0",
    )


def test_a_works_of_several_processes_has_the_industry_of_the_plant(stored: None) -> None:
    document = plant_document(load_region("nys"), "示例钢铁一厂", printed=NOW)
    assert document["industry"] == "长流程联合钢铁（烧结球团、高炉）"
    assert plant_document(load_region("nys"), "示例水泥一厂", printed=NOW)["industry"] != "—"


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "text"),
    [
        (None, None, "未注明"),
        (date(2026, 10, 1), date(2027, 9, 30), "自 2026-10-01 起，至 2027-09-30 止"),
        (date(2026, 10, 1), None, "自 2026-10-01 起，截止日未注明"),
    ],
)
def test_the_validity_is_given_or_said_to_be_missing(home, valid_from, valid_to, text: str) -> None:
    imported = import_workbook(DATA / "list_a_simple.xlsx")
    store_version("nys", imported, valid_from=valid_from, valid_to=valid_to, actor="Li", known_utc=NOW)
    document = plant_document(load_region("nys"), "示例钢铁一厂", printed=NOW)
    assert document["valid"] == text
    assert document["printed"] == "2026-10-01 03:00 -05:00"


def test_the_sheet_of_a_simulated_region_says_so_in_both_languages(stored: None) -> None:
    region = load_region("nys")
    assert plant_document(region, "示例钢铁一厂", printed=NOW)["notice"] is None
    simulated = plant_document(replace(region, is_simulated=True), "示例钢铁一厂", printed=NOW)
    assert simulated["notice"]["zh"].startswith("模拟数据：")
    assert simulated["notice"]["en"].startswith("SIMULATED: ")
    assert render_sheet(simulated) != render_sheet({**simulated, "notice": None})


def test_an_unknown_share_is_a_dash_and_not_zero(stored: None) -> None:
    document = plant_document(load_region("nys"), "示例水泥一厂", printed=NOW)
    assert document["lines"][0]["measures"][0]["share"] == "—"


def test_an_unknown_plant_is_refused_with_examples(stored: None) -> None:
    with pytest.raises(InputError, match="has no plant '无此厂'; for instance 示例"):
        plant_document(load_region("nys"), "无此厂", printed=NOW)


def test_the_sheet_is_one_page_of_pdf_with_the_glyphs_in_it(stored: None) -> None:
    pdf = render_sheet(plant_document(load_region("nys"), "示例钢铁一厂", printed=NOW))
    assert pdf.startswith(b"%PDF")
    assert b"NotoSansCJK" in pdf
    assert b"/Type/Pages/Count 1/" in pdf


def test_markup_in_a_name_is_printed_as_text(stored: None) -> None:
    document = plant_document(load_region("nys"), "示例钢铁一厂", printed=NOW)
    assert render_sheet(document | {"name": '#panic("x") *a* \\'}).startswith(b"%PDF")
