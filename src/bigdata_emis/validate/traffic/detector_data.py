"""Five-minute speeds of motorway detectors at Los Angeles, with their places and adjacency.

Belongs here: the layout of the files and its traps. Does not: models, or which detectors are hidden.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.roads.unseen_speed import RoadNetwork
from bigdata_emis.validate.data_files import GIVE_FOLDER, unreadable_file

FOLDER = "road_metr_la_week"
PLACES, ADJACENCY, SPEEDS = "graph_sensor_locations.csv", "los_adj.csv.gz", "los_speed*.csv*"
FIRST_DAY = "2012-03-01"
"""The rows have no time: they begin with this Thursday (README of the data)."""
STEP_MIN, STEPS_A_DAY = 5, 288
FASTEST_MPH = 150.0
KM_A_DEGREE = 111.2


@dataclass(frozen=True)
class DetectorSpeeds:
    """Speeds in mph, (detectors, times), NaN where blank or zero; all placed detectors, also those without speeds."""

    ids: list[str]
    times: pd.DatetimeIndex
    network: RoadNetwork
    speed: Floats

    @property
    def step_of_day(self) -> Integers:
        """Number of the five minutes since midnight."""
        return np.arange(len(self.times), dtype=np.int64) % STEPS_A_DAY

    @property
    def is_weekend(self) -> Flags:
        """Whether a time is on Saturday or Sunday."""
        return np.asarray(self.times.dayofweek >= 5, dtype=np.bool_)


def read_detectors(data: Path) -> DetectorSpeeds:
    """The detectors in the order of their places.

    Raises InputError when a file is missing or unreadable, or when the files do not fit each other.
    """
    folder = next((at for at in (data / FOLDER, data) if (at / PLACES).is_file()), data / FOLDER)
    places = _read_table(folder / PLACES, header=0)
    missing = [name for name in ("sensor_id", "latitude", "longitude") if name not in places]
    if missing:
        raise InputError(f"{folder / PLACES}: column {missing[0]} is missing", "it must have sensor_id and its place")
    ids = places["sensor_id"].astype(str).tolist()
    adjacency = _numbers(_read_table(folder / ADJACENCY, header=None), folder / ADJACENCY)
    if adjacency.shape != (len(ids), len(ids)) or not ((adjacency >= 0) & (adjacency <= 1)).all():
        raise InputError(f"{folder / ADJACENCY}: expected {len(ids)} × {len(ids)} weights from 0 to 1", "correct it")
    place = _numbers(places[["latitude", "longitude"]], folder / PLACES)
    speed_path = next(iter(sorted(folder.glob(SPEEDS))), folder / SPEEDS)
    speed = _place_speeds(_read_table(speed_path, header=0), ids, speed_path)
    return DetectorSpeeds(
        ids=ids,
        times=pd.date_range(FIRST_DAY, periods=speed.shape[1], freq=f"{STEP_MIN}min"),
        network=RoadNetwork(
            (place[:, 1] - place[:, 1].mean()) * np.cos(np.radians(place[:, 0].mean())) * KM_A_DEGREE,
            (place[:, 0] - place[:, 0].mean()) * KM_A_DEGREE,
            (adjacency + adjacency.T) / 2,
        ),
        speed=speed,
    )


def _read_table(path: Path, *, header: int | None) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"{path} is missing", GIVE_FOLDER)
    try:
        return pd.read_csv(path, header=header)
    except (OSError, EOFError, ValueError) as problem:
        raise unreadable_file(path, problem, "give a complete CSV file") from None


def _numbers(table: pd.DataFrame, path: Path) -> Floats:
    try:
        numbers = table.to_numpy(dtype=np.float64)
    except ValueError as problem:
        raise InputError(f"{path}: {str(problem)[:120]}", "give numbers") from None
    if not np.isfinite(numbers).all():
        raise InputError(f"{path}: a number is missing or infinite", "give a number in each cell")
    return numbers


def _place_speeds(table: pd.DataFrame, ids: list[str], path: Path) -> Floats:
    position = {name: number for number, name in enumerate(ids)}
    unplaced = next((str(name) for name in table.columns if str(name) not in position), None)
    if unplaced is not None:
        raise InputError(f"{path}: detector {unplaced[:40]} has no place in {PLACES}", "add its place")
    try:
        values = table.to_numpy(dtype=np.float64)
    except ValueError as problem:
        raise InputError(f"{path}: {str(problem)[:120]}", "give speeds in mph") from None
    if len(values) < 2 * STEPS_A_DAY or len(values) % STEPS_A_DAY or (values > FASTEST_MPH).any() or (values < 0).any():
        expected = f"whole days of {STEPS_A_DAY} rows, at least two, with speeds from 0 to {FASTEST_MPH:g} mph"
        raise InputError(f"{path}: {len(values)} rows: expected {expected}", "correct the file")
    speed = np.full((len(ids), len(values)), np.nan)
    speed[[position[str(name)] for name in table.columns]] = np.where(values > 0, values, np.nan).T
    return speed
