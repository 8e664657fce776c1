"""A page holds its files and data, and nothing in the data can leave its element."""

import json

from bigdata_emis.report.html_page import ASSETS, embed_file, embed_json, load_template


def test_data_cannot_close_its_script_element_and_reads_back_unchanged():
    data = {"name": "</script><b>Müller & 北厂"}
    text = embed_json(json.dumps(data, ensure_ascii=False))
    assert "<" not in text
    assert ">" not in text
    assert "&" not in text
    assert json.loads(text) == data


def test_a_template_escapes_text_and_not_embedded_files(tmp_path):
    (tmp_path / "page.html").write_text("<p>{{ name }}</p><style>{{ style }}</style>")
    (tmp_path / "page.css").write_text("a > b {}")
    page = load_template(tmp_path, "page.html").render(name="<b>", style=embed_file(tmp_path / "page.css"))
    assert page == "<p>&lt;b&gt;</p><style>a > b {}</style>"


def test_the_assets_of_the_day_page_are_in_the_package():
    assert {"day.html", "day.css", "day.js", "echarts.min.js"} <= {path.name for path in ASSETS.iterdir()}
