"""Inputs of training_all and scoring_boosted: nonlinear activity that depends on siblings.

Belongs here: inputs drawn from a seed, and boosted stored models. Does not: lines with linear activity (learning),
sizes, plain scripts (rivals).
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench.learning import NOISE_SHARE, SEED, SimulatedLines, write_day, write_models, write_registry
from bench.sizes import FIRST_TRAINING_DAY, TIME_ZONE, Size
from bigdata_emis.activity_model.cross_validation import fit_candidates
from bigdata_emis.activity_model.inputs.line_rows import hours_of_week, sibling_covariate_name
from bigdata_emis.activity_model.inputs.line_series import build_line_series

FORM = "boosted"
LINES_PER_ENTERPRISE = 3
RELATED_EVERY = 5
"""One enterprise of this many has lines that trees fit better; for the others trees are dominated candidates."""
DISTINCT_ENTERPRISES = 16
FIT_DAYS = 90
CURVATURE_SHARE, OTHERS_SHARE = 0.3, 0.2
Random = np.random.Generator


class RelatedLines(SimulatedLines):
    """Three lines per enterprise: concave activity, plus a share of the energy of siblings.

    activity = slope · (e · (1 − CURVATURE_SHARE · e / (e + level)) + OTHERS_SHARE · energy of siblings) · (1 + noise)
    """

    @property
    def enterprises(self) -> list[str]:
        return [f"plant-{n // LINES_PER_ENTERPRISE:06d}" for n in range(len(self.names))]

    def activity(self, energy: Any, random: Random) -> Any:
        count = len(energy)
        slope, level = self.slope[:count, None], self.level_kwh[:count, None]
        curved = energy * (1 - CURVATURE_SHARE * energy / (energy + level))
        others = (
            np.repeat(np.add.reduceat(energy, np.arange(0, count, LINES_PER_ENTERPRISE)), LINES_PER_ENTERPRISE, axis=0)[
                :count
            ]
            - energy
        )
        activity = (slope * curved + OTHERS_SHARE * slope * others) * np.maximum(
            1 + NOISE_SHARE * random.normal(size=energy.shape), 0
        )
        return np.where(energy > 0, activity, 0.0)

    def siblings(self, number: int) -> list[int]:
        """Numbers of the other lines of the enterprise of a line."""
        first = number - number % LINES_PER_ENTERPRISE
        return [n for n in range(first, first + LINES_PER_ENTERPRISE) if n != number]


class MixedLines(RelatedLines):
    """Three lines per enterprise: RelatedLines in every fifth, SimulatedLines in the others."""

    def activity(self, energy: Any, random: Random) -> Any:
        is_related = (np.arange(len(energy)) // LINES_PER_ENTERPRISE % RELATED_EVERY == 0)[:, None]
        return np.where(
            is_related, RelatedLines.activity(self, energy, random), SimulatedLines.activity(self, energy, random)
        )


def write_training_all_inputs(folder: Path, size: Size) -> None:
    """A year of energy and measured activity by line and hour, and the registry of lines.

    One file per day.
    """
    lines = MixedLines(_line_count(size), np.random.default_rng(SEED))
    for number in range(size.training_days):
        write_day(
            folder,
            lines,
            FIRST_TRAINING_DAY + timedelta(days=number),
            np.random.default_rng([SEED, number]),
            truth=True,
        )
    write_registry(folder, lines)


def write_scoring_boosted_inputs(folder: Path, size: Size) -> None:
    """One day of energy, with the day before, and a boosted champion for every line.

    The loads of the sibling lines are inputs of the champions.
    """
    distinct = DISTINCT_ENTERPRISES * LINES_PER_ENTERPRISE
    lines = _related_lines(size).repeat_laws(distinct)
    last = FIRST_TRAINING_DAY + timedelta(days=size.training_days)
    for number in (0, 1):
        write_day(
            folder,
            lines,
            last + timedelta(days=number - 1),
            np.random.default_rng([SEED, size.training_days + number]),
            truth=False,
        )
    write_registry(folder, lines)
    names: list[str] = lines.names.to_pylist()
    models = _fit_models(lines, min(distinct, len(names)))
    write_models(
        folder,
        last,
        {
            name: _rename_siblings(models[n % distinct], [names[k] for k in lines.siblings(n)])
            for n, name in enumerate(names)
        },
    )


def _related_lines(size: Size) -> RelatedLines:
    return RelatedLines(_line_count(size), np.random.default_rng(SEED))


def _line_count(size: Size) -> int:
    """The number of lines in complete enterprises."""
    return size.model_lines // LINES_PER_ENTERPRISE * LINES_PER_ENTERPRISE


def _fit_models(lines: RelatedLines, count: int) -> list[dict[str, Any]]:
    """Parameters as the training stage stores them, of the first lines; the others repeat their laws."""
    random = np.random.default_rng([SEED, 1])
    energy = np.concatenate([lines.energy(random, is_weekend=False)[:count] for _ in range(FIT_DAYS)], axis=1)
    activity = lines.activity(energy, random)
    hour = np.arange(energy.shape[1], dtype=np.int64)
    calendar, models = hours_of_week(hour, TIME_ZONE), []
    for number in range(count):
        sibling_kwh = {sibling_covariate_name(lines.names[k].as_py()): energy[k] for k in lines.siblings(number)}
        series = build_line_series(hour, calendar, energy[number], covariates=sibling_kwh)
        models.append(fit_candidates(series, activity[number], (FORM,))[0].parameters)
    return models


def _rename_siblings(model: dict[str, Any], siblings: list[str]) -> dict[str, Any]:
    """The model of a line, for another line with the same law: its inputs are the siblings of that line."""
    covariates = dict(zip(map(sibling_covariate_name, siblings), model["covariates"].values(), strict=True))
    own = model["features"][: len(model["features"]) - len(covariates)]
    return {**model, "covariates": covariates, "features": [*own, *covariates]}
