"""Association of made-up series whose relation is known: a daily wave, its delayed twin, its opposite, and noise."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis import flow, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.relate.associate import associate
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.window import Window, day_window

ZONE = "Asia/Shanghai"
DAY = day_window(date(2015, 12, 20), ZONE)
START = day_window(date(2015, 12, 11), ZONE).from_utc
HOURS = 240
CITY = Region("city", Path(), "city", "市", ZONE, True, Grid("EPSG:32650", 1000, 0, 0, 1, 1), {}, {}, {})
TABLES = flow.stage("associate").reads

rng = np.random.default_rng(7)
WORK = 50 + 10 * np.sin(np.arange(HOURS + 48) * 2 * np.pi / 37) + 5 * rng.standard_normal(HOURS + 48)
NOISE = 50 + 10 * rng.standard_normal(HOURS)


def hourly(values, **fixed):
    return [{**fixed, "hour_utc": START + timedelta(hours=n), **value} for n, value in enumerate(values)]


def frames(spark, **rows):
    plants = {
        "meter": [("m", "p", "production"), ("n", "q", "production"), ("x", "p", "abatement")],
        "production_line": [("p", "coking", "E1", "coal"), ("q", "cement", "E2", None)],
    }
    given = {
        "meter": [{"meter_id": m, "production_line_id": p, "meter_role_code": r} for m, p, r in plants["meter"]],
        "production_line": [
            {"production_line_id": p, "industry_code": i, "enterprise_id": e, "fuel_name": f}
            for p, i, e, f in plants["production_line"]
        ],
        "enterprise": [{"enterprise_id": "E1", "county_id": "130100"}, {"enterprise_id": "E2", "county_id": "130100"}],
        "stack": [{"stack_id": "k", "production_line_id": "p"}],
        **rows,
    }
    for name in TABLES:
        table = schema.table(name)
        fields = [pa.field(f.name, f.type) for f in arrow_schema(table)]
        # One row that no period holds, since an empty frame has no way into a session.
        nothing = {
            **{f.name: None for f in table.fields},
            **({"hour_utc": datetime(2000, 1, 1, tzinfo=UTC)} if table.time else {}),
        }
        yield spark.createDataFrame(pa.Table.from_pylist(given.get(name) or [nothing], pa.schema(fields)))


def associated(spark, window=DAY, **rows):
    context = Context(CITY, window, window.to_utc, "test")
    result = associate(*frames(spark, **rows), context=context)
    return conform(result.toArrow(), schema.table("association")).to_pylist()


def energy(coking, cement):
    return hourly([{"energy_kwh": float(v)} for v in coking], meter_id="m") + hourly(
        [{"energy_kwh": float(v)} for v in cement], meter_id="n"
    )


def pollution(values, code="PM2.5"):
    rows = [{"concentration_ug_per_m3": None if v is None else float(v)} for v in values]
    return hourly(rows, station_id="s", pollutant_code=code)


def row_of(rows, indicator, method="pearson", target="air_quality:PM2.5"):
    return next(
        r for r in rows if (r["indicator"], r["association_method_code"], r["target"]) == (indicator, method, target)
    )


@pytest.fixture(scope="module")
def known(spark):
    followed = 2 * WORK[48 - 6 : HOURS + 48 - 6] + 10  # what power did six hours before
    cems = hourly([{"best_emission_g": float(v)} for v in 200 - WORK[48:]], stack_id="k", pollutant_code="NOx")
    return associated(
        spark, power_hourly=energy(WORK[48:], NOISE), air_quality_hourly=pollution(followed), cems_hourly=cems
    )


def test_lag_is_found_and_the_strength_at_it_is_whole(known):
    for method in ("pearson", "spearman"):
        row = row_of(known, "power:coking", method)
        assert (row["lag_h"], row["strength"], row["rank_number"]) == (6, pytest.approx(1.0), 1)
        assert row["sample_count"] == HOURS - 6
        assert row["p_value"] < 1e-6


def test_opposite_movement_has_the_strength_minus_one(known):
    row = row_of(known, "power:coking", target="stack:NOx")
    assert (row["lag_h"], row["strength"], row["sample_count"]) == (0, pytest.approx(-1.0), HOURS)


def test_noise_ranks_last_and_its_interval_holds_zero(known):
    row = row_of(known, "power:cement")
    assert row["rank_number"] == 3
    assert row["strength_p05"] < 0.2
    assert row["p_value"] > 0.05
    assert row["strength_p05"] < row["strength"] < row["strength_p95"]


def test_grey_grade_ranks_the_twin_first(known):
    rows = {name: row_of(known, name, "grey") for name in ("power:coking", "power:cement", "power:total")}
    assert rows["power:coking"]["strength"] == pytest.approx(1.0)
    assert rows["power:coking"]["rank_number"] == 1
    assert rows["power:cement"]["strength"] < 1
    assert rows["power:coking"]["p_value"] is None


def test_some_hours_of_one_slow_wave_are_worth_too_few_pairs_to_be_ranked_or_tested(spark):
    """Each hour is like its neighbours, and three of seven are known: worth three pairs at most. The strength stands, without rank and p value."""
    wave = 50 + 40 * np.cos(np.arange(HOURS) * np.pi / HOURS)
    rows = associated(
        spark,
        power_hourly=energy(wave, NOISE),
        air_quality_hourly=pollution([v if n % 7 in (0, 1, 3) else None for n, v in enumerate(wave)]),
    )
    slow, other = row_of(rows, "power:coking"), row_of(rows, "power:cement")
    assert slow["effective_sample_count"] < 3
    assert (slow["strength"], slow["association_reason_code"]) == (pytest.approx(1, abs=0.01), "few_pairs")
    assert (slow["rank_number"], slow["p_value"], slow["q_value"]) == (None, None, None)
    assert (slow["strength_p05"], slow["strength_p95"]) == (-1, 1)
    assert (other["rank_number"], other["association_reason_code"]) == (1, None)


def test_total_is_the_sum_over_industries_without_abatement(spark):
    abatement = hourly([{"energy_kwh": float(v)} for v in 1000 * NOISE], meter_id="x")
    rows = associated(
        spark, power_hourly=energy(WORK[48:], NOISE) + abatement, air_quality_hourly=pollution(WORK[48:] + NOISE)
    )
    assert row_of(rows, "power:total")["strength"] == pytest.approx(1.0)


def test_plant_is_compared_with_its_own_monitor_and_not_with_those_of_others(known):
    row = row_of(known, "power_enterprise:E1", target="own_stack:NOx")
    assert (row["lag_h"], row["strength"]) == (0, pytest.approx(-1.0))
    assert not [r for r in known if r["target"] == "own_stack:NOx" and r["indicator"] == "power_enterprise:E2"]
    assert not [r for r in known if r["target"] == "stack:NOx" and r["indicator"].startswith("power_enterprise")]


def test_district_adds_its_plants(known):
    total, district = (row_of(known, name) for name in ("power:total", "power_district:130100"))
    assert district["strength"] == pytest.approx(total["strength"])
    assert (total["rank_number"], district["rank_number"]) == (2, 1)  # each ranked among its like


def test_energy_mix_is_a_share_of_the_hour_and_ranked_apart(known):
    coking, cement = (row_of(known, f"energy_share:{name}") for name in ("coking", "cement"))
    assert coking["strength"] == pytest.approx(-cement["strength"])  # two shares that add up to one
    assert {row_of(known, f"energy_share:{name}", "grey")["rank_number"] for name in ("coking", "cement")} <= {1, 2, 3}
    assert row_of(known, "energy_share_fuel:coal")["strength"] == pytest.approx(coking["strength"])


def test_daily_rhythm_in_common_is_not_significant_but_a_shared_surprise_is(spark):
    hour = np.arange(HOURS)
    rhythm = 50 + 20 * np.sin(hour * 2 * np.pi / 24)
    own, other = (np.random.default_rng(seed).standard_normal(HOURS) for seed in (1, 2))
    rows = associated(
        spark, power_hourly=energy(rhythm + own, rhythm + other), air_quality_hourly=pollution(rhythm + own)
    )
    shared, rhythm_only = (row_of(rows, f"power:{name}", "prewhitened") for name in ("coking", "cement"))
    assert (shared["lag_h"], shared["q_value"] < 0.001, shared["strength"] > 0.9) == (0, True, True)
    assert rhythm_only["q_value"] > 0.05
    assert row_of(rows, "power:cement")["strength"] > 0.9
    assert row_of(rows, "power:cement")["effective_sample_count"] < 20
    assert rhythm_only["strength_p05"] < rhythm_only["strength"] < rhythm_only["strength_p95"]


def test_what_weather_explains_is_gone_once_weather_is_held(spark):
    wind = np.random.default_rng(3).standard_normal(HOURS).cumsum()
    noise, other = (np.random.default_rng(seed).standard_normal(HOURS) for seed in (4, 5))
    weather = hourly([{"wind_speed_m_per_s": float(v)} for v in 20 + wind], station_id="s")
    rows = associated(
        spark,
        power_hourly=energy(200 + 5 * wind + noise, NOISE),
        air_quality_hourly=pollution(100 - 3 * wind + other),
        weather_hourly=weather,
    )
    assert row_of(rows, "power:coking")["strength"] < -0.8
    assert abs(row_of(rows, "power:coking", "partial")["strength"]) < 0.3
    assert row_of(rows, "power:coking", "pearson", "deweathered:PM2.5")["sample_count"] > 0


def test_mutual_information_sees_a_relation_without_a_line(spark):
    curve = (WORK[48:] - 50) ** 2
    rows = associated(spark, power_hourly=energy(WORK[48:], NOISE), air_quality_hourly=pollution(curve))
    bent, unrelated = (row_of(rows, f"power:{name}", "mutual_information") for name in ("coking", "cement"))
    assert bent["strength"] > 0.8
    assert (bent["p_value"] < 0.01, unrelated["p_value"] > 0.05) == (True, True)
    assert bent["lag_h"] == 0


def test_q_value_is_never_below_p_and_belongs_to_a_method(known):
    tested = [row for row in known if row["p_value"] is not None]
    assert all(row["q_value"] >= row["p_value"] for row in tested)
    assert {row["q_value"] for row in known if row["association_method_code"] == "grey"} == {None}


def test_options_that_do_not_exist_are_refused(spark):
    wrong = replace(CITY, options={"association_costly_kinds": ["power", "moon"]})
    with pytest.raises(InputError, match="association_costly_kinds"):
        associate(*frames(spark), context=Context(wrong, DAY, DAY.to_utc, "test"))


def test_costly_methods_can_be_left_to_some_kinds(spark):
    few = replace(CITY, options={"association_costly_kinds": ["power"], "deweather_trees": 5, "deweather_draws": 5})
    given = frames(spark, power_hourly=energy(WORK[48:], NOISE), air_quality_hourly=pollution(WORK[48:]))
    rows = associate(*given, context=Context(few, DAY, DAY.to_utc, "test")).toArrow().to_pylist()
    assert {r["indicator"].partition(":")[0] for r in rows if r["association_method_code"] == "grey"} == {"power"}


def test_period_is_ten_days_and_is_kept_under_its_last_day(known):
    row = known[0]
    assert (row["from_utc"], row["to_utc"]) == (START, DAY.to_utc)
    assert row["last_hour_utc"] == DAY.to_utc - timedelta(hours=1)


def test_each_day_of_a_window_has_its_own_period(spark):
    two_days = Window(DAY.from_utc - timedelta(days=1), DAY.to_utc)
    context = Context(CITY, two_days, two_days.to_utc, "test")
    found = associate(
        *frames(spark, power_hourly=energy(WORK[48:], NOISE), air_quality_hourly=pollution(WORK[48:])), context=context
    ).toArrow()
    assert set(found["to_utc"].to_pylist()) == {DAY.from_utc, DAY.to_utc}


def test_too_few_hours_and_a_flat_series_keep_their_row_with_an_empty_strength(spark):
    few = [*WORK[48:71], *[None] * (HOURS - 23)]
    rows = associated(
        spark,
        power_hourly=energy(WORK[48:], [5.0] * HOURS),
        air_quality_hourly=pollution(few) + pollution(NOISE, "PM10"),
    )
    assert row_of(rows, "power:coking")["strength"] is None
    assert row_of(rows, "power:coking")["sample_count"] == 23
    assert row_of(rows, "power:cement", target="air_quality:PM10")["strength"] is None
    assert row_of(rows, "power:cement", target="air_quality:PM10")["rank_number"] is None
