"""Inputs of the workloads training and scoring, with linear activity of simulated lines.

Belongs here: lines with a linear activity, and their stored models. Does not: sizes (sizes), boosted models
(boosted), plain scripts (rivals).
"""

from copy import copy
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.sizes import CHEAP_FORMS, FIRST_TRAINING_DAY, TIME_ZONE, Size
from bigdata_emis import schema
from bigdata_emis.activity_model.cross_validation import choose_candidate, fit_candidates
from bigdata_emis.activity_model.inputs.line_rows import hours_of_week
from bigdata_emis.activity_model.inputs.line_series import build_line_series
from bigdata_emis.codes import ModelStatus
from bigdata_emis.relate.models.lifecycle import model_row
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.window import HOUR_US, day_window

SEED = 20150101
FIT_DAYS = 20
DISTINCT_MODELS = 50
NOISE_SHARE, STOPPED_SHARE = 0.06, 0.25
Random = np.random.Generator


def write_training_inputs(folder: Path, size: Size) -> None:
    """A year of energy and measured activity by line and hour, and the registry of lines.

    One file per day.
    """
    lines = _simulate_lines(size)
    for number in range(size.training_days):
        random = np.random.default_rng([SEED, number])
        write_day(folder, lines, FIRST_TRAINING_DAY + timedelta(days=number), random, truth=True)
    write_registry(folder, lines)


def write_scoring_inputs(folder: Path, size: Size) -> None:
    """One day of energy, with the day before, and a champion for every line."""
    lines = _simulate_lines(size).repeat_laws(DISTINCT_MODELS)
    last = FIRST_TRAINING_DAY + timedelta(days=size.training_days)
    for number in (0, 1):
        random = np.random.default_rng([SEED, size.training_days + number])
        write_day(folder, lines, last + timedelta(days=number - 1), random, truth=False)
    write_registry(folder, lines)
    models = _fit_models(lines)
    write_models(folder, last, {name: models[n % len(models)] for n, name in enumerate(lines.names.to_pylist())})


def write_models(folder: Path, last: date, models: dict[str, dict[str, Any]]) -> None:
    """A champion for each of the named lines, in use since the day before."""
    known_utc = day_window(last - timedelta(days=1), TIME_ZONE).from_utc
    rows = [
        model_row(
            name,
            model,
            status=ModelStatus.CHAMPION,
            card={},
            training_period=(known_utc, known_utc),
            known_utc=known_utc,
        )
        for name, model in models.items()
    ]
    table = schema.table("model_version")
    declared = pa.schema([(f.name, f.type) for f in arrow_schema(table)])
    pq.write_table(
        pa.Table.from_pylist([{name: row[name] for name in table.names} for row in rows], declared),
        folder / "model_version.parquet",
    )


class SimulatedLines:
    """Lines with linear activity and noise; a share of them stops at night.

    activity = slope · (energy + idle_share · level) · (1 + noise),  0 where energy is 0
    """

    def __init__(self, count: int, random: Random) -> None:
        self.names = pa.array([f"line-{n:06d}" for n in range(count)])
        self.level_kwh = np.exp(random.normal(6.0, 1.0, count))
        self.slope = np.exp(random.normal(-3.0, 0.3, count))
        self.idle_share = random.uniform(0.0, 0.3, count)
        self.is_stopped_at_night = random.random(count) < STOPPED_SHARE

    @property
    def enterprises(self) -> list[str]:
        """Each line is an enterprise of its own."""
        names: list[str] = self.names.to_pylist()
        return names

    def repeat_laws(self, distinct: int) -> Self:
        """As many lines, of which only this number differ, so that a model fits its repetitions."""
        lines = copy(self)
        at = np.arange(len(self.level_kwh)) % distinct
        lines.level_kwh, lines.slope, lines.idle_share = self.level_kwh[at], self.slope[at], self.idle_share[at]
        lines.is_stopped_at_night = self.is_stopped_at_night[at]
        return lines

    def energy(self, random: Random, *, is_weekend: bool) -> Any:
        """Energy of a local day, shape (lines, 24)."""
        hour = np.arange(24)
        shape = (1 + 0.35 * np.sin((hour - 8) * np.pi / 12)) * (0.8 if is_weekend else 1.0)
        works = ~self.is_stopped_at_night[:, None] | ((hour >= 8) & (hour < 20))[None, :]
        return self.level_kwh[:, None] * shape * np.exp(random.normal(0, 0.15, (len(self.level_kwh), 24))) * works

    def activity(self, energy: Any, random: Random) -> Any:
        """Activity from energy, of the first lines: as many as energy has rows."""
        slope, idle = (column[: len(energy), None] for column in (self.slope, self.idle_share * self.level_kwh))
        activity = slope * (energy + idle) * np.maximum(1 + NOISE_SHARE * random.normal(size=energy.shape), 0)
        return np.where(energy > 0, activity, 0.0)


def _simulate_lines(size: Size) -> SimulatedLines:
    return SimulatedLines(size.model_lines, np.random.default_rng(SEED))


def write_day(folder: Path, lines: SimulatedLines, day: date, random: Random, *, truth: bool) -> None:
    """Write the energy of a day and, with `truth`, its measured activity."""
    energy = lines.energy(random, is_weekend=day.weekday() >= 5)
    start_us = int(day_window(day, TIME_ZONE).from_utc.timestamp()) * 1_000_000
    count = energy.size
    keys = {
        "production_line_id": lines.names.take(pa.array(np.repeat(np.arange(len(energy)), 24))),
        "hour_utc": pa.array(start_us + np.tile(np.arange(24), len(energy)) * HOUR_US, pa.timestamp("us", tz="UTC")),
    }
    hours = {
        **keys,
        "energy_kwh": energy.ravel(),
        "energy_sd_kwh": 0.01 * energy.ravel(),
        "energy_method_code": pa.repeat("metered", count),
    }
    _write(folder, "line_energy_hourly", {**hours, "imputation_code": pa.repeat("none", count)}, day=day)
    if truth:
        activity = lines.activity(energy, random)
        _write(
            folder,
            "measured_activity_hourly",
            {
                **keys,
                "activity": activity.ravel(),
                "activity_unit_code": pa.repeat("t", count),
                "reading_count": pa.repeat(1, count),
            },
            day=day,
        )


def write_registry(folder: Path, lines: SimulatedLines) -> None:
    """Write the production lines, their industries in turn."""
    count = len(lines.names)
    industries = [("cement", "steel", "glass", "chemicals")[n % 4] for n in range(count)]
    _write(
        folder,
        "production_line",
        {
            "production_line_id": lines.names,
            "enterprise_id": lines.enterprises,
            "sector_code": ["industrial_process"] * count,
            "industry_code": industries,
            "activity_unit_code": ["t"] * count,
        },
    )


def _fit_models(lines: SimulatedLines) -> list[dict[str, Any]]:
    """Parameters as the training stage stores them, of the distinct lines."""
    random = np.random.default_rng([SEED, 1])
    energy = np.concatenate([lines.energy(random, is_weekend=False)[:DISTINCT_MODELS] for _ in range(FIT_DAYS)], axis=1)
    activity = lines.activity(energy, random)
    hour = np.arange(energy.shape[1], dtype=np.int64)
    calendar = hours_of_week(hour, TIME_ZONE)
    return [
        choose_candidate(fit_candidates(build_line_series(hour, calendar, kwh), measured, CHEAP_FORMS)).parameters
        for kwh, measured in zip(energy, activity, strict=True)
    ]


def _write(folder: Path, name: str, columns: dict[str, Any], *, day: date | None = None) -> None:
    table = schema.table(name)
    count = len(next(iter(columns.values())))
    declared = arrow_schema(table)
    filled = {f.name: columns[f.name] if f.name in columns else pa.nulls(count, f.type) for f in declared}
    target = folder / name / f"day={day}" if day else folder
    target.mkdir(parents=True, exist_ok=True)
    plain = pa.schema([(f.name, f.type) for f in declared])
    pq.write_table(
        pa.table(filled, schema=plain), target / f"{name}.parquet", compression="zstd", write_page_index=True
    )
