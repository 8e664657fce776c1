"""Training on all rungs, and scoring of boosted models: lines whose activity bends with their load and goes with that of other lines.

Belongs here: inputs of both workloads, drawn from a seed. Does not: those of the cheap rungs (learning), sizes, the plain script beside them.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench.learning import NOISE_SHARE, SEED, Plants, registry, write_day, write_models
from bench.sizes import FIRST_LEARNT_DAY, TIME_ZONE, Size
from bigdata_emis.activity_model.cross_validation import fit_candidates
from bigdata_emis.activity_model.inputs.line_rows import hours_of_week, sibling_covariate
from bigdata_emis.activity_model.inputs.line_series import line_series

FORM = "boosted"
LINES_A_PLANT = 3
RELATED_EVERY = 5
"""In the training one enterprise of so many has lines that trees tell better; the others are a load curve and noise, where trees are given up."""
DISTINCT_PLANTS = 16
LEARNT_FROM_DAYS = 90
BEND_SHARE, OF_OTHERS_SHARE = 0.3, 0.2
Random = np.random.Generator


class Related(Plants):
    """Lines by threes in an enterprise: activity rises ever less with the load, and a part of the work of the others is measured with it."""

    @property
    def enterprises(self) -> list[str]:
        return [f"plant-{n // LINES_A_PLANT:06d}" for n in range(len(self.names))]

    def activity(self, energy: Any, random: Random) -> Any:
        count = len(energy)
        slope, level = self.slope[:count, None], self.level_kwh[:count, None]
        bent = energy * (1 - BEND_SHARE * energy / (energy + level))
        others = (
            np.repeat(np.add.reduceat(energy, np.arange(0, count, LINES_A_PLANT)), LINES_A_PLANT, axis=0)[:count]
            - energy
        )
        made = (slope * bent + OF_OTHERS_SHARE * slope * others) * np.maximum(
            1 + NOISE_SHARE * random.normal(size=energy.shape), 0
        )
        return np.where(energy > 0, made, 0.0)

    def others(self, number: int) -> list[int]:
        """The other lines of the enterprise of a line, by their places."""
        first = number - number % LINES_A_PLANT
        return [n for n in range(first, first + LINES_A_PLANT) if n != number]


class Mixed(Related):
    """Lines by threes in an enterprise, of which every fifth enterprise is related as above."""

    def activity(self, energy: Any, random: Random) -> Any:
        is_related = (np.arange(len(energy)) // LINES_A_PLANT % RELATED_EVERY == 0)[:, None]
        return np.where(is_related, Related.activity(self, energy, random), Plants.activity(self, energy, random))


def make_training_all(folder: Path, size: Size) -> None:
    """A year of energy and measured activity by line and hour, a file a day, and the registry of lines."""
    plants = Mixed(_whole(size), np.random.default_rng(SEED))
    for number in range(size.learnt_days):
        write_day(
            folder, plants, FIRST_LEARNT_DAY + timedelta(days=number), np.random.default_rng([SEED, number]), truth=True
        )
    registry(folder, plants)


def make_scoring_boosted(folder: Path, size: Size) -> None:
    """A day of energy with the day before it, and a boosted champion for every line that asks for the load of the other two."""
    distinct = DISTINCT_PLANTS * LINES_A_PLANT
    plants = _plants(size).repeated(distinct)
    last = FIRST_LEARNT_DAY + timedelta(days=size.learnt_days)
    for number in (0, 1):
        write_day(
            folder,
            plants,
            last + timedelta(days=number - 1),
            np.random.default_rng([SEED, size.learnt_days + number]),
            truth=False,
        )
    registry(folder, plants)
    names: list[str] = plants.names.to_pylist()
    models = _models(plants, min(distinct, len(names)))
    write_models(
        folder,
        last,
        {name: _renamed(models[n % distinct], [names[k] for k in plants.others(n)]) for n, name in enumerate(names)},
    )


def _plants(size: Size) -> Related:
    return Related(_whole(size), np.random.default_rng(SEED))


def _whole(size: Size) -> int:
    """The lines of as many whole enterprises as there are lines for."""
    return size.learnt_lines // LINES_A_PLANT * LINES_A_PLANT


def _models(plants: Related, count: int) -> list[dict[str, Any]]:
    """Parameters as the training would keep them, of the first lines; the others, which follow the same laws, borrow them."""
    random = np.random.default_rng([SEED, 1])
    energy = np.concatenate([plants.energy(random, is_weekend=False)[:count] for _ in range(LEARNT_FROM_DAYS)], axis=1)
    activity = plants.activity(energy, random)
    hour = np.arange(energy.shape[1], dtype=np.int64)
    calendar, found = hours_of_week(hour, TIME_ZONE), []
    for number in range(count):
        beside = {sibling_covariate(plants.names[k].as_py()): energy[k] for k in plants.others(number)}
        series = line_series(hour, calendar, energy[number], covariates=beside)
        found.append(fit_candidates(series, activity[number], (FORM,))[0].parameters)
    return found


def _renamed(model: dict[str, Any], others: list[str]) -> dict[str, Any]:
    """The model of a line for another that follows the same law: it asks for the load of that one's siblings."""
    covariates = dict(zip(map(sibling_covariate, others), model["covariates"].values(), strict=True))
    own = model["features"][: len(model["features"]) - len(covariates)]
    return {**model, "covariates": covariates, "features": [*own, *covariates]}
