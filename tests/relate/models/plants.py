"""A plant with a known relation of activity to power, for tests of models."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from bigdata_emis.activity_model.inputs.line_rows import hours_of_week
from bigdata_emis.activity_model.inputs.line_series import build_line_series

START = datetime(2019, 1, 1, tzinfo=UTC)
WIDE = {"edges": [], "running": [[-5.0, 5.0]], "starting": [-5.0, 5.0]}


def proportional(factor):
    """A stored model: activity = factor × energy, ± 5."""
    return {"form": "proportional", "activity_per_kwh": factor, "interval": WIDE}


def build_series(days, load_kwh=100.0):
    """Hours at a nearly constant load."""
    hour = np.arange(24 * days, dtype=np.int64)
    return build_line_series(hour, hours_of_week(hour, "UTC"), np.full(len(hour), load_kwh) + hour % 7)


def alternate(series):
    """1 for ten hours, then −1 for ten."""
    return np.where(series.hour_number // 10 % 2, 1, -1)


def line_rows(days, law, line="a", unit="t", industry="cement"):
    """The rows of a line as the engine hands them over: energy, and activity = law(energy, day)."""
    energy = [100 + 50 * float(np.sin(hour / 7)) + hour % 5 for hour in range(24 * days)]
    count = len(energy)
    return pa.table(
        {
            "production_line_id": [line] * count,
            "hour_utc": pa.array([START + timedelta(hours=hour) for hour in range(count)], pa.timestamp("us", "UTC")),
            "energy_kwh": energy,
            "activity": [float(law(kwh, hour // 24)) for hour, kwh in enumerate(energy)],
            "activity_unit_code": [unit] * count,
            "line_unit_code": ["t"] * count,
            "industry_code": [industry] * count,
        }
    )
