"""The stage associate on series with a known relation: a wave, its delayed copy, its opposite, and noise."""

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
        # One row outside every period, since a session takes no empty frame.
        outside = {
            **{f.name: None for f in table.fields},
            **({"hour_utc": datetime(2000, 1, 1, tzinfo=UTC)} if table.time else {}),
        }
        yield spark.createDataFrame(pa.Table.from_pylist(given.get(name) or [outside], pa.schema(fields)))


def run_associate(spark, window=DAY, **rows):
    context = Context(CITY, window, window.to_utc, "test", store=None)
    result = associate(*frames(spark, **rows), context=context)
    return conform(result.toArrow(), schema.table("association")).to_pylist()


def energy(coking, cement):
    return hourly([{"energy_kwh": float(v)} for v in coking], meter_id="m") + hourly(
        [{"energy_kwh": float(v)} for v in cement], meter_id="n"
    )


def pollution(values, code="PM2.5"):
    rows = [{"concentration_ug_per_m3": None if v is None else float(v)} for v in values]
    return hourly(rows, station_id="s", pollutant_code=code)


def find_row(rows, indicator, method="pearson", target="air_quality:PM2.5"):
    return next(
        r for r in rows if (r["indicator"], r["association_method_code"], r["target"]) == (indicator, method, target)
    )


@pytest.fixture(scope="module")
def wave_rows(spark):
    delayed = 2 * WORK[48 - 6 : HOURS + 48 - 6] + 10  # power of six hours before
    cems = hourly([{"best_emission_g": float(v)} for v in 200 - WORK[48:]], stack_id="k", pollutant_code="NOx")
    return run_associate(
        spark, power_hourly=energy(WORK[48:], NOISE), air_quality_hourly=pollution(delayed), cems_hourly=cems
    )


def test_a_delayed_copy_has_its_lag_and_a_perfect_correlation(wave_rows):
    for method in ("pearson", "spearman"):
        row = find_row(wave_rows, "power:coking", method)
        assert (row["lag_h"], row["strength"], row["rank_number"]) == (6, pytest.approx(1.0), 1)
        assert row["sample_count"] == HOURS - 6
        assert row["p_value"] < 1e-6


def test_opposite_movement_has_the_strength_minus_one(wave_rows):
    row = find_row(wave_rows, "power:coking", target="stack:NOx")
    assert (row["lag_h"], row["strength"], row["sample_count"]) == (0, pytest.approx(-1.0), HOURS)


def test_noise_ranks_last_and_its_interval_holds_zero(wave_rows):
    row = find_row(wave_rows, "power:cement")
    assert row["rank_number"] == 3
    assert row["strength_p05"] < 0.2
    assert row["p_value"] > 0.05
    assert row["strength_p05"] < row["strength"] < row["strength_p95"]


def test_the_grey_grade_ranks_the_copy_first(wave_rows):
    rows = {name: find_row(wave_rows, name, "grey") for name in ("power:coking", "power:cement", "power:total")}
    assert rows["power:coking"]["strength"] == pytest.approx(1.0)
    assert rows["power:coking"]["rank_number"] == 1
    assert rows["power:cement"]["strength"] < 1
    assert rows["power:coking"]["p_value"] is None


def test_a_slow_wave_is_worth_too_few_pairs_to_be_ranked_or_tested(spark):
    """Hours like their neighbours, three of seven known: worth at most three pairs, so no rank and no p value."""
    wave = 50 + 40 * np.cos(np.arange(HOURS) * np.pi / HOURS)
    rows = run_associate(
        spark,
        power_hourly=energy(wave, NOISE),
        air_quality_hourly=pollution([v if n % 7 in (0, 1, 3) else None for n, v in enumerate(wave)]),
    )
    slow, unrelated = find_row(rows, "power:coking"), find_row(rows, "power:cement")
    assert slow["effective_sample_count"] < 3
    assert (slow["strength"], slow["association_reason_code"]) == (pytest.approx(1, abs=0.01), "few_pairs")
    assert (slow["rank_number"], slow["p_value"], slow["q_value"]) == (None, None, None)
    assert (slow["strength_p05"], slow["strength_p95"]) == (-1, 1)
    assert (unrelated["rank_number"], unrelated["association_reason_code"]) == (1, None)


def test_the_total_is_the_sum_over_industries_without_abatement(spark):
    abatement = hourly([{"energy_kwh": float(v)} for v in 1000 * NOISE], meter_id="x")
    rows = run_associate(
        spark, power_hourly=energy(WORK[48:], NOISE) + abatement, air_quality_hourly=pollution(WORK[48:] + NOISE)
    )
    assert find_row(rows, "power:total")["strength"] == pytest.approx(1.0)


def test_a_plant_is_compared_with_its_own_monitor_only(wave_rows):
    row = find_row(wave_rows, "power_enterprise:E1", target="own_stack:NOx")
    assert (row["lag_h"], row["strength"]) == (0, pytest.approx(-1.0))
    assert not [r for r in wave_rows if r["target"] == "own_stack:NOx" and r["indicator"] == "power_enterprise:E2"]
    assert not [r for r in wave_rows if r["target"] == "stack:NOx" and r["indicator"].startswith("power_enterprise")]


def test_a_district_is_the_sum_of_its_plants(wave_rows):
    total, district = (find_row(wave_rows, name) for name in ("power:total", "power_district:130100"))
    assert district["strength"] == pytest.approx(total["strength"])
    assert (total["rank_number"], district["rank_number"]) == (2, 1)  # ranked among series of their kind


def test_the_energy_mix_is_a_share_of_the_hour_with_its_own_ranks(wave_rows):
    coking, cement = (find_row(wave_rows, f"energy_share:{name}") for name in ("coking", "cement"))
    assert coking["strength"] == pytest.approx(-cement["strength"])  # two shares that add up to one
    assert {find_row(wave_rows, f"energy_share:{name}", "grey")["rank_number"] for name in ("coking", "cement")} <= {
        1,
        2,
        3,
    }
    assert find_row(wave_rows, "energy_share_fuel:coal")["strength"] == pytest.approx(coking["strength"])


def test_a_shared_daily_rhythm_is_not_significant_but_a_shared_residual_is(spark):
    hour = np.arange(HOURS)
    rhythm = 50 + 20 * np.sin(hour * 2 * np.pi / 24)
    own, second = (np.random.default_rng(seed).standard_normal(HOURS) for seed in (1, 2))
    rows = run_associate(
        spark, power_hourly=energy(rhythm + own, rhythm + second), air_quality_hourly=pollution(rhythm + own)
    )
    shared, rhythm_only = (find_row(rows, f"power:{name}", "prewhitened") for name in ("coking", "cement"))
    assert (shared["lag_h"], shared["q_value"] < 0.001, shared["strength"] > 0.9) == (0, True, True)
    assert rhythm_only["q_value"] > 0.05
    assert find_row(rows, "power:cement")["strength"] > 0.9
    assert find_row(rows, "power:cement")["effective_sample_count"] < 20
    assert rhythm_only["strength_p05"] < rhythm_only["strength"] < rhythm_only["strength_p95"]


def test_what_the_weather_explains_disappears_given_the_weather(spark):
    wind = np.random.default_rng(3).standard_normal(HOURS).cumsum()
    noise, air_noise = (np.random.default_rng(seed).standard_normal(HOURS) for seed in (4, 5))
    weather = hourly([{"wind_speed_m_per_s": float(v)} for v in 20 + wind], station_id="s")
    rows = run_associate(
        spark,
        power_hourly=energy(200 + 5 * wind + noise, NOISE),
        air_quality_hourly=pollution(100 - 3 * wind + air_noise),
        weather_hourly=weather,
    )
    assert find_row(rows, "power:coking")["strength"] < -0.8
    assert abs(find_row(rows, "power:coking", "partial")["strength"]) < 0.3
    assert find_row(rows, "power:coking", "pearson", "deweathered:PM2.5")["sample_count"] > 0


def test_mutual_information_sees_a_curve(spark):
    curve = (WORK[48:] - 50) ** 2
    rows = run_associate(spark, power_hourly=energy(WORK[48:], NOISE), air_quality_hourly=pollution(curve))
    bent, unrelated = (find_row(rows, f"power:{name}", "mutual_information") for name in ("coking", "cement"))
    assert bent["strength"] > 0.8
    assert (bent["p_value"] < 0.01, unrelated["p_value"] > 0.05) == (True, True)
    assert bent["lag_h"] == 0


def test_q_value_is_never_below_p_and_belongs_to_a_method(wave_rows):
    tested = [row for row in wave_rows if row["p_value"] is not None]
    assert all(row["q_value"] >= row["p_value"] for row in tested)
    assert {row["q_value"] for row in wave_rows if row["association_method_code"] == "grey"} == {None}


def test_an_unknown_option_is_refused_by_name(spark):
    wrong = replace(CITY, options={"association_costly_kinds": ["power", "moon"]})
    with pytest.raises(InputError, match="association_costly_kinds"):
        associate(*frames(spark), context=Context(wrong, DAY, DAY.to_utc, "test", store=None))


def test_expensive_methods_can_be_limited_to_some_kinds(spark):
    few = replace(CITY, options={"association_costly_kinds": ["power"], "deweather_trees": 5, "deweather_draws": 5})
    given = frames(spark, power_hourly=energy(WORK[48:], NOISE), air_quality_hourly=pollution(WORK[48:]))
    rows = associate(*given, context=Context(few, DAY, DAY.to_utc, "test", store=None)).toArrow().to_pylist()
    assert {r["indicator"].partition(":")[0] for r in rows if r["association_method_code"] == "grey"} == {"power"}


def test_a_period_is_the_ten_days_up_to_the_day(wave_rows):
    row = wave_rows[0]
    assert (row["from_utc"], row["to_utc"]) == (START, DAY.to_utc)
    assert row["last_hour_utc"] == DAY.to_utc - timedelta(hours=1)


def test_each_day_of_a_window_has_its_own_period(spark):
    two_days = Window(DAY.from_utc - timedelta(days=1), DAY.to_utc)
    context = Context(CITY, two_days, two_days.to_utc, "test", store=None)
    found = associate(
        *frames(spark, power_hourly=energy(WORK[48:], NOISE), air_quality_hourly=pollution(WORK[48:])), context=context
    ).toArrow()
    assert set(found["to_utc"].to_pylist()) == {DAY.from_utc, DAY.to_utc}


def test_too_few_hours_and_a_flat_series_have_a_row_without_strength(spark):
    few = [*WORK[48:71], *[None] * (HOURS - 23)]
    rows = run_associate(
        spark,
        power_hourly=energy(WORK[48:], [5.0] * HOURS),
        air_quality_hourly=pollution(few) + pollution(NOISE, "PM10"),
    )
    assert find_row(rows, "power:coking")["strength"] is None
    assert find_row(rows, "power:coking")["sample_count"] == 23
    assert find_row(rows, "power:cement", target="air_quality:PM10")["strength"] is None
    assert find_row(rows, "power:cement", target="air_quality:PM10")["rank_number"] is None
