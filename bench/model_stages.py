"""Training and scoring by the stages of the flow.

Belongs here: the order of the stages, and which tables are written between them. Does not: any computation.
"""

from pathlib import Path

from bench.stage_runs import BenchLake
from bigdata_emis.context import Context
from bigdata_emis.inventory.estimate_activity import estimate_activity
from bigdata_emis.relate.train_activity import train_activity


def run_training(inputs: Path, results: Path, context: Context) -> dict[str, float]:
    """A year of truth to champions and scores; seconds by step. Progress goes to stderr."""
    lake = BenchLake(inputs, results)
    names = ("line_energy_hourly", "production_line", "measured_activity_hourly", "model_version", "weather_hourly")
    with lake.timed("train"):
        trained = train_activity(*(lake.read(name) for name in names), context=context)
    with lake.timed("write"):
        for name, frame in trained.items():
            lake.write(name, frame)
    return lake.seconds


def run_scoring(inputs: Path, results: Path, context: Context) -> dict[str, float]:
    """The energy of a day, with the day before it, to the activity of the day; seconds by step."""
    lake = BenchLake(inputs, results)
    names = (
        "line_energy_hourly",
        "production_line",
        "model_version",
        "model_watch",
        "uncertainty_rating",
        "weather_hourly",
        "activity_parameter",
    )
    with lake.timed("estimate and write"):
        activity = estimate_activity(*(lake.read(name) for name in names), context=context)
        lake.write("activity_hourly", activity)
    return lake.seconds
