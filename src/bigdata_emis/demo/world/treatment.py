"""Simulated hours in which treatment devices are off while their line produces, and the emission of these hours.

Belongs here: the hidden off-times of abatement. Does not: the power that reveals them (power_meters), emission factors.
"""

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags
from bigdata_emis.demo.plan import QUARTERS_PER_HOUR, random_stream, simulated_days
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, Shares
from bigdata_emis.window import HOURS_PER_DAY

CHEATING_SHARE = 0.05
"""Of the simulated lines: they switch abatement off to save cost, most of them at night."""
NIGHTLY_SHARE = 0.7
NIGHT_CHANCE = 0.6
NIGHT_FROM_H, NIGHT_HOURS = (21, 25), (5, 9)
BREAKDOWN_H = (12, 49)


def draw_untreated_quarters(seed: int, lines: pd.DataFrame) -> Flags:
    """Flag the quarter hours with abatement off, `(lines, quarter hours)`; never for real works."""
    random = random_stream(seed, "treatment")
    off = np.zeros((len(lines), len(simulated_days()) * QUARTERS_PER_DAY), dtype=bool)
    cheating = np.flatnonzero((random.random(len(lines)) < CHEATING_SHARE) & ~lines["is_real"].to_numpy())
    for row in cheating:
        if random.random() < NIGHTLY_SHARE:
            spans = [
                (day * HOURS_PER_DAY + int(random.integers(*NIGHT_FROM_H)), int(random.integers(*NIGHT_HOURS)))
                for day in range(len(simulated_days()))
                if random.random() < NIGHT_CHANCE
            ]
        else:
            spans = [
                (int(random.integers(0, len(simulated_days()) * HOURS_PER_DAY)), int(random.integers(*BREAKDOWN_H)))
            ]
        for start, length in spans:
            off[row, start * QUARTERS_PER_HOUR : (start + length) * QUARTERS_PER_HOUR] = True
    return off


def untreated_emission_ratio(off: Flags, key: pd.DataFrame, emission_factor: pd.DataFrame) -> Shares:
    """Return the ratio of emission to treated emission, `(rows of key, hours)`.

        ratio = 1 + off × removal / (1 − removal)

    off: share of the hour in which the device is off.
    """
    line_off = off.reshape(len(off), -1, QUARTERS_PER_HOUR).mean(axis=2, dtype=np.float32)
    removal = (
        key[["production_line_id", "pollutant_code"]]
        .merge(
            emission_factor[["production_line_id", "pollutant_code", "removal_share"]],
            on=["production_line_id", "pollutant_code"],
            how="left",
            validate="one_to_one",
        )["removal_share"]
        .to_numpy(dtype=np.float32)
    )
    rise = removal / (1 - removal)
    return np.asarray(1 + rise[:, None] * line_off[key["line_row"].to_numpy()], dtype=np.float32)
