"""Trial of whole demonstration days of several seeds: the real flow for each, scored against its hidden truth.

Belongs here: which stages run with which evidence, and the scores over the seeds. Does not: counts (hour_counts), the
stored results (stored_trials).
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from bigdata_emis import schema
from bigdata_emis.demo.accounts.known_factors import ACCOUNTS, MONITORS, REGISTERED
from bigdata_emis.demo.day_trial.hour_counts import ALL, UNMONITORED, measure, read_hour_counts
from bigdata_emis.demo.day_trial.scratch_home import scratch_home
from bigdata_emis.demo.day_trial.stored_trials import read_trial, write_trial
from bigdata_emis.demo.generate import generate
from bigdata_emis.demo.plan import REGION_ID, find_size
from bigdata_emis.demo.providers.region_files import write_registry
from bigdata_emis.demo.show import (
    COMPARED,
    COMPARED_DAY,
    DEMO_DAY,
    FACTORS,
    FACTORS_LAST_DAY,
    FIRST_DAY,
    LAST_DAY,
    READINGS,
    TRAINING,
    TRAINING_LAST_DAY,
    serve_providers,
    window_of_days,
)
from bigdata_emis.region import Region, load_region
from bigdata_emis.schema.arrow import empty
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.workflow.day import run_flow

SCORED_DAYS = (COMPARED_DAY, DEMO_DAY)
ACTIVITY = ("watch_models", "estimate_activity")
STEPS = (
    (READINGS, FIRST_DAY, LAST_DAY),
    (TRAINING, FIRST_DAY, TRAINING_LAST_DAY),
    (FACTORS, FIRST_DAY, FACTORS_LAST_DAY),
    (COMPARED, COMPARED_DAY, COMPARED_DAY),
    ((*ACTIVITY, *COMPARED), DEMO_DAY, DEMO_DAY),
)
"""Those of the demonstration without what the published inventory does not need (associations, changes, alerts)."""
OF_FACTORS = ("emit_industry", "fuse_monitors", "anchor_emission", "combine")
"""What has to run again when factors have changed."""
ACCOUNT_FILES = ("audited_emission_monthly", "district_emission_annual")
VARIANTS = (REGISTERED, MONITORS, ACCOUNTS)
Progress = Callable[[str, int, int], None]
Report = Callable[[str], None]


def try_days(
    *, seeds: Sequence[int], size: str, known_utc: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Run and score the demonstration of each seed; a seed whose result is stored by the same code is not run again.

    Raises InputError when the size is unknown, or another process runs one of the seeds.
    """
    find_size(size)
    trials, folder = [], settings().home
    for number, seed in enumerate(seeds):
        report = partial(_report, progress, number, len(seeds), seed)
        trial = read_trial(folder, seed, size)
        if trial is None:
            trial = run_seed(seed=seed, size=size, known_utc=known_utc, report=report)
            write_trial(folder, seed, size, trial)
        trials.append(trial)
    return {"size": size, "seeds": list(seeds), "days": [str(day) for day in SCORED_DAYS], **summarise(trials)}


def run_seed(*, seed: int, size: str, known_utc: datetime, report: Report) -> dict[str, Any]:
    """Counts of one seed: of all sources, and of lines without monitor by what is known of their factors.

    First the flow as it is, with audited months and totals of cities; then the factors and what follows from them
    without these accounts, as a city without them would have it; then without any factor of a class.
    """
    began = time.perf_counter()
    with scratch_home() as home:
        generate(seed=seed, size=size, home=home, progress=lambda what, done, total: report(what))
        prepare_registry()
        region = load_region(REGION_ID)
        with serve_providers():
            failures = [failure for step in STEPS for failure in _run(region, *step, known_utc, report)]
        counts = {ACCOUNTS: _counts(home, region)}
        _remove_accounts(region)
        failures += _run(region, ("derive_factors",), FIRST_DAY, FACTORS_LAST_DAY, known_utc, report)
        counts[MONITORS] = _recount(home, region, known_utc + timedelta(seconds=1), report)
        database.replace({"class_factor": empty(schema.table("class_factor"))}, REGION_ID)
        counts[REGISTERED] = _recount(home, region, known_utc + timedelta(seconds=2), report)
    return {
        "seed": seed,
        "seconds": time.perf_counter() - began,
        "failures": failures,
        "counts": counts[ACCOUNTS].to_dict("records"),
        "unmonitored": {name: _unmonitored(counts[name]).to_dict("records") for name in VARIANTS},
    }


def summarise(trials: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Scores over the seeds: coverage by sector and tier and by sector and pollutant, bias by tier and variant."""
    counts = pd.concat([pd.DataFrame(one["counts"]).assign(seed=one["seed"]) for one in trials], ignore_index=True)
    by_variant = {
        name: pd.concat([pd.DataFrame(one["unmonitored"][name]).assign(seed=one["seed"]) for one in trials])
        for name in VARIANTS
    }
    return {
        "coverage": _by_two(counts, "sector_code", "tier"),
        "pollutants": _by_two(counts, "sector_code", "pollutant_code"),
        "industries": _by_two(counts, "sector_code", "industry_code"),
        "bias": _bias(by_variant),
        "trials": list(trials),
    }


def _by_two(counts: pd.DataFrame, first: str, second: str) -> dict[str, Any]:
    """The measures of each pair of values, and of all values of each."""
    wholes = [counts.assign(**{first: ALL}), counts.assign(**{second: ALL}), counts.assign(**{first: ALL, second: ALL})]
    result: dict[str, Any] = {}
    for (outer, inner), part in pd.concat([counts, *wholes]).groupby([first, second], sort=True):
        result.setdefault(str(outer), {})[str(inner)] = measure(part)
    return result


def _bias(by_variant: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Mean absolute bias over the seeds, by tier (and all lines without monitor), pollutant and variant."""
    result: dict[str, Any] = {}
    for variant, counts in by_variant.items():
        both = pd.concat([counts, counts.assign(tier=ALL)])
        for (tier, pollutant), part in both.groupby(["tier", "pollutant_code"], sort=True):
            by_pollutant = result.setdefault(str(tier), {}).setdefault(str(pollutant), {})
            by_pollutant[variant] = measure(part)["mean_abs_nmb"]
    return result


def _run(
    region: Region, stages: tuple[str, ...], first: Any, last: Any, known_utc: datetime, report: Report
) -> list[str]:
    """Run stages over whole days, and return what failed without stopping them."""
    result = run_flow(
        region,
        window_of_days(region, first, last),
        known_utc=known_utc,
        only=stages,
        progress=lambda what, done, total: report(what),
    )
    return [str(failure) for failure in result.failures]


def _recount(home: Path, region: Region, known_utc: datetime, report: Report) -> pd.DataFrame:
    for day in SCORED_DAYS:
        _run(region, OF_FACTORS, day, day, known_utc, report)
    return _counts(home, region)


def _counts(home: Path, region: Region) -> pd.DataFrame:
    areas = database.read("activity_area", region.region_id)
    return read_hour_counts(home, open_lake(region), SCORED_DAYS, areas)


def _unmonitored(counts: pd.DataFrame) -> pd.DataFrame:
    return counts[counts["tier"].isin(UNMONITORED)]


def _remove_accounts(region: Region) -> None:
    """Leave only the titles of the registry files with accounts: what is registered next has none."""
    for name in ACCOUNT_FILES:
        for path in (region.folder / "registry").glob(f"{name}.*"):
            path.unlink()
    write_registry(region.folder, {name: pd.DataFrame(columns=schema.table(name).names) for name in ACCOUNT_FILES})


def _report(progress: Progress | None, number: int, count: int, seed: int, what: str) -> None:
    if progress:
        progress(f"seed {seed}: {what}", number, count)
