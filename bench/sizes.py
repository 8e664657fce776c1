"""What the sizes of the benchmark mean, and where its scratch lies.

Belongs here: counts and places. Does not: how inputs are made (generate) or timed (measure).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bigdata_emis.context import Context
from bigdata_emis.region import Grid, Region
from bigdata_emis.settings import settings
from bigdata_emis.window import Window, day_window

TIME_ZONE = "Asia/Shanghai"
FIRST_DAY = date(2015, 12, 1)
CELLS = 100
CELL_M = 3000.0
POWER, TRAFFIC = "power", "traffic"
WORKLOADS = (POWER, TRAFFIC)
TRAINING, SCORING = "training", "scoring"
TRAINING_ALL, SCORING_BOOSTED = "training_all", "scoring_boosted"
LEARNING = (TRAINING, SCORING, TRAINING_ALL, SCORING_BOOSTED)
TAUGHT = (TRAINING, TRAINING_ALL)
FIRST_LEARNT_DAY = date(2015, 1, 1)
LEARNT_FORMS = ("static_profile", "proportional", "affine")
"""The cheap rungs, which a plain script can repeat."""


@dataclass(frozen=True)
class Size:
    """Meters and days of the power workload, road links of the traffic day, plants and links of the recalculation, lines and days of truth of the models."""

    name: str
    meters: int
    days: int
    links: int
    recalculated_plants: int
    recalculated_links: int
    learnt_lines: int
    learnt_days: int

    def window(self, workload: str) -> Window:
        """The local days that a workload covers: many for power and training, one for traffic and scoring."""
        if workload in LEARNING:
            following = FIRST_LEARNT_DAY + timedelta(days=self.learnt_days)
            first, last = (
                (FIRST_LEARNT_DAY, following - timedelta(days=1)) if workload in TAUGHT else (following, following)
            )
            return Window(day_window(first, TIME_ZONE).from_utc, day_window(last, TIME_ZONE).to_utc)
        last = FIRST_DAY + timedelta(days=self.days - 1 if workload == POWER else 0)
        return Window(day_window(FIRST_DAY, TIME_ZONE).from_utc, day_window(last, TIME_ZONE).to_utc)


# About 1, 10 and 50 million 15-minute readings, as many rows of link, hour and vehicle, and 1, 4 and 88 million line-hours of truth; tiny is for the tests.
SIZES = {
    size.name: size
    for size in (
        Size("tiny", 8, 9, 5, 20, 50, 6, 12),
        Size("S", 1_000, 10, 2_300, 1_000, 5_000, 100, 365),
        Size("M", 2_000, 52, 23_000, 10_000, 50_000, 500, 365),
        Size("L", 5_000, 104, 116_000, 10_000, 50_000, 10_000, 365),
    )
}


def scratch() -> Path:
    """Inputs and results of the benchmark; never in the repository."""
    return settings().home / "bench"


def context(size: Size, workload: str) -> Context:
    """The circumstances in which our stages run a workload."""
    grid = Grid("EPSG:32650", CELL_M, 0.0, 0.0, CELLS, CELLS)
    options = {} if workload == TRAINING_ALL else {"activity_forms": list(LEARNT_FORMS)}
    region = Region("bench", scratch(), "benchmark", "测速", TIME_ZONE, True, grid, {}, options, {})
    window = size.window(workload)
    return Context(region, window, window.to_utc, "bench")
