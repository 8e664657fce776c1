"""Files of a gas turbine with simulated hours."""

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 480


def write_year(
    folder: Path, year: int, *, rows: int = ROWS, level: float = 60.0, drop: str = "", header: str = ""
) -> None:
    """NOx and CO linear in load; NOx falls with air temperature."""
    rng = np.random.default_rng(year)
    load = 130 + 20 * np.sign(rng.normal(size=rows)).repeat(6)[:rows]
    hour = np.arange(rows)
    weather = {
        "AT": 15 + 8 * np.sin(hour / 24 * 2 * np.pi),
        "AP": 1013 + rng.normal(0, 5, rows),
        "AH": np.full(rows, 80.0),
    }
    nox = level + 0.3 * (load - 130) - 0.2 * weather["AT"] + rng.normal(0, 0.5, rows)
    table = pd.DataFrame({**weather, "AFDP ": 4.0, "TEY": load, "CO": 2 + 0.05 * (load - 110), "NOX": nox})
    table.drop(columns=drop or []).rename(columns={"NOX": header or "NOX"}).to_csv(
        folder / f"gt_{year}.csv.gz", index=False
    )
