"""Simulated area sources: the distribution of totals, the register, and the response to the alert."""

import numpy as np
import pytest

from bigdata_emis.demo.plan import alert_hours, read_shipped
from bigdata_emis.demo.world.areas import Areas, day_index_readings, draw_areas, draw_index
from tests.demo.builders import TINY


@pytest.fixture(scope="module")
def areas() -> Areas:
    return draw_areas(1, TINY)


def test_the_areas_of_an_industry_add_up_to_its_registered_total(areas):
    industry = areas.activity_area.set_index("activity_area_id")["industry_code"]
    annual = areas.area_emission_annual
    coal = annual[
        (annual["activity_area_id"].map(industry) == "residential_coal") & (annual["pollutant_code"] == "SO2")
    ]
    assert coal["annual_emission_t"].sum() == pytest.approx(520_000, abs=1)


def test_every_area_says_that_it_is_simulated(areas):
    assert areas.activity_area["name_en"].str.endswith("(simulated)").all()
    assert areas.activity_area["name_zh"].str.endswith("（模拟）").all()


def test_true_totals_differ_from_the_registered_ones(areas):
    ratio = areas.true_annual["true_annual_t"] / areas.area_emission_annual["annual_emission_t"]
    assert 0.2 < np.log(ratio).std() < 1.0


def test_the_error_of_a_profile_keeps_the_mean_of_the_day(areas):
    assert areas.profile_error.shape == (len(areas.activity_area), 24)
    assert areas.profile_error.mean(axis=1) == pytest.approx(1)


def test_compliant_construction_sites_keep_15_percent_of_their_activity_in_the_alert(areas):
    is_site = areas.activity_area["industry_code"].eq("construction_site").to_numpy()
    index, in_alert = draw_index(1, areas), alert_hours()
    for rows, remaining_share in ((is_site & areas.obeys, 0.15), (is_site & ~areas.obeys, 1.0)):
        ratio = index[rows][:, in_alert].mean() / index[rows][:, ~in_alert].mean()
        assert ratio == pytest.approx(remaining_share, rel=0.15)


def test_only_watched_areas_report_an_index(areas):
    readings = day_index_readings(1, 0, areas=areas, index=draw_index(1, areas))
    assert set(readings["activity_area_id"]) == set(areas.activity_area["activity_area_id"][areas.is_watched])
    assert len(readings) == 24 * areas.is_watched.sum()


def test_the_counties_of_two_cities_count_machines_that_emit_about_their_true_nox(areas):
    """6.8 g/kWh of an excavator of 110 kW at half load for 1,100 h are 0.41 t, by the table of the truth."""
    area = areas.activity_area.set_index("activity_area_id")
    machine = areas.machine
    assert set(area.loc[machine["activity_area_id"], "city_name"]) == {"北京", "天津"}
    assert set(area.loc[machine["activity_area_id"], "industry_code"]) == {"nonroad_machinery"}
    assert set(machine["source"]) == {"simulated"}
    kinds = read_shipped("machine_kinds.csv")
    one_t = kinds["rated_power_kw"] * kinds["work_share"] * kinds["working_h"] * kinds["nox_g_per_kwh"] / 1e6
    assert one_t[0] == pytest.approx(110 * 0.55 * 1100 * 6.8 / 1e6)
    true = areas.true_annual[areas.true_annual["pollutant_code"].eq("NOx")].set_index("activity_area_id")[
        "true_annual_t"
    ]
    for area_id, groups in machine.groupby("activity_area_id"):
        counted_t = float(groups["machine_count"].to_numpy() @ one_t.to_numpy())
        assert 0.7 < counted_t / true[area_id] < 1.5


def test_every_city_counts_petrol_cars_by_stage_that_lose_about_its_true_vapour(areas):
    stock = areas.vehicle_stock
    cities = areas.activity_area[areas.activity_area["industry_code"].eq("parked_vehicles")]
    assert set(stock["activity_area_id"]) == set(cities["activity_area_id"])
    assert set(stock["fuel_code"]) == {"gasoline"}
    true = areas.true_annual.set_index("activity_area_id")["true_annual_t"]
    for area_id, cars in stock.groupby("activity_area_id"):
        lost_t = cars["vehicle_count"].sum() * 7.0 * 365 / 1e6
        assert 0.7 < lost_t / true[area_id] < 1.4
