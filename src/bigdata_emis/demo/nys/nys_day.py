"""The measured half of the demonstration: a day of New York units, from metered load to published emission.

Belongs here: which day, how the models are trained before it, and how the day is scored. Does not: models or metrics.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.region import Region, load_region
from bigdata_emis.run.stage import context_for, lake, run_stage
from bigdata_emis.statistics.agreement import coefficient_of_determination, normalised_mean_bias_share
from bigdata_emis.storage import database
from bigdata_emis.window import Window, day_window
from bigdata_emis.workflow.day import Progress, make_run_id, run_flow

TRAINING = ("collect_power", "collect_measured_activity", "clean_power", "clean_measured_activity", "reconcile_energy")


def show_nys(*, known_utc: datetime, progress: Progress | None = None) -> dict[str, Any]:
    """Train on the days before, make the day, and compare the activity with the fuel heat that was measured."""
    region = load_region("nys")
    day = date.fromisoformat(region.options["demo_day"])
    before = _before(region, day)
    if not has_models(region):
        run_flow(region, before, known_utc=known_utc, progress=progress, only=TRAINING)
        run_id = make_run_id(region.region_id, before, known_utc)
        run_stage("train_activity", context_for(region, before, known_utc, run_id))
    result = run_flow(region, day_window(day, region.time_zone), known_utc=known_utc, progress=progress)
    score = score_day(region, day)
    return {
        "day": day.isoformat(),
        **score,
        "receipts": [vars(r) for r in result.receipts],
        "summary": _summary(day, score),
    }


def has_models(region: Region) -> bool:
    """Whether the region's activity models were trained before."""
    database.migrate()
    return bool(database.read("model_version", region.region_id).num_rows)


def score_day(region: Region, day: date) -> dict[str, float]:
    """The day's estimated activity beside the measured one, over the unit-hours in which a unit ran."""
    store = lake(region)
    estimated = store.read(
        "activity_hourly", [day], columns=["source_id", "hour_utc", "activity", "activity_p05", "activity_p95"]
    )
    measured = store.read("measured_activity_hourly", [day], columns=["production_line_id", "hour_utc", "activity"])
    return running_hours_score(estimated, measured.rename_columns(["source_id", "hour_utc", "measured"]))


def running_hours_score(estimated: pa.Table, measured: pa.Table) -> dict[str, float]:
    """The measures over the hours in which a unit ran (measured above zero); one estimate a source and hour to at most one measurement."""
    both = estimated.join(measured, ["source_id", "hour_utc"], join_type="inner")
    running = both.filter(pc.greater(both["measured"], 0.0))
    truth, guess = running["measured"].to_numpy(), running["activity"].to_numpy()
    return {
        "unit_hours": running.num_rows,
        "r2": float(coefficient_of_determination(guess, truth)),
        "nmb": float(normalised_mean_bias_share(guess, truth)),
        "coverage_90": _coverage(running),
    }


def _coverage(running: pa.Table) -> float:
    inside = pc.and_(
        pc.greater_equal(running["measured"], running["activity_p05"]),
        pc.less_equal(running["measured"], running["activity_p95"]),
    )
    return float(pc.mean(inside).as_py() or 0.0)


def _before(region: Region, day: date) -> Window:
    first = day - timedelta(days=int(region.options["training_days"]))
    return Window(day_window(first, region.time_zone).from_utc, day_window(day, region.time_zone).from_utc)


def _summary(day: date, score: dict[str, float]) -> str:
    return (
        f"{day}, {score['unit_hours']} running unit-hours: R2 {score['r2']:.3f}, NMB {score['nmb']:+.1%}, "
        f"{score['coverage_90']:.0%} of the measured heat inputs lie within the 90 % interval"
    )
