"""The page of a validation, and the table of tasks."""

import json
import re

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate import TASKS, task_lines, validate
from bigdata_emis.validate.nys.plots import plots
from bigdata_emis.validate.page import render, write_page
from bigdata_emis.validate.weak_units import why_weak

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


def held(page: str) -> dict:
    return json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL).group(1))


def test_a_page_holds_the_document_and_its_plots_and_asks_nothing_of_the_network():
    page = render(DOCUMENT)
    assert held(page)["plots"][0]["series"][0]["x"] == [3.0, 1.0]
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_a_name_cannot_close_the_script_of_the_page():
    page = render(DOCUMENT)
    assert held(page)["units"][0]["id"] == "</script><b>"
    assert "</script><b>" not in page


def test_numbers_are_cut_to_what_is_shown_and_what_is_no_number_is_null():
    shown = held(render(DOCUMENT))
    assert shown["models"]["best"]["median_r2"] == 0.98765
    assert shown["units"][1]["r2"] is None


def test_what_a_document_says_of_how_it_was_made_and_what_it_left_out_stands_on_the_page():
    about = {
        "note": "labels follow the <tariff>",
        "hours": "running hours",
        "given_up": {"note": "left early", "units": {"boosted": 2}},
        "rows_unusable": {"no_number": 3, "repeated": 0},
        "not_scored": [{"id": "Gone", "why": "too few hours"}],
        "year_to_year": {"why_not": "only one year is here"},
    }
    page = render({**DOCUMENT, **about})
    told = (
        "labels follow the &lt;tariff&gt;",
        "running hours",
        "left early",
        "boosted: 2",
        "number: 3, repeated: 0",
        "Gone: too few hours",
        "only one year",
    )
    assert [words for words in told if words not in page] == []


def test_a_task_without_plots_or_units_has_a_page_all_the_same():
    assert held(render({"task": "bare", "models": {}}))["plots"] == []


def test_a_chart_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'pie'"):
        render({**DOCUMENT, "plots": [{"title_en": "", "title_zh": "", "kind": "pie", "series": []}]})


def test_a_page_is_written_where_it_is_wanted_and_a_folder_is_refused(tmp_path):
    write_page(DOCUMENT, tmp_path / "new" / "page.html")
    assert (tmp_path / "new" / "page.html").read_text("utf-8").startswith("<!doctype html>")
    with pytest.raises(InputError, match="page"):
        write_page(DOCUMENT, tmp_path)


def test_every_task_has_a_line_and_something_to_call():
    assert len(task_lines()) == len(TASKS)
    assert all(task.judge().__name__.startswith("validate_") for task in TASKS.values())


def test_an_option_that_a_task_does_not_know_is_refused(tmp_path):
    with pytest.raises(InputError, match="no option --truth-late-weeks"):
        validate("nys", tmp_path, options={"truth_late_weeks": 1})


def unit(name, r2):
    sample = {"time": ["2002-01-01T00:00"], "estimated": [1.0], "measured": [1.0], "low": [0.0], "high": [2.0]}
    return {
        "model": "selected",
        "production_line_id": name,
        "r2": r2,
        "nmae": 0.1,
        "nmb": 0.0,
        "coverage_90": 0.9,
        "n": 100,
        "sample": json.dumps(sample),
    }


def test_the_six_worst_and_three_middle_units_are_shown_hour_by_hour():
    charts = plots([unit(f"unit {i:02}", i / 20) for i in range(20)], "selected")
    named = [chart["title_en"][:7] for chart in charts if chart["kind"] == "line"]
    assert named == [*(f"unit {i:02}" for i in range(6)), "unit 08", "unit 09", "unit 10"]


def test_no_units_have_no_charts():
    assert plots([], "selected") == []


@pytest.mark.parametrize(
    ("nmb", "shown", "word"),
    [
        (0.2, {"edge_share": 0.1, "variation_share": 0.5, "r2_at_level": 0.9}, "level moved"),
        (0.0, {"edge_share": 0.8, "variation_share": 0.5, "r2_at_level": 0.3}, "short runs: 80%"),
        (0.0, {"edge_share": 0.1, "variation_share": 0.1, "r2_at_level": 0.3}, "steady"),
        (0.0, {"edge_share": 0.1, "variation_share": 0.5, "r2_at_level": 0.3}, "load does not tell"),
    ],
    ids=["level", "peaker", "steady", "other"],
)
def test_a_weak_unit_is_explained_by_its_hours(nmb, shown, word):
    assert word in why_weak({"id": "One", "r2": 0.3, "nmb": nmb, "nmae": 0.1}, shown)["why"]


def test_a_page_that_cannot_be_written_is_refused_before_any_data_are_asked_for(tmp_path):
    for page, said in ((tmp_path / "no" / "page.html", "does not exist"), (tmp_path, "is a folder")):
        with pytest.raises(InputError, match=said):
            validate("nys", tmp_path / "nowhere", page=page)


@pytest.mark.parametrize(
    ("years", "options", "said"),
    [
        ({}, {"truth_late_days": 5}, "truth 5 days late means nothing to a frozen model; add --mode walk-forward"),
        ({"fit": (2019,), "score": (2017,)}, {}, "go backwards"),
        ({"fit": (2017, 2019), "score": (2018,)}, {"mode": "walk-forward"}, "go backwards"),
    ],
    ids=["late truth of a frozen model", "frozen backwards", "walk backwards"],
)
def test_what_a_model_could_not_know_is_refused_before_any_data_are_asked_for(tmp_path, years, options, said):
    with pytest.raises(InputError, match=said):
        validate("nys", tmp_path / "nowhere", **years, options=options)
