"""Activity of the hours of lines by their stored models, as the engine asks for it: rows in, rows out.

Belongs here: from Arrow rows to model inputs and back, and how the uncertainty of energy widens the interval. Does not:
which model a line has (model_choice), a line without one (estimate_activity).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.forms.pooled_industry import expected_over_typical
from bigdata_emis.activity_model.inputs.line_rows import (
    HourlyEnergy,
    column_values,
    hour_numbers,
    hours_of_week,
    parse_sibling_covariate,
    read_sibling_energy,
)
from bigdata_emis.activity_model.inputs.line_series import build_line_series
from bigdata_emis.activity_model.inputs.weather import NO_WEATHER, Weather
from bigdata_emis.activity_model.running_minutes import find_edge_hours, has_unknown_minutes
from bigdata_emis.activity_model.stored.parameters import parse_parameters
from bigdata_emis.activity_model.stored.predict import apply_stored_model, blend_models, renew_level_age
from bigdata_emis.activity_model.stored.training_range import clip_to_range, extrapolate, training_range_kwh, widen
from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.codes import Imputation
from bigdata_emis.equations.uncertainty import NINETY_FIFTH

LINE = "production_line_id"
COLUMNS = [
    "source_id",
    "hour_utc",
    "activity",
    "activity_p05",
    "activity_p95",
    "expected_activity",
    "activity_unit_code",
    "method_code",
    "model_version_id",
    "imputation_code",
]
ROW = (
    "source_id string, hour_utc timestamp, activity double, activity_p05 double, activity_p95 double, "
    "expected_activity double, activity_unit_code string, method_code string, model_version_id string, "
    "imputation_code string"
)
COLUMN_TYPES = {
    "hour_utc": pa.timestamp("us", "UTC"),
    **dict.fromkeys(("activity", "activity_p05", "activity_p95", "expected_activity"), pa.float64()),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOT_IMPUTED = ("", Imputation.NONE)
"""Imputation codes of hours whose energy was measured."""
LINES_PER_BATCH = 100
"""So many models are parsed at a time: the numbers of a boosted one take some 100 kB."""
LINE_SPACING_H = 10_000_000
"""More hours than any line has: lines placed so far apart on one time axis are no neighbours in time."""


@dataclass(frozen=True)
class EnergyRule:
    """Effect of uncertain energy and of extrapolation; reference table activity_parameter.

    learnt_energy_relative_sd: relative standard deviation of the energy in the training hours;
    beyond_taught_relative_sd: that of the activity for each unit of extrapolation beyond the training loads.
    """

    learnt_energy_relative_sd: float
    beyond_taught_relative_sd: float


class _LineHours(NamedTuple):
    """Hours of many lines, in order of line and time; `model` is the position of the line's model.

    Hours before `first_hour` are inputs of their neighbours, and are not estimated.
    """

    model: Integers
    hour_number: Integers
    hour_of_week: Integers
    energy_kwh: Floats
    energy_sd_kwh: Floats
    weather: dict[str, Floats]
    sibling_energy: dict[str, HourlyEnergy]
    first_hour: int

    def covariates(self, rows: Any, names: Iterable[str]) -> dict[str, Floats]:
        """The available covariates of these names: weather, and the energy of sibling lines."""
        values = {}
        for name in names:
            line = parse_sibling_covariate(name)
            if line in self.sibling_energy:
                values[name] = self.sibling_energy[line].at(self.hour_number[rows])
            elif name in self.weather:
                values[name] = self.weather[name][rows]
        return values


def make_line_estimator(
    time_zone: str, rule: EnergyRule, weather: Weather = NO_WEATHER, *, from_utc: datetime = EPOCH
) -> Callable[[pa.Table, pa.Table], pa.Table]:
    """The function that the engine calls with the hours of lines and their models.

    There is one row of models for each line. The hours may include lines without a model, as siblings of others, and
    hours before `from_utc`, as neighbours of later ones. An hour without the weather or the sibling's energy that its
    model needs is estimated from the line's own energy alone, and imputation_code says so; it also marks the first and
    last hours of runs of a line whose load does not show their minutes. A line whose model cannot
    be parsed, or whose estimate is not finite, has one row, without hour and activity.
    """
    first_hour = int((from_utc - EPOCH) / timedelta(hours=1))

    def estimate_lines(hours: pa.Table, models: pa.Table) -> pa.Table:
        starts = range(0, max(len(models), 1), LINES_PER_BATCH)
        return pa.concat_tables(estimate_batch(hours, models.slice(start, LINES_PER_BATCH)) for start in starts)

    def estimate_batch(hours: pa.Table, models: pa.Table) -> pa.Table:
        is_readable, readable = _parse_models(models)
        return pa.concat_tables(
            [
                _unreadable_rows(models.filter(pc.invert(is_readable))),
                estimate_readable(hours, models.filter(is_readable), readable),
            ]
        )

    def estimate_readable(hours: pa.Table, models: pa.Table, readable: list[dict[str, Any]]) -> pa.Table:
        rows = _rows_with_model(hours, models)
        line_hours = _line_hours(rows, time_zone, weather, _sibling_energy(hours, readable), first_hour)
        try:
            estimate = estimate_hours(line_hours, readable, rule) if len(rows) else Estimate(*np.empty((3, 0)))
            _require_finite(estimate)
        except ArithmeticError:
            # The text of a model was checked: any other error is a fault of this code, and no reason to skip the model.
            half = len(readable) // 2
            if not half:
                return _unreadable_rows(models)
            return pa.concat_tables(
                [
                    estimate_readable(hours, models.slice(0, half), readable[:half]),
                    estimate_readable(hours, models.slice(half), readable[half:]),
                ]
            )
        expected = estimate.activity * _expected_over_typical(readable)[line_hours.model]
        table = _activity_rows(rows, models, estimate, expected, _missing_inputs(line_hours, readable))
        return table.filter(pa.array(line_hours.hour_number >= first_hour))

    return estimate_lines


def estimate_hours(hours: _LineHours, models: list[dict[str, Any]], rule: EnergyRule) -> Estimate:
    """Activity of the hours of lines by their models.

    Where the energy is less certain than in the training hours, the model is evaluated again at the 5th and 95th
    percentile of the energy, and the distances are added in quadrature to those of the model's own interval.
    """
    energy, energy_sd = hours.energy_kwh, hours.energy_sd_kwh
    is_uncertain = energy_sd > rule.learnt_energy_relative_sd * np.abs(energy)
    margin = np.where(is_uncertain, NINETY_FIFTH * energy_sd, 0.0)
    energies = np.stack([energy, np.maximum(energy - margin, 0.0), energy + margin])
    central, at_p05, at_p95 = _evaluate(hours, energies, models, rule)
    low = np.minimum(np.minimum(at_p05.activity, at_p95.activity), central.activity)
    high = np.maximum(np.maximum(at_p05.activity, at_p95.activity), central.activity)
    widened = widen(central, central.activity - low, high - central.activity)
    return Estimate(
        central.activity,
        np.where(is_uncertain, widened.p05, central.p05),
        np.where(is_uncertain, widened.p95, central.p95),
    )


def _parse_models(models: pa.Table) -> tuple[pa.Array, list[dict[str, Any]]]:
    """Which models can be parsed, and the rows of these with their parameters."""
    parsed = [_parse_model(row) for row in models.to_pylist()]
    return pa.array([model is not None for model in parsed], pa.bool_()), [model for model in parsed if model]


def _parse_model(row: dict[str, Any]) -> dict[str, Any] | None:
    """The row with its parameters, blended where it names a challenger; None when one of them cannot be read."""
    texts = [row["parameters_json"], *([row["blend_json"]] if row["blend_json"] else [])]
    parsed = [parse_parameters(text) for text in texts]
    if any(error for _, error in parsed):
        return None
    models = [parameters for parameters, _ in parsed]
    parameters = models[0] if len(models) == 1 else blend_models(models[0], models[1], row["blend_share"])
    return {**row, "parameters": renew_level_age(parameters, row["level_to_hour"])}


def _rows_with_model(hours: pa.Table, models: pa.Table) -> pa.Table:
    """The hours with energy of the lines that have a model, in order of line and time, with the model's position."""
    model = pc.index_in(hours[LINE], value_set=models[LINE].combine_chunks())
    rows = hours.append_column("model", model).filter(pc.and_(hours["energy_kwh"].is_valid(), model.is_valid()))
    return rows.sort_by([("model", "ascending"), ("hour_utc", "ascending")])


def _line_hours(
    rows: pa.Table, time_zone: str, weather: Weather, sibling_energy: dict[str, HourlyEnergy], first_hour: int
) -> _LineHours:
    hour_number = hour_numbers(rows["hour_utc"])
    distinct_hours, position = np.unique(hour_number, return_inverse=True)
    return _LineHours(
        np.asarray(rows["model"].to_numpy(), dtype=np.int64),
        hour_number,
        hours_of_week(distinct_hours, time_zone)[position],
        column_values(rows, "energy_kwh"),
        column_values(rows, "energy_sd_kwh"),
        weather.at(hour_number),
        sibling_energy,
        first_hour,
    )


def _sibling_energy(hours: pa.Table, models: list[dict[str, Any]]) -> dict[str, HourlyEnergy]:
    """The energy of the lines that some model uses as a sibling."""
    covariates = {name for model in models for name in model["parameters"].get("covariates", {})}
    siblings = sorted(filter(None, (parse_sibling_covariate(name) for name in covariates)))
    if not siblings:
        return {}
    is_sibling = pc.is_in(hours[LINE], value_set=pa.array(siblings, hours[LINE].type))
    return read_sibling_energy(hours.filter(is_sibling), LINE)


def _missing_inputs(hours: _LineHours, models: list[dict[str, Any]]) -> pa.Array:
    """The imputation code of what a model lacks in an hour, minutes or a covariate; null where nothing is missing."""
    codes = np.full(len(hours.hour_number), None, dtype=object)
    edges = np.searchsorted(hours.model, np.arange(len(models) + 1))
    for position, model in enumerate(models):
        rows, names = slice(int(edges[position]), int(edges[position + 1])), model["parameters"].get("covariates", {})
        if has_unknown_minutes(model["parameters"]):
            series = build_line_series(hours.hour_number[rows], hours.hour_of_week[rows], hours.energy_kwh[rows])
            codes[rows][find_edge_hours(series)] = Imputation.UNKNOWN_MINUTES
        values = hours.covariates(rows, names)
        for name in names:
            is_missing = ~np.isfinite(values.get(name, np.full(rows.stop - rows.start, np.nan)))
            is_sibling = bool(parse_sibling_covariate(name))
            codes[rows][is_missing] = Imputation.WITHOUT_SIBLINGS if is_sibling else Imputation.WITHOUT_WEATHER
    return pa.array(codes, pa.string())


def _evaluate(hours: _LineHours, energies: Floats, models: list[dict[str, Any]], rule: EnergyRule) -> list[Estimate]:
    """The models at loads within their training range; beyond it in proportion to the energy, and less certain.

    A line that always ran at full load in training says nothing of half load, but a red alert requires it.
    """
    lowest, highest = np.array([training_range_kwh(model["parameters"]) for model in models]).reshape(-1, 2).T
    within = clip_to_range(energies, lowest[hours.model], highest[hours.model])
    activity, p05, p95 = _evaluate_by_line(hours, within, models)
    return [
        extrapolate(
            Estimate(activity[k], p05[k], p95[k]), energies[k], within[k], relative_sd=rule.beyond_taught_relative_sd
        )
        for k in range(len(energies))
    ]


def _evaluate_by_line(hours: _LineHours, energies: Floats, models: list[dict[str, Any]]) -> Floats:
    """Activity, 5th and 95th percentile at each of some energies of each hour, (3, energies, hours).

    Each model is evaluated once. A line whose energies are all equal, as those of a good meter are, is evaluated at
    one.
    """
    differs = np.zeros(len(models), dtype=np.bool_)
    differs[hours.model[(energies != energies[0]).any(axis=0)]] = True
    first = np.ones((1, len(hours.model)), dtype=np.bool_)
    further = np.tile(differs[hours.model], (len(energies) - 1, 1))
    case, position = np.nonzero(np.vstack([first, further]))
    order = np.lexsort((position, case, hours.model[position]))
    case, position = case[order], position[order]
    spaced = (hours.model[position] * len(energies) + case) * LINE_SPACING_H + hours.hour_number[position]
    wanted = np.flatnonzero(hours.hour_number[position] >= hours.first_hour)
    series = build_line_series(spaced, hours.hour_of_week[position], energies[case, position]).part(wanted)
    case, position = case[wanted], position[wanted]
    values = np.zeros((len(Estimate.__dataclass_fields__), *energies.shape))
    edges = np.searchsorted(hours.model[position], np.arange(len(models) + 1))
    for number, model in enumerate(models):
        rows = slice(int(edges[number]), int(edges[number + 1]))
        corrections = {name: float(model[name]) for name in ("activity_correction", "interval_correction")}
        covariates = hours.covariates(position[rows], model["parameters"].get("covariates", {}))
        times = hours.hour_number[position[rows]]
        inputs = replace(series.part(rows), covariates=covariates, hour_number=times)
        estimate = apply_stored_model(model["parameters"], inputs, **corrections)
        values[:, case[rows], position[rows]] = estimate.activity, estimate.p05, estimate.p95
    is_equal = ~differs[hours.model]
    values[:, 1:, is_equal] = values[:, :1, is_equal]
    return values


def _require_finite(estimate: Estimate) -> None:
    """Raises ArithmeticError when a number of the estimate is not finite."""
    if not all(np.isfinite(values).all() for values in (estimate.activity, estimate.p05, estimate.p95)):
        raise ArithmeticError("the estimate of a stored model is not finite")


def _unreadable_rows(models: pa.Table) -> pa.Table:
    """One row for each line whose model cannot be used, with the line and the model version only."""
    row = {name: pa.nulls(len(models), COLUMN_TYPES.get(name, pa.string())) for name in COLUMNS}
    return pa.table(
        {
            **row,
            "source_id": models[LINE].cast(pa.string()),
            "model_version_id": models["model_version_id"].cast(pa.string()),
        }
    )


def _expected_over_typical(models: list[dict[str, Any]]) -> Floats:
    """Mean over typical activity of each model, (models,)."""
    return np.array([expected_over_typical(model["parameters"]) for model in models], dtype=np.float64)


def _activity_rows(
    rows: pa.Table, models: pa.Table, estimate: Estimate, expected: Floats, missing: pa.Array
) -> pa.Table:
    unit, version = (
        models[name].combine_chunks().take(rows["model"]).cast(pa.string())
        for name in ("activity_unit_code", "model_version_id")
    )
    columns = (
        rows[LINE],
        rows["hour_utc"],
        estimate.activity,
        estimate.p05,
        estimate.p95,
        expected,
        unit,
        pc.cast(rows["method_code"], pa.string()),
        version,
        _imputation_codes(rows["imputation_code"], missing),
    )
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))


def _imputation_codes(codes: pa.ChunkedArray, missing: pa.Array) -> pa.ChunkedArray:
    """The imputation code of each hour: that of its energy if it was imputed, else that of a missing input."""
    of_energy = pc.if_else(pc.equal(codes, ""), None, codes.cast(pa.string()))
    is_measured = pc.is_in(codes.cast(pa.string()), value_set=pa.array(NOT_IMPUTED))
    return pc.if_else(pc.and_(is_measured, missing.is_valid()), missing, of_energy)
