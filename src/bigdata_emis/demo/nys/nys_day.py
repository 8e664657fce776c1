"""Measured part of the demonstration: a day of New York units, from metered load to published emission.

Belongs here: the day, the training before it and the score of the day. Does not: models or metrics.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.region import Region, load_region
from bigdata_emis.run.stage import context_for, run_stage
from bigdata_emis.statistics.agreement import coefficient_of_determination, normalised_mean_bias_share
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import Window, day_window
from bigdata_emis.workflow.day import Progress, make_run_id, run_flow

TRAINING = ("collect_power", "collect_measured_activity", "clean_power", "clean_measured_activity", "reconcile_energy")


def show_nys(*, known_utc: datetime, progress: Progress | None = None) -> dict[str, Any]:
    """Train on the days before, run the day, and score its activity against measured fuel heat."""
    region = load_region("nys")
    day = date.fromisoformat(region.options["demo_day"])
    training_window = _training_window(region, day)
    if not has_models(region):
        run_flow(region, training_window, known_utc=known_utc, progress=progress, only=TRAINING)
        run_id = make_run_id(region.region_id, training_window, known_utc)
        run_stage("train_activity", context_for(region, training_window, known_utc, run_id))
    result = run_flow(region, day_window(day, region.time_zone), known_utc=known_utc, progress=progress)
    score = score_day(region, day)
    return {
        "day": day.isoformat(),
        **score,
        "receipts": [vars(r) for r in result.receipts],
        "summary": _summary(day, score),
    }


def has_models(region: Region) -> bool:
    """Whether activity models of the region are stored."""
    return database.can_be_read() and bool(database.read("model_version", region.region_id).num_rows)


def score_day(region: Region, day: date) -> dict[str, float]:
    """Score the estimated activity of the day against the measured one, over running unit-hours."""
    store = open_lake(region)
    estimated = store.read(
        "activity_hourly", [day], columns=["source_id", "hour_utc", "activity", "activity_p05", "activity_p95"]
    )
    measured = store.read("measured_activity_hourly", [day], columns=["production_line_id", "hour_utc", "activity"])
    return score_running_hours(estimated, measured.rename_columns(["source_id", "hour_utc", "measured"]))


def score_running_hours(estimated: pa.Table, measured: pa.Table) -> dict[str, float]:
    """Score the hours in which a unit ran (measured above zero).

    Join: one estimate a source and hour to at most one measurement.
    """
    both = estimated.join(measured, ["source_id", "hour_utc"], join_type="inner")
    running = both.filter(pc.greater(both["measured"], 0.0))
    truth, estimate = running["measured"].to_numpy(), running["activity"].to_numpy()
    return {
        "unit_hours": running.num_rows,
        "r2": float(coefficient_of_determination(estimate, truth)),
        "nmb": float(normalised_mean_bias_share(estimate, truth)),
        "coverage_90": _coverage(running),
    }


def _coverage(running: pa.Table) -> float:
    inside = pc.and_(
        pc.greater_equal(running["measured"], running["activity_p05"]),
        pc.less_equal(running["measured"], running["activity_p95"]),
    )
    return float(pc.mean(inside).as_py() or 0.0)


def _training_window(region: Region, day: date) -> Window:
    first = day - timedelta(days=int(region.options["training_days"]))
    return Window(day_window(first, region.time_zone).from_utc, day_window(day, region.time_zone).from_utc)


def _summary(day: date, score: dict[str, float]) -> str:
    return (
        f"{day}, {score['unit_hours']} running unit-hours: R2 {score['r2']:.3f}, NMB {score['nmb']:+.1%}, "
        f"{score['coverage_90']:.0%} of the measured heat inputs lie within the 90 % interval"
    )
