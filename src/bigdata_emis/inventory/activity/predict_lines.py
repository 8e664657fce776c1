"""The hours of lines and their stored models, turned into activity as the engine asks for it.

Belongs here: rows in, rows out, and how the doubt about energy widens the interval. Does not: which model a line has (activity).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.inputs.line_rows import (
    Load,
    hour_numbers,
    hours_of_week,
    sibling_loads,
    sibling_of,
    values,
)
from bigdata_emis.activity_model.inputs.line_series import line_series
from bigdata_emis.activity_model.inputs.weather import NO_WEATHER, Weather
from bigdata_emis.activity_model.stored.parameters import read_parameters
from bigdata_emis.activity_model.stored.predict import estimate_stored
from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.equations.uncertainty import NINETY_FIFTH

LINE = "production_line_id"
COLUMNS = [
    "source_id",
    "hour_utc",
    "activity",
    "activity_p05",
    "activity_p95",
    "activity_unit_code",
    "method_code",
    "model_version_id",
    "imputation_code",
]
ROW = (
    "source_id string, hour_utc timestamp, activity double, activity_p05 double, activity_p95 double, activity_unit_code string, "
    "method_code string, model_version_id string, imputation_code string"
)
KINDS = {
    "hour_utc": pa.timestamp("us", "UTC"),
    **dict.fromkeys(("activity", "activity_p05", "activity_p95"), pa.float64()),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MEASURED = ("", "none")
"""Imputation codes of hours whose energy was measured."""
WITHOUT_WEATHER, WITHOUT_SIBLINGS = "without_weather", "without_siblings"
LINES_AT_ONCE = 100
"""Models are read from their text so many at a time: the numbers of a boosted one take some 100 kB."""
LONGEST_H = 10_000_000
"""More hours than any line has: lines that follow one another so far apart are no neighbours in time."""


@dataclass(frozen=True)
class EnergyRule:
    """The reference table activity_parameter: how sure an estimate is whose energy is less sure than, or beyond, what taught the model."""

    learnt_energy_relative_sd: float
    beyond_taught_relative_sd: float


class _Hours(NamedTuple):
    """Hours of many lines, in order of line and time; `model` is the place of the line's model.

    Those before `first_hour` are there for what they tell of their neighbours, and are not estimated.
    """

    model: Integers
    hour_number: Integers
    hour_of_week: Integers
    energy_kwh: Floats
    deviation_kwh: Floats
    weather: dict[str, Floats]
    loads: dict[str, Load]
    first_hour: int

    def beside(self, rows: Any, names: Iterable[str]) -> dict[str, Floats]:
        """What is known of the named covariates in some rows: the weather of the hour, and the load of other lines."""
        found = {}
        for name in names:
            line = sibling_of(name)
            if line in self.loads:
                found[name] = self.loads[line].at(self.hour_number[rows])
            elif name in self.weather:
                found[name] = self.weather[name][rows]
        return found


def estimator(
    time_zone: str, rule: EnergyRule, weather: Weather = NO_WEATHER, *, from_utc: datetime = EPOCH
) -> Callable[[pa.Table, pa.Table], pa.Table]:
    """The function that the engine calls with the hours of some lines and the rows of their models, one a line.

    The hours may hold lines without a model, for the sake of their siblings, and hours before `from_utc`, for the sake of later ones. An
    hour whose model asks for weather or for a sibling's load that is not known goes by what the model makes of the line's own power
    alone, and says so. A line whose model cannot be read, or of whose hours it makes what is no number, has one row, without hour and activity.
    """
    first_hour = int((from_utc - EPOCH) / timedelta(hours=1))

    def estimate_lines(hours: pa.Table, models: pa.Table) -> pa.Table:
        starts = range(0, max(len(models), 1), LINES_AT_ONCE)
        return pa.concat_tables(some_lines(hours, models.slice(start, LINES_AT_ONCE)) for start in starts)

    def some_lines(hours: pa.Table, models: pa.Table) -> pa.Table:
        told = [read_parameters(text) for text in models["parameters_json"].to_pylist()]
        is_read = pa.array([not why for _, why in told], pa.bool_())
        read = [{**row, "parameters": of} for row, (of, why) in zip(models.to_pylist(), told, strict=True) if not why]
        return pa.concat_tables(
            [_unreadable_rows(models.filter(pc.invert(is_read))), readable_lines(hours, models.filter(is_read), read)]
        )

    def readable_lines(hours: pa.Table, models: pa.Table, read: list[dict[str, Any]]) -> pa.Table:
        model = pc.index_in(hours[LINE], value_set=models[LINE].combine_chunks())
        known = hours.append_column("model", model).filter(pc.and_(hours["energy_kwh"].is_valid(), model.is_valid()))
        known = known.sort_by([("model", "ascending"), ("hour_utc", "ascending")])
        given = _hours(known, time_zone, weather, _asked_loads(hours, read))._replace(first_hour=first_hour)
        try:
            found = _finite(estimate_hours(given, read, rule)) if len(known) else Estimate(*np.empty((3, 0)))
        except (
            ArithmeticError
        ):  # What its text holds was checked: any other error is a fault of ours, and no reason to go without a model.
            half = len(read) // 2
            if not half:
                return _unreadable_rows(models)
            return pa.concat_tables(
                [
                    readable_lines(hours, models.slice(0, half), read[:half]),
                    readable_lines(hours, models.slice(half), read[half:]),
                ]
            )
        return _rows(known, models, found, _lacking(given, read)).filter(pa.array(given.hour_number >= first_hour))

    return estimate_lines


def _hours(known: pa.Table, time_zone: str, weather: Weather, loads: dict[str, Load]) -> _Hours:
    hour_number = hour_numbers(known["hour_utc"])
    every, place = np.unique(hour_number, return_inverse=True)
    model = np.asarray(known["model"].to_numpy(), dtype=np.int64)
    energy, deviation = values(known, "energy_kwh"), values(known, "energy_sd_kwh")
    return _Hours(
        model, hour_number, hours_of_week(every, time_zone)[place], energy, deviation, weather.at(hour_number), loads, 0
    )


def _asked_loads(hours: pa.Table, models: list[dict[str, Any]]) -> dict[str, Load]:
    """The load of the lines that some model asks for as a sibling."""
    asked = {sibling_of(name) for model in models for name in model["parameters"].get("covariates", {})} - {None}
    return (
        sibling_loads(
            hours.filter(pc.is_in(hours[LINE], value_set=pa.array(sorted(filter(None, asked)), hours[LINE].type))), LINE
        )
        if asked
        else {}
    )


def _lacking(hours: _Hours, models: list[dict[str, Any]]) -> pa.Array:
    """The code of what a model asks for in an hour in which it is not known; null where nothing is missing."""
    codes = np.full(len(hours.hour_number), None, dtype=object)
    edges = np.searchsorted(hours.model, np.arange(len(models) + 1))
    for at, model in enumerate(models):
        mine, names = slice(int(edges[at]), int(edges[at + 1])), model["parameters"].get("covariates", {})
        known = hours.beside(mine, names)
        for name in names:
            lacks = ~np.isfinite(known.get(name, np.full(mine.stop - mine.start, np.nan)))
            codes[mine][lacks] = WITHOUT_SIBLINGS if sibling_of(name) else WITHOUT_WEATHER
    return pa.array(codes, pa.string())


def estimate_hours(hours: _Hours, models: list[dict[str, Any]], rule: EnergyRule) -> Estimate:
    """Activity of the hours of lines by the models of the lines.

    Where the energy is less sure than in the hours that taught the model, the model is asked again with the energy at its 5th and
    95th percentile, and the distances add in quadrature to those of the model's own interval.
    """
    energy, deviation = hours.energy_kwh, hours.deviation_kwh
    doubtful = deviation > rule.learnt_energy_relative_sd * np.abs(energy)
    reach = np.where(doubtful, NINETY_FIFTH * deviation, 0.0)
    found, least, most = _ask(hours, np.stack([energy, np.maximum(energy - reach, 0.0), energy + reach]), models, rule)
    low = np.minimum(np.minimum(least.activity, most.activity), found.activity)
    high = np.maximum(np.maximum(least.activity, most.activity), found.activity)
    widened = _widened(found, found.activity - low, high - found.activity)
    return Estimate(
        found.activity, np.where(doubtful, widened.p05, found.p05), np.where(doubtful, widened.p95, found.p95)
    )


def _ask(hours: _Hours, energies: Floats, models: list[dict[str, Any]], rule: EnergyRule) -> list[Estimate]:
    """The models at loads like those that taught them; beyond them they are carried on in proportion to the energy, and are less sure.

    A line that always ran at full load while it was taught tells nothing of half load, but a red alert asks for it.
    """
    parameters = [model["parameters"] for model in models]
    inside = _inside(
        energies, np.array([of.get("taught_kwh") or (0.0, np.inf) for of in parameters]).reshape(-1, 2), hours.model
    )
    found = _by_line(hours, inside, models)
    scale = np.divide(energies, inside, out=np.ones_like(energies), where=inside > 0)
    activity, p05, p95 = found * scale
    reach = NINETY_FIFTH * rule.beyond_taught_relative_sd * np.abs(1 - scale) * activity
    return [_widened(Estimate(activity[at], p05[at], p95[at]), reach[at], reach[at]) for at in range(len(energies))]


def _inside(energies: Floats, taught: Floats, model: Integers) -> Floats:
    """Loads moved into the range that taught the model; an idle hour stays idle."""
    least, most = taught[model].T
    return np.where(energies > 0, np.clip(energies, least, most), energies)


def _by_line(hours: _Hours, energies: Floats, models: list[dict[str, Any]]) -> Floats:
    """Activity, 5th and 95th percentile (first axis) at each of some energies (second) of each hour: one evaluation a model.

    A line is asked once when its energies are all alike, as those of a good meter are.
    """
    differs = np.zeros(len(models), dtype=np.bool_)
    differs[hours.model[(energies != energies[0]).any(axis=0)]] = True
    asked, place = np.nonzero(
        np.vstack(
            [np.ones((1, len(hours.model)), dtype=np.bool_), np.tile(differs[hours.model], (len(energies) - 1, 1))]
        )
    )
    order = np.lexsort((place, asked, hours.model[place]))
    asked, place = asked[order], place[order]
    apart = (hours.model[place] * len(energies) + asked) * LONGEST_H + hours.hour_number[place]
    wanted = np.flatnonzero(hours.hour_number[place] >= hours.first_hour)
    series = line_series(apart, hours.hour_of_week[place], energies[asked, place]).part(wanted)
    asked, place = asked[wanted], place[wanted]
    found = np.zeros((len(Estimate.__dataclass_fields__), *energies.shape))
    edges = np.searchsorted(hours.model[place], np.arange(len(models) + 1))
    for at, model in enumerate(models):
        mine = slice(int(edges[at]), int(edges[at + 1]))
        corrections = {name: float(model[name]) for name in ("activity_correction", "interval_correction")}
        beside = hours.beside(place[mine], model["parameters"].get("covariates", {}))
        told = estimate_stored(model["parameters"], replace(series.part(mine), covariates=beside), **corrections)
        found[:, asked[mine], place[mine]] = told.activity, told.p05, told.p95
    alike = ~differs[hours.model]
    found[:, 1:, alike] = found[:, :1, alike]
    return found


def _widened(found: Estimate, lower: Floats, upper: Floats) -> Estimate:
    """The arms of the interval with independent reaches added in quadrature; none falls below zero."""
    least = found.activity - np.hypot(found.activity - found.p05, lower)
    return Estimate(
        found.activity, np.maximum(least, 0.0), found.activity + np.hypot(found.p95 - found.activity, upper)
    )


def _finite(found: Estimate) -> Estimate:
    """Raises ArithmeticError when an estimate is no number."""
    if not all(np.isfinite(bound).all() for bound in (found.activity, found.p05, found.p95)):
        raise ArithmeticError("an estimate is no finite number")
    return found


def _unreadable_rows(models: pa.Table) -> pa.Table:
    """Names each line and the version; whoever asked must go without the model."""
    row = {name: pa.nulls(len(models), KINDS.get(name, pa.string())) for name in COLUMNS}
    return pa.table(
        {
            **row,
            "source_id": models[LINE].cast(pa.string()),
            "model_version_id": models["model_version_id"].cast(pa.string()),
        }
    )


def _rows(known: pa.Table, models: pa.Table, found: Estimate, lacking: pa.Array) -> pa.Table:
    unit, version = (
        models[name].combine_chunks().take(known["model"]).cast(pa.string())
        for name in ("activity_unit_code", "model_version_id")
    )
    columns = (
        known[LINE],
        known["hour_utc"],
        found.activity,
        found.p05,
        found.p95,
        unit,
        pc.cast(known["method_code"], pa.string()),
        version,
        _imputation(known["imputation_code"], lacking),
    )
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))


def _imputation(codes: pa.ChunkedArray, lacking: pa.Array) -> pa.ChunkedArray:
    """How an hour was imputed: what was done to its energy counts before the want of what the model asks beside it."""
    kept = pc.if_else(pc.equal(codes, ""), None, codes.cast(pa.string()))
    is_measured = pc.is_in(codes.cast(pa.string()), value_set=pa.array(MEASURED))
    return pc.if_else(pc.and_(is_measured, lacking.is_valid()), lacking, kept)
