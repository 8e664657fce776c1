"""Sizes and names of the workloads, and the folder for their inputs and results.

Belongs here: counts and places. Does not: how inputs are written (generate) or runs are timed (measure).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bigdata_emis.context import Context
from bigdata_emis.region import Grid, Region
from bigdata_emis.settings import settings
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import Window, day_window

TIME_ZONE = "Asia/Shanghai"
FIRST_DAY = date(2015, 12, 1)
CELLS = 100
CELL_M = 3000.0
POWER, TRAFFIC = "power", "traffic"
WORKLOADS = (POWER, TRAFFIC)
TRAINING, SCORING = "training", "scoring"
TRAINING_ALL, SCORING_BOOSTED = "training_all", "scoring_boosted"
MODEL_WORKLOADS = (TRAINING, SCORING, TRAINING_ALL, SCORING_BOOSTED)
TRAINING_WORKLOADS = (TRAINING, TRAINING_ALL)
FIRST_TRAINING_DAY = date(2015, 1, 1)
CHEAP_FORMS = ("static_profile", "proportional", "affine")
"""The model forms that fit quickly, which a plain script can repeat."""


@dataclass(frozen=True)
class Size:
    """Counts of one size of the benchmark.

    Meters and days of the workload power, links of traffic, plants and links of the recalculation, lines and days
    of the model workloads.
    """

    name: str
    meters: int
    days: int
    links: int
    recalculated_plants: int
    recalculated_links: int
    model_lines: int
    training_days: int

    def window(self, workload: str) -> Window:
        """The local days of a workload: many for power and training, one for traffic and scoring."""
        if workload in MODEL_WORKLOADS:
            following = FIRST_TRAINING_DAY + timedelta(days=self.training_days)
            first, last = (
                (FIRST_TRAINING_DAY, following - timedelta(days=1))
                if workload in TRAINING_WORKLOADS
                else (following, following)
            )
            return Window(day_window(first, TIME_ZONE).from_utc, day_window(last, TIME_ZONE).to_utc)
        last = FIRST_DAY + timedelta(days=self.days - 1 if workload == POWER else 0)
        return Window(day_window(FIRST_DAY, TIME_ZONE).from_utc, day_window(last, TIME_ZONE).to_utc)


# S, M, L: about 1, 10 and 50 million readings, as many rows of link, hour and vehicle, and 1, 4 and 88 million
# line-hours of truth. tiny is for the tests.
SIZES = {
    size.name: size
    for size in (
        Size("tiny", 8, 9, 5, 20, 50, 6, 12),
        Size("S", 1_000, 10, 2_300, 1_000, 5_000, 100, 365),
        Size("M", 2_000, 52, 23_000, 10_000, 50_000, 500, 365),
        Size("L", 5_000, 104, 116_000, 10_000, 50_000, 10_000, 365),
    )
}


def scratch_folder() -> Path:
    """The folder for inputs and results of the benchmark, outside the repository."""
    return settings().home / "bench"


def make_context(size: Size, workload: str) -> Context:
    """Region, window and lake with which our stages run a workload."""
    grid = Grid("EPSG:32650", CELL_M, 0.0, 0.0, CELLS, CELLS)
    options = {} if workload == TRAINING_ALL else {"activity_forms": list(CHEAP_FORMS)}
    region = Region("bench", scratch_folder(), "benchmark", "测速", TIME_ZONE, True, grid, {}, options, {})
    window = size.window(workload)
    return Context(region, window, window.to_utc, "bench", open_lake(region))
