"""Phone signalling by grid cell and hour: how many devices are there and how many move; aggregated before it is sent.

Belongs here: simulated counts in the shape of measured phone activity. Does not: single devices, which are never simulated.
"""

from datetime import timedelta

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.demo.plan import FIRST_DAY, HOURS_PER_DAY, Size, autocorrelated, shipped, stream
from bigdata_emis.demo.world.places import cell_ids, draw_points, grid

MEDIAN_DEVICES, DEVICES_LOG_SD = 600.0, 1.4  # wide enough for cells below the anonymity threshold
NIGHT_SHARE = 0.35
MOVING_SHARE = 0.35
STILLEST_SHARE = 0.15  # of the busiest hour's movement that never stops
CELLS_DRAWN_PER_CELL = 3


def draw_cells(seed: int, size: Size) -> pd.DataFrame:
    """Cells with phones: the identifier and the usual number of devices."""
    random = stream(seed, "signalling")
    points = draw_points(random, size.cells * CELLS_DRAWN_PER_CELL)
    cells = pd.unique(np.array(cell_ids(points.longitude_deg, points.latitude_deg, grid(size.cell_m)), dtype=object))[
        : size.cells
    ]
    usual = MEDIAN_DEVICES * np.exp(DEVICES_LOG_SD * random.standard_normal(len(cells)))
    return pd.DataFrame({"cell_id": np.sort(cells.astype(str)), "usual_devices": usual})


def day_counts(seed: int, day_number: int, cells: pd.DataFrame) -> pd.DataFrame:
    """Present and moving devices of each cell and hour of a day."""
    random = stream(seed, f"signalling {day_number}")
    present_share, moving_share = _shape((FIRST_DAY + timedelta(days=day_number)).weekday())
    noise = np.exp(0.1 * autocorrelated(random, len(cells), steps=HOURS_PER_DAY, persistence_share=0.8))
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


def _shape(weekday: int) -> tuple[Floats, Floats]:
    """Hourly shares of present and moving devices: phone traffic measured in Milan; Saturday, not measured, takes Sunday's."""
    table = shipped("phone_shape.csv")
    of_day = table[table["weekday_number"] == weekday]
    if of_day.empty:
        of_day = table[table["weekday_number"] == 6]
    by_hour = of_day.set_index("local_hour").reindex(range(HOURS_PER_DAY)).interpolate(limit_direction="both")
    present = NIGHT_SHARE + (1 - NIGHT_SHARE) * by_hour["internet_share"].to_numpy()
    calls = by_hour["call_share"].to_numpy() / by_hour["call_share"].max()
    return present, STILLEST_SHARE + (1 - STILLEST_SHARE) * calls
