"""Simulated phone signalling: counts of present and of moving devices by grid cell and hour.

Belongs here: simulated counts in the shape of measured phone activity. Does not: single devices (never simulated).
"""

from datetime import timedelta

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.demo.plan import FIRST_DAY, Size, draw_autocorrelated, random_stream, read_shipped
from bigdata_emis.demo.world.places import cell_ids, draw_points, grid
from bigdata_emis.window import HOURS_PER_DAY

MEDIAN_DEVICES, DEVICES_LOG_SD = 600.0, 1.4  # wide enough for cells below the anonymity threshold
NIGHT_SHARE = 0.35
MOVING_SHARE = 0.35
LEAST_MOVING_SHARE = 0.15  # movement of the quietest hour, as a share of the busiest hour
CELLS_DRAWN_PER_CELL = 3


def draw_cells(seed: int, size: Size) -> pd.DataFrame:
    """Draw the cells with phones: identifier and usual number of devices."""
    random = random_stream(seed, "signalling")
    points = draw_points(random, size.cells * CELLS_DRAWN_PER_CELL)
    cells = pd.unique(np.array(cell_ids(points.longitude_deg, points.latitude_deg, grid(size.cell_m)), dtype=object))[
        : size.cells
    ]
    usual = MEDIAN_DEVICES * np.exp(DEVICES_LOG_SD * random.standard_normal(len(cells)))
    return pd.DataFrame({"cell_id": np.sort(cells.astype(str)), "usual_devices": usual})


def day_counts(seed: int, day_number: int, cells: pd.DataFrame) -> pd.DataFrame:
    """Draw the present and the moving devices of each cell and hour of a day."""
    random = random_stream(seed, f"signalling {day_number}")
    present_share, moving_share = _read_shape((FIRST_DAY + timedelta(days=day_number)).weekday())
    noise = np.exp(0.1 * draw_autocorrelated(random, len(cells), steps=HOURS_PER_DAY, persistence_share=0.8))
    expected = cells["usual_devices"].to_numpy()[:, None] * present_share * noise
    present: Integers = random.poisson(expected)
    moving = random.binomial(present, np.broadcast_to(np.clip(MOVING_SHARE * moving_share, 0, 1), present.shape))
    return pd.DataFrame(
        {
            "cell_row": np.tile(np.arange(len(cells)), HOURS_PER_DAY),
            "hour_number": np.repeat(np.arange(HOURS_PER_DAY), len(cells)),
            "present_device_count": present.T.ravel(),
            "moving_device_count": moving.T.ravel(),
        }
    )


def _read_shape(weekday: int) -> tuple[Floats, Floats]:
    """Return the hourly shares of present and of moving devices on a weekday, each `(24,)`.

    They are phone traffic measured in Milan; Saturday was not measured and has the shares of Sunday.
    """
    table = read_shipped("phone_shape.csv")
    hours = table[table["weekday_number"] == weekday]
    if hours.empty:
        hours = table[table["weekday_number"] == 6]
    by_hour = hours.set_index("local_hour").reindex(range(HOURS_PER_DAY)).interpolate(limit_direction="both")
    present = NIGHT_SHARE + (1 - NIGHT_SHARE) * by_hour["internet_share"].to_numpy()
    calls = by_hour["call_share"].to_numpy() / by_hour["call_share"].max()
    return present, LEAST_MOVING_SHARE + (1 - LEAST_MOVING_SHARE) * calls
