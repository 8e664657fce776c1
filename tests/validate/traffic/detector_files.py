"""Files of road detectors on a simulated ring whose speeds move together."""

from pathlib import Path

import numpy as np
import pandas as pd

DETECTORS, DAYS, STEPS = 24, 4, 288


def detector_ids() -> list[str]:
    """Identifiers of the detectors, all of which have a place."""
    return [str(700 + number) for number in range(DETECTORS)]


def detector_speeds(days: int = DAYS) -> pd.DataFrame:
    """Jams of random depth and hour that pass along the ring; neighbours differ little."""
    rng = np.random.default_rng(8)
    step = np.arange(days * STEPS)
    jam = np.zeros((DETECTORS, len(step)))
    for start in rng.integers(0, len(step), 3 * days):
        centre, depth = rng.integers(0, DETECTORS), rng.uniform(15, 35)
        gap = np.abs((np.arange(DETECTORS) - centre + DETECTORS / 2) % DETECTORS - DETECTORS / 2)
        shape = np.exp(-(((step - start) / 20) ** 2))
        jam += depth * np.exp(-gap / 6)[:, None] * shape
    speed = np.maximum(65 - jam, 8) + rng.normal(0, 0.8, jam.shape)
    return pd.DataFrame(speed.T.round(3), columns=detector_ids())


def write_detectors(folder: Path, speeds: pd.DataFrame) -> Path:
    """Write places, adjacency and speeds below `folder`, which is returned."""
    at = folder / "road_metr_la_week"
    at.mkdir(parents=True, exist_ok=True)
    angle = np.arange(DETECTORS) / DETECTORS * 2 * np.pi
    place = {"sensor_id": detector_ids(), "latitude": 34 + 0.1 * np.sin(angle), "longitude": -118 + 0.1 * np.cos(angle)}
    pd.DataFrame(place).to_csv(at / "graph_sensor_locations.csv", index_label="index")
    number = np.arange(DETECTORS)
    gap = np.abs((number[:, None] - number + DETECTORS / 2) % DETECTORS - DETECTORS / 2)
    kernel = np.where(gap <= 3, np.exp(-((gap / 2) ** 2)), 0.0)
    pd.DataFrame(kernel).to_csv(at / "los_adj.csv.gz", header=False, index=False)
    speeds.to_csv(at / "los_speed_sample.csv.gz", index=False)
    return folder
