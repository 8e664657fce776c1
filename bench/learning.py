"""Training and scoring of activity models: inputs drawn from a seed, and the stages of the flow run on them.

Belongs here: both workloads of the models. Does not: sizes (sizes), the plain scripts beside them (rivals), or any model.
"""

from copy import copy
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.sizes import FIRST_LEARNT_DAY, LEARNT_FORMS, TIME_ZONE, Size
from bigdata_emis import schema
from bigdata_emis.activity_model.cross_validation import choose, fit_candidates
from bigdata_emis.activity_model.inputs.line_rows import hours_of_week
from bigdata_emis.activity_model.inputs.line_series import line_series
from bigdata_emis.relate.models.lifecycle import CHAMPION, model_row
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.window import day_window

SEED = 20150101
LEARNT_FROM_DAYS = 20
DISTINCT_MODELS = 50
NOISE_SHARE, STOPPED_SHARE = 0.06, 0.25
HOUR_US = 3_600_000_000
Random = np.random.Generator


def make_training(folder: Path, size: Size) -> None:
    """A year of energy and measured activity by line and hour, a file a day, and the registry of lines."""
    plants = _plants(size)
    for number in range(size.learnt_days):
        random = np.random.default_rng([SEED, number])
        write_day(folder, plants, FIRST_LEARNT_DAY + timedelta(days=number), random, truth=True)
    registry(folder, plants)


def make_scoring(folder: Path, size: Size) -> None:
    """A day of energy with the day before it, and a champion for every line."""
    plants = _plants(size).repeated(DISTINCT_MODELS)
    last = FIRST_LEARNT_DAY + timedelta(days=size.learnt_days)
    for number in (0, 1):
        random = np.random.default_rng([SEED, size.learnt_days + number])
        write_day(folder, plants, last + timedelta(days=number - 1), random, truth=False)
    registry(folder, plants)
    models = _models(plants)
    write_models(folder, last, {name: models[n % len(models)] for n, name in enumerate(plants.names.to_pylist())})


def write_models(folder: Path, last: date, models: dict[str, dict[str, Any]]) -> None:
    """A champion for each of the named lines, in use since the day before."""
    known = day_window(last - timedelta(days=1), TIME_ZONE).from_utc
    rows = [
        model_row(name, model, status=CHAMPION, card={}, taught=(known, known), known_utc=known)
        for name, model in models.items()
    ]
    table = schema.table("model_version")
    declared = pa.schema([(f.name, f.type) for f in arrow_schema(table)])
    pq.write_table(
        pa.Table.from_pylist([{name: row[name] for name in table.names} for row in rows], declared),
        folder / "model_version.parquet",
    )


class Plants:
    """Lines by their law: activity = idle + slope × energy, with noise, of lines that stop at night or do not."""

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

    def repeated(self, distinct: int) -> Self:
        """Lines of which only so many differ: the others follow the same laws again, so that a model learnt for one is good for them all."""
        again = copy(self)
        place = np.arange(len(self.level_kwh)) % distinct
        again.level_kwh, again.slope, again.idle_share = (
            self.level_kwh[place],
            self.slope[place],
            self.idle_share[place],
        )
        again.is_stopped_at_night = self.is_stopped_at_night[place]
        return again

    def energy(self, random: Random, *, is_weekend: bool) -> Any:
        """Lines by hours of a local day."""
        hour = np.arange(24)
        shape = (1 + 0.35 * np.sin((hour - 8) * np.pi / 12)) * (0.8 if is_weekend else 1.0)
        works = ~self.is_stopped_at_night[:, None] | ((hour >= 8) & (hour < 20))[None, :]
        return self.level_kwh[:, None] * shape * np.exp(random.normal(0, 0.15, (len(self.level_kwh), 24))) * works

    def activity(self, energy: Any, random: Random) -> Any:
        """What the first lines, as many as there are rows, make of their energy."""
        slope, idle = (column[: len(energy), None] for column in (self.slope, self.idle_share * self.level_kwh))
        made = slope * (energy + idle) * np.maximum(1 + NOISE_SHARE * random.normal(size=energy.shape), 0)
        return np.where(energy > 0, made, 0.0)


def _plants(size: Size) -> Plants:
    return Plants(size.learnt_lines, np.random.default_rng(SEED))


def write_day(folder: Path, plants: Plants, day: date, random: Random, *, truth: bool) -> None:
    energy = plants.energy(random, is_weekend=day.weekday() >= 5)
    start_us = int(day_window(day, TIME_ZONE).from_utc.timestamp()) * 1_000_000
    count = energy.size
    keys = {
        "production_line_id": plants.names.take(pa.array(np.repeat(np.arange(len(energy)), 24))),
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
        made = plants.activity(energy, random)
        _write(
            folder,
            "measured_activity_hourly",
            {
                **keys,
                "activity": made.ravel(),
                "activity_unit_code": pa.repeat("t", count),
                "reading_count": pa.repeat(1, count),
            },
            day=day,
        )


def registry(folder: Path, plants: Plants) -> None:
    count = len(plants.names)
    industries = [("cement", "steel", "glass", "chemicals")[n % 4] for n in range(count)]
    _write(
        folder,
        "production_line",
        {
            "production_line_id": plants.names,
            "enterprise_id": plants.enterprises,
            "sector_code": ["industrial_process"] * count,
            "industry_code": industries,
            "activity_unit_code": ["t"] * count,
        },
    )


def _models(plants: Plants) -> list[dict[str, Any]]:
    """Parameters as the training would keep them, learnt on some lines; the others borrow them."""
    random = np.random.default_rng([SEED, 1])
    energy = np.concatenate(
        [plants.energy(random, is_weekend=False)[:DISTINCT_MODELS] for _ in range(LEARNT_FROM_DAYS)], axis=1
    )
    activity = plants.activity(energy, random)
    hour = np.arange(energy.shape[1], dtype=np.int64)
    calendar = hours_of_week(hour, TIME_ZONE)
    return [
        choose(fit_candidates(line_series(hour, calendar, kwh), made, LEARNT_FORMS)).parameters
        for kwh, made in zip(energy, activity, strict=True)
    ]


def _write(folder: Path, name: str, columns: dict[str, Any], *, day: date | None = None) -> None:
    table = schema.table(name)
    count = len(next(iter(columns.values())))
    declared = arrow_schema(table)
    filled = {f.name: columns[f.name] if f.name in columns else pa.nulls(count, f.type) for f in declared}
    place = folder / name / f"day={day}" if day else folder
    place.mkdir(parents=True, exist_ok=True)
    plain = pa.schema([(f.name, f.type) for f in declared])
    pq.write_table(pa.table(filled, schema=plain), place / f"{name}.parquet", compression="zstd", write_page_index=True)
