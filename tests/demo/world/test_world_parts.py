"""What the generator draws: faults at their rates, streams that do not depend on order, geometry, and power that follows activity."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from bigdata_emis.demo.plan import HOURS_PER_DAY, Size, alert_hours, day_start_us, days, lognormal, size_named, stream
from bigdata_emis.demo.providers.faults import Rates, damage
from bigdata_emis.demo.providers.feed_files import FeedFiles, beijing_text, json_records, utc_text
from bigdata_emis.demo.truth.industry_truth import draw_stacks, true_emission
from bigdata_emis.demo.truth.traffic_truth import SpeedKind, TrueFleet, day_link_emission
from bigdata_emis.demo.world.activity import true_utilisation
from bigdata_emis.demo.world.air import day_weather, forecasts, measured, relative_humidity_share
from bigdata_emis.demo.world.areas import hourly_share
from bigdata_emis.demo.world.bureau import day_totals, miscounted_cells
from bigdata_emis.demo.world.enterprises import draw_industry, drift_sd, error_parts
from bigdata_emis.demo.world.phone_counts import draw_cells
from bigdata_emis.demo.world.places import cell_ids, counties, draw_points, grid
from bigdata_emis.demo.world.power_meters import Meters, day_energy, draw_meters, true_meter_energy
from bigdata_emis.demo.world.roads import draw_links, fleet_mix
from bigdata_emis.demo.world.tiers import with_districts, with_tiers
from bigdata_emis.demo.world.treatment import hourly_rise
from bigdata_emis.errors import InputError

TINY = Size("tiny", 140, 400, 50, 20, 5, 15, "csv.gz", "vehicle", 3_000.0)
GRID = grid(TINY.cell_m)
HOUR_US = 3_600_000_000
NO_FAULTS = Rates(gap=0, duplicate=0, spike=0, negative=0, text=0, late=0, dead_sensor=0)


def hurt(rates: Rates):
    value = np.full(2400, 5.0)
    event = np.repeat(np.arange(24), 100).astype(np.int64) * HOUR_US
    return damage(
        stream(1, "x"), value, event_us=event, sensor=np.tile(np.arange(100), 24), interval_us=HOUR_US, rates=rates
    )


def test_without_faults_every_reading_arrives_once_at_the_end_of_its_interval():
    whole = hurt(NO_FAULTS)
    assert whole.kept.tolist() == list(range(2400))
    assert set(whole.value) == {5.0}
    assert whole.arrival_us[0] == HOUR_US
    assert whole.log.empty


def test_gaps_duplicates_and_wrong_signs_are_logged_as_they_happen():
    bad = hurt(Rates(gap=0.1, duplicate=0.1, spike=0, negative=0.1, text=0, late=0, dead_sensor=0))
    count = bad.log["fault"].value_counts()
    assert len(bad.kept) == 2400 - count["gap"] + count["duplicate"]
    assert len(np.unique(bad.kept)) == 2400 - count["gap"]
    assert (bad.value < 0).sum() >= count["negative"]
    assert 0.07 < count["gap"] / 2400 < 0.13


def test_late_rows_arrive_one_to_six_hours_after_their_interval():
    late = hurt(Rates(gap=0, duplicate=0, spike=0, negative=0, text=0, late=1.0, dead_sensor=0))
    delay_h = (late.arrival_us - np.repeat(np.arange(1, 25), 100) * HOUR_US) / HOUR_US
    assert set(delay_h) == {1, 2, 3, 4, 5, 6}


def test_a_stream_depends_on_seed_and_name_alone():
    first = stream(7, "power").random(3)
    stream(7, "traffic").random(100)
    assert stream(7, "power").random(3).tolist() == first.tolist()
    assert stream(8, "power").random(3).tolist() != first.tolist()


def test_lognormal_factors_have_mean_one_and_the_spread_asked_for():
    drawn = lognormal(stream(1, "x"), 0.5, 200_000)
    assert drawn.mean() == pytest.approx(1, abs=0.01)
    assert drawn.std() == pytest.approx(0.5, abs=0.02)


def test_an_unknown_size_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="small, city, province"):
        size_named("village")


def test_the_red_alert_starts_at_seven_on_the_19th_local_time():
    assert int(np.argmax(alert_hours())) == 6 * 24 + 7
    assert alert_hours()[-1]


def test_points_lie_in_their_county_and_inside_the_grid():
    points = draw_points(stream(3, "points"), 200)
    rows = counties().iloc[points.county_row]
    assert all(g.covers(p) for g, p in zip(rows["geometry"], _points(points), strict=True))
    cells = [tuple(map(int, c[1:].split("c"))) for c in cell_ids(points.longitude_deg, points.latitude_deg, GRID)]
    assert all(0 <= r < GRID.rows and 0 <= c < GRID.columns for r, c in cells)


def _points(points):
    return shapely.points(points.longitude_deg, points.latitude_deg)


def test_every_drawn_enterprise_says_that_it_is_simulated_and_real_ones_that_their_operation_is():
    names = draw_industry(1, TINY).enterprise[["name_en", "name_zh"]]
    assert names["name_en"].str.contains("simulated").all()
    assert names["name_zh"].str.contains("模拟").all()


def test_works_with_a_real_name_always_comply():
    lines = draw_industry(1, TINY).truth
    assert set(lines.loc[lines["is_real"], "compliance"]) == {"complies"}


def test_what_the_registry_tells_differs_from_the_truth_by_the_errors_it_admits():
    industry = draw_industry(1, size_named("small"))
    error = np.log(industry.truth["base_load_share"] / industry.production_line["base_load_share"])
    assert 0.15 < error.std() < 0.25
    told = industry.emission_factor
    ratio = industry.true_factors["net_factor_g_per_unit"] / (
        told["emission_factor_g_per_unit"] * (1 - told["removal_share"])
    )
    assert 0.2 < np.log(ratio).std() < 0.9


def test_the_parts_of_a_factors_error_make_together_what_the_register_admits():
    told = np.array([0.05, 0.2, 0.8])
    drift = drift_sd(pd.Series(["CO2", "NOx", "VOCs"]))
    shared, own = error_parts(told, drift)
    assert drift.tolist() == [0.02, 0.1, 0.1]
    assert np.log1p(shared**2) + np.log1p(own**2) + drift**2 == pytest.approx(np.log1p(told**2))
    assert np.log1p(shared**2) == pytest.approx(np.log1p(told**2) / 2)


LINE = {
    "production_line_id": "L1",
    "enterprise_id": "E1",
    "is_real": True,
    "industry_code": "foundry",
    "reference_energy_kwh": 400.0,
    "base_load_share": 0.1,
    "power_elasticity": 1.0,
    "tier": "meter",
}
TREATED = np.zeros((3, 960), dtype=bool)


def size_of(meters: int) -> Size:
    return Size("one", 1, meters, 1, 1, 1, 15, "csv.gz", "vehicle", 3_000.0)


def test_power_follows_activity_and_leaves_the_base_load_when_production_stops():
    lines = pd.DataFrame([LINE])
    utilisation = np.zeros((1, 960), dtype=np.float32)
    utilisation[0, 48:96] = 1.0
    energy = day_energy(
        1, 0, meters=draw_meters(1, size_of(1), lines), lines=lines, utilisation=utilisation, untreated=TREATED[:1]
    )
    assert energy[0, :48].mean() == pytest.approx(10, rel=0.02)
    assert energy[0, 48:].mean() == pytest.approx(100, rel=0.02)


def wired(main: str = "production") -> Meters:
    """A shared meter of two lines, the second of which generates half of what it uses, and a treatment device of the first."""
    frame = pd.DataFrame(
        {
            "line_row": [0, 1, 0],
            "meter_role_code": [main, "self_generation", "abatement"],
            "meter_id": ["M1", "M2", "M3"],
            "abatement_share": [0.0, 0.0, 0.1],
        }
    )
    own = np.zeros((2, 240), dtype=np.float32)
    own[1] = 0.5
    return Meters(frame, pd.DataFrame(), np.array([0, 1, 0, 1]), np.array([0, 1, 2, 0]), own)


def test_a_shared_meter_reads_what_its_lines_buy_and_a_generator_what_it_makes():
    lines = pd.DataFrame([LINE, {**LINE, "production_line_id": "L2", "reference_energy_kwh": 800.0}])
    untreated = TREATED[:2].copy()
    untreated[0, 4:] = True
    energy = true_meter_energy(
        0, meters=wired(), lines=lines, utilisation=np.ones((2, 960), dtype=np.float32), untreated=untreated
    )
    assert energy[0] == pytest.approx(np.full(96, 100 + 100))
    assert energy[1] == pytest.approx(np.full(96, 100))
    assert energy[2, [0, 4]] == pytest.approx([10, 0.2])


def test_the_bureau_counts_lines_their_devices_their_sites_and_a_little_that_nobody_registered():
    lines = pd.DataFrame([LINE, {**LINE, "production_line_id": "L2", "reference_energy_kwh": 800.0}])
    enterprise = pd.DataFrame({"enterprise_id": ["E1"], "district_id": ["130102"], "industry_code": ["foundry"]})
    full = np.ones((2, 960), dtype=np.float32)
    told = day_totals(
        1, 0, enterprise=enterprise, meters=wired("whole_site"), lines=lines, utilisation=full, untreated=TREATED[:2]
    )
    registered = 400 + 800 + 40 + 0.06 * 400
    assert len(told) == 24
    assert (told["district_energy_kwh"] / registered).between(1.0, 1.08).all()


def test_a_total_that_is_planted_wrong_is_a_fifth_short_and_written_down_for_the_truth():
    lines = pd.DataFrame([{**LINE, "enterprise_id": f"E{i}", "production_line_id": f"L{i}"} for i in range(300)])
    enterprise = pd.DataFrame(
        {
            "enterprise_id": lines["enterprise_id"],
            "district_id": [f"{i:03d}" for i in range(300)],
            "industry_code": "foundry",
        }
    )
    full, treated = np.ones((300, 960), dtype=np.float32), np.zeros((300, 960), dtype=bool)
    meters = draw_meters(1, size_of(300), lines)
    told = day_totals(1, 0, enterprise=enterprise, meters=meters, lines=lines, utilisation=full, untreated=treated)
    short = told.groupby("district_id")["district_energy_kwh"].sum() < 0.9 * 24 * 400
    planted = miscounted_cells(1, 0, enterprise=enterprise, lines=lines)
    assert 0 < len(planted) < 12
    assert short[short].index.tolist() == planted["district_id"].tolist()


def test_small_plants_may_be_unwatched_but_no_real_one_and_none_with_a_monitor():
    lines = draw_industry(2, size_named("small")).truth
    stacks = draw_stacks(2, lines)
    tiered = with_tiers(2, lines, stacks)
    share = tiered.groupby("tier")["reference_energy_kwh"].agg(["size", "sum"])
    assert 0.05 < share.loc["none", "size"] / len(tiered) < 0.25
    assert share.loc["none", "sum"] < 0.02 * share["sum"].sum()
    assert not tiered.loc[tiered["tier"].eq("none"), "is_real"].any()
    assert tiered["tier"].iloc[stacks["line_row"]].eq("monitor").all()
    assert tiered.groupby("enterprise_id")["tier"].agg(lambda t: t.eq("none").nunique()).eq(1).all()
    meters = draw_meters(2, size_named("small"), tiered)
    assert not set(meters.frame["production_line_id"]) & set(
        tiered.loc[tiered["tier"].eq("none"), "production_line_id"]
    )
    assert {"production", "generation", "whole_site", "self_generation", "abatement"} == set(
        meters.frame["meter_role_code"]
    )


def test_stated_parts_of_a_shared_meter_sum_to_one():
    lines = with_tiers(2, draw_industry(2, size_named("small")).truth, pd.DataFrame({"line_row": []}, dtype=int))
    share = draw_meters(2, size_named("small"), lines).meter_share
    sums = share.dropna().groupby("meter_id")["energy_share"].sum()
    assert len(sums) > 0
    assert sums.to_numpy() == pytest.approx(1)
    assert share["energy_share"].isna().any()


def test_a_trade_with_few_enterprises_in_a_county_is_counted_with_its_city():
    enterprise = pd.DataFrame(
        {"enterprise_id": list("abcd"), "industry_code": "foundry", "county_id": ["1", "1", "1", "2"], "city_name": "X"}
    )
    assert with_districts(enterprise)["district_id"].tolist() == ["1", "1", "1", "X"]


def test_what_is_emitted_untreated_is_what_would_have_been_removed_beside_what_is_not():
    key = pd.DataFrame({"production_line_id": ["L1", "L1"], "pollutant_code": ["PM10", "CO2"], "line_row": [0, 0]})
    factor = pd.DataFrame(
        {"production_line_id": ["L1", "L1"], "pollutant_code": ["PM10", "CO2"], "removal_share": [0.9, 0.0]}
    )
    off = np.zeros((1, 8), dtype=bool)
    off[0, 2:8] = True
    assert hourly_rise(off, key, factor).tolist() == [pytest.approx([5.5, 10]), [1, 1]]


def test_lines_that_stop_in_the_red_alert_stand_still_once_they_have_responded():
    lines = draw_industry(2, TINY).truth
    utilisation = true_utilisation(2, lines)
    stops = (lines["planned_cut_share"] == 1) & (lines["compliance"] == "complies")
    assert stops.any()
    assert utilisation[stops.to_numpy(), (6 * 24 + 12) * 4 :].max() == 0
    assert utilisation.max() <= 1
    assert utilisation.min() >= 0


def test_the_fleet_sums_to_one_for_each_road_class_and_hour_with_more_trucks_at_night():
    mix = fleet_mix()
    assert np.allclose(mix.groupby(["road_class_code", "local_hour"])["fleet_share"].sum(), 1)
    heavy = (
        mix[(mix["vehicle_class_code"] == "HeavyT") & (mix["road_class_code"] == "motorway")]
        .groupby("local_hour")["fleet_share"]
        .sum()
    )
    assert heavy[2] > heavy[14]


def test_links_are_as_many_as_asked_and_about_a_tenth_are_counted():
    links = draw_links(1, size_named("small"))
    assert len(links) == 1000
    assert 70 <= links["has_counter"].sum() <= 130
    assert links["link_id"].is_unique


def test_cells_are_those_of_the_region_grid():
    cells = draw_cells(1, TINY)
    assert len(cells) == 20
    assert cells["cell_id"].str.fullmatch(r"r\d+c\d+").all()


def test_the_hours_of_a_month_take_the_months_weight_of_the_year():
    december = sum(hourly_share("other", "residential_coal", date(2015, 12, d)).sum() for d in range(1, 32))
    july = sum(hourly_share("other", "residential_coal", date(2015, 7, d)).sum() for d in range(1, 32))
    year = sum(
        hourly_share("other", "residential_coal", date(2015, m, d)).sum() for m in range(1, 13) for d in range(1, 29)
    )
    assert december > july
    assert 0.85 < year < 1


def test_beijing_time_of_the_source_becomes_utc():
    first = measured()["hour_us"].min()
    assert utc_text(np.array([first])).to_pylist() == ["2015-12-12T16:00:00Z"]
    assert beijing_text(np.array([first])).to_pylist() == ["2015-12-13T00:00:00+08:00"]


def test_humidity_is_one_at_the_dew_point_and_about_half_eleven_degrees_above():
    share = relative_humidity_share(np.array([10.0, 21.0]), np.array([10.0, 10.0]))
    assert share[0] == 1
    assert share[1] == pytest.approx(0.49, abs=0.01)


def test_weather_of_a_day_is_24_hours_at_twelve_stations():
    frame = day_weather(date(2015, 12, 20))
    assert len(frame) == 24 * 12
    assert frame["relative_humidity_share"].between(0, 1).all()


def test_forecasts_reach_96_hours_beyond_each_issue():
    frame = forecasts(1)
    lead_h = (frame["hour_us"] - frame["issued_us"]) / HOUR_US
    assert (lead_h.min(), lead_h.max()) == (1, 96)
    assert frame["issued_us"].nunique() == 10
    assert not frame["concentration_ug_per_m3"].isna().any()


def test_a_links_emission_is_flow_times_length_times_factor_at_the_reference_speed():
    kind = SpeedKind("NOx", np.array([10.0, 30.0, 60.0]), np.array([1.6, 1.0, 0.7]))
    fleet = TrueFleet(
        road_classes=("motorway",),
        class_row=np.zeros(24, dtype=np.int64),
        local_hour=np.arange(24),
        factor_g_per_km=np.full(24, 2.0),
        temperature=np.tile([1.5, 1.0, 1.0], (24, 1)),
        humidity=np.ones((24, 4)),
        kind_row=np.zeros(24, dtype=np.int64),
        kinds=(kind,),
    )
    links = pd.DataFrame({"road_class_code": ["motorway"], "length_km": [3.0]})
    weather = pd.DataFrame(
        {"local_hour": np.arange(24), "air_temperature_degc": [15.0] * 23 + [5.0], "relative_humidity_share": 0.5}
    )
    speed = np.full((1, 24), 30.0)
    speed[0, 1] = 60.0
    grams = day_link_emission(
        fleet, links, speed_km_per_h=speed, flow_veh_per_h=np.full((1, 24), 100.0), weather=weather
    )["NOx"][0]
    assert grams[[0, 1, 23]] == pytest.approx([600, 420, 900])


def test_a_parquet_drop_holds_the_days_records_in_order_of_time(tmp_path):
    files = FeedFiles(tmp_path, tmp_path / "archive", "parquet")
    event = day_start_us(date(2015, 12, 14)) + np.array([1, 0]) * HOUR_US
    files.write(
        "power", date(2015, 12, 14), records=pa.table({"meterNo": ["M2", "M1"]}), event_us=event, arrival_us=event
    )
    assert pq.read_table(tmp_path / "drop" / "power" / "2015-12-14.parquet")["meterNo"].to_pylist() == ["M1", "M2"]


def test_a_record_is_a_json_object_with_null_where_there_is_no_value():
    table = pa.table({"link_id": ["R1", "R2"], "flow": pa.array([12.5, None], pa.float64())})
    assert json_records(table).to_pylist() == ['{"link_id":"R1","flow":12.5}', '{"link_id":"R2","flow":null}']


def test_no_line_truly_emits_more_fine_particulate_than_particulate() -> None:
    industry = draw_industry(3, TINY)
    activity = np.ones((len(industry.truth), len(days()) * HOURS_PER_DAY), dtype=np.float32)
    key, emission = true_emission(3, lines=industry.truth, true_factors=industry.true_factors, activity=activity)
    by_kind = [
        emission[key["pollutant_code"].eq(kind)][np.argsort(key["line_row"][key["pollutant_code"].eq(kind)])]
        for kind in ("PM2.5", "PM10")
    ]
    assert (by_kind[0] < by_kind[1]).all()
    shares = (by_kind[0] / by_kind[1]).mean(axis=1)
    assert 0.1 < shares.min() < shares.max() < 0.95
