"""The list of models: what is in use, how it is judged, and what was in use before."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.cli.models import model_lines
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.report.model_cards import card_section, models_document
from bigdata_emis.run.stage import lake
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage import database

MONDAY, NEXT = datetime(2019, 1, 7, 3, tzinfo=UTC), datetime(2019, 1, 14, 3, tzinfo=UTC)
DAY = date(2019, 1, 14)
CARD = {
    "cross_validation": {"r2": 0.96, "nmae": 0.04, "nmb": 0.001},
    "baselines": {"affine": {"r2": 0.9, "nmae": 0.07}},
    "backtest": {"coverage_90": 0.91},
}
READABLE = '{"form":"proportional","activity_per_kwh":2.0,"interval":{"edges":[],"running":[[-1,1]],"starting":[-1,1]}}'
REGION = Region("test", Path(), "test", "测试", "UTC", False, Grid("EPSG:32618", 4000, 0, 0, 1, 1), {}, {}, {})


def row(version, status, known=MONDAY, **values):
    card = values.pop("card", CARD)
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


def watched(status, version):
    return {
        "source_id": "a",
        "target": "activity",
        "from_utc": datetime(2019, 1, 14, tzinfo=UTC),
        "champion_version_id": version,
        "model_version_id": "rung",
        "form_code": "affine",
        "watch_status_code": status,
        "watch_reason_code": "error",
        "activity_correction": 1.1,
        "interval_correction": 1.5,
    }


def table(name, rows):
    declared = arrow_schema(schema.table(name))
    plain = pa.schema([(f.name, f.type) for f in declared])
    return conform(
        pa.Table.from_pylist([{n: r.get(n) for n in declared.names} for r in rows], plain), schema.table(name)
    )


@pytest.fixture
def registry(home):
    database.migrate()

    def fill(*models, verdicts=()):
        database.upsert("model_version", "test", table("model_version", models))
        store = lake(REGION)
        if verdicts:
            store.write("model_watch", table("model_watch", verdicts), [DAY], known_utc=NEXT, run_id="run")
        return store

    return fill


def test_a_champion_is_listed_with_its_scores_its_baseline_and_its_verdict(registry):
    store = registry(
        row("old", "champion", champion_from_utc=MONDAY),
        row("new", "challenger", NEXT),
        verdicts=[watched("fallen_back", "old")],
    )
    document = models_document(REGION, store, known_utc=NEXT)
    (model,) = document["models"]
    assert (model["r2"], model["baselines"]["affine"]["r2"], model["coverage_90"]) == (0.96, 0.9, 0.91)
    assert (model["watch"]["status"], model["watch"]["form_code"], model["challenger"]["model"]) == (
        "fallen_back",
        "affine",
        "new",
    )
    assert document["summary"]["watch"] == {"fallen_back": 1}
    assert "fallen_back" in model_lines(document)[1]


def test_what_was_in_use_at_an_earlier_time_can_be_asked(registry):
    store = registry(
        row("old", "retired", champion_from_utc=MONDAY, champion_to_utc=NEXT),
        row("new", "champion", MONDAY, champion_from_utc=NEXT),
    )
    assert [m["model"] for at in (MONDAY, NEXT) for m in models_document(REGION, store, known_utc=at)["models"]] == [
        "old",
        "new",
    ]


def test_a_source_tells_its_history_with_the_contest_that_it_won(registry):
    card = {**CARD, "contest": {"outcome": "won", "challenger_days": 8, "days": 9}}
    store = registry(
        row("old", "retired", champion_from_utc=MONDAY, champion_to_utc=NEXT),
        row("new", "champion", MONDAY, champion_from_utc=NEXT, card=card),
    )
    document = models_document(REGION, store, known_utc=NEXT, source_id="a")
    assert {r["model_version_id"]: r["status_code"] for r in document["history"]} == {
        "old": "retired",
        "new": "champion",
    }
    assert any("won on 8 of 9 days" in line for line in model_lines(document))


def test_a_line_that_could_not_be_taught_is_listed_with_the_reason(registry):
    store = registry(row("x", "failed", form_code=None, method_code=None, parameters_json='{"error": "too few hours"}'))
    document = models_document(REGION, store, known_utc=NEXT)
    assert document["failed"][0]["why"] == "too few hours"
    assert any("too few hours" in line for line in model_lines(document))


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"parameters_json": '{"form":"boos'}, "parameters_json is not a JSON object"),
        ({"parameters_json": "no JSON"}, "parameters_json is not"),
        ({"parameters_json": '{"form":"boosted","interval":{}}'}, "parameters_json scale is no number"),
        ({"card_json": "{"}, "card_json is not a JSON object"),
    ],
    ids=["cut short", "no JSON", "no whole model", "card"],
)
def test_a_model_whose_text_cannot_be_read_is_listed_as_such(registry, broken, said):
    store = registry(
        row("old", "champion", champion_from_utc=MONDAY) | broken,
        row("x", "failed", source_id="b", parameters_json="{"),
    )
    lines = model_lines(models_document(REGION, store, known_utc=NEXT))
    assert "unreadable" in lines[1]
    assert any("cannot be read" in line for line in lines)
    assert any(said in line and "train it again" in line for line in lines)
    assert card_section(REGION, store, DAY, known_utc=NEXT)["count"] == 1


def test_a_source_without_any_model_is_refused_by_name(registry):
    store = registry(row("old", "champion", champion_from_utc=MONDAY))
    with pytest.raises(InputError, match="no model of source 'nowhere'"):
        models_document(REGION, store, known_utc=NEXT, source_id="nowhere")


def test_the_page_of_a_day_shows_forms_beside_their_baseline_and_flags_what_drifted(registry):
    store = registry(row("old", "champion", champion_from_utc=MONDAY), verdicts=[watched("fallen_back", "old")])
    section = card_section(REGION, store, DAY, known_utc=NEXT)
    assert section["forms"][0]["median_baseline_nmae"] == 0.07
    assert section["flagged"][0]["status"] == {"en": "a simpler rung estimates in its place", "zh": "已降级"}
    assert card_section(REGION, store, date(2019, 1, 13), known_utc=NEXT)["flagged"] == []


def test_a_region_without_models_has_no_such_section(registry):
    assert card_section(REGION, registry(), DAY, known_utc=NEXT) is None
