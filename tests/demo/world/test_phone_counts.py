"""Simulated phone counts by grid cell and hour."""

import pandas as pd

from bigdata_emis.demo.world.phone_counts import day_counts, draw_cells
from tests.demo.builders import TINY

LARGE_CELL = pd.DataFrame({"cell_id": ["r1c1"], "usual_devices": [1e6]})


def test_cells_are_cells_of_the_region_grid():
    cells = draw_cells(1, TINY)
    assert len(cells) == 20
    assert cells["cell_id"].is_unique
    assert cells["cell_id"].str.fullmatch(r"r\d+c\d+").all()


def test_no_more_devices_move_than_are_present():
    counts = day_counts(1, 0, draw_cells(1, TINY))
    assert len(counts) == 20 * 24
    assert (counts["moving_device_count"] <= counts["present_device_count"]).all()


def test_fewer_devices_are_active_at_night_than_in_the_evening():
    present = day_counts(1, 1, LARGE_CELL).set_index("hour_number")["present_device_count"]
    assert present[4] < 0.7 * present[18]
