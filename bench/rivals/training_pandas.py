"""Training of three model forms in a plain loop: four blocks, scores and choice.

Unlike the stage it has no intervals, no backtest, no model cards and no pooled models.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from scipy.optimize import nnls

BLOCKS, TIE, RIDGE, WEEK = 4, 0.01, 1e-6, 168
MAX_RATIO = 1.1
"""Cap of an estimate over the largest training activity, in proportion to energy above the training range."""
BATCH_LINES = 250
ZONE = "Asia/Shanghai"
NEEDED = {"static_profile": 1, "proportional": 1, "affine": 12}


def run(inputs: Path, results: Path) -> None:
    """Write the scores of all forms and lines, with the chosen form."""
    energy, truth = (
        ds.dataset(inputs / name, format="parquet") for name in ("line_energy_hourly", "measured_activity_hourly")
    )
    names = sorted(pq.read_table(inputs / "production_line.parquet")["production_line_id"].to_pylist())
    scores = []
    for start in range(0, len(names), BATCH_LINES):
        part = names[start : start + BATCH_LINES]
        is_in_batch = (ds.field("production_line_id") >= part[0]) & (ds.field("production_line_id") <= part[-1])
        keys = ["production_line_id", "hour_utc"]
        left = energy.to_table(columns=[*keys, "energy_kwh"], filter=is_in_batch).to_pandas()
        right = truth.to_table(columns=[*keys, "activity"], filter=is_in_batch).to_pandas()
        hours = left.merge(right, on=keys)
        local = hours["hour_utc"].dt.tz_convert(ZONE)
        hours["week_hour"] = local.dt.dayofweek * 24 + local.dt.hour
        for name, line in hours.sort_values("hour_utc").groupby("production_line_id"):
            scores += score_line(name, line)
    (results / "model_score").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(scores), results / "model_score" / "part.parquet")


def score_line(name: str, line: pd.DataFrame) -> list[dict[str, object]]:
    """Blocked cross-validation of the forms of one line; the chosen one is fitted again."""
    energy, activity, week = (line[c].to_numpy() for c in ("energy_kwh", "activity", "week_hour"))
    starting = (energy <= 0) & starts_within_two_hours(energy)
    is_training = (energy > 0) | starting | (activity > 0)
    energy, activity, week = energy[is_training], activity[is_training], week[is_training]
    block = np.arange(len(energy)) * BLOCKS // len(energy)
    rows, errors = [], []
    for form, (fit, value) in FORMS.items():
        if (energy > 0).sum() < NEEDED[form]:
            continue
        outside = np.zeros_like(activity)
        for b in range(BLOCKS):
            rest, own = block != b, block == b
            limit = MAX_RATIO * activity[rest].max() * np.maximum(energy[own] / energy[rest].max(), 1)
            outside[own] = np.clip(
                value(fit(energy[rest], activity[rest], week[rest]), energy[own], week[own]), 0, limit
            ) * (energy[own] > 0)
        errors.append(np.abs(outside - activity).mean())
        rows.append({"source_id": name, "form_code": form, **block_scores(outside, activity, energy > 0)})
    chosen = next(i for i, e in enumerate(errors) if e <= min(errors) * (1 + TIE))
    fit, _ = FORMS[str(rows[chosen]["form_code"])]
    fit(energy, activity, week)
    return [{**row, "is_chosen": i == chosen} for i, row in enumerate(rows)]


def starts_within_two_hours(energy: np.ndarray) -> np.ndarray:
    nearest = np.full(len(energy), False)
    for ahead in (1, 2):
        nearest[:-ahead] |= energy[ahead:] > 0
    return nearest


def block_scores(estimated: np.ndarray, measured: np.ndarray, on: np.ndarray) -> dict[str, float]:
    r2, nmae = [], []
    for at in np.array_split(np.arange(len(measured)), BLOCKS):
        e, m = (estimated - measured)[at][on[at]], measured[at][on[at]]
        spread = ((m - m.mean()) ** 2).sum()
        if spread > 0:
            r2.append(1 - (e**2).sum() / spread)
        if m.sum() > 0:
            nmae.append(np.abs(e).sum() / m.sum())
    return {"r2": float(np.median(r2)), "nmae": float(np.median(nmae))}


def fit_profile(energy: np.ndarray, activity: np.ndarray, week: np.ndarray) -> np.ndarray:
    total, count = np.bincount(week, activity, WEEK), np.bincount(week, minlength=WEEK)
    return np.where(count > 0, total / np.maximum(count, 1), activity.mean())


def fit_affine(energy: np.ndarray, activity: np.ndarray, week: np.ndarray) -> np.ndarray:
    design = np.column_stack([energy > 0, np.clip(energy, 0, None)]).astype(float)
    scale = np.abs(design).max(axis=0)
    stacked = np.vstack([design / scale, np.sqrt(RIDGE * len(activity)) * np.eye(2)])
    coefficients, _ = nnls(stacked, np.concatenate([activity, np.zeros(2)]))
    return np.asarray(coefficients / scale)


FORMS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "static_profile": (fit_profile, lambda mean, energy, week: mean[week]),
    "proportional": (
        lambda energy, activity, week: activity.sum() / energy.sum(),
        lambda ratio, energy, week: ratio * energy,
    ),
    "affine": (fit_affine, lambda c, energy, week: c[0] * (energy > 0) + c[1] * np.clip(energy, 0, None)),
}
