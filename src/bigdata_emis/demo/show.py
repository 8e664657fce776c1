"""Run of `emis demo`: a measured day of New York units, then the simulated alert of Beijing-Tianjin-Hebei.

Belongs here: which stages run on which days, and in which order. Does not: the stages themselves.
"""

import os
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bigdata_emis.control.current_alert import propose_alert
from bigdata_emis.control.recalculate import recalculate_region
from bigdata_emis.demo.alert_orders import LEVEL_IN_FORCE
from bigdata_emis.demo.generate import ARCHIVE, generate
from bigdata_emis.demo.nys.nys_day import has_models, show_nys
from bigdata_emis.demo.plan import find_size
from bigdata_emis.demo.providers.replay import serve
from bigdata_emis.demo.truth.score import score as score_sectors
from bigdata_emis.demo.truth.score_bureau import score_planted_totals
from bigdata_emis.demo.truth.score_cases import score_cases
from bigdata_emis.demo.truth.score_tiers import score_district_totals, score_tiers
from bigdata_emis.flow import STAGES
from bigdata_emis.region import Region, load_region
from bigdata_emis.report.day_page import write_day_page
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.window import Window, day_window, parse_instant
from bigdata_emis.workflow.day import DayResult, Progress, registry_changed, run_flow

FIRST_DAY, LAST_DAY, FORECAST_LAST_DAY = date(2015, 12, 13), date(2015, 12, 22), date(2015, 12, 25)
TRAINING_LAST_DAY = date(2015, 12, 18)
DEMO_DAY = date(2015, 12, 21)
COMPARED_DAY = date(2015, 12, 14)
"""The same weekday before the alert: the report explains what changed between it and the demonstration's day."""
FACTORS_LAST_DAY = date(2015, 12, 20)
FORECAST_KNOWN_AT = "2015-12-19T20:00"
RECALCULATED_LEVEL = LEVEL_IN_FORCE
"""What the forecast calls, and what plants were ordered and obeyed or not."""
READINGS = tuple(s.name for s in STAGES if s.name.startswith(("collect_", "clean_", "reconcile_")))
INVENTORY = tuple(s.name for s in STAGES if s.schedule == "day" and s.name not in READINGS)
TRAINING = ("train_activity",)
FACTORS = ("estimate_activity", "derive_factors")
"""Emission factors derived from stack monitors need a week of activity; no inventory is computed for those days."""
COMPARED = (
    "emit_industry",
    "fuse_monitors",
    "anchor_emission",
    "emit_traffic",
    "emit_area",
    "combine",
    "allocate",
    "total_emission",
    "publish",
)
"""Stages that the compared day needs in addition to its activity. It is published as an ordinary day without an alert:
its hours are what a year beside published inventories is estimated from."""
STEPS = (
    (READINGS, FIRST_DAY, LAST_DAY),
    (("collect_forecast",), FIRST_DAY, FORECAST_LAST_DAY),
    (TRAINING, FIRST_DAY, TRAINING_LAST_DAY),
    (FACTORS, FIRST_DAY, FACTORS_LAST_DAY),
    (COMPARED, COMPARED_DAY, COMPARED_DAY),
    (INVENTORY, DEMO_DAY, DEMO_DAY),
)


def show(
    *, seed: int, size: str, with_score: bool, known_utc: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Run both regions at the same time and return the document of `emis demo`."""
    began = time.perf_counter()
    find_size(size)
    prepare_registry()
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as executor:
        measured = executor.submit(show_nys, known_utc=known_utc)
        document = _show_alert(seed=seed, size=size, known_utc=known_utc, progress=progress)
        document["nys"] = measured.result()
    if with_score:
        document |= _score_all()
    return document | {"seconds": time.perf_counter() - began}


def _score_all() -> dict[str, Any]:
    """Score against the hidden truth by sector, by industry and tier, the totals of the power bureau, and cases."""
    store = open_lake(load_region("jjj"))
    registry = (database.read(name, "jjj") for name in ("production_line", "enterprise"))
    home = settings().home
    districts = score_district_totals(store, *registry) | score_planted_totals(home, store)
    cases = score_cases(home, database.read("compliance_case", "jjj"))
    sectors, tiers = score_sectors(home, store), score_tiers(home, store)
    return {"score": sectors, "tiers": tiers, "districts": districts, "cases": cases}


def _show_alert(*, seed: int, size: str, known_utc: datetime, progress: Progress | None) -> dict[str, Any]:
    """Run the simulated region: providers, ten days of readings, two of inventory, alert, recalculation and report."""
    generate(seed=seed, size=size, home=settings().home, progress=progress)
    region = load_region("jjj")
    with serve_providers():
        inventory = _run_stages(region, known_utc, progress)
    alert = propose_alert(region, at_utc=parse_instant(FORECAST_KNOWN_AT, region.time_zone))
    window = window_of_days(region, DEMO_DAY, DEMO_DAY)
    ledger = recalculate_region(
        region=region, level=RECALCULATED_LEVEL, window=window, measures_file=None, name="demo", known_utc=known_utc
    )
    published = write_day_page(region, DEMO_DAY, scenario=None, known_utc=known_utc)
    draft = write_day_page(region, DEMO_DAY, scenario=ledger["scenario"], known_utc=known_utc)
    return {
        "seed": seed,
        "size": size,
        "engine": settings().engine,
        "results": _list_results(region, draft.path, published.path),
        "receipts": [vars(r) for r in inventory.receipts],
        "alert": alert,
        "recalc": ledger,
        "failures": [str(f) for f in inventory.failures],
    }


@contextmanager
def serve_providers() -> Iterator[None]:
    """Serve the simulated feeds over HTTP while they are collected; the replay server replaces the data providers."""
    token = secrets.token_urlsafe()
    address, stop = serve(settings().home / ARCHIVE, token=token)
    before = {name: os.environ.get(name) for name in ("EMIS_FEEDS_ADDRESS", "EMIS_FEED_TOKEN")}
    os.environ.update(EMIS_FEEDS_ADDRESS=address, EMIS_FEED_TOKEN=token)
    try:
        yield
    finally:
        stop()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _run_stages(region: Region, known_utc: datetime, progress: Progress | None) -> DayResult:
    """Run the stages of `STEPS`.

    Models, derived factors and the compared day are computed once for a region, as they would be once a week.
    """
    is_trained = not registry_changed(region) and has_models(region)
    is_compared = is_trained and COMPARED_DAY in open_lake(region).days("emission_hourly")
    results = [
        run_flow(region, window_of_days(region, first, last), known_utc=known_utc, progress=progress, only=stages)
        for stages, first, last in STEPS
        if not ((is_trained and stages in (TRAINING, FACTORS)) or (is_compared and stages == COMPARED))
    ]
    for later in results[1:]:
        results[0].receipts.extend(later.receipts)
        results[0].failures.extend(later.failures)
    return results[0]


def window_of_days(region: Region, first: date, last: date) -> Window:
    """The window of whole local days, both included."""
    return Window(day_window(first, region.time_zone).from_utc, day_window(last, region.time_zone).to_utc)


def _list_results(region: Region, draft_page: str, published_page: str) -> dict[str, str]:
    home = Path(settings().lake)
    return {
        "report (open it)": draft_page,
        "report, published": published_page,
        "published, simulated": str(home / "published" / region.region_id),
        "published, measured": str(home / "published" / "nys"),
        "every version": str(home / "history"),
        "published inventories": f"emis inventory compare --region {region.region_id} --date {COMPARED_DAY}",
        "registry and runs": settings().database,
    }
