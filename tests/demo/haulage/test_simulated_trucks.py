"""Simulated positions of trucks lie on long-distance roads and follow the true flow."""

import numpy as np
import pytest

from bigdata_emis.demo.haulage.simulated_trucks import PENETRATION_SHARE, day_positions, truck_shares
from bigdata_emis.demo.plan import SIZES, day_start_us, simulated_days
from bigdata_emis.demo.world.roads import draw_links
from bigdata_emis.demo.world.traffic_flow import draw_traffic
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

LINKS = draw_links(1, SIZES["small"])
SPEED, FLOW = draw_traffic(1, 2, LINKS).hourly()
POSITIONS = day_positions(1, 2, links=LINKS, speed_km_per_h=SPEED, flow_veh_per_h=FLOW)


def test_a_share_of_the_true_trucks_reports():
    covered = LINKS["road_class_code"].isin(["motorway", "trunk"]).to_numpy()
    trucks = truck_shares(LINKS["road_class_code"].to_numpy()[covered]) * FLOW[covered]
    assert len(POSITIONS) == pytest.approx(PENETRATION_SHARE * trucks.sum(), rel=0.03)


def test_trucks_have_a_larger_share_of_motorways_by_night():
    share = truck_shares(np.array(["motorway", "trunk"], dtype=object))
    assert share[0, [12, 2]] == pytest.approx([0.07 + 0.05 + 0.12, 0.08 + 0.08 + 0.38])
    assert share.shape == (2, HOURS_PER_DAY)


def test_positions_are_of_the_day_and_a_few_are_faulty():
    start = day_start_us(simulated_days()[2])
    assert POSITIONS["event_us"].between(start, start + 24 * HOUR_US - 1).all()
    assert (POSITIONS["speed_km_per_h"] == 0).mean() == pytest.approx(0.02, abs=0.005)
    assert (POSITIONS["longitude_deg"] == 0).sum() == (POSITIONS["latitude_deg"] == 0).sum() > 0
    assert (POSITIONS["speed_km_per_h"] == 400).any()


def test_the_same_seed_gives_the_same_positions():
    again = day_positions(1, 2, links=LINKS, speed_km_per_h=SPEED, flow_veh_per_h=FLOW)
    assert again.equals(POSITIONS)
