"""Simulated phone signalling: counts of present and of moving devices by grid cell and hour.

Belongs here: simulated counts in the shape of measured phone activity, and of the true traffic. Does not: single
devices (never simulated).
"""

from datetime import timedelta

import numpy as np
import pandas as pd
import shapely

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.demo.plan import FIRST_DAY, Size, draw_autocorrelated, draw_lognormal, random_stream, read_shipped
from bigdata_emis.demo.world.places import cell_ids, draw_points, grid
from bigdata_emis.window import HOURS_PER_DAY

MEDIAN_DEVICES, DEVICES_LOG_SD = 600.0, 1.4  # wide enough for cells below the anonymity threshold
NIGHT_SHARE = 0.35
WALKING_SHARE = 0.1  # of the devices of residents, in the busiest hour
LEAST_MOVING_SHARE = 0.15  # movement of the quietest hour, as a share of the busiest hour
DEVICES_PER_VEHICLE_KM = 0.2  # own assumption: 1.5 people, of whom 30 % have this operator, over 2 km in a cell
CELL_ERROR_SD = 0.15  # of the devices a vehicle-km by cell: buses, share of the operator, roads that are no links
CELLS_DRAWN_PER_CELL = 3
ROAD_CELL_SHARE = 0.5  # of the cells lie on roads, the others anywhere
POINTS_ON_LINK = np.array([0.1, 0.3, 0.5, 0.7, 0.9])


def draw_cells(seed: int, size: Size, links: pd.DataFrame) -> pd.DataFrame:
    """Draw the cells with phones: identifier, usual number of devices, and hidden devices for a vehicle-km."""
    random = random_stream(seed, "signalling")
    points = draw_points(random, size.cells * CELLS_DRAWN_PER_CELL)
    anywhere = pd.unique(np.array(cell_ids(points.longitude_deg, points.latitude_deg, grid(size.cell_m)), dtype=object))
    on_roads = pd.unique(random.permutation(link_cells(links, size.cell_m).ravel()))[
        : int(size.cells * ROAD_CELL_SHARE)
    ]
    cells = pd.unique(np.concatenate([on_roads, anywhere]))[: size.cells]
    usual = MEDIAN_DEVICES * np.exp(DEVICES_LOG_SD * random.standard_normal(len(cells)))
    per_vehicle_km = DEVICES_PER_VEHICLE_KM * draw_lognormal(random, CELL_ERROR_SD, len(cells))
    columns = {"cell_id": cells.astype(str), "usual_devices": usual, "devices_per_vehicle_km": per_vehicle_km}
    return pd.DataFrame(columns).sort_values("cell_id", ignore_index=True)


def link_cells(links: pd.DataFrame, cell_m: float) -> "np.typing.NDArray[np.object_]":
    """The grid cell of five points along each link, `(links, 5)`; each has a fifth of its length."""
    ends = shapely.get_coordinates(shapely.from_wkt(links["geometry_wkt"].to_numpy())).reshape(-1, 2, 2)
    points = ends[:, :1] + POINTS_ON_LINK[None, :, None] * (ends[:, 1:] - ends[:, :1])
    ids = cell_ids(points[..., 0].ravel(), points[..., 1].ravel(), grid(cell_m))
    return np.array(ids, dtype=object).reshape(len(links), -1)


def cell_vehicle_km(cells: pd.DataFrame, links: pd.DataFrame, *, flow_veh_per_h: Floats, cell_m: float) -> Floats:
    """The true distance driven on links in each cell by hour, `(cells, hours)`."""
    row = pd.Index(cells["cell_id"]).get_indexer(link_cells(links, cell_m).ravel())
    driven = flow_veh_per_h * links["length_km"].to_numpy()[:, None] / len(POINTS_ON_LINK)
    total = np.zeros((len(cells), flow_veh_per_h.shape[1]))
    np.add.at(total, row[row >= 0], np.repeat(driven, len(POINTS_ON_LINK), axis=0)[row >= 0])
    return total


def day_counts(seed: int, day_number: int, cells: pd.DataFrame, vehicle_km: Floats) -> pd.DataFrame:
    """Draw the present and the moving devices of each cell and hour of a day: residents, and who drives through."""
    random = random_stream(seed, f"signalling {day_number}")
    present_share, moving_share = _read_shape((FIRST_DAY + timedelta(days=day_number)).weekday())
    noise = np.exp(0.1 * draw_autocorrelated(random, len(cells), steps=HOURS_PER_DAY, persistence_share=0.8))
    expected = cells["usual_devices"].to_numpy()[:, None] * present_share * noise
    resident: Integers = random.poisson(expected)
    walking = random.binomial(resident, np.broadcast_to(WALKING_SHARE * moving_share, resident.shape))
    driving: Integers = random.poisson(cells["devices_per_vehicle_km"].to_numpy()[:, None] * vehicle_km)
    present, moving = resident + driving, walking + driving
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
