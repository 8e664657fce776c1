"""The page of a day as one document, and its sections that not every day has."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bigdata_emis.report.day_page import render_day_page, write_day_page
from bigdata_emis.report.html_page import ASSETS
from tests.report.city_day import CITY, NOX, add_scenario, fill_day, publish_day
from tests.report.stores import DAY, START, write_rows

KNOWN = datetime(2015, 12, 22, 3, tzinfo=UTC)
AUDIT_ROW = {
    "id": "l1",
    "en": "North works",
    "zh": "北厂",
    "pollutant": "NOx",
    "sign": {"en": "NOx", "zh": "NOx"},
    "made_kg": 1234.5,
    "audited_kg": 2469.0,
    "ratio": 2.0,
    "status": {"en": "applied", "zh": "已校正"},
    "contradicts": True,
}
FORM_ROW = {
    "form": "boosted",
    "title": {"en": "boosted trees", "zh": "提升树"},
    "n": 3,
    "median_r2": 0.96,
    "median_baseline_r2": 0.9,
    "median_nmae": 0.04,
    "median_baseline_nmae": None,
    "coverage_90": 0.91,
}


def render(simulated=False, audit=None, models=None, failures=None, methods=None):
    region = {"en": "City", "zh": "城市", "simulated": simulated}
    data = {"region": region, "day": "2015-12-21", "hours": ["00:00"], "series": {}, "audit": audit, "models": models}
    data["failures"], data["methods"] = failures or {}, methods
    return render_day_page(data, computed="2015-12-22 11:00 +08:00")


def audit_of(**row):
    return {"rows": [AUDIT_ROW | row], "left_out": 2, "words": {"en": "Of 1 audited total.", "zh": "共有 1 项。"}}


def test_a_page_asks_nothing_of_the_network_and_says_when_it_was_computed():
    page = render()
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert "computed 2015-12-22 11:00 +08:00" in page


def test_a_section_says_that_its_analysis_failed():
    words = {"en": "The decomposition failed. <b>", "zh": "变化分解未能完成。"}
    page = render(failures={"decompose": words})
    assert 'data-zh="变化分解未能完成。">The decomposition failed. &lt;b&gt;</p>' in page
    assert "The decomposition failed" not in render()


@pytest.mark.parametrize("simulated", [True, False])
def test_only_a_simulated_region_is_labelled_as_simulated(simulated):
    assert ("模拟数据 · SIMULATED" in render(simulated)) is simulated


def test_audited_totals_are_shown_in_both_languages():
    page = render(audit=audit_of())
    for text in (
        "1,234.5",
        "2,469.0",
        "<td>2.00</td>",
        "已校正",
        "北厂",
        "共有 1 项。",
        'class="bad"',
        "另有 2 项未列出",
    ):
        assert text in page
    assert 'id="audit"' not in render()


def test_a_name_is_escaped_in_table_and_data():
    page = render(audit=audit_of(en="<b>North</b>"))
    assert "<b>North</b>" not in page
    assert "&lt;b&gt;North&lt;/b&gt;" in page


def test_the_shares_by_method_are_shown_in_both_languages():
    methods = [{"code": "modelled", "en": "modelled", "zh": "模型"}, {"code": "profile", "en": "profile", "zh": "廓线"}]
    rows = [{"pollutant": "NOx", "sign": {"en": "NOx", "zh": "NOx"}, "shares": [0.756, 0.0]}]
    page = render(methods={"methods": methods, "rows": rows})
    assert '<th data-en="profile" data-zh="廓线">profile</th>' in page
    assert "NOx</td><td>75.6 %</td><td>–</td></tr>" in page


def test_models_are_shown_by_form_with_a_dash_for_a_missing_score():
    page = render(models={"forms": [FORM_ROW], "flagged": [], "flagged_count": 0, "count": 3})
    title = '<td data-en="boosted trees" data-zh="提升树">boosted trees</td>'
    scores = "<td>3</td><td>0.960</td><td>0.900</td><td>4.0 %</td><td>–</td><td>91.0 %</td>"
    assert title + scores in page
    assert 'id="models"' not in render()


def test_every_text_of_the_template_has_both_languages():
    template = (ASSETS / "day.html").read_text("utf-8")
    assert template.count("data-en=") == template.count("data-zh=")


def test_every_word_of_the_script_has_both_languages():
    script = (ASSETS / "day.js").read_text("utf-8")
    english, chinese = (
        set(re.findall(r'(\w+): "', script[script.index(f"    {code}: {{") :].partition("},\n")[0]))
        for code in ("en", "zh")
    )
    assert english == chinese
    assert set(re.findall(r'\bt\("(\w+)"\)', script)) <= english


def written(page):
    text = re.search(
        r'<script id="data" type="application/json">(.*?)</script>', Path(page.path).read_text("utf-8"), re.DOTALL
    ).group(1)
    return json.loads(text)


def test_a_written_page_lies_next_to_the_published_tables_and_holds_its_data(home):
    publish_day(fill_day())
    page = write_day_page(CITY, DAY, scenario=None, known_utc=KNOWN)
    assert page.path.endswith(f"published/city/report/{DAY}.html")
    assert (page.status, page.scenario_id, page.scenario_status) == ("published", None, None)
    assert (written(page)["day"], written(page)["notices"]) == ("2015-12-21", [])


def test_the_page_of_an_unpublished_day_says_so_and_lies_outside_the_published_folder(home):
    fill_day()
    page = write_day_page(CITY, DAY, scenario=None, known_utc=KNOWN)
    assert page.status == "not published"
    assert page.path.endswith(f"current/city/report/{DAY}.html")
    assert not (home / "lake" / "published").exists()
    assert "未发布 · NOT PUBLISHED" in Path(page.path).read_text("utf-8")


def test_the_page_of_a_draft_says_so_and_does_not_replace_the_published_page(home):
    publish_day(fill_day())
    add_scenario("red-1")
    before = write_day_page(CITY, DAY, scenario=None, known_utc=KNOWN)
    page = write_day_page(CITY, DAY, scenario="red-1", known_utc=KNOWN)
    assert (page.status, page.scenario_id, page.scenario_status) == ("draft", "red-1", "draft")
    assert page.path.endswith(f"current/city/report/{DAY}-red-1.html")
    assert "草稿 · DRAFT" in Path(page.path).read_text("utf-8")
    assert written(before)["ledger"] is None


def test_the_page_of_a_scenario_in_force_is_published(home):
    publish_day(fill_day())
    add_scenario("red-1", status="in_force", in_force_from_utc=START, in_force_to_utc=START + timedelta(days=1))
    page = write_day_page(CITY, DAY, scenario=None, known_utc=KNOWN)
    assert (page.status, page.scenario_id) == ("published", "red-1")
    assert page.path.endswith(f"published/city/report/{DAY}.html")


def test_a_page_shows_what_was_published_and_not_what_was_computed_since(home):
    store = fill_day()
    publish_day(store)
    later = {**NOX, "cell_id": "r2c3", "sector_code": "industrial_process", "emission_g": 9000.0}
    write_rows(store, "emission_gridded_hourly", [later], known_utc=START + timedelta(days=1))
    page = write_day_page(CITY, DAY, scenario=None, known_utc=KNOWN)
    assert written(page)["map"]["values"]["NOx"]["max"] == 4.0


def test_what_to_do_comes_before_what_was_computed():
    page = render()
    places = [
        page.index(f'id="{name}"') for name in ("tiles", "alert-card", "ledger", "waterfall-card", "map", "feeds")
    ]
    assert places == sorted(places)


def test_a_wide_ledger_scrolls_within_its_card_and_sources_have_a_unit():
    page = render()
    assert '<div id="ledger" class="overflow"></div>' in page
    assert 'data-zh="当日主要排放源（千克/日）">Largest sources of the day, kg per day</h2>' in page


def test_charts_are_drawn_for_paper_before_they_are_printed() -> None:
    """A chart of 800 px lay over the card below it, whose place follows from the narrow page."""
    script, style = ((ASSETS / f"day.{kind}").read_text("utf-8") for kind in ("js", "css"))
    assert 'addEventListener("beforeprint", () => resize(paper))' in script
    assert ".chart { height: auto !important; }" in style.partition("@media print")[2]
