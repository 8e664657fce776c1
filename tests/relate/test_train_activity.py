"""Champions and challengers: what a weekly training makes of the lines, and what it leaves as it is."""

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import schema
from bigdata_emis.activity_model.forms.candidate_forms import FORMS as ALL_FORMS
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.relate.train_activity import train_activity
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.window import Window

START = datetime(2019, 1, 1, tzinfo=UTC)
LOADS = [100, 200, 300, 400, 300, 200]
FORMS = ["proportional", "affine"]


def context(day, **options):
    grid = Grid("EPSG:32618", 4000, 0, 0, 1, 1)
    region = Region("test", Path(), "test", "测试", "UTC", False, grid, {}, {"activity_forms": FORMS, **options}, {})
    return Context(region, Window(START, START + timedelta(days=day)), START + timedelta(days=day, hours=3), "run")


def frame(spark, table, rows):
    declared = pa.schema([(f.name, f.type) for f in arrow_schema(schema.table(table))])
    filled = pa.Table.from_pylist([{name: row.get(name) for name in declared.names} for row in rows], declared)
    return spark.createDataFrame(filled, schema=from_arrow_schema(filled.schema))


def hours(days):
    return [START + timedelta(hours=h) for h in range(24 * days)]


def energy(spark, lines, days):
    rows = [
        {
            "production_line_id": line,
            "hour_utc": hour,
            "energy_kwh": float(LOADS[n % len(LOADS)]),
            "energy_sd_kwh": 0.0,
            "energy_method_code": "metered",
        }
        for line in lines
        for n, hour in enumerate(hours(days))
    ]
    return frame(spark, "line_energy_hourly", rows)


def truth(spark, days, unit="t", **laws):
    """Measured activity of each line by a law of (energy, day)."""
    rows = [
        {
            "production_line_id": line,
            "hour_utc": hour,
            "activity": float(law(LOADS[n % len(LOADS)], n // 24)),
            "activity_unit_code": unit,
            "reading_count": 1,
        }
        for line, law in laws.items()
        for n, hour in enumerate(hours(days))
    ]
    return frame(spark, "measured_activity_hourly", [row for row in rows if row["activity"] >= 0])


def lines(spark, *names):
    base = {
        "enterprise_id": "e",
        "sector_code": "industrial_process",
        "industry_code": "cement",
        "activity_unit_code": "t",
    }
    return frame(spark, "production_line", [{**base, "production_line_id": name} for name in names])


def trained(spark, days, laws, before=None, unit="t", weather=(), **options):
    standing = spark.createDataFrame(before) if before is not None else frame(spark, "model_version", [])
    tables = (
        energy(spark, laws, days),
        lines(spark, *laws),
        truth(spark, days, unit, **laws),
        standing,
        frame(spark, "weather_hourly", weather),
    )
    made = train_activity(*tables, context=context(days, **options))
    return {name: conform(table, schema.table(name)) for name, table in made.items()}


def after(before, made):
    """The registry's rows once the made ones are in it: a row with the same key is renewed."""
    key = schema.table("model_version").key
    rows = {tuple(row[name] for name in key): row for table in (before, made) for row in table.to_pylist()}
    return pa.Table.from_pylist(list(rows.values()), before.schema)


def by_status(table, source="a"):
    return {row["status_code"]: row for row in table.to_pylist() if row["source_id"] == source}


def old_law(kwh, _day):
    return 10 + kwh / 10


def noisy_law(kwh, day):
    """Off by up to two, without a pattern that a form could learn."""
    return old_law(kwh, day) + 2 * math.sin(kwh + 1.7 * day)


def moved_law(kwh, day):
    """From the ninth day on the line makes half as much of the same energy."""
    return old_law(kwh, day) * (1 if day < 8 else 0.5)


def test_the_first_champion_is_the_form_that_errs_least_out_of_block_and_its_card_says_so(spark):
    made = trained(spark, 8, {"a": old_law})
    champion = by_status(made["model_version"])["champion"]
    card = json.loads(champion["card_json"])
    assert (champion["form_code"], champion["champion_to_utc"]) == ("affine", None)
    assert champion["champion_from_utc"] == champion["known_utc"] == START + timedelta(days=8, hours=3)
    assert (champion["from_utc"], champion["to_utc"]) == (START, START + timedelta(days=8))
    assert card["cross_validation"]["r2"] == pytest.approx(1, abs=1e-4)
    assert card["baselines"]["proportional"]["r2"] < 1
    assert card["backtest"]["hours"] == 96
    assert "proportional" in card["why"]


def test_every_form_that_competed_has_a_score_and_a_reason(spark):
    scores = {
        row["form_code"]: row
        for row in trained(spark, 2, {"a": old_law}, activity_forms=[*FORMS, "boosted"])["model_score"].to_pylist()
    }
    assert scores["affine"]["is_chosen"]
    assert scores["proportional"]["note"].endswith("more than affine")
    assert scores["boosted"]["note"] == f"needs {ALL_FORMS['boosted'].hours_needed} running hours"


def test_the_rung_below_stands_by_as_a_reserve(spark):
    assert by_status(trained(spark, 8, {"a": old_law})["model_version"])["reserve"]["form_code"] == "proportional"


def test_without_new_truth_a_training_changes_nothing(spark):
    before = trained(spark, 8, {"a": old_law})["model_version"]
    assert trained(spark, 8, {"a": old_law}, before)["model_version"].num_rows == 0


def test_a_challenger_waits_for_truth_that_neither_has_seen_and_then_wins_or_gives_way(spark):
    first = trained(spark, 8, {"a": moved_law})["model_version"]
    second = after(first, trained(spark, 12, {"a": moved_law}, first)["model_version"])
    assert {row["status_code"] for row in second.to_pylist() if row["source_id"] == "a"} == {
        "champion",
        "challenger",
        "reserve",
    }
    early = trained(spark, 15, {"a": moved_law}, second)["model_version"]
    assert by_status(early) == {}
    late = trained(spark, 20, {"a": moved_law}, second)["model_version"]
    rows = by_status(late)
    challenger = by_status(second)["challenger"]
    assert rows["champion"]["model_version_id"] == challenger["model_version_id"]
    assert rows["champion"]["champion_from_utc"] == START + timedelta(days=20, hours=3)
    assert rows["retired"]["champion_to_utc"] == rows["champion"]["champion_from_utc"]
    assert rows["retired"]["parameters_json"] != "{}"
    contest = json.loads(rows["champion"]["card_json"])["contest"]
    assert (contest["days"], contest["challenger_days"], contest["outcome"]) == (8, 8, "won")
    assert "challenger" in rows


def test_a_challenger_that_is_no_better_gives_way_to_a_newer_one(spark):
    def noisy(kwh, day):
        return old_law(kwh, day) + (day % 3) * 1e-3

    first = trained(spark, 8, {"a": noisy})["model_version"]
    second = after(first, trained(spark, 9, {"a": noisy}, first)["model_version"])
    rows = by_status(trained(spark, 40, {"a": noisy}, second, contest_margin_share=0.9)["model_version"])
    assert "champion" not in rows
    assert rows["retired"]["model_version_id"] == by_status(second)["challenger"]["model_version_id"]
    assert rows["retired"]["parameters_json"] == "{}"
    assert json.loads(rows["retired"]["card_json"])["contest"]["outcome"] == "lost"


def test_a_line_that_cannot_be_taught_has_a_row_that_says_why_and_goes_by_what_little_it_showed(spark):
    laws = {"a": old_law, "b": lambda kwh, day: kwh / 5 if day < 2 else -1}
    rows = by_status(trained(spark, 8, laws, activity_forms=["ramp"])["model_version"], "b")
    assert "48 running hours with measured activity are too few" in rows["failed"]["parameters_json"]
    assert rows["champion"]["form_code"] == "pooled"
    assert json.loads(rows["champion"]["parameters_json"])["activity_per_kwh"] == pytest.approx(0.2, rel=0.05)


def test_a_line_measured_in_another_unit_is_refused_by_name_and_teaches_nobody(spark):
    rows = trained(spark, 8, {"a": old_law}, unit="GJ")["model_version"].to_pylist()
    assert [row["status_code"] for row in rows] == ["failed"]
    assert "measured in GJ, but the line counts t" in rows[0]["parameters_json"]


def test_an_industry_gets_a_pooled_model_for_its_lines_that_were_never_measured(spark):
    made = trained(spark, 8, {"a": lambda kwh, _day: kwh / 10, "b": lambda kwh, _day: kwh / 5})["model_version"]
    pooled = by_status(made, "industry:cement")["champion"]
    assert 0.1 < json.loads(pooled["parameters_json"])["activity_per_kwh"] < 0.2
    assert json.loads(pooled["card_json"])["lines"] == 2


def test_lines_trained_in_small_batches_get_the_models_of_one_batch(spark):
    laws = {name: old_law for name in "abcde"}
    whole = trained(spark, 8, laws)
    assert trained(spark, 8, laws, training_batch_lines=2)["model_version"].equals(whole["model_version"])


def test_a_form_that_there_is_none_of_is_refused(spark):
    with pytest.raises(InputError, match="guess"):
        trained(spark, 1, {"a": old_law}, activity_forms=["guess"])


@pytest.mark.parametrize("source", ["a", "industry:cement"])
def test_a_champion_that_cannot_be_read_is_withdrawn_and_another_is_fitted_even_to_the_same_truth(spark, source):
    before = trained(spark, 8, {"a": old_law})["model_version"]
    broken = [
        {**row, "parameters_json": "{"} if (row["source_id"], row["status_code"]) == (source, "champion") else row
        for row in before.to_pylist()
    ]
    registry = pa.Table.from_pylist(broken, before.schema)
    tables = (
        energy(spark, "a", 8),
        lines(spark, "a"),
        truth(spark, 8, a=old_law),
        spark.createDataFrame(registry),
        frame(spark, "weather_hourly", []),
    )
    later = Context(context(8).region, context(8).window, context(8).known_utc + timedelta(hours=1), "run")
    made = conform(train_activity(*tables, context=later)["model_version"], schema.table("model_version"))
    mine = [
        row
        for row in after(registry, made).to_pylist()
        if row["source_id"] == source and row["status_code"] in ("champion", "retired")
    ]
    assert {row["status_code"]: row["parameters_json"][:2] for row in mine} == {"champion": '{"', "retired": "{}"}
    assert len({row["model_version_id"] for row in mine}) == 1


def test_a_champion_that_cannot_be_read_is_withdrawn_even_when_no_other_can_be_fitted_and_the_line_goes_by_what_it_showed(
    spark,
):
    before = trained(spark, 8, {"a": old_law})["model_version"]
    broken = [
        {**row, "parameters_json": "{"} if row["status_code"] == "champion" else row
        for row in before.to_pylist()
        if row["source_id"] == "a"
    ]
    registry = pa.Table.from_pylist(broken, before.schema)
    told = by_status(trained(spark, 2, {"a": old_law}, registry, activity_forms=["ramp"])["model_version"])
    assert (told["retired"]["parameters_json"], told["champion"]["form_code"]) == ("{}", "pooled")
    assert "too few" in told["failed"]["parameters_json"]


def test_a_line_whose_activity_goes_with_the_weather_gets_a_model_that_asks_for_it(spark):
    days = 12
    warm = [10.0 if (n * 7) % 5 < 2 else 30.0 for n, _ in enumerate(hours(days))]
    weather = [
        {
            "station_id": "s",
            "hour_utc": hour,
            "air_temperature_degc": value,
            "imputation_code": "none",
            "reading_count": 1,
        }
        for hour, value in zip(hours(days), warm, strict=True)
    ]
    rows = [
        {
            "production_line_id": "a",
            "hour_utc": hour,
            "activity": float(LOADS[n % len(LOADS)] + value),
            "activity_unit_code": "t",
            "reading_count": 1,
        }
        for n, (hour, value) in enumerate(zip(hours(days), warm, strict=True))
    ]
    forms = {"activity_forms": ["affine", "boosted", "boosted_weather"]}
    told = (
        energy(spark, ["a"], days),
        lines(spark, "a"),
        frame(spark, "measured_activity_hourly", rows),
        frame(spark, "model_version", []),
    )
    made = [
        train_activity(*told, frame(spark, "weather_hourly", known), context=context(days, **forms))
        for known in (weather, [])
    ]
    chosen = [
        by_status(conform(each["model_version"], schema.table("model_version")))["champion"]["form_code"]
        for each in made
    ]
    assert (chosen[0], chosen[1] in ("affine", "boosted")) == ("boosted_weather", True)
    notes = {row["form_code"]: row["note"] for row in made[1]["model_score"].to_pylist()}
    assert notes["boosted_weather"] == "needs weather, of which none is known"


def uneven(line, n):
    """Loads of two lines that do not move together."""
    return float(LOADS[(n * {"a": 3, "b": 7}[line] + n // 5) % len(LOADS)])


def test_a_line_whose_activity_goes_with_another_line_of_its_enterprise_asks_for_the_load_of_that(spark):
    """The heat of a third of the load of b is measured at a."""
    told = [
        {
            "production_line_id": line,
            "hour_utc": hour,
            "energy_kwh": uneven(line, n),
            "energy_sd_kwh": 0.0,
            "energy_method_code": "metered",
        }
        for line in "ab"
        for n, hour in enumerate(hours(20))
    ]
    measured = [
        {
            "production_line_id": "a",
            "hour_utc": hour,
            "activity": uneven("a", n) + 0.3 * uneven("b", n),
            "activity_unit_code": "t",
            "reading_count": 1,
        }
        for n, hour in enumerate(hours(20))
    ]
    tables = (
        frame(spark, "line_energy_hourly", told),
        lines(spark, "a", "b"),
        frame(spark, "measured_activity_hourly", measured),
        frame(spark, "model_version", []),
    )
    made = train_activity(
        *tables, frame(spark, "weather_hourly", []), context=context(20, activity_forms=["affine", "boosted"])
    )
    champion = by_status(conform(made["model_version"], schema.table("model_version")))["champion"]
    assert list(json.loads(champion["parameters_json"])["covariates"]) == ["sibling_energy_kwh:b"]
    assert json.loads(champion["card_json"])["cross_validation"]["nmae"] < 0.02
