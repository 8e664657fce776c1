"""Area emission over a calendar that can be counted by hand: simple weights, and whole years."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import reference, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import SchemaError
from bigdata_emis.inventory.emit_area import emit_area
from bigdata_emis.publish.gate.great_expectations_run import run_checks
from bigdata_emis.publish.gate.pollutant_checks import fraction_check
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.window import Window, day_window
from tests.inventory.fleets.fleet_frames import frame, on_engine

INSTANT = pa.timestamp("us", tz="UTC")
PROFILE = pa.schema(
    [
        ("sector_code", pa.string()),
        ("industry_code", pa.string()),
        ("profile_dimension_code", pa.string()),
        ("profile_index", pa.int64()),
        ("profile_weight", pa.float64()),
    ]
)
INDEX = pa.schema(
    [
        ("activity_area_id", pa.string()),
        ("hour_utc", INSTANT),
        ("activity_index", pa.float64()),
        ("counted_activity", pa.float64()),
    ]
)
TRAFFIC = pa.schema(
    [
        ("link_id", pa.string()),
        ("hour_utc", INSTANT),
        ("flow_veh_per_h", pa.float64()),
        ("flow_method_code", pa.string()),
    ]
)
WEATHER = pa.schema(
    [
        ("station_id", pa.string()),
        ("hour_utc", INSTANT),
        ("air_temperature_degc", pa.float64()),
        ("wind_speed_m_per_s", pa.float64()),
        ("precipitation_mm", pa.float64()),
    ]
)


def context_of(window: Window, time_zone: str = "Asia/Shanghai", *, calendar_areas=()) -> Context:
    grid, options = Grid("EPSG:32650", 1000, 0, 0, 1, 1), {"calendar_areas": list(calendar_areas)}
    region = Region("city", Path(), "city", "市", time_zone, True, grid, {}, options, {})
    return Context(region, window, window.to_utc, "test", store=None)


def profile_of(sector, industry=None, *, month=lambda m: 1.0, weekday=lambda d: 1.0, hour=lambda h: 1.0):
    parts = (("month", range(1, 13), month), ("weekday", range(1, 8), weekday), ("hour", range(24), hour))
    return [
        {
            "sector_code": sector,
            "industry_code": industry,
            "profile_dimension_code": name,
            "profile_index": n,
            "profile_weight": weight(n),
        }
        for name, numbers, weight in parts
        for n in numbers
    ]


def emitted(
    spark,
    context,
    *,
    profile,
    areas=(("a", "dust", "bare_soil"),),
    annual=(("a", "PM10", 366.0),),
    index=(),
    weather=(),
    traffic=(),
    machines=(),
    vehicles=(),
    counted=(),
    counts=(),
    fleet_mix=(),
    restrictions=(),
    road_factors=(),
    table="emission_area_hourly",
):
    names = ("activity_area_id", "sector_code", "industry_code")
    of_area = {"city_name": "市", "county_id": "c"}
    frames = (
        pa.Table.from_pylist([{**dict(zip(names, a, strict=True)), **of_area} for a in areas]),
        pa.Table.from_pylist(
            [
                {"activity_area_id": a, "pollutant_code": p, "annual_emission_t": t, "relative_sd_share": 0.5}
                for a, p, t in annual
            ]
        ),
    )
    weights = profile if isinstance(profile, pa.Table) else pa.Table.from_pylist(profile, PROFILE)
    observed = (*((*row, None) for row in index), *((area, hour, None, number) for area, hour, number in counts))
    indices = [dict(zip(INDEX.names, row, strict=True)) for row in observed] or [
        {"activity_area_id": "nobody", "hour_utc": context.window.from_utc, "activity_index": 1.0}
    ]
    area, total, index_frame, profile_frame = (
        spark.createDataFrame(frame) for frame in (*frames, pa.Table.from_pylist(indices, INDEX), weights)
    )
    calendar, response, normal, by_traffic, by_proxy = (
        spark.createDataFrame(reference.read(name))
        for name in (
            "calendar_period",
            "area_weather_response",
            "climate_normal",
            "area_traffic_response",
            "area_index_proxy",
        )
    )
    traffic_rows = pa.Table.from_pylist([{"link_id": "l", "hour_utc": h, **row} for h, row in traffic], TRAFFIC)
    traffic_frame = spark.createDataFrame(traffic_rows if traffic else [], from_arrow_schema(TRAFFIC))
    road = {"link_id": "l", "road_class_code": "secondary", "length_km": 2.0, **of_area}
    links = spark.createDataFrame(pa.Table.from_pylist([road]))
    bans = [{"compliance_share": 1.0, "source": "test", **row} for row in restrictions]
    fleets = (
        ("fleet_mix", fleet_mix),
        ("local_fleet", ()),
        ("traffic_restriction", bans),
        ("road_emission_factor_hourly", road_factors),
    )
    weather_rows = pa.Table.from_pylist([dict(row) for row in weather], WEATHER)
    weather_frame = spark.createDataFrame(weather_rows if weather else [], from_arrow_schema(WEATHER))
    units = [
        spark.createDataFrame(rows_of(name, rows) if rows else [], from_arrow_schema(arrow_schema(schema.table(name))))
        for name, rows in (
            ("machine", machines),
            ("vehicle_stock", vehicles),
            ("counted_area", [{**row, "source": "x"} for row in counted]),
        )
    ]
    factors = (
        "nonroad_emission_factor",
        "machine_load",
        "road_evaporation_factor",
        "nonroad_fuel_emission_factor",
        "uncertainty_rating",
    )
    result = emit_area(
        area,
        total,
        *units,
        index_frame,
        profile_frame,
        calendar,
        weather_frame,
        response,
        normal,
        traffic_frame,
        links,
        by_traffic,
        by_proxy,
        *(spark.createDataFrame(reference.read(name)) for name in factors),
        *(on_engine(spark, frame(name, rows)) for name, rows in fleets),
        spark.createDataFrame(reference.read("pollutant_part")),
        context=replace(context, lookback_days=7),
    )
    written = result[table]
    return conform(written if isinstance(written, pa.Table) else written.toArrow(), schema.table(table))


def rows_of(name, rows):
    table = schema.table(name)
    return conform(
        pa.Table.from_pylist([{**dict.fromkeys(table.names), **row} for row in rows], arrow_schema(table)), table
    )


def test_flat_profile_gives_each_hour_its_part_of_the_month(spark):
    day = day_window(date(2016, 12, 20), "Asia/Shanghai")
    rows = emitted(
        spark, context_of(day), profile=profile_of("dust"), annual=(("a", "PM10", 12 * 31 * 24 / 1e6),)
    ).to_pylist()
    assert len(rows) == 24
    assert [row["emission_g"] for row in rows] == [pytest.approx(1.0)] * 24
    assert {row["method_code"] for row in rows} == {"profile"}
    assert rows[0]["emission_g_p05"] < rows[0]["emission_g"] < rows[0]["emission_g_p95"]


def test_month_weekday_and_hour_weights_multiply(spark):
    sunday = day_window(date(2015, 12, 20), "Asia/Shanghai")
    weights = profile_of(
        "dust",
        month=lambda m: 2.0 if m == 12 else 1.0,
        weekday=lambda d: 3.0 if d == 7 else 1.0,
        hour=lambda h: 5.0 if h == 12 else 1.0,
    )
    rows = emitted(spark, context_of(sunday), profile=weights, annual=(("a", "PM10", 13.0),)).to_pylist()
    month_total = (4 * 3 + 27) * (5 + 23)  # four Sundays and 27 other days, one hour of weight 5
    by_hour = {row["hour_utc"]: row["emission_g"] for row in rows}
    assert by_hour[datetime(2015, 12, 20, 4, tzinfo=UTC)] == pytest.approx(2e6 * 15 / month_total)
    assert by_hour[datetime(2015, 12, 20, 5, tzinfo=UTC)] == pytest.approx(2e6 * 3 / month_total)


@pytest.mark.parametrize(
    ("time_zone", "calendar_areas"), [("Asia/Shanghai", ["china", "north"]), ("America/New_York", [])]
)
def test_hours_of_a_year_add_up_to_the_annual_total_for_every_profile(spark, time_zone, calendar_areas):
    profile = reference.read("area_temporal_profile")
    kinds = sorted(
        {(s, i or "other_industry") for s, i in zip(*(profile[n].to_pylist() for n in PROFILE.names[:2]), strict=True)}
    )
    areas = tuple((f"{sector} {industry}", sector, industry) for sector, industry in kinds)
    year = Window(day_window(date(2016, 1, 1), time_zone).from_utc, day_window(date(2017, 1, 1), time_zone).from_utc)
    frame = emitted(
        spark,
        context_of(year, time_zone, calendar_areas=calendar_areas),
        profile=profile,
        areas=areas,
        annual=tuple((area[0], "CO", 7.0) for area in areas),
    )
    totals = frame.group_by("source_id").aggregate([("emission_g", "sum")])
    assert totals.num_rows == len(areas)
    assert pc.max(pc.abs(pc.subtract(totals["emission_g_sum"], 7e6))).as_py() < 1e-2


def test_the_profile_of_an_industry_precedes_the_default_of_its_sector(spark):
    day = day_window(date(2015, 12, 20), "Asia/Shanghai")
    weights = profile_of("dust") + profile_of("dust", "road_dust", month=lambda m: 0.0 if m == 12 else 1.0)
    areas = (("a", "dust", "bare_soil"), ("b", "dust", "road_dust"))
    rows = emitted(
        spark, context_of(day), profile=weights, areas=areas, annual=(("a", "PM10", 1.0), ("b", "PM10", 1.0))
    ).to_pylist()
    assert all((row["emission_g"] == 0) == (row["source_id"] == "b") for row in rows)


def december_share(spark, sector, industry, weights):
    """Share of the annual total on a December day, and the code of the profile."""
    day = day_window(date(2015, 12, 20), "Asia/Shanghai")
    annual = (("a", "PM10", 1.0),)
    rows = emitted(spark, context_of(day), profile=weights, areas=(("a", sector, industry),), annual=annual).to_pylist()
    (code,) = {row["profile_source_code"] for row in rows}
    return sum(row["emission_g"] for row in rows) / 1e6, code


def december(share):
    """Weights of month that give December this share of the year, and the other months equal ones."""
    return lambda month: share if month == 12 else (1 - share) / 11


WEIGHTS = (
    profile_of("dust", month=december(0.1))
    + profile_of("other", month=december(0.2))
    + profile_of("mobile", "construction_site", month=december(0.3))
    + profile_of("dust", "construction_site", month=december(0.4))
    + profile_of("stationary_combustion", "residential_coal", month=december(0.5))
)


@pytest.mark.parametrize(
    ("sector", "industry", "share", "code"),
    [
        ("dust", "construction_site", 0.4, "own"),
        ("mobile", "construction_site", 0.3, "own"),
        ("other", "residential_coal", 0.5, "other_sector"),
        ("agriculture", "residential_coal", 0.5, "other_sector"),
        ("other", "construction_site", 0.4, "other_sector"),  # dust precedes mobile
        ("other", "catering", 0.2, "sector_default"),
        ("dust", "catering", 0.1, "sector_default"),
    ],
)
def test_the_profile_of_an_industry_is_used_in_any_sector(spark, sector, industry, share, code):
    part_of_month = 1 / 31
    expected = (pytest.approx(share * part_of_month), code)
    assert december_share(spark, sector, industry, WEIGHTS) == expected


def test_residential_coal_burns_in_winter_whatever_its_sector_is(spark):
    profile = reference.read("area_temporal_profile")
    as_other, code = december_share(spark, "other", "residential_coal", profile)
    as_combustion, own = december_share(spark, "stationary_combustion", "residential_coal", profile)
    assert (as_other, code, own) == (pytest.approx(as_combustion), "other_sector", "own")
    assert as_other * 31 == pytest.approx(2.9 / 12.0)  # weights of the twelve months: 3 + 2.5 + 1.1 + … + 2.9 = 12


@pytest.mark.parametrize(
    ("day", "areas", "share_of_month", "day_type", "basis"),
    [
        # October 2015 by weekday: 4 × (1 + 2 + 3 + 7) + 5 × (4 + 5 + 6) = 127; with the holidays 145.
        (date(2015, 10, 1), ["china"], 7 / 145, "sunday", "calendar"),  # a Thursday, National Day
        (date(2015, 10, 10), ["china"], 3 / 145, "workday", "calendar"),  # a Saturday worked in exchange for it
        (date(2015, 10, 1), [], 4 / 127, "workday", "weekday"),
        (date(2015, 10, 10), [], 6 / 127, "saturday", "weekday"),
        (date(2031, 10, 1), ["china"], 3 / 124, "workday", "weekday"),  # a Wednesday of an unknown year
    ],
)
def test_a_holiday_weighs_as_a_sunday_where_the_region_names_its_calendar(
    spark, day, areas, share_of_month, day_type, basis
):
    context = context_of(day_window(day, "Asia/Shanghai"), calendar_areas=areas)
    rows = emitted(spark, context, profile=profile_of("dust", weekday=float)).to_pylist()
    assert sum(row["emission_g"] for row in rows) == pytest.approx(366e6 / 12 * share_of_month)
    assert {(row["day_type_code"], row["calendar_basis_code"]) for row in rows} == {(day_type, basis)}


def weather_of(window, *, degc=-0.9, wind=2.4, rain=0.0, hours=24):
    """The same weather at one station in the first hours of a day."""
    return [
        {
            "station_id": "s",
            "hour_utc": hour,
            "air_temperature_degc": degc,
            "wind_speed_m_per_s": wind,
            "precipitation_mm": rain,
        }
        for hour in list(window.hour_starts_utc())[:hours]
    ]


def coal_day(spark, weather, *, calendar_areas=("china", "north"), industry="residential_coal", sector="other"):
    """Ratio to a day without weather, and the method of the day."""
    context = context_of(day_window(date(2015, 12, 21), "Asia/Shanghai"), calendar_areas=calendar_areas)
    profile, areas = reference.read("area_temporal_profile"), (("a", sector, industry),)
    rows, usual = (
        emitted(spark, context, profile=profile, areas=areas, weather=given).to_pylist() for given in (weather, ())
    )
    assert {row["method_code"] for row in usual} == {"profile"}
    (method,) = {row["method_code"] for row in rows}
    return sum(row["emission_g"] for row in rows) / sum(row["emission_g"] for row in usual), method


MONDAY = day_window(date(2015, 12, 21), "Asia/Shanghai")


@pytest.mark.parametrize(
    ("industry", "weather", "ratio"),
    [
        # December in Beijing: -0.9 degrees, so 18.9 heating degrees, and 5.5 % of days with rain.
        ("residential_coal", weather_of(MONDAY), 1.0),
        ("residential_coal", weather_of(MONDAY, degc=-10.85), 0.1 + 0.9 * (28.85 + 1) / (18.9 + 1)),
        ("residential_coal", weather_of(MONDAY, degc=25.0), 0.1 + 0.9 * 1 / 19.9),
        # 2.4 mm on the day: wet with a probability of 0.8 in each hour of rain.
        ("road_dust", weather_of(MONDAY, rain=0.1), 0.2 / (1 - 0.055 * (1 - 0.425))),
        ("road_dust", weather_of(MONDAY), 1 / (1 - 0.055 * (1 - 0.425))),
        ("construction_site", weather_of(MONDAY, rain=0.1), 0.44 / (1 - 0.055 * (1 - 0.44))),
        ("livestock", weather_of(MONDAY, degc=43.9), 2.718281828),
        ("livestock", weather_of(MONDAY, wind=26.3), 2.718281828),
    ],
)
def test_the_weather_of_the_day_scales_the_profile(spark, industry, weather, ratio):
    assert coal_day(spark, weather, industry=industry) == (pytest.approx(ratio), "weather_scaled")


@pytest.mark.parametrize(
    ("weather", "calendar_areas", "industry"),
    [
        (weather_of(MONDAY, degc=-10, hours=17), ["north"], "residential_coal"),  # a part of the day
        (weather_of(MONDAY, degc=None), ["north"], "residential_coal"),
        (weather_of(MONDAY, degc=-10), [], "residential_coal"),  # no normals to compare with
        (weather_of(MONDAY, degc=-10), ["north"], "catering"),  # does not follow the weather
    ],
)
def test_without_weather_against_normals_the_profile_remains_and_says_so(spark, weather, calendar_areas, industry):
    expected = (pytest.approx(1.0), "profile")
    assert coal_day(spark, weather, calendar_areas=calendar_areas, industry=industry) == expected


def test_an_activity_index_changes_its_own_hour_only(spark):
    day = day_window(date(2015, 12, 20), "Asia/Shanghai")
    rows = emitted(
        spark,
        context_of(day),
        profile=profile_of("dust"),
        annual=(("a", "PM10", 12 * 31 * 24 / 1e6),),
        index=(("a", day.from_utc, 0.25),),
    ).to_pylist()
    assert [row["emission_g"] for row in rows[:2]] == [pytest.approx(0.25), pytest.approx(1.0)]
    assert [row["method_code"] for row in rows[:2]] == ["modelled", "profile"]


def test_an_hour_is_less_certain_than_its_year_and_more_with_an_index(spark):
    """The total has a spread of 0.5; an hour of mean weight 0.5 more, and with an index 0.2 and 0.3 of its weight."""
    day = day_window(date(2015, 12, 20), "Asia/Shanghai")
    rows = emitted(spark, context_of(day), profile=profile_of("dust"), index=(("a", day.from_utc, 0.25),)).to_pylist()
    assert [log_width(row) for row in rows[:2]] == [pytest.approx(width_of(square)) for square in (0.38, 0.5)]


def log_width(row):
    return math.log(row["emission_g_p95"] / row["emission_g_p05"])


def width_of(variance):
    return 2 * 1.644853627 * math.log(1 + variance) ** 0.5


def test_an_hour_that_weighs_little_in_its_day_is_known_less(spark):
    """Weights 0 … 23, mean 11.5: an hour below 0.3 of it has an error of 100 %, more above, the last 0.3 ÷ 2."""
    day = day_window(date(2015, 12, 20), "Asia/Shanghai")
    rows = emitted(spark, context_of(day), profile=profile_of("dust", hour=float)).to_pylist()
    day_variance = 0.5**2 - 0.3**2
    lognormal = rows[1]["emission_g_p05"] * math.exp(width_of(0.5**2 + day_variance + 1.0))
    beyond = 1.644853627 * (0.3 * 11.5 - 1) * rows[1]["emission_g"]
    assert rows[1]["emission_g_p95"] == pytest.approx(lognormal + beyond)
    assert log_width(rows[23]) == pytest.approx(width_of(0.5**2 + day_variance + (0.3 * 11.5 / 23) ** 2))


def test_road_dust_of_a_wet_day_may_be_zero_or_that_of_a_dry_road(spark):
    context = context_of(MONDAY, calendar_areas=("north",))
    areas, profile = (("a", "dust", "road_dust"),), reference.read("area_temporal_profile")
    weather = [{**row, "precipitation_mm": 0.5 if n == 0 else 0.0} for n, row in enumerate(weather_of(MONDAY))]
    rows = emitted(spark, context, profile=profile, areas=areas, weather=weather).to_pylist()
    assert [row["wet_probability_share"] for row in rows] == [0.8, 0.8] + [0.5] * 22
    assert {row["emission_g_p05"] for row in rows} == {0.0}
    dry = emitted(spark, context, profile=profile, areas=areas, weather=weather_of(MONDAY)).to_pylist()
    assert rows[12]["emission_g"] == pytest.approx(dry[12]["emission_g"] / 2)
    assert rows[12]["emission_g_p95"] > dry[12]["emission_g"] > rows[12]["emission_g"]
    assert {row["wet_probability_share"] for row in dry} == {None}


def test_sector_without_profile_is_refused(spark):
    with pytest.raises(SchemaError, match="missing"):
        emitted(spark, context_of(day_window(date(2015, 12, 20), "Asia/Shanghai")), profile=profile_of("agriculture"))


def traffic_of(day, flow, method="measured"):
    return [
        (hour, {"flow_veh_per_h": flow(n), "flow_method_code": method})
        for n, hour in enumerate(day_window(day, "Asia/Shanghai").hour_starts_utc())
    ]


def minor_road_day(spark, traffic):
    """Emission by hour of minor roads whose flat profile gives 1 g an hour, and their method."""
    rows = emitted(
        spark,
        context_of(MONDAY),
        profile=profile_of("mobile", "minor_road"),
        areas=(("a", "mobile", "minor_road"),),
        annual=(("a", "NOx", 12 * 31 * 24 / 1e6),),
        traffic=traffic,
    ).to_pylist()
    (method,) = {row["method_code"] for row in rows}
    return [row["emission_g"] for row in rows], method


def test_the_counted_links_give_the_hours_of_minor_roads(spark):
    """Twelve hours with 100 vehicles and twelve with 300: half and one and a half of the mean."""
    grams, method = minor_road_day(spark, traffic_of(date(2015, 12, 21), lambda h: 100.0 if h < 12 else 300.0))
    assert grams == [pytest.approx(0.5)] * 12 + [pytest.approx(1.5)] * 12
    assert method == "traffic_scaled"


def test_a_day_with_less_traffic_than_the_days_before_emits_less(spark):
    """200 and 300 vehicles an hour on the days before, 150 today: 0.6 of their mean."""
    before = traffic_of(date(2015, 12, 16), lambda h: 200.0) + traffic_of(date(2015, 12, 18), lambda h: 300.0)
    grams, _ = minor_road_day(spark, before + traffic_of(date(2015, 12, 21), lambda h: 150.0))
    assert grams == [pytest.approx(0.6)] * 24


def test_flows_that_nobody_observed_move_nothing(spark):
    grams, method = minor_road_day(spark, traffic_of(date(2015, 12, 21), lambda h: 10.0 * h + 1, "free_flow"))
    assert (grams, method) == ([pytest.approx(1.0)] * 24, "profile")


def fleet_of(*vehicles):
    """The fleet of every hour on secondary roads: rows of class, fuel, stage and share."""
    names = ("vehicle_class_code", "fuel_code", "emission_stage_code", "fleet_share")
    return [
        {"road_class_code": "secondary", "local_hour": hour, **dict(zip(names, vehicle, strict=True))}
        for hour in range(24)
        for vehicle in vehicles
    ]


CARS, TRUCKS = ("LPV_mini_small", "gasoline", "IV"), ("HeavyT", "diesel", "III")


def factors_of(cars_g, trucks_g, restricted, day=MONDAY):
    """Road factors of a day on secondary roads, weighted by the fleet without restrictions; cars are restricted."""
    return [
        {
            "road_class_code": "secondary",
            "fleet_place": "region",
            "vehicle_class_code": vehicle[0],
            "fuel_code": vehicle[1],
            "emission_stage_code": vehicle[2],
            "pollutant_code": "NOx",
            "speed_km_per_h": speed,
            "hour_utc": hour,
            "restricted_share": share,
            "unrestricted_emission_factor_g_per_km": factor,
        }
        for hour in day.hour_starts_utc()
        for speed in (30.0, 60.0)
        for vehicle, factor, share in ((CARS, cars_g, restricted), (TRUCKS, trucks_g * speed / 30.0, 0.0))
    ]


def restricted_day(spark, traffic=(), index=(), pollutant="NOx", **ban):
    """Minor roads of 1 g an hour without restrictions; of 1 g/km in them 0.6 are of cars, half of which are banned."""
    ban = {"traffic_restriction_id": "b", "vehicle_class_code": CARS[0], "banned_share": 0.5, **ban}
    return emitted(
        spark,
        context_of(MONDAY),
        profile=profile_of("mobile", "minor_road"),
        areas=(("a", "mobile", "minor_road"),),
        annual=(("a", pollutant, 12 * 31 * 24 / 1e6),),
        traffic=traffic,
        index=index,
        fleet_mix=fleet_of((*CARS, 0.8), (*TRUCKS, 0.2)),
        restrictions=[ban],
        road_factors=factors_of(0.6, 0.4, 0.5),
    ).to_pylist()


def test_a_restriction_in_force_cuts_the_vehicles_of_minor_roads(spark):
    """Half of 0.6 is gone: 0.7 is left."""
    rows = restricted_day(spark)
    assert [row["emission_g"] for row in rows] == [pytest.approx(0.7)] * 24
    assert [row["kept_emission_share"] for row in rows] == [pytest.approx(0.7)] * 24


def test_minor_roads_are_restricted_in_the_hours_and_places_of_a_restriction_only(spark):
    rows = restricted_day(spark, from_local_hour=7, to_local_hour=20)
    # The factors of the test are restricted all day; the rule is what counts.
    grams = {row["hour_utc"].hour: row["emission_g"] for row in rows}
    assert grams[23] == pytest.approx(0.7)  # 07:00 in Shanghai
    assert grams[22] == pytest.approx(1.0)
    assert sum(grams.values()) == pytest.approx(13 * 0.7 + 11)
    elsewhere = restricted_day(spark, valid_to=date(2015, 12, 20))
    assert {row["kept_emission_share"] for row in elsewhere} == {None}


def test_a_pollutant_without_road_factors_is_not_changed_by_a_restriction(spark):
    rows = restricted_day(spark, pollutant="CO2")
    assert [row["emission_g"] for row in rows] == [pytest.approx(1.0)] * 24
    assert {row["kept_emission_share"] for row in rows} == {None}


def test_vehicles_that_a_restriction_keeps_off_counted_links_are_not_taken_off_minor_roads_twice(spark):
    """Of 1000 vehicles 600 are counted since 0.8 × 0.5 may not drive: traffic is as usual, and 0.7 is left.

    The rule holds from this day on; the days before had 1000.
    """
    before = traffic_of(date(2015, 12, 16), lambda h: 1000.0)
    today = traffic_of(date(2015, 12, 21), lambda h: 600.0)
    rows = restricted_day(spark, before + today, valid_from=date(2015, 12, 21))
    assert [row["emission_g"] for row in rows] == [pytest.approx(0.7)] * 24
    assert {row["method_code"] for row in rows} == {"traffic_scaled"}
    # Nobody obeys: all 1000 are counted, as many as 1667 would be without the rule.
    ignored = restricted_day(
        spark, before + traffic_of(date(2015, 12, 21), lambda h: 1000.0), valid_from=date(2015, 12, 21)
    )
    assert [row["emission_g"] for row in ignored] == [pytest.approx(0.7 / 0.6)] * 24


def test_a_restriction_of_years_leaves_the_same_share_whatever_it_left_of_the_days_before(spark):
    days = [row for day in (16, 18, 21) for row in traffic_of(date(2015, 12, day), lambda h: 600.0)]
    rows = restricted_day(spark, days)
    assert [row["emission_g"] for row in rows] == [pytest.approx(0.7)] * 24


def test_of_an_hour_with_an_index_only_the_kind_of_vehicles_changes(spark):
    """The index of 0.6 has the missing vehicles already: 0.6 × 0.7 ÷ 0.6."""
    rows = restricted_day(spark, index=[("a", MONDAY.from_utc, 0.6)])
    assert rows[0]["emission_g"] == pytest.approx(0.7)
    assert rows[0]["method_code"] == "modelled"


def test_seven_tenths_of_the_machines_without_an_index_follow_the_building_sites_of_their_county(spark):
    """The sites work at 0.3 on average, the other machines as usual: 0.7 × 0.3 + 0.3."""
    rows = emitted(
        spark,
        context_of(MONDAY),
        profile=profile_of("mobile", "nonroad_machinery") + profile_of("dust", "construction_site"),
        areas=(
            ("m", "mobile", "nonroad_machinery"),
            ("s1", "dust", "construction_site"),
            ("s2", "dust", "construction_site"),
        ),
        annual=(("m", "NOx", 12 * 31 * 24 / 1e6),),
        index=(("s1", MONDAY.from_utc, 0.2), ("s2", MONDAY.from_utc, 0.4)),
    ).to_pylist()
    assert [row["emission_g"] for row in rows[:2]] == [pytest.approx(0.51), pytest.approx(1.0)]
    assert [row["method_code"] for row in rows[:2]] == ["proxy_scaled", "profile"]


EXCAVATORS = {
    "machine_group_id": "m",
    "activity_area_id": "a",
    "rated_power_kw": 120.0,
    "emission_stage_code": "II",
    "machine_count": 10.0,
    "working_h": 1000.0,
}
MACHINE_AREA = (("a", "mobile", "nonroad_machinery"),)
DAY_OF_2016 = day_window(date(2016, 12, 20), "Asia/Shanghai")


def grams_of_day(rows, pollutant):
    return sum(row["emission_g"] for row in rows.to_pylist() if row["pollutant_code"] == pollutant)


def test_counted_machines_replace_the_registered_total_of_their_pollutants(spark):
    """780,000 kWh at 6 g of NOx are 4.68 t a year, a day in December is 1 ÷ 12 ÷ 31 of it; CO2 has no factor."""
    rows = emitted(
        spark,
        context_of(DAY_OF_2016),
        profile=profile_of("mobile", "nonroad_machinery"),
        areas=MACHINE_AREA,
        annual=(("a", "NOx", 999.0), ("a", "CO2", 12.0 * 31)),
        machines=[EXCAVATORS],
    )
    assert grams_of_day(rows, "NOx") == pytest.approx(4.68e6 / 12 / 31)
    assert grams_of_day(rows, "CO2") == pytest.approx(1e6)
    sources = {row["pollutant_code"]: row["annual_source_code"] for row in rows.to_pylist()}
    assert sources == {p: "machines" for p in ("CO", "NOx", "VOCs", "PM10", "PM2.5")} | {"CO2": "registered_total"}


def test_no_hour_of_counted_machines_has_more_black_carbon_than_particulate(spark):
    """0.223 t of PM2.5 are counted, where the register has 1 t and 0.4 t of BC: 40 % of what was counted are left."""
    profile, annual = profile_of("mobile", "nonroad_machinery"), (("a", "PM2.5", 1.0), ("a", "BC", 0.4))
    given = {"profile": profile, "areas": MACHINE_AREA, "annual": annual, "machines": [EXCAVATORS]}
    rows = emitted(spark, context_of(DAY_OF_2016), **given)
    assert grams_of_day(rows, "BC") == pytest.approx(0.4 * grams_of_day(rows, "PM2.5"))
    inventory = rows.append_column("emission_before_audit_g", pa.nulls(rows.num_rows, pa.float64()))
    check = fraction_check(inventory, Containment(reference.read("pollutant_part")))
    assert not run_checks([check]).refusals
    kept = emitted(spark, context_of(DAY_OF_2016), **given, table="counted_emission").to_pylist()
    of_carbon = [
        (row["emission_stage_code"], row["annual_source_code"]) for row in kept if row["pollutant_code"] == "BC"
    ]
    assert of_carbon == [("II", "scaled_with_count")]


def test_what_was_counted_is_kept_by_stage_with_its_confidence(spark):
    """The load of 0.65 is from memory, 0.8, and so no factor of it is surer."""
    old = {**EXCAVATORS, "machine_group_id": "old", "emission_stage_code": "I", "machine_count": 5.0}
    rows = emitted(
        spark,
        context_of(DAY_OF_2016),
        profile=profile_of("mobile", "nonroad_machinery"),
        areas=MACHINE_AREA,
        machines=[EXCAVATORS, old],
        table="counted_emission",
    ).to_pylist()
    by_stage = {
        row["emission_stage_code"]: (row["annual_emission_t"], row["confidence"], row["hour_utc"])
        for row in rows
        if row["pollutant_code"] == "NOx"
    }
    assert by_stage == {
        "I": (pytest.approx(5 * 120 * 0.65 * 1000 * 9.2 / 1e6), 0.8, DAY_OF_2016.from_utc),
        "II": (pytest.approx(4.68), 0.8, DAY_OF_2016.from_utc),
    }


def test_petrol_evaporates_from_parked_cars_the_same_in_every_month_of_a_flat_profile(spark):
    """100,000 cars at 6.5 g a day."""
    rows = emitted(
        spark,
        context_of(DAY_OF_2016),
        profile=profile_of(
            "mobile", "parked_vehicles", month=lambda m: [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][m - 1]
        ),
        areas=(("a", "mobile", "parked_vehicles"),),
        annual=(("a", "VOCs", 5.0),),
        vehicles=[
            {
                "activity_area_id": "a",
                "vehicle_class_code": "LPV_mini_small",
                "fuel_code": fuel,
                "emission_stage_code": "IV",
                "vehicle_count": 1e5,
            }
            for fuel in ("gasoline", "diesel")
        ],
    )
    assert grams_of_day(rows, "VOCs") == pytest.approx(650_000)
    assert {row["annual_source_code"] for row in rows.to_pylist()} == {"parked_vehicles"}


YEAR_OF_2015 = Window(
    day_window(date(2015, 1, 1), "Asia/Shanghai").from_utc, day_window(date(2015, 12, 31), "Asia/Shanghai").to_utc
)
BERTHS = {
    "activity_area_id": "a",
    "activity_unit_code": "berth_h",
    "annual_activity": 10_000.0,
    "auxiliary_fuel_kg_per_h": 500.0,
    "boiler_fuel_kg_per_h": 100.0,
    "shore_power_share": 0.4,
}
PORT = {"profile": profile_of("mobile", "port"), "areas": (("a", "mobile", "port"),), "counted": [BERTHS]}


def test_a_counted_hour_emits_the_fuel_of_its_ships_and_an_uncounted_one_its_part_of_the_year(spark):
    """Five berth hours × 400 kg × 47.6 g/kg of NOx; a year 190.4 t, an hour 1 ÷ 12 ÷ 744 of it."""
    start = DAY_OF_2016.from_utc
    rows = emitted(
        spark, context_of(DAY_OF_2016), **PORT, counts=[("a", start, 5.0), ("a", start.replace(hour=23), 0.0)]
    )
    nox = {row["hour_utc"]: row for row in rows.to_pylist() if row["pollutant_code"] == "NOx"}
    assert nox[start]["emission_g"] == pytest.approx(5 * 400 * 47.6)
    assert nox[start.replace(hour=23)]["emission_g"] == 0.0
    assert {nox[start]["method_code"], nox[start.replace(hour=23)]["method_code"]} == {"counted"}
    others = [row for hour, row in nox.items() if hour not in (start, start.replace(hour=23))]
    assert [row["emission_g"] for row in others] == pytest.approx([190.4e6 / 12 / 744] * 22)
    assert {(row["method_code"], row["annual_source_code"]) for row in others} == {("profile", "movements")}


def test_counted_hours_of_a_year_sum_to_its_fuel_whatever_their_course(spark):
    """A mean of one berth hour an hour, by night two and by day none: 8,760 × 400 kg × 3.65 g/kg of PM2.5."""
    counts = [("a", hour, 2.0 * (local.hour < 12)) for hour, local in YEAR_OF_2015.local_hours("Asia/Shanghai")]
    rows = emitted(spark, context_of(YEAR_OF_2015), **PORT, counts=counts)
    assert grams_of_day(rows, "PM2.5") == pytest.approx(8760 * 400 * 3.65)
    assert {row["method_code"] for row in rows.to_pylist() if row["pollutant_code"] == "PM2.5"} == {"counted"}


def test_the_interval_of_a_movement_is_wide_and_that_of_another_pollutant_is_its_own(spark):
    """NOx by a remembered factor: 0.8 and 0.2 of the hour; SO2 by the register: 0.5 and 0.2, moved by the counts."""
    rows = emitted(
        spark,
        context_of(DAY_OF_2016),
        **PORT,
        annual=(("a", "SO2", 100.0), ("a", "NOx", 9.0)),
        counts=[("a", DAY_OF_2016.from_utc, 5.0)],
    ).to_pylist()
    first = {row["pollutant_code"]: row for row in rows if row["hour_utc"] == DAY_OF_2016.from_utc}
    assert first["SO2"]["emission_g"] == pytest.approx(100e6 * 5 / 10_000)
    for pollutant, spread in (("NOx", math.hypot(0.8, 0.2)), ("SO2", math.hypot(0.5, 0.2))):
        sd = math.sqrt(math.log(1 + spread**2))
        ratio = first[pollutant]["emission_g_p95"] / first[pollutant]["emission_g"]
        assert ratio == pytest.approx(math.exp(1.6448536 * sd - sd**2 / 2))


def test_fires_of_a_day_have_their_part_of_the_annual_total_in_the_hours_of_the_profile(spark):
    """Three of 60 fires: 5 % of 60 t, three quarters of it in the twelve hours from noon."""
    rows = emitted(
        spark,
        context_of(DAY_OF_2016),
        profile=profile_of("biomass_burning", "open_burning", hour=lambda h: 3.0 if h >= 12 else 1.0),
        areas=(("a", "biomass_burning", "open_burning"),),
        annual=(("a", "PM2.5", 60.0),),
        counted=[{"activity_area_id": "a", "activity_unit_code": "fire", "annual_activity": 60.0}],
        counts=[("a", DAY_OF_2016.from_utc, 1.0), ("a", DAY_OF_2016.from_utc.replace(hour=22), 2.0)],
    ).to_pylist()
    assert sum(row["emission_g"] for row in rows) == pytest.approx(3e6)
    assert [row["emission_g"] for row in rows] == pytest.approx([3e6 / 48] * 12 + [3e6 / 16] * 12)
    assert {(row["method_code"], row["annual_source_code"]) for row in rows} == {("counted", "registered_total")}


def test_a_day_without_fires_in_the_counts_burns_nothing_and_one_without_counts_follows_its_profile(spark):
    given = {
        "profile": profile_of("biomass_burning", "open_burning"),
        "areas": (("a", "biomass_burning", "open_burning"),),
        "annual": (("a", "PM2.5", 12.0 * 31),),
        "counted": [{"activity_area_id": "a", "activity_unit_code": "fire", "annual_activity": 60.0}],
    }
    none = emitted(spark, context_of(DAY_OF_2016), **given, counts=[("a", DAY_OF_2016.from_utc, 0.0)])
    assert (grams_of_day(none, "PM2.5"), set(none["method_code"].to_pylist())) == (0.0, {"counted"})
    unknown = emitted(spark, context_of(DAY_OF_2016), **given)
    assert grams_of_day(unknown, "PM2.5") == pytest.approx(1e6)
    assert set(unknown["method_code"].to_pylist()) == {"profile"}


def test_fireworks_burn_on_the_days_of_spring_festival_and_sum_to_their_total(spark):
    """16 days of 2015; each has 16 t of 256."""
    rows = emitted(
        spark,
        context_of(YEAR_OF_2015, calendar_areas=["china"]),
        profile=profile_of("other", "fireworks", hour=lambda h: 1.0 if h >= 18 else 0.0),
        areas=(("a", "other", "fireworks"),),
        annual=(("a", "PM2.5", 256.0),),
    )
    assert grams_of_day(rows, "PM2.5") == pytest.approx(256e6)
    burning = {row["hour_utc"] for row in rows.to_pylist() if row["emission_g"] > 0}
    assert len(burning) == 16 * 6
    assert min(burning) == datetime(2015, 2, 18, 10, tzinfo=UTC)
    assert set(rows["method_code"].to_pylist()) == {"profile"}


def test_counted_fuel_of_machines_is_not_scaled_by_building_sites(spark):
    """The index of the sites of the county would halve it: 10 t of diesel in the hour × 32.79 g/kg of NOx."""
    hour = DAY_OF_2016.from_utc
    rows = emitted(
        spark,
        context_of(DAY_OF_2016),
        profile=[*profile_of("mobile", "nonroad_machinery"), *profile_of("dust", "construction_site")],
        areas=(("a", "mobile", "nonroad_machinery"), ("site", "dust", "construction_site")),
        annual=(("site", "PM10", 1.0),),
        counted=[{"activity_area_id": "a", "activity_unit_code": "t", "annual_activity": 5000.0}],
        index=[("site", hour, 0.5)],
        counts=[("a", hour, 10.0)],
    ).to_pylist()
    (nox,) = [row for row in rows if row["pollutant_code"] == "NOx" and row["hour_utc"] == hour]
    assert nox["emission_g"] == pytest.approx(10 * 1000 * 32.79)
