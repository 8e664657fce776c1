"""Trial of achieved cuts and compliance on simulated alerts of several seeds, without a whole day's run.

Belongs here: drawing the alerts, calling the stages, gathering the scores. Does not: the scores (truth/score_outcome).
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from statistics import mean
from typing import Any

from bigdata_emis import flow, reference
from bigdata_emis.context import Context
from bigdata_emis.control.achieve_cut import achieve_cut
from bigdata_emis.control.expect_without_control import expect_without_control
from bigdata_emis.control.judge_compliance import judge_compliance
from bigdata_emis.demo.alert_trial.alert_period import NORMAL_DAYS
from bigdata_emis.demo.alert_trial.alert_world import AlertWorld, draw_alert_world
from bigdata_emis.demo.plan import TIME_ZONE
from bigdata_emis.demo.truth.score_outcome import TARGET_POLLUTANTS, score_achieved, score_compliance
from bigdata_emis.demo.world.places import grid as region_grid
from bigdata_emis.region import Region
from bigdata_emis.storage.lake import open_lake

CELL_M = 3_000.0
Progress = Callable[[str, int, int], None]


def try_outcome(
    *, seeds: Sequence[int], size: str, known_utc: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Score one simulated alert for each seed, and the means over them.

    The scores are of industry alone: the trial has neither roads nor areas.

    Raises InputError when the size is unknown.
    """
    began, trials = time.perf_counter(), []
    for number, seed in enumerate(seeds):
        if progress:
            progress(f"simulated alert of seed {seed}", number, len(seeds))
        trials.append({"seed": seed} | _try_seed(seed, size, known_utc))
    return {"size": size, "trials": trials, "mean": _means(trials), "seconds": time.perf_counter() - began}


def _try_seed(seed: int, size: str, known_utc: datetime) -> dict[str, Any]:
    world = draw_alert_world(seed, size)
    context = _context(world, known_utc)
    tables = world.tables | {
        name: reference.read(name) for name in ("control_exclusion", "supervision_rule", "error_correlation")
    }
    tables["counterfactual_hourly"] = expect_without_control(
        *(tables[name] for name in flow.stage("expect_without_control").reads), context=context
    )
    judged = judge_compliance(*(tables[name] for name in flow.stage("judge_compliance").reads), context=context)
    achieved = achieve_cut(*(tables[name] for name in flow.stage("achieve_cut").reads), context=context)
    return {
        "achieved": score_achieved(world, achieved),
        "compliance": score_compliance(world, judged["compliance_hourly"]),
    }


def _context(world: AlertWorld, known_utc: datetime) -> Context:
    region = Region("trial", Path(), "simulated alert", "模拟预警", TIME_ZONE, True, region_grid(CELL_M), {}, {}, {})
    whole_days = world.window.whole_days(TIME_ZONE)
    return Context(
        region, whole_days, known_utc, "trial", open_lake(region), lookback_days=NORMAL_DAYS, asked_window=world.window
    )


def _means(trials: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Over the seeds: mean absolute error in points, share of intervals that cover, F1 and false accusations."""
    achieved = [trial["achieved"] for trial in trials]
    judged = [trial["compliance"]["judged"] for trial in trials]
    covered = [scores[pollutant]["covered_90"] for scores in achieved for pollutant in TARGET_POLLUTANTS]
    return {
        "absolute_error_points": {
            p: mean(abs(scores[p]["error_points"]) for scores in achieved) for p in TARGET_POLLUTANTS
        },
        "largest_error_points": max(abs(scores[p]["error_points"]) for scores in achieved for p in TARGET_POLLUTANTS),
        "coverage_90": mean(covered),
        "f1": mean(counts["f1"] or 0.0 for counts in judged),
        "false_accusation_share": mean(counts["false_accusation_share"] or 0.0 for counts in judged),
        "judged_share": mean(trial["compliance"]["judged_share"] for trial in trials),
        "accused_offline_hours": sum(trial["compliance"]["accused_offline_hours"] for trial in trials),
    }
