"""Hourly volume of hidden ISO weeks: from the weeks around them, or from earlier ones only.

Belongs here: which weeks are hidden, baselines, scores. Does not: the model (inventory/roads/hourly_volume), reading.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.inventory.roads.hourly_volume import COMMON, VolumeEstimate, estimate_volume
from bigdata_emis.inventory.roads.volume_inputs import Weeks
from bigdata_emis.validate.document import TrafficDocument
from bigdata_emis.validate.traffic.counter_data import COUNTER, CounterHours, read_counter
from bigdata_emis.validate.traffic.hidden import draw_hidden, read_hidden
from bigdata_emis.validate.traffic.plots import traffic_charts
from bigdata_emis.validate.traffic.scores import Estimates, pooled_models, score_units

MODES: dict[str, Weeks] = {"blocks": "surrounding", "forward": "earlier"}
CHAMPION = "boosted_weekly_profile"
HIDDEN_SHARE = 0.125
"""Of the weeks: those drawn at random (blocks), or the last ones (forward)."""
ISO_WEEK = re.compile(r"[0-9]{4}-W[0-9]{2}")
PLAIN_ROUNDS = 100
NOTE = (
    "Hidden are whole ISO weeks. blocks: the weeks around them are visible; forward: only weeks before the first "
    "hidden one. The model knows calendar, holidays, weather of the hour and around it, and other visible weeks. "
    "Settings were chosen by hiding weeks of the same file; hidden volumes are blanked before anything is fitted."
)


def judge_volume(data: Path, *, mode: str, hidden: Path | None, report: Any) -> tuple[TrafficDocument, pd.DataFrame]:
    """Scores over hidden weeks as a document, and the predictions of every hidden hour.

    Raises InputError when the file or the list of weeks cannot be used, or when too little is left to fit.
    """
    counter = read_counter(data)
    weeks = read_hidden(hidden) if hidden else _draw_weeks(counter, mode)
    is_hidden = _hidden_hours(counter, weeks)
    visible = np.where(is_hidden, np.nan, counter.volume)
    if mode == "forward":
        visible[int(is_hidden.argmax()) :] = np.nan
    report("boosted weekly profile", 0, 2)
    estimate = estimate_volume(counter.hours, visible, weeks=MODES[mode])
    report("baselines", 1, 2)
    models = {CHAMPION: estimate, **estimate_baselines(counter, visible)}
    hours = {name: _at(model, is_hidden) for name, model in models.items()}
    half_years = [f"{at.year} H{1 if at.month <= 6 else 2}" for at in counter.times]
    truth, ids = counter.volume[is_hidden], np.array(half_years)[is_hidden]
    return _document(counter, mode, weeks, hours, truth, ids, is_hidden), _predictions(counter, estimate, is_hidden)


def estimate_baselines(counter: CounterHours, visible: Floats) -> dict[str, VolumeEstimate]:
    """Mean of the hour of the week, and boosting with library settings, with percentiles of their fit residuals."""
    hours, is_known = counter.hours, np.isfinite(visible)
    week = hours.hour_of_week
    count, total = (
        np.bincount(week[is_known], weights, minlength=168) for weights in (np.ones(is_known.sum()), visible[is_known])
    )
    profile = np.where(count > 0, total / np.maximum(count, 1), visible[is_known].mean())[week]
    month = np.array([at.month for at in counter.times])
    plain = np.column_stack([week % 24, week // 24, month, hours.holiday_offset == 0, hours.weather[:, :4]])
    train = lightgbm.Dataset(plain[is_known], visible[is_known])
    booster = lightgbm.train(COMMON | {"seed": 1}, train, num_boost_round=PLAIN_ROUNDS)
    return {
        "hour_of_week": _with_residuals(profile, visible),
        "plain_boosting": _with_residuals(np.asarray(booster.predict(plain), dtype=np.float64), visible),
    }


def _with_residuals(value: Floats, visible: Floats) -> VolumeEstimate:
    low, high = np.nanquantile(visible - value, [0.05, 0.95])
    return VolumeEstimate(value=value, p05=value + low, p95=value + high)


def _draw_weeks(counter: CounterHours, mode: str) -> list[str]:
    names = sorted(set(counter.iso_week.tolist()))
    if mode == "blocks":
        return draw_hidden(names, HIDDEN_SHARE)
    return names[-max(1, round(HIDDEN_SHARE * len(names))) :]


def _hidden_hours(counter: CounterHours, weeks: Sequence[str]) -> Flags:
    present = set(counter.iso_week.tolist())
    unknown = next((week for week in weeks if week not in present), None)
    if unknown is not None:
        known = f"the file has {min(present)} to {max(present)}, with gaps"
        shape = "" if ISO_WEEK.fullmatch(unknown) else "; write a week as 2016-W05"
        raise InputError(f"ISO week {shorten(unknown)} is not in the file", known + shape)
    return np.isin(counter.iso_week, list(weeks))


def _at(estimate: VolumeEstimate, is_hidden: Flags) -> Estimates:
    return Estimates(estimate.value[is_hidden], estimate.p05[is_hidden], estimate.p95[is_hidden])


def _predictions(counter: CounterHours, estimate: VolumeEstimate, is_hidden: Flags) -> pd.DataFrame:
    times = pd.DatetimeIndex(counter.times)[is_hidden].strftime("%Y-%m-%d %H:%M:%S")
    hidden = _at(estimate, is_hidden)
    return pd.DataFrame({"time": times, "id": COUNTER, "value": hidden.value, "p05": hidden.p05, "p95": hidden.p95})


def _document(
    counter: CounterHours,
    mode: str,
    weeks: Sequence[str],
    models: dict[str, Estimates],
    truth: Floats,
    ids: Any,
    is_hidden: Flags,
) -> TrafficDocument:
    units = {name: score_units(name, model, truth, ids) for name, model in models.items()}
    times = [at.isoformat() for at, hidden in zip(counter.times, is_hidden, strict=True) if hidden]
    return {
        "task": "traffic",
        "fit": [],
        "score": [],
        "champion": CHAMPION,
        "mode": mode,
        "what": "volume",
        "unit": "vehicles an hour",
        "hours": "hours of hidden weeks with a count; units are half-years",
        "note": NOTE,
        "hidden": list(weeks),
        "rows_unusable": counter.unusable,
        "models": pooled_models(models, truth, units, per_hour=1),
        "units": units[CHAMPION],
        "plots": traffic_charts(models, truth, times, unit="vehicles an hour"),
    }
