"""Simulated phone counts by grid cell and hour."""

import numpy as np
import pandas as pd
import pytest

from bigdata_emis.demo.world.phone_counts import cell_vehicle_km, day_counts, draw_cells, link_cells
from bigdata_emis.demo.world.roads import draw_links
from tests.demo.builders import TINY

LARGE_CELL = pd.DataFrame({"cell_id": ["r1c1"], "usual_devices": [1e6], "devices_per_vehicle_km": [0.2]})
NO_TRAFFIC = np.zeros((1, 24))
LINKS = draw_links(1, TINY)


def test_cells_are_cells_of_the_region_grid():
    cells = draw_cells(1, TINY, LINKS)
    assert len(cells) == 20
    assert cells["cell_id"].is_unique
    assert cells["cell_id"].str.fullmatch(r"r\d+c\d+").all()


def test_no_more_devices_move_than_are_present():
    counts = day_counts(1, 0, draw_cells(1, TINY, LINKS), np.full((20, 24), 100.0))
    assert len(counts) == 20 * 24
    assert (counts["moving_device_count"] <= counts["present_device_count"]).all()


def test_fewer_devices_are_active_at_night_than_in_the_evening():
    present = day_counts(1, 1, LARGE_CELL, NO_TRAFFIC).set_index("hour_number")["present_device_count"]
    assert present[4] < 0.7 * present[18]


def test_half_of_the_cells_lie_on_roads_or_more():
    on_roads = set(link_cells(LINKS, TINY.cell_m).ravel())
    assert draw_cells(1, TINY, LINKS)["cell_id"].isin(on_roads).sum() >= 10


def test_the_distance_driven_on_a_link_is_shared_by_its_cells():
    link = LINKS.iloc[:1]
    cells = pd.DataFrame({"cell_id": np.unique(link_cells(link, TINY.cell_m).astype(str))})
    driven = cell_vehicle_km(cells, link, flow_veh_per_h=np.full((1, 24), 1000.0), cell_m=TINY.cell_m)
    assert driven.sum(axis=0) == pytest.approx(np.full(24, 1000.0 * link["length_km"].iloc[0]))


def test_more_devices_move_where_more_is_driven():
    """100,000 vehicle-km with 0.2 devices each: 20,000 more, with the noise of a count."""
    calm, busy = (day_counts(1, 1, LARGE_CELL, NO_TRAFFIC + km)["moving_device_count"] for km in (0.0, 1e5))
    assert (busy - calm).to_numpy() == pytest.approx(np.full(24, 20_000.0), abs=1500.0)
