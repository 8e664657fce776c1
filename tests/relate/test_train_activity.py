"""The stage train_activity: champions and challengers of lines and industries."""

import json
from datetime import timedelta

import pytest

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.relate.train_activity import list_measured_lines, select_forms, train_activity, training_hours
from bigdata_emis.schema.arrow import conform
from tests.relate.training_frames import (
    FORMS,
    LOADS,
    START,
    activity_row,
    affine_law,
    break_champion,
    build_context,
    build_frame,
    by_status,
    energy_frame,
    energy_row,
    halved_law,
    hours_of,
    lines_frame,
    train,
    truth_frame,
    update_registry,
)


def champion_of(written, source="a"):
    return by_status(conform(written["model_version"], schema.table("model_version")), source)["champion"]


def test_the_first_champion_is_the_form_with_the_smallest_error_and_its_card_says_so(spark):
    written = train(spark, 8, {"a": affine_law})
    champion = by_status(written["model_version"])["champion"]
    card = json.loads(champion["card_json"])
    assert (champion["form_code"], champion["champion_to_utc"]) == ("affine", None)
    assert champion["champion_from_utc"] == champion["known_utc"] == START + timedelta(days=8, hours=3)
    assert (champion["from_utc"], champion["to_utc"]) == (START, START + timedelta(days=8))
    assert card["cross_validation"]["r2"] == pytest.approx(1, abs=1e-4)
    assert card["baselines"]["proportional"]["r2"] < 1
    assert card["backtest"]["hours"] == 96
    assert "proportional" in card["why"]
    assert by_status(written["model_version"])["reserve"]["form_code"] == "proportional"
    scores = {row["form_code"]: row for row in written["model_score"].to_pylist()}
    assert scores["affine"]["is_chosen"]
    assert scores["proportional"]["note"].endswith("larger than that of affine")


def test_without_new_truth_a_training_changes_nothing(spark):
    stored = train(spark, 8, {"a": affine_law})["model_version"]
    assert train(spark, 8, {"a": affine_law}, stored)["model_version"].num_rows == 0


def test_a_challenger_waits_for_truth_that_neither_model_was_fitted_on_and_then_wins(spark):
    first = train(spark, 8, {"a": halved_law})["model_version"]
    second = update_registry(first, train(spark, 12, {"a": halved_law}, first)["model_version"])
    statuses = {row["status_code"] for row in second.to_pylist() if row["source_id"] == "a"}
    assert statuses == {"champion", "challenger", "reserve"}
    assert by_status(train(spark, 15, {"a": halved_law}, second)["model_version"]) == {}
    models = by_status(train(spark, 20, {"a": halved_law}, second)["model_version"])
    challenger = by_status(second)["challenger"]
    assert models["champion"]["model_version_id"] == challenger["model_version_id"]
    assert models["champion"]["champion_from_utc"] == START + timedelta(days=20, hours=3)
    assert models["retired"]["champion_to_utc"] == models["champion"]["champion_from_utc"]
    assert models["retired"]["parameters_json"] != "{}"
    result = json.loads(models["champion"]["card_json"])["contest"]
    assert (result["days"], result["challenger_days"], result["outcome"]) == (8, 8, "won")
    assert "challenger" in models


def test_a_challenger_that_is_no_better_is_retired_for_a_newer_one(spark):
    def drifting(kwh, day):
        return affine_law(kwh, day) + (day % 3) * 1e-3

    first = train(spark, 8, {"a": drifting})["model_version"]
    second = update_registry(first, train(spark, 9, {"a": drifting}, first)["model_version"])
    models = by_status(train(spark, 40, {"a": drifting}, second, contest_margin_share=0.9)["model_version"])
    assert "champion" not in models
    assert models["retired"]["model_version_id"] == by_status(second)["challenger"]["model_version_id"]
    assert models["retired"]["parameters_json"] == "{}"
    assert json.loads(models["retired"]["card_json"])["contest"]["outcome"] == "lost"


def test_a_line_with_too_few_hours_has_a_failure_and_a_pooled_model(spark):
    laws = {"a": affine_law, "b": lambda kwh, day: kwh / 5 if day < 2 else -1}
    models = by_status(train(spark, 8, laws, activity_forms=["ramp"])["model_version"], "b")
    assert "48 running hours with measured activity are too few" in models["failed"]["parameters_json"]
    assert models["champion"]["form_code"] == "pooled"
    assert json.loads(models["champion"]["parameters_json"])["activity_per_kwh"] == pytest.approx(0.2, rel=0.05)


def test_a_line_measured_in_another_unit_fails_by_name_and_gives_no_pooled_model(spark):
    rows = train(spark, 8, {"a": affine_law}, unit="GJ")["model_version"].to_pylist()
    assert [row["status_code"] for row in rows] == ["failed"]
    assert "activity is measured in GJ, expected t" in rows[0]["parameters_json"]


def test_an_industry_gets_a_pooled_model_for_its_lines_that_were_never_measured(spark):
    laws = {"a": lambda kwh, _day: kwh / 10, "b": lambda kwh, _day: kwh / 5}
    pooled = by_status(train(spark, 8, laws)["model_version"], "industry:cement")["champion"]
    assert 0.1 < json.loads(pooled["parameters_json"])["activity_per_kwh"] < 0.2
    assert json.loads(pooled["card_json"])["lines"] == 2


def test_lines_trained_in_small_batches_get_the_models_of_one_batch(spark):
    laws = dict.fromkeys("abcde", affine_law)
    whole = train(spark, 8, laws)
    assert train(spark, 8, laws, training_batch_lines=2)["model_version"].equals(whole["model_version"])


@pytest.mark.parametrize("source", ["a", "industry:cement"])
def test_an_unreadable_champion_is_withdrawn_and_replaced_even_without_new_truth(spark, source):
    registry = break_champion(train(spark, 8, {"a": affine_law})["model_version"], source)
    tables = (
        energy_frame(spark, "a", 8),
        lines_frame(spark, "a"),
        truth_frame(spark, 8, a=affine_law),
        spark.createDataFrame(registry),
        build_frame(spark, "weather_hourly", []),
    )
    run = build_context(8)
    later = Context(run.region, run.window, run.known_utc + timedelta(hours=1), "run", store=None)
    written = conform(train_activity(*tables, context=later)["model_version"], schema.table("model_version"))
    models = [row for row in update_registry(registry, written).to_pylist() if row["source_id"] == source]
    texts = {row["status_code"]: row["parameters_json"][:2] for row in models if row["status_code"] != "reserve"}
    assert texts == {"champion": '{"', "retired": "{}"}
    assert len({row["model_version_id"] for row in models if row["status_code"] != "reserve"}) == 1


def test_an_unreadable_champion_is_withdrawn_even_when_no_other_can_be_fitted(spark):
    registry = break_champion(train(spark, 8, {"a": affine_law})["model_version"], "a")
    lines_only = registry.filter([source == "a" for source in registry["source_id"].to_pylist()])
    models = by_status(train(spark, 2, {"a": affine_law}, lines_only, activity_forms=["ramp"])["model_version"])
    assert (models["retired"]["parameters_json"], models["champion"]["form_code"]) == ("{}", "pooled")
    assert "too few" in models["failed"]["parameters_json"]


def test_a_line_that_depends_on_the_weather_gets_a_model_with_weather(spark):
    days = 12
    temperature = [10.0 if (n * 7) % 5 < 2 else 30.0 for n, _ in enumerate(hours_of(days))]
    rows = list(zip(hours_of(days), temperature, strict=True))
    weather = [
        {
            "station_id": "s",
            "hour_utc": hour,
            "air_temperature_degc": value,
            "imputation_code": "none",
            "reading_count": 1,
        }
        for hour, value in rows
    ]
    truth = [activity_row("a", hour, LOADS[n % len(LOADS)] + value) for n, (hour, value) in enumerate(rows)]
    tables = (
        energy_frame(spark, ["a"], days),
        lines_frame(spark, "a"),
        build_frame(spark, "measured_activity_hourly", truth),
        build_frame(spark, "model_version", []),
    )
    run = build_context(days, activity_forms=["affine", "boosted", "boosted_weather"])
    with_weather, without = (
        train_activity(*tables, build_frame(spark, "weather_hourly", known), context=run) for known in (weather, [])
    )
    assert champion_of(with_weather)["form_code"] == "boosted_weather"
    assert champion_of(without)["form_code"] in ("affine", "boosted")
    notes = {row["form_code"]: row["note"] for row in without["model_score"].to_pylist()}
    assert notes["boosted_weather"] == "needs weather, and there is none"


def uneven_load(line, n):
    """Loads of two lines that do not move together."""
    return LOADS[(n * {"a": 3, "b": 7}[line] + n // 5) % len(LOADS)]


def test_a_line_that_depends_on_another_line_of_its_enterprise_uses_the_load_of_that(spark):
    """Activity of a is its own load and three tenths of the load of b."""
    hours = list(enumerate(hours_of(20)))
    energy = [energy_row(line, hour, uneven_load(line, n)) for line in "ab" for n, hour in hours]
    truth = [activity_row("a", hour, uneven_load("a", n) + 0.3 * uneven_load("b", n)) for n, hour in hours]
    written = train_activity(
        build_frame(spark, "line_energy_hourly", energy),
        lines_frame(spark, "a", "b"),
        build_frame(spark, "measured_activity_hourly", truth),
        build_frame(spark, "model_version", []),
        build_frame(spark, "weather_hourly", []),
        context=build_context(20, activity_forms=["affine", "boosted"]),
    )
    champion = champion_of(written)
    assert list(json.loads(champion["parameters_json"])["covariates"]) == ["sibling_energy_kwh:b"]
    assert json.loads(champion["card_json"])["cross_validation"]["nmae"] < 0.02


def test_training_hours_hold_energy_and_truth_of_measured_lines_only(spark):
    hours = hours_of(1)
    energy = [
        {**energy_row("a", hours[0], 100), "working_energy_kwh": 80.0},
        energy_row("a", hours[1], 100),
        energy_row("b", hours[0], 50),
    ]
    truth = [activity_row("a", hours[0], 5), activity_row("a", hours[2], 6)]
    joined = training_hours(
        build_frame(spark, "line_energy_hourly", energy),
        lines_frame(spark, "a", "b"),
        build_frame(spark, "measured_activity_hourly", truth),
    )
    rows = sorted(joined.toArrow().to_pylist(), key=lambda row: row["hour_utc"])
    assert [(row["production_line_id"], row["energy_kwh"], row["activity"]) for row in rows] == [
        ("a", 80.0, 5.0),
        ("a", 100.0, None),
        ("a", None, 6.0),
    ]
    assert {(row["line_unit_code"], row["industry_code"]) for row in rows} == {("t", "cement")}


def test_only_registered_lines_with_truth_are_trained(spark):
    truth = truth_frame(spark, 1, a=affine_law, gone=affine_law)
    assert list_measured_lines(truth, lines_frame(spark, "a", "b")) == ["a"]


def test_forms_are_compared_from_simple_to_rich_and_an_unknown_one_is_refused():
    assert select_forms(["affine", "proportional"]) == tuple(FORMS)
    assert set(FORMS) < set(select_forms(None))
    with pytest.raises(InputError, match="guess"):
        select_forms(["guess"])
