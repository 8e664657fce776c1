"""When the treatment devices of a line truly stand still while it produces, and what is then emitted.

Belongs here: the hidden off-times of abatement. Does not: the power that tells of them (power), or factors (enterprises).
"""

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags
from bigdata_emis.demo.plan import HOURS_PER_DAY, QUARTERS_PER_HOUR, days, stream
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, Shares

CHEATING_SHARE = 0.05
"""Of the drawn lines: they save on treatment, most of them by night."""
NIGHTLY_SHARE = 0.7
NIGHT_CHANCE = 0.6
NIGHT_FROM_H, NIGHT_HOURS = (21, 25), (5, 9)
BREAKDOWN_H = (12, 49)


def untreated_quarters(seed: int, lines: pd.DataFrame) -> Flags:
    """By line (row) and quarter hour (column): the device is off. Real works are never said to do so."""
    random = stream(seed, "treatment")
    off = np.zeros((len(lines), len(days()) * QUARTERS_PER_DAY), dtype=bool)
    cheats = np.flatnonzero((random.random(len(lines)) < CHEATING_SHARE) & ~lines["is_real"].to_numpy())
    for row in cheats:
        if random.random() < NIGHTLY_SHARE:
            spans = [
                (day * HOURS_PER_DAY + int(random.integers(*NIGHT_FROM_H)), int(random.integers(*NIGHT_HOURS)))
                for day in range(len(days()))
                if random.random() < NIGHT_CHANCE
            ]
        else:
            spans = [(int(random.integers(0, len(days()) * HOURS_PER_DAY)), int(random.integers(*BREAKDOWN_H)))]
        for start, length in spans:
            off[row, start * QUARTERS_PER_HOUR : (start + length) * QUARTERS_PER_HOUR] = True
    return off


def hourly_rise(off: Flags, key: pd.DataFrame, emission_factor: pd.DataFrame) -> Shares:
    """Factor on the emission of each line and pollutant (rows of `key`) in each hour: 1 while treated, 1 / (1 − removal) while not."""
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
