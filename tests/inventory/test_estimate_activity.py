"""Activity of lines from energy: by their own model, by that of their industry, and by prior."""

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import reference, schema
from bigdata_emis.activity_model.forms.boosted_fit import FEATURES
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.estimate_activity import estimate_activity
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.window import Window

START = datetime(2019, 1, 1, tzinfo=UTC)
NO_TREES = {"nodes": "", "threshold": [], "leaf_millionths": []}
NARROW = {"edges": [], "running": [[-1.0, 1.0]], "starting": [-1.0, 1.0]}
POOLED = {
    "form": "pooled",
    "activity_per_kwh": 0.2,
    "lower_relative": 0.5,
    "upper_relative": 2.0,
    "activity_unit_code": "t",
}


def context():
    region = Region("test", Path(), "test", "测试", "UTC", False, Grid("EPSG:32618", 4000, 0, 0, 1, 1), {}, {}, {})
    return Context(region, Window(START, START + timedelta(days=1)), START + timedelta(days=9), "run", store=None)


def frame(spark, table, rows):
    declared = arrow_schema(schema.table(table))
    full = [{name: row.get(name) for name in declared.names} for row in rows]
    filled = pa.Table.from_pylist(full, pa.schema([(f.name, f.type) for f in declared]))
    return spark.createDataFrame(filled, schema=from_arrow_schema(filled.schema))


def energy(spark, *lines, sd=0.0, method="metered"):
    """Rows of (line, list of energy by hour from the start)."""
    rows = [
        {
            "production_line_id": line,
            "hour_utc": START + timedelta(hours=hour),
            "energy_kwh": float(value),
            "energy_sd_kwh": float(sd),
            "energy_method_code": method,
            "imputation_code": "none" if method == "metered" else None,
        }
        for line, energies in lines
        for hour, value in enumerate(energies)
    ]
    return frame(spark, "line_energy_hourly", rows)


def lines(spark, *rows):
    base = {
        "enterprise_id": "e",
        "sector_code": "industrial_process",
        "industry_code": "cement",
        "activity_unit_code": "t",
    }
    return frame(spark, "production_line", [{**base, **row} for row in rows])


def prior(line, **values):
    return {
        "production_line_id": line,
        "capacity_per_h": 100.0,
        "base_load_share": 0.2,
        "power_elasticity": 1.0,
        "reference_energy_kwh": 1000.0,
        **values,
    }


def model(source, **parameters):
    return {
        "source_id": source,
        "target": "activity",
        "model_version_id": f"model of {source}",
        "status_code": "champion",
        "method_code": "modelled",
        "parameters_json": json.dumps({**POOLED, **parameters}),
        "known_utc": START,
        "champion_from_utc": START,
    }


def estimated(spark, line_energy, production_line, *models, watch=(), weather=()):
    result = estimate_activity(
        line_energy,
        production_line,
        frame(spark, "model_version", models),
        frame(spark, "model_watch", watch),
        spark.createDataFrame(reference.read("uncertainty_rating")),
        frame(spark, "weather_hourly", weather),
        spark.createDataFrame(reference.read("activity_parameter")),
        context=context(),
    )
    return conform(
        result if isinstance(result, pa.Table) else result.toArrow(), schema.table("activity_hourly")
    ).to_pylist()


def test_by_prior_activity_is_capacity_times_the_share_above_base_load(spark):
    rows = estimated(spark, energy(spark, ("a", [1000, 600, 200, 100])), lines(spark, prior("a")))
    assert [row["activity"] for row in rows] == pytest.approx([100, 50, 0, 0])
    assert [row["expected_activity"] for row in rows] == [row["activity"] for row in rows]
    assert all(row["activity_p05"] <= row["activity"] <= row["activity_p95"] for row in rows)
    assert {(row["model_version_id"], row["method_code"]) for row in rows} == {("prior", "modelled")}


def test_a_line_with_allocated_energy_is_less_certain_than_a_metered_one(spark):
    metered = estimated(spark, energy(spark, ("a", [600]), sd=6), lines(spark, prior("a")))[0]
    allocated = estimated(spark, energy(spark, ("a", [600]), sd=300, method="allocated"), lines(spark, prior("a")))[0]
    assert metered["activity"] == pytest.approx(allocated["activity"]) == pytest.approx(50)
    assert allocated["activity_p95"] - 50 == pytest.approx(
        ((metered["activity_p95"] - 50) ** 2 + (1.645 * 300 / 8) ** 2) ** 0.5, rel=1e-3
    )
    assert allocated["activity_p05"] < metered["activity_p05"]


def test_a_prior_is_less_sure_where_power_says_little_of_activity_up_to_rating_e(spark):
    rows = estimated(
        spark,
        energy(spark, *((name, [600]) for name in "abc"), sd=0),
        lines(spark, prior("a"), prior("b", power_elasticity=0.8), prior("c", power_elasticity=0.2)),
    )
    rated, worst = math.log(1.25) ** 0.5, math.log(2.44) ** 0.5
    assert [row["activity_p95"] for row in rows] == pytest.approx(
        [_upper(row["activity"], sd) for row, sd in zip(rows, (rated, rated / 0.8, worst), strict=True)]
    )


def test_a_prior_is_as_sure_as_lines_with_a_model_show_it_to_be(spark):
    """600 kWh are 60 t by the model of a, and half of 100 t by its prior."""
    registered = lines(spark, prior("a"), prior("c", industry_code="brick_kiln"))
    alone, beside = (
        {
            row["source_id"]: row
            for row in estimated(spark, energy(spark, ("a", [600]), ("c", [600]), sd=0), registered, *m)
        }
        for m in ((), (model("a", activity_per_kwh=0.1),))
    )
    assert beside["a"]["activity"] == pytest.approx(60)
    learnt = ((math.log(1.25) + 0.5 * math.log(60 / 50) ** 2) / 1.5) ** 0.5
    assert beside["c"]["activity_p95"] == pytest.approx(_upper(50, learnt))
    assert beside["c"]["activity_p95"] < alone["c"]["activity_p95"]


def _upper(mean, log_sd):
    return mean * math.exp(-(log_sd**2) / 2 + 1.6448536 * log_sd)


def test_the_interval_of_an_hour_at_base_load_allows_for_activity(spark):
    row = estimated(spark, energy(spark, ("a", [200]), sd=100, method="prior"), lines(spark, prior("a")))[0]
    assert (row["activity"], row["activity_p05"]) == (0, 0)
    assert row["activity_p95"] == pytest.approx(1.645 * 100 / 8, rel=1e-3)
    assert row["method_code"] == "profile"


def test_a_line_without_a_model_or_a_prior_is_refused_by_name(spark):
    with pytest.raises(InputError, match="first b"):
        estimated(
            spark, energy(spark, ("a", [1]), ("b", [1])), lines(spark, prior("a"), prior("b", capacity_per_h=None))
        )


def test_a_line_without_energy_needs_neither_model_nor_prior(spark):
    assert len(estimated(spark, energy(spark, ("a", [1])), lines(spark, prior("a"), {"production_line_id": "b"}))) == 1


def test_the_own_model_precedes_that_of_the_industry_and_this_the_prior(spark):
    registered = lines(
        spark,
        {"production_line_id": "a"},
        {"production_line_id": "b"},
        prior("c", industry_code="foundry"),
        prior("d", activity_unit_code="GJ"),
    )
    line_energy = energy(spark, ("a", [100]), ("b", [100]), ("c", [600]), ("d", [600]))
    rows = estimated(spark, line_energy, registered, model("a", activity_per_kwh=0.3), model("industry:cement"))
    assert [row["activity"] for row in rows] == pytest.approx([30, 20, 50, 50])
    assert [row["model_version_id"] for row in rows] == ["model of a", "model of industry:cement", "prior", "prior"]


def test_uncertain_energy_widens_the_interval_of_a_model(spark):
    certain, uncertain = (
        estimated(
            spark,
            energy(spark, ("a", [100]), sd=sd, method="allocated"),
            lines(spark, {"production_line_id": "a"}),
            model("a"),
        )[0]
        for sd in (1, 30)
    )
    assert (certain["activity_p05"], certain["activity"], certain["activity_p95"]) == pytest.approx((10, 20, 40))
    assert (uncertain["activity"], uncertain["imputation_code"]) == (pytest.approx(20), None)
    assert uncertain["activity_p95"] == pytest.approx(20 + (20**2 + (0.2 * 1.645 * 30) ** 2) ** 0.5, rel=1e-3)


def test_the_correction_of_a_watched_model_is_applied(spark):
    verdict = {
        "source_id": "a",
        "target": "activity",
        "from_utc": START,
        "champion_version_id": "model of a",
        "model_version_id": "model of a",
        "watch_status_code": "recalibrated",
        "watch_reason_code": "error",
        "activity_correction": 1.5,
        "interval_correction": 1.0,
    }
    row = estimated(
        spark, energy(spark, ("a", [100]), sd=1), lines(spark, {"production_line_id": "a"}), model("a"), watch=[verdict]
    )[0]
    assert (row["activity"], row["activity_p95"]) == pytest.approx((30, 60))


def test_a_blend_estimates_by_the_champion_and_the_challenger_that_waits(spark):
    """2 and 4 t/kWh, a quarter of the challenger: 25 t from 10 kWh; other lines have no blend."""
    proportional = {"form": "proportional", "interval": {"edges": [], "running": [[0.0, 0.0]], "starting": [0.0, 0.0]}}
    champion = model("a", **proportional, activity_per_kwh=2.0)
    challenger = model("a", **proportional, activity_per_kwh=4.0)
    challenger |= {"model_version_id": "next", "status_code": "challenger", "champion_from_utc": None}
    verdict = {
        "source_id": "a",
        "target": "activity",
        "from_utc": START,
        "champion_version_id": champion["model_version_id"],
        "model_version_id": champion["model_version_id"],
        "watch_status_code": "recalibrated",
        "watch_reason_code": "bias",
        "activity_correction": 1.0,
        "interval_correction": 1.0,
        "blend_version_id": "next",
        "blend_share": 0.25,
        "level_to_utc": START,
    }
    other = model("b", **proportional, activity_per_kwh=3.0)
    rows = estimated(
        spark,
        energy(spark, ("a", [10]), ("b", [10])),
        lines(spark, prior("a"), prior("b")),
        champion,
        challenger,
        other,
        watch=[verdict],
    )
    assert {row["source_id"]: row["activity"] for row in rows} == {"a": 25, "b": 30}


def test_beyond_its_training_loads_a_model_is_proportional_to_energy_and_less_certain(spark):
    line_energy = energy(spark, ("a", [100, 50, 0]), sd=0)
    rows = estimated(
        spark,
        line_energy,
        lines(spark, {"production_line_id": "a"}),
        model(
            "a",
            form="affine",
            knots_kwh=[],
            coefficients=[12, 0.1],
            taught_kwh=[80.0, 120.0],
            interval={"edges": [], "running": [[-1.0, 1.0]], "starting": [0.0, 0.0]},
        ),
    )
    assert [row["activity"] for row in rows] == pytest.approx([22, 20 * 50 / 80, 0])
    assert rows[0]["activity_p95"] == pytest.approx(23)
    assert rows[1]["activity_p95"] - 12.5 == pytest.approx(
        ((50 / 80) ** 2 + (1.645 * 0.2 * 12.5 * 30 / 80) ** 2) ** 0.5, rel=1e-3
    )


def test_an_hour_before_the_window_is_an_input_of_later_hours_and_is_not_estimated(spark):
    """The line was off an hour before and starts, which adds 3 t to its 10 t."""
    line_energy = frame(
        spark,
        "line_energy_hourly",
        [
            {
                "production_line_id": "a",
                "hour_utc": START + timedelta(hours=hour),
                "energy_kwh": 600.0 * (hour == 0),
                "energy_sd_kwh": 0.0,
                "energy_method_code": "metered",
                "imputation_code": "none",
            }
            for hour in (-1, 0)
        ],
    )
    first_hour = {
        "nodes": f"{chr(ord('a') + FEATURES.index('hours_since_start'))}..",
        "threshold": [1.5],
        "leaf_millionths": [3_000_000, 0],
    }
    parts = [{"form": "proportional", "base": {"activity_per_kwh": 1 / 60}, "asks_beside": False, "trees": first_hour}]
    own = {
        "form": "boosted",
        "parts": parts,
        "scale": 1.0,
        "covariates": {},
        "features": [*FEATURES],
        "interval": NARROW,
    }
    rows = estimated(spark, line_energy, lines(spark, prior("a")), {**model("a"), "parameters_json": json.dumps(own)})
    assert [(row["hour_utc"], row["activity"]) for row in rows] == [(START, pytest.approx(13))]


def test_lines_of_one_batch_are_estimated_by_their_own_models(spark):
    """Thirty lines in fewer batches: line n produces n t/kWh; an uncertain hour of a line is widened alone."""
    names = [f"line {number}" for number in range(1, 31)]
    models = [model(name, activity_per_kwh=float(number)) for number, name in enumerate(names, start=1)]
    certain = energy(spark, *((name, [10, 20]) for name in names[1:]))
    uncertain_hours = energy(spark, (names[0], [10]), sd=0.0).unionByName(
        energy(spark, (names[0], [0, 20]), sd=10.0).where("energy_kwh > 0")
    )
    rows = {
        (row["source_id"], row["hour_utc"].hour): row
        for row in estimated(spark, certain.unionByName(uncertain_hours), lines(spark, *map(prior, names)), *models)
    }
    assert [rows[name, 1]["activity"] for name in names] == [20.0 * number for number in range(1, 31)]
    assert {(name, rows[name, 1]["model_version_id"]) for name in names} == {
        (name, f"model of {name}") for name in names
    }
    assert rows[names[0], 0]["activity_p05"] == 5
    assert rows[names[0], 1]["activity_p05"] < 20 - 10
    assert [rows[name, 1]["activity_p05"] for name in names[1:]] == [10.0 * number for number in range(2, 31)]


@pytest.mark.parametrize(
    "text", ["{", "[]", "", '{"form":"astrology"}', json.dumps({**POOLED, "activity_per_kwh": float("nan")})], ids=repr
)
def test_a_line_with_an_unreadable_model_is_estimated_without_it_and_marked(spark, text):
    """Line b by the model of its industry, 0.2 t/kWh; line c by its prior: 600 of 1000 kWh are half of 100 t."""
    rows = lines(spark, prior("a"), prior("b"), prior("c", industry_code="brick_kiln"))
    models = [
        model("a", activity_per_kwh=0.1),
        {**model("b"), "parameters_json": text},
        {**model("c"), "parameters_json": text},
        model("industry:cement"),
    ]
    activities = estimated(spark, energy(spark, ("a", [600]), ("b", [600]), ("c", [600])), rows, *models)
    assert [row["activity"] for row in activities] == pytest.approx([60, 120, 50])
    assert [row["model_version_id"] for row in activities] == ["model of a", "model of industry:cement", "prior"]
    assert [row["imputation_code"] for row in activities] == ["none", "unreadable_model", "unreadable_model"]


@pytest.mark.parametrize(
    "text", ["no JSON", json.dumps({**POOLED, "activity_unit_code": None})], ids=["no JSON", "no unit"]
)
def test_lines_with_an_unreadable_industry_model_are_estimated_by_their_prior(spark, text):
    models = [model("a", activity_per_kwh=0.1), {**model("industry:cement"), "parameters_json": text}]
    activities = estimated(
        spark, energy(spark, ("a", [600]), ("b", [600])), lines(spark, prior("a"), prior("b")), *models
    )
    assert [(row["model_version_id"], row["imputation_code"]) for row in activities] == [
        ("model of a", "none"),
        ("prior", "unreadable_model"),
    ]


def test_an_unreadable_model_does_not_affect_one_of_another_source_with_the_same_version_name(spark):
    models = [
        {**model("a", activity_per_kwh=0.1), "model_version_id": "v1"},
        {**model("b"), "parameters_json": "{", "model_version_id": "v1"},
    ]
    line_energy = energy(spark, ("a", [600]), ("b", [600]))
    activities = estimated(spark, line_energy, lines(spark, prior("a"), prior("b")), *models)
    assert [(row["activity"], row["model_version_id"], row["imputation_code"]) for row in activities] == [
        (pytest.approx(60), "v1", "none"),
        (pytest.approx(50), "prior", "unreadable_model"),
    ]


def test_a_line_with_a_non_finite_estimate_is_estimated_by_its_prior_and_others_are_unaffected(spark):
    """1e90 t/kWh times 1e300 kWh overflow."""
    line_energy = energy(spark, ("a", [10]), ("b", [1e300]))
    registered = lines(spark, prior("a"), prior("b", reference_energy_kwh=1e300))
    activities = estimated(spark, line_energy, registered, model("industry:cement", activity_per_kwh=1e90))
    assert [(row["source_id"], row["model_version_id"], row["imputation_code"]) for row in activities] == [
        ("a", "model of industry:cement", "none"),
        ("b", "prior", "unreadable_model"),
    ]
    assert [row["activity"] for row in activities] == pytest.approx([1e91, 100])


def weather_model(source):
    """A model that needs the temperature: two parts, of which one uses power alone."""
    base = {"activity_per_kwh": 2.0}
    letter = chr(ord("a") + len(FEATURES))
    by_warmth = {"nodes": f"{letter}..", "threshold": [10], "leaf_millionths": [5_000_000, 25_000_000]}
    parts = [
        {"form": "proportional", "base": base, "asks_beside": asks, "trees": trees}
        for asks, trees in ((False, NO_TREES), (True, by_warmth))
    ]
    covariates = {"air_temperature_degc": 0.0}
    covariate_fields = {"covariates": covariates, "features": [*FEATURES, *covariates]}
    own = {"form": "boosted_weather", "parts": parts, "scale": 2.0, **covariate_fields, "interval": NARROW}
    return {**model(source), "parameters_json": json.dumps(own)}


def warmth(*degrees):
    return [
        {
            "station_id": "s",
            "hour_utc": START + timedelta(hours=hour),
            "air_temperature_degc": float(value),
            "imputation_code": "none",
            "reading_count": 1,
        }
        for hour, value in enumerate(degrees)
    ]


def test_a_model_with_weather_gets_that_of_the_hour(spark):
    rows = estimated(
        spark,
        energy(spark, ("a", [100, 100])),
        lines(spark, {"production_line_id": "a"}),
        weather_model("a"),
        weather=warmth(5, 15),
    )
    # By power alone 200; the part with weather adds twice 5 when cold and twice 25 when warm; the parts are averaged.
    assert [row["activity"] for row in rows] == pytest.approx([205, 225])
    assert {row["imputation_code"] for row in rows} == {"none"}


def test_an_hour_without_weather_is_estimated_by_power_alone_and_marked(spark):
    rows = estimated(
        spark,
        energy(spark, ("a", [100, 100])),
        lines(spark, {"production_line_id": "a"}),
        weather_model("a"),
        weather=warmth(5),
    )
    assert [row["activity"] for row in rows] == pytest.approx([205, 200])
    assert [row["imputation_code"] for row in rows] == ["none", "without_weather"]


def sibling_model(source, sibling):
    """A model of two parts: 1 t/kWh by its own power alone, 3 t/kWh with the load of a sibling."""
    parts = [
        {"form": "proportional", "base": {"activity_per_kwh": by}, "asks_beside": asks, "trees": NO_TREES}
        for by, asks in ((1.0, False), (3.0, True))
    ]
    covariates = {f"sibling_energy_kwh:{sibling}": 0.0}
    own = {
        "form": "boosted",
        "parts": parts,
        "scale": 1.0,
        "covariates": covariates,
        "features": [*FEATURES, *covariates],
        "interval": NARROW,
    }
    return {**model(source), "parameters_json": json.dumps(own)}


def test_a_model_with_a_sibling_gets_its_load_and_an_hour_without_it_is_marked(spark):
    """Line b has no model of its own and no hour 1; in hour 0 it is idle."""
    rows = lines(
        spark,
        {"production_line_id": "a"},
        prior("b", industry_code="foundry"),
        prior("c", enterprise_id="f", industry_code="foundry"),
    )
    line_energy = energy(spark, ("a", [100, 100]), ("b", [0]), ("c", [0, 0]))
    activities = [
        row for row in estimated(spark, line_energy, rows, sibling_model("a", "b")) if row["source_id"] == "a"
    ]
    assert [row["activity"] for row in activities] == pytest.approx([200, 100])
    assert [row["imputation_code"] for row in activities] == ["none", "without_siblings"]
