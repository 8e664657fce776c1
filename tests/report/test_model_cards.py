"""The models of a region: what is in use, its scores and verdict, and what was in use before."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.report.model_cards import card_section, models_document
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from tests.report.stores import declared_table, write_rows

MONDAY, NEXT = datetime(2019, 1, 7, 3, tzinfo=UTC), datetime(2019, 1, 14, 3, tzinfo=UTC)
DAY = date(2019, 1, 14)
CARD = {
    "cross_validation": {"r2": 0.96, "nmae": 0.04, "nmb": 0.001},
    "baselines": {"affine": {"r2": 0.9, "nmae": 0.07}},
    "backtest": {"coverage_90": 0.91},
}
READABLE = '{"form":"proportional","activity_per_kwh":2.0,"interval":{"edges":[],"running":[[-1,1]],"starting":[-1,1]}}'
REGION = Region("test", Path(), "test", "测试", "UTC", False, Grid("EPSG:32618", 4000, 0, 0, 1, 1), {}, {}, {})


def model(version, status, known=MONDAY, card=CARD, **values):
    return {
        "source_id": "a",
        "target": "activity",
        "model_version_id": version,
        "form_code": "boosted",
        "status_code": status,
        "method_code": "modelled",
        "parameters_json": READABLE,
        "card_json": json.dumps(card),
        "sample_count": 500,
        "known_utc": known,
        **values,
    }


def verdict(status, version):
    return {
        "source_id": "a",
        "target": "activity",
        "from_utc": datetime(2019, 1, 14, tzinfo=UTC),
        "champion_version_id": version,
        "model_version_id": "simpler",
        "form_code": "affine",
        "watch_status_code": status,
        "watch_reason_code": "error",
        "activity_correction": 1.1,
        "interval_correction": 1.5,
        "blend_version_id": "newer",
        "blend_share": 0.25,
    }


@pytest.fixture
def registry(home):
    """Fills the registry with models and the lake with verdicts; returns the lake."""
    database.migrate()

    def fill(*models, verdicts=()):
        database.upsert("model_version", "test", declared_table("model_version", models))
        store = open_lake(REGION)
        if verdicts:
            write_rows(store, "model_watch", verdicts, day=DAY, known_utc=NEXT)
        return store

    return fill


def test_a_champion_has_its_scores_baselines_verdict_and_challenger(registry):
    store = registry(
        model("old", "champion", champion_from_utc=MONDAY),
        model("new", "challenger", NEXT),
        verdicts=[verdict("fallen_back", "old")],
    )
    document = models_document(REGION, store, known_utc=NEXT)
    (entry,) = document["models"]
    assert (entry["r2"], entry["baselines"]["affine"]["r2"], entry["coverage_90"]) == (0.96, 0.9, 0.91)
    assert (entry["watch"]["status"], entry["watch"]["form_code"]) == ("fallen_back", "affine")
    assert (entry["challenger"]["model"], entry["challenger"]["r2"]) == ("new", 0.96)
    assert document["summary"]["watch"] == {"fallen_back": 1}
    assert (document["summary"]["champions"], document["summary"]["challengers"]) == (1, 1)


def test_a_verdict_on_another_champion_is_left_out(registry):
    store = registry(model("new", "champion", champion_from_utc=MONDAY), verdicts=[verdict("fallen_back", "old")])
    assert models_document(REGION, store, known_utc=NEXT)["models"][0]["watch"] is None


def test_the_model_in_use_at_an_earlier_time_can_be_asked(registry):
    store = registry(
        model("old", "retired", champion_from_utc=MONDAY, champion_to_utc=NEXT),
        model("new", "champion", MONDAY, champion_from_utc=NEXT),
    )
    for known_utc, expected in ((MONDAY, ["old"]), (NEXT, ["new"])):
        models = models_document(REGION, store, known_utc=known_utc)["models"]
        assert [entry["model"] for entry in models] == expected


def test_a_source_has_its_history_with_the_challenger_test(registry):
    result = {"outcome": "won", "challenger_days": 8, "days": 9}
    store = registry(
        model("old", "retired", champion_from_utc=MONDAY, champion_to_utc=NEXT),
        model("new", "champion", MONDAY, champion_from_utc=NEXT, card={**CARD, "contest": result}),
    )
    history = models_document(REGION, store, known_utc=NEXT, source_id="a")["history"]
    assert {row["model_version_id"]: (row["status_code"], row["contest"]) for row in history} == {
        "old": ("retired", None),
        "new": ("champion", result),
    }
    assert "history" not in models_document(REGION, store, known_utc=NEXT)


def test_a_line_whose_training_failed_has_the_reason(registry):
    failure = '{"error": "too few hours"}'
    store = registry(model("x", "failed", form_code=None, method_code=None, parameters_json=failure))
    document = models_document(REGION, store, known_utc=NEXT)
    assert document["failed"] == [{"source": "a", "why": "too few hours", "since": MONDAY}]
    assert document["models"] == []


def test_a_failure_of_a_line_with_a_model_is_left_out(registry):
    store = registry(
        model("old", "champion", champion_from_utc=MONDAY), model("x", "failed", parameters_json='{"error": "e"}')
    )
    assert models_document(REGION, store, known_utc=NEXT)["failed"] == []


@pytest.mark.parametrize(
    ("broken", "part"),
    [
        ({"parameters_json": '{"form":"boos'}, "parameters_json is not a JSON object"),
        ({"parameters_json": "no JSON"}, "parameters_json is not"),
        ({"parameters_json": '{"form":"boosted","interval":{}}'}, "parameters_json "),
        ({"card_json": "{"}, "card_json is not a JSON object"),
    ],
    ids=["cut short", "no JSON", "no whole model", "card"],
)
def test_an_unreadable_model_is_listed_with_the_part_that_cannot_be_read(registry, broken, part):
    store = registry(model("old", "champion", champion_from_utc=MONDAY) | broken)
    (entry,) = models_document(REGION, store, known_utc=NEXT)["models"]
    assert entry["unreadable"].startswith(part)
    assert card_section(REGION, store, DAY, known_utc=NEXT)["count"] == 1


def test_a_source_without_any_model_is_refused_by_name(registry):
    store = registry(model("old", "champion", champion_from_utc=MONDAY))
    with pytest.raises(InputError, match="no model of source 'nowhere'"):
        models_document(REGION, store, known_utc=NEXT, source_id="nowhere")


def test_the_page_has_scores_by_form_and_the_models_that_are_not_steady(registry):
    store = registry(model("old", "champion", champion_from_utc=MONDAY), verdicts=[verdict("fallen_back", "old")])
    section = card_section(REGION, store, DAY, known_utc=NEXT)
    (form,) = section["forms"]
    assert (form["form"], form["n"], form["median_nmae"], form["median_baseline_nmae"]) == ("boosted", 1, 0.04, 0.07)
    assert form["title"] == {"en": "boosted trees", "zh": "提升树"}
    titled = schema.codes()["watch_status"]["fallen_back"]
    assert section["flagged"][0]["status"] == {"en": titled.title_en, "zh": titled.title_zh}
    assert section["flagged_count"] == 1


def test_the_page_of_a_day_before_a_verdict_flags_nothing(registry):
    store = registry(model("old", "champion", champion_from_utc=MONDAY), verdicts=[verdict("fallen_back", "old")])
    assert card_section(REGION, store, date(2019, 1, 13), known_utc=NEXT)["flagged"] == []


def test_a_region_without_models_has_no_section(registry):
    assert card_section(REGION, registry(), DAY, known_utc=NEXT) is None
