"""The hours of lines and their stored models, turned into activity as the engine asks for it.

Belongs here: rows in, rows out, and how the doubt about energy widens the interval. Does not: which model a line has (activity).
"""

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.equations.uncertainty import NINETY_FIFTH
from bigdata_emis.proxy.choice import Estimate
from bigdata_emis.proxy.line_table import hour_numbers, hours_of_week, values
from bigdata_emis.proxy.series import Floats, Integers, LineSeries, line_series
from bigdata_emis.proxy.stored import estimate_stored

LINE = "production_line_id"
COLUMNS = ["source_id", "hour_utc", "activity", "activity_p05", "activity_p95", "activity_unit_code", "method_code", "model_version_id", "imputation_code"]
ROW = (
    "source_id string, hour_utc timestamp, activity double, activity_p05 double, activity_p95 double, activity_unit_code string, "
    "method_code string, model_version_id string, imputation_code string"
)
LEARNT_SHARE = 0.03
"""Up to this relative standard error of its energy a line is as sure as in the hours that taught its model."""
BEYOND_SD_SHARE = 0.2
"""Relative standard error of the part of an estimate that lies beyond the loads taught: rating B of reference/uncertainty_rating.csv."""
LONGEST_H = 10_000_000
"""More hours than any line has: lines that follow one another so far apart are no neighbours in time."""


class _Hours(NamedTuple):
    """Hours of many lines, in order of line and time; `model` is the place of the line's model."""

    model: Integers
    hour_number: Integers
    hour_of_week: Integers
    energy_kwh: Floats
    deviation_kwh: Floats


def estimator(time_zone: str) -> Callable[[pa.Table, pa.Table], pa.Table]:
    """The function that the engine calls with the hours of some lines and the rows of their models, one a line."""

    def estimate_lines(hours: pa.Table, models: pa.Table) -> pa.Table:
        model = pc.index_in(hours[LINE], value_set=models[LINE].combine_chunks())
        known = hours.append_column("model", model).filter(pc.and_(hours["energy_kwh"].is_valid(), model.is_valid()))
        known = known.sort_by([("model", "ascending"), ("hour_utc", "ascending")])
        found = estimate_hours(_hours(known, time_zone), models.to_pylist()) if len(known) else Estimate(*np.empty((3, 0)))
        return _rows(known, models, found)

    return estimate_lines


def _hours(known: pa.Table, time_zone: str) -> _Hours:
    hour_number = hour_numbers(known["hour_utc"])
    every, place = np.unique(hour_number, return_inverse=True)
    model = np.asarray(known["model"].to_numpy(), dtype=np.int64)
    return _Hours(model, hour_number, hours_of_week(every, time_zone)[place], values(known, "energy_kwh"), values(known, "energy_sd_kwh"))


def estimate_hours(hours: _Hours, models: list[dict[str, Any]]) -> Estimate:
    """Activity of the hours of lines by the models of the lines.

    Where the energy is less sure than in the hours that taught the model, the model is asked again with the energy at its 5th and
    95th percentile, and the distances add in quadrature to those of the model's own interval.
    """
    energy, deviation = hours.energy_kwh, hours.deviation_kwh
    doubtful = deviation > LEARNT_SHARE * np.abs(energy)
    reach = np.where(doubtful, NINETY_FIFTH * deviation, 0.0)
    found, least, most = _ask(hours, np.stack([energy, np.maximum(energy - reach, 0.0), energy + reach]), models)
    low = np.minimum(np.minimum(least.activity, most.activity), found.activity)
    high = np.maximum(np.maximum(least.activity, most.activity), found.activity)
    widened = _widened(found, found.activity - low, high - found.activity)
    return Estimate(found.activity, np.where(doubtful, widened.p05, found.p05), np.where(doubtful, widened.p95, found.p95))


def _ask(hours: _Hours, energies: Floats, models: list[dict[str, Any]]) -> list[Estimate]:
    """The models at loads like those that taught them; beyond them they are carried on in proportion to the energy, and are less sure.

    A line that always ran at full load while it was taught tells nothing of half load, but a red alert asks for it.
    """
    parameters = [json.loads(model["parameters_json"]) for model in models]
    inside = _inside(energies, np.array([of.get("taught_kwh") or (0.0, np.inf) for of in parameters]).reshape(-1, 2), hours.model)
    found = _by_line(hours, inside, parameters, models)
    scale = np.divide(energies, inside, out=np.ones_like(energies), where=inside > 0)
    activity, p05, p95 = found * scale
    reach = NINETY_FIFTH * BEYOND_SD_SHARE * np.abs(1 - scale) * activity
    return [_widened(Estimate(activity[at], p05[at], p95[at]), reach[at], reach[at]) for at in range(len(energies))]


def _inside(energies: Floats, taught: Floats, model: Integers) -> Floats:
    """Loads moved into the range that taught the model; an idle hour stays idle."""
    least, most = taught[model].T
    return np.where(energies > 0, np.clip(energies, least, most), energies)


def _by_line(hours: _Hours, energies: Floats, parameters: list[dict[str, Any]], models: list[dict[str, Any]]) -> Floats:
    """Activity, 5th and 95th percentile (first axis) at each of some energies (second) of each hour: one evaluation a model."""
    asked, place = np.repeat(np.arange(len(energies)), energies.shape[1]), np.tile(np.arange(energies.shape[1]), len(energies))
    order = np.lexsort((place, asked, hours.model[place]))
    asked, place = asked[order], place[order]
    apart = (hours.model[place] * len(energies) + asked) * LONGEST_H + hours.hour_number[place]
    series = line_series(apart, hours.hour_of_week[place], energies[asked, place])
    found = np.empty((len(Estimate.__dataclass_fields__), *energies.shape))
    edges = np.searchsorted(hours.model[place], np.arange(len(models) + 1))
    for at, model in enumerate(models):
        mine = slice(int(edges[at]), int(edges[at + 1]))
        corrections = {name: float(model[name]) for name in ("activity_correction", "interval_correction")}
        told = estimate_stored(parameters[at], _part(series, mine), **corrections)
        found[:, asked[mine], place[mine]] = told.activity, told.p05, told.p95
    return found


def _part(series: LineSeries, rows: slice) -> LineSeries:
    return LineSeries(**{each.name: getattr(series, each.name)[rows] for each in fields(series) if each.name != "covariates"})


def _widened(found: Estimate, lower: Floats, upper: Floats) -> Estimate:
    """The arms of the interval with independent reaches added in quadrature; none falls below zero."""
    least = found.activity - np.hypot(found.activity - found.p05, lower)
    return Estimate(found.activity, np.maximum(least, 0.0), found.activity + np.hypot(found.p95 - found.activity, upper))


def _rows(known: pa.Table, models: pa.Table, found: Estimate) -> pa.Table:
    unit, version = (models[name].combine_chunks().take(known["model"]).cast(pa.string()) for name in ("activity_unit_code", "model_version_id"))
    columns = (
        known[LINE], known["hour_utc"], found.activity, found.p05, found.p95, unit, pc.cast(known["method_code"], pa.string()), version,
        pc.if_else(pc.equal(known["imputation_code"], ""), None, known["imputation_code"]),
    )  # fmt: skip
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))
