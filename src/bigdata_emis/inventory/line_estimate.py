"""One line's hours and its stored model, turned into its activity as the engine asks for it.

Belongs here: rows in, rows out, and how the doubt about energy widens the interval. Does not: which model a line has (activity).
"""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.equations.uncertainty import NINETY_FIFTH
from bigdata_emis.proxy.choice import Estimate
from bigdata_emis.proxy.line_table import read_series, values
from bigdata_emis.proxy.series import Floats
from bigdata_emis.proxy.stored import estimate_stored

COLUMNS = ["source_id", "hour_utc", "activity", "activity_p05", "activity_p95", "activity_unit_code", "method_code", "model_version_id", "imputation_code"]
ROW = (
    "source_id string, hour_utc timestamp, activity double, activity_p05 double, activity_p95 double, activity_unit_code string, "
    "method_code string, model_version_id string, imputation_code string"
)
LEARNT_SHARE = 0.03
"""Up to this relative standard error of its energy a line is as sure as in the hours that taught its model."""
BEYOND_SD_SHARE = 0.2
"""Relative standard error of the part of an estimate that lies beyond the loads taught: rating B of reference/uncertainty_rating.csv."""


def estimator(time_zone: str) -> Callable[[pa.Table, pa.Table], pa.Table]:
    """The function that the engine calls with the hours of one line and the row of its model."""

    def estimate_line(hours: pa.Table, model: pa.Table) -> pa.Table:
        told = model.slice(0, 1).to_pylist()
        if not told or not hours.num_rows:
            return _rows(hours.slice(0, 0), {}, Estimate(np.empty(0), np.empty(0), np.empty(0)))
        known = read_series(hours, time_zone)[1]
        return _rows(known, told[0], estimate_hours(known, told[0], time_zone))

    return estimate_line


def estimate_hours(known: pa.Table, model: dict[str, Any], time_zone: str) -> Estimate:
    """Activity of the hours of a line, in order of time, by its model.

    Where the energy is less sure than in the hours that taught the model, the model is asked again with the energy at its 5th and
    95th percentile, and the distances add in quadrature to those of the model's own interval.
    """
    energy, deviation = values(known, "energy_kwh"), values(known, "energy_sd_kwh")
    found = _ask(known, energy, model, time_zone)
    doubtful = deviation > LEARNT_SHARE * np.abs(energy)
    if not doubtful.any():
        return found
    reach = np.where(doubtful, NINETY_FIFTH * deviation, 0.0)
    least, most = (_ask(known, at, model, time_zone).activity for at in (np.maximum(energy - reach, 0.0), energy + reach))
    low, high = np.minimum(np.minimum(least, most), found.activity), np.maximum(np.maximum(least, most), found.activity)
    widened = _widened(found, found.activity - low, high - found.activity)
    return Estimate(found.activity, np.where(doubtful, widened.p05, found.p05), np.where(doubtful, widened.p95, found.p95))


def _ask(known: pa.Table, energy: Floats, model: dict[str, Any], time_zone: str) -> Estimate:
    """The model at loads like those that taught it; beyond them it is carried on in proportion to the working energy, and is less sure.

    A line that always ran at full load while it was taught tells nothing of half load, but a red alert asks for it.
    """
    parameters = json.loads(model["parameters_json"])
    corrections = {name: float(model[name]) for name in ("activity_correction", "interval_correction")}
    inside = _inside(energy, parameters.get("taught_kwh"))
    series = read_series(known.set_column(known.column_names.index("energy_kwh"), "energy_kwh", pa.array(inside, pa.float64())), time_zone)[0]
    found = estimate_stored(parameters, series, **corrections)
    scale = np.divide(energy, inside, out=np.ones_like(energy), where=inside > 0)
    carried = Estimate(found.activity * scale, found.p05 * scale, found.p95 * scale)
    reach = NINETY_FIFTH * BEYOND_SD_SHARE * np.abs(1 - scale) * carried.activity
    return _widened(carried, reach, reach)


def _inside(energy: Floats, taught: list[float] | None) -> Floats:
    """Loads moved into the range that taught the model; an idle hour stays idle."""
    if taught is None:
        return energy
    least, most = taught
    return np.where(energy > 0, np.clip(energy, least, most), energy)


def _widened(found: Estimate, lower: Floats, upper: Floats) -> Estimate:
    """The arms of the interval with independent reaches added in quadrature; none falls below zero."""
    least = found.activity - np.hypot(found.activity - found.p05, lower)
    return Estimate(found.activity, np.maximum(least, 0.0), found.activity + np.hypot(found.p95 - found.activity, upper))


def _rows(known: pa.Table, model: dict[str, Any], found: Estimate) -> pa.Table:
    count = known.num_rows
    columns = (
        known["production_line_id"], known["hour_utc"], found.activity, found.p05, found.p95,
        pa.array([model.get("activity_unit_code")] * count, pa.string()), pc.cast(known["method_code"], pa.string()),
        pa.array([model.get("model_version_id")] * count, pa.string()), pc.if_else(pc.equal(known["imputation_code"], ""), None, known["imputation_code"]),
    )  # fmt: skip
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))
