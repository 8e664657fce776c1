"""Small parts of a simulated region that several tests of the demonstration share."""

import numpy as np
import pandas as pd

from bigdata_emis.demo.plan import Size
from bigdata_emis.demo.world.power_meters import Meters

TINY = Size("tiny", 140, 400, 50, 20, 5, 15, "csv.gz", "vehicle", 3_000.0)
LINE = {
    "production_line_id": "L1",
    "enterprise_id": "E1",
    "is_real": True,
    "industry_code": "foundry",
    "reference_energy_kwh": 400.0,
    "base_load_share": 0.1,
    "power_elasticity": 1.0,
    "tier": "meter",
}
TREATED = np.zeros((3, 960), dtype=bool)


def size_of(meters: int) -> Size:
    """A size with one enterprise and that many meters."""
    return Size("one", 1, meters, 1, 1, 1, 15, "csv.gz", "vehicle", 3_000.0)


def two_lines() -> pd.DataFrame:
    """Two lines of one foundry, the second twice as large as the first."""
    return pd.DataFrame([LINE, {**LINE, "production_line_id": "L2", "reference_energy_kwh": 800.0}])


def wired_meters(main_role: str = "production") -> Meters:
    """A meter shared by two lines, a generator of half the use of the second, and an abatement meter of the first."""
    frame = pd.DataFrame(
        {
            "line_row": [0, 1, 0],
            "meter_role_code": [main_role, "self_generation", "abatement"],
            "meter_id": ["M1", "M2", "M3"],
            "abatement_share": [0.0, 0.0, 0.1],
        }
    )
    self_generated = np.zeros((2, 240), dtype=np.float32)
    self_generated[1] = 0.5
    return Meters(frame, pd.DataFrame(), np.array([0, 1, 0, 1]), np.array([0, 1, 2, 0]), self_generated)
