"""Simulated traffic: the speed-flow relation, the alert, and the readings."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.demo.world.traffic_flow import TrafficDay, day_traffic_readings, draw_traffic


def links_of(count: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "detector": np.arange(count) % 60,
            "free_speed_km_per_h": 60.0,
            "jam_density_veh_per_km": 200.0,
            "flow_factor": 0.5,
            "has_counter": np.arange(count) == 0,
        }
    )


def test_flow_follows_speed_by_the_underwood_relation():
    traffic = draw_traffic(1, 0, links_of(60))
    expected = 0.5 * 200 * traffic.speed_km_per_h * np.log(60 / traffic.speed_km_per_h)
    assert traffic.flow_veh_per_h == pytest.approx(expected, rel=1e-3)
    assert traffic.speed_km_per_h.max() <= 0.985 * 60 + 1e-3


def test_roads_are_less_crowded_in_the_alert():
    before, in_alert = (draw_traffic(1, number, links_of(60)).speed_km_per_h.mean() for number in (1, 8))
    assert in_alert > before


@pytest.mark.parametrize("day_number", [0, 1, 5, 6, 8])
def test_flow_has_a_plateau_by_day_and_its_minimum_before_dawn(day_number):
    flow = draw_traffic(1, day_number, links_of(60)).hourly()[1].mean(axis=0)
    plateau = flow[9:18]
    assert flow.argmin() in range(2, 6)
    assert plateau.min() > 0.8 * plateau.max()
    assert flow[2:5].max() < 0.4 * plateau.mean()
    assert flow.max() == flow[7:20].max()


def test_weekends_have_somewhat_less_traffic_than_working_days():
    sunday, monday = (draw_traffic(1, number, links_of(60)).flow_veh_per_h.mean() for number in (0, 1))
    assert 0.8 < sunday / monday < 1.0


def test_hourly_values_are_means_of_four_quarters():
    quarters = np.tile(np.array([10, 20, 30, 40], dtype=np.float32), 24)[None, :]
    speed, flow = TrafficDay(quarters, 2 * quarters).hourly()
    assert (speed[0].tolist(), flow[0].tolist()) == ([25] * 24, [50] * 24)


def test_only_links_with_a_counter_report_a_flow():
    links = links_of(2)
    traffic = TrafficDay(np.full((2, 96), 50, dtype=np.float32), np.full((2, 96), 1000, dtype=np.float32))
    readings = day_traffic_readings(1, 0, links=links, traffic=traffic, interval_min=60)
    assert len(readings) == 2 * 24
    assert readings.loc[readings["link_row"] == 1, "flow_veh_per_h"].isna().all()
    assert readings.loc[readings["link_row"] == 0, "flow_veh_per_h"].mean() == pytest.approx(1000, rel=0.05)
    assert readings["speed_km_per_h"].mean() == pytest.approx(50, abs=1)
