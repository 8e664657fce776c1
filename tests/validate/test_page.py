"""The page of a validation."""

import json
import re

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.page import render, write_page

DOCUMENT = {
    "task": "toy",
    "fit": [2001],
    "score": [2002],
    "champion": "best",
    "models": {"best": {"n": 2, "median_r2": 0.987654321}},
    "units": [{"id": "</script><b>", "r2": 0.5}, {"id": "fine", "r2": float("nan")}],
    "plots": [
        {"title_en": "Errors", "title_zh": "误差", "kind": "ecdf", "series": [{"name": "best", "x": [3.0, 1.0]}]}
    ],
}


def embedded_data(page: str) -> dict:
    return json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL).group(1))


def test_a_page_holds_the_document_and_its_charts_and_requests_nothing_from_the_network():
    page = render(DOCUMENT)
    assert embedded_data(page)["plots"][0]["series"][0]["x"] == [3.0, 1.0]
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_a_name_cannot_close_the_script_of_the_page():
    page = render(DOCUMENT)
    assert embedded_data(page)["units"][0]["id"] == "</script><b>"
    assert "</script><b>" not in page


def test_numbers_are_rounded_and_nan_is_null():
    data = embedded_data(render(DOCUMENT))
    assert data["models"]["best"]["median_r2"] == 0.98765
    assert data["units"][1]["r2"] is None


def test_notes_and_what_was_excluded_are_on_the_page():
    about = {
        "note": "labels follow the <tariff>",
        "hours": "running hours",
        "given_up": {"note": "stopped early", "units": {"boosted": 2}},
        "rows_unusable": {"no_number": 3, "repeated": 0},
        "not_scored": [{"id": "Gone", "why": "too few hours"}],
        "year_to_year": {"why_not": "only one year is available"},
    }
    page = render({**DOCUMENT, **about})
    expected = (
        "labels follow the &lt;tariff&gt;",
        "running hours",
        "stopped early",
        "boosted: 2",
        "number: 3, repeated: 0",
        "Gone: too few hours",
        "only one year",
    )
    assert [words for words in expected if words not in page] == []


def test_a_research_model_is_labelled_in_its_row_in_both_languages():
    models = {"best": {"n": 2, "is_research": True}, "plain": {"n": 2}}
    page = render({**DOCUMENT, "models": models})
    assert embedded_data(page)["models"] == models
    assert 'k === "model" ? research(r)' in page
    assert all(words in page for words in ("research: not run by the day", "研究模型：日常清单不运行"))


def test_a_task_without_charts_or_units_has_a_page():
    assert embedded_data(render({"task": "bare", "models": {}}))["plots"] == []


def test_a_chart_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'pie'"):
        render({**DOCUMENT, "plots": [{"title_en": "", "title_zh": "", "kind": "pie", "series": []}]})


def test_a_page_is_written_into_a_new_folder_and_a_folder_as_file_is_refused(tmp_path):
    write_page(DOCUMENT, tmp_path / "new" / "page.html")
    assert (tmp_path / "new" / "page.html").read_text("utf-8").startswith("<!doctype html>")
    with pytest.raises(InputError, match="page"):
        write_page(DOCUMENT, tmp_path)
