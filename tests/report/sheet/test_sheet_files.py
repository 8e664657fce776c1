"""A sheet as HTML in both languages and as PDF in one."""

import re

from bigdata_emis.report.sheet.report_sheet import ReportSheet, section, words
from bigdata_emis.report.sheet.sheet_files import render_html, render_sheet, write_sheet
from tests.report.stores import empty_store


def sheet(text: str = "sinter-B") -> ReportSheet:
    rows = [[words(text), words("12")]]
    part = section(words("Measures", "措施"), columns=[words("measure", "措施"), words("kg")], rows=rows)
    return {
        "title": words("Review", "评估"),
        "subtitle": words("Town", "城市"),
        "notices": [words("SIMULATED", "模拟数据")],
        "sections": [part],
        "footer": words("end", "完"),
    }


def test_the_page_has_both_languages_and_asks_nothing_of_the_network() -> None:
    page = render_html(sheet())
    assert '<span lang="zh">评估</span><span lang="en">Review</span>' in page
    assert '<td>sinter-B</td><td class="n">12</td>' in page
    assert "default-src 'none'" in page
    assert "://" not in page


def test_text_is_escaped() -> None:
    page = render_html(sheet("<script>alert(1)</script>"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_each_language_has_its_own_pdf_and_equal_sheets_have_equal_bytes() -> None:
    zh, en = (render_sheet(sheet(), language) for language in ("zh", "en"))
    assert zh.startswith(b"%PDF")
    assert zh != en
    assert render_sheet(sheet(), "zh") == zh


def test_markup_in_a_cell_is_text_in_the_pdf() -> None:
    assert render_sheet(sheet('#panic("x") _a_ $b'), "en").startswith(b"%PDF")


def test_the_files_lie_beside_each_other(tmp_path) -> None:
    store = empty_store(tmp_path)
    paths = write_sheet(store, "review/a", sheet(), tree="published")
    assert sorted(paths) == ["html", "pdf_en", "pdf_zh"]
    assert store.read_document("review/a.zh.pdf", tree="published") == render_sheet(sheet(), "zh")


def test_a_row_of_a_table_is_on_one_page() -> None:
    """Three rows of 0.55 pages each are on three pages; rows that break would fill two."""
    text = "line " * 600
    rows = [[words(text), words("1")] for _ in range(3)]
    part = section(words("Measures", "措施"), columns=[words("measure"), words("kg")], rows=rows, widths=(1, 1))
    assert len(re.findall(rb"/Type ?/Page\b", render_sheet({**sheet(), "sections": [part]}, "en"))) == 3
