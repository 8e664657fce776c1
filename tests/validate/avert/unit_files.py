"""Files of AVERT units with simulated factors."""

from pathlib import Path

import numpy as np
import pandas as pd

BINS = 10


def write_year(
    folder: Path,
    year: int,
    *,
    plants: int = 16,
    factor: float = 1.0,
    drop: str = "",
    regions: tuple[str, ...] = ("NY",),
) -> None:
    """Two units per plant, the plants in turn in the regions.

    NOx per MWh differs by state and plant, and is 10 % higher from May to September.
    """
    rng = np.random.default_rng(5)
    rows = []
    for plant in range(plants):
        size, dirt = float(rng.uniform(50, 500)), float(np.exp(rng.normal(0, 0.3)))
        state, rate = ("NY", 4.0) if plant % 2 else ("PA", 8.0)
        for unit in ("1", "2"):
            for number in range(BINS):
                generation = size * (number + 1) / BINS
                nox = rate * dirt * generation * factor
                rows.append(
                    {
                        "year": year,
                        "region": regions[plant % len(regions)],
                        "state": state,
                        "county": "x",
                        "lat": 40.0 + plant / 10,
                        "lon": -75.0,
                        "fuel_type": "Coal",
                        "orispl_code": 1000 + plant,
                        "unit_code": unit,
                        "full_name": f"Plant {plant} {unit}",
                        "load_bin_mw": 1000.0 * (number + 1),
                        "gen_mw": generation,
                        "nox_lb_oz": 1.1 * nox,
                        "nox_lb_non": nox,
                        "so2_lb_oz": 3 * generation,
                        "so2_lb_non": 3 * generation,
                        "co2_ton_oz": generation,
                        "co2_ton_non": generation,
                        "heat_mmbtu_oz": 10 * generation,
                        "heat_mmbtu_non": 10 * generation,
                    }
                )
    pd.DataFrame(rows).drop(columns=[drop] if drop else []).to_parquet(folder / f"unit_by_load_bin_{year}.parquet")
    loads = [1000.0 * (number + 1) for number in range(BINS)]
    months = [1] * BINS + [7] * (BINS + 1)
    hours = pd.concat(
        pd.DataFrame({"region": name, "month": months, "regional_load_mw": [*loads, *loads, 99999.0]})
        for name in regions
    )
    hours.to_parquet(folder / f"regional_load_hourly_{year}.parquet")
