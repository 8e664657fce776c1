"""The flow of a window: the stages that are active in a region, one after another, each with its receipt.

Belongs here: order, what is skipped when unchanged, and what happens when a feed is down. Does not: running a stage (run.py).
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from bigdata_emis import flow, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import FeedError, RefusedError
from bigdata_emis.region import Region
from bigdata_emis.run.stage import Receipt, context_for, lake, run_stage
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database, locks
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window

REGISTRY_CURSOR = "registry"

Progress = Callable[[str, int, int], None]


@dataclass
class DayResult:
    """The receipts of a run of the flow, and the feeds that could not be had."""

    run_id: str
    receipts: list[Receipt] = field(default_factory=list)
    failures: list[FeedError] = field(default_factory=list)


def run_flow(
    region: Region,
    window: Window,
    *,
    known_utc: datetime,
    progress: Progress | None = None,
    only: Collection[str] | None = None,
    store: Store | None = None,
) -> DayResult:
    """Run the active stages of the day (or `only` these, of any schedule) over the window. Setup stages run when the registry files have changed.

    The stages read and write the lake of the region, or `store`.

    A feed that is down does not stop the flow: the rest is made and published as partial, and the failure is returned.
    Raises InputError when another process runs the whole day of that date; parts of it, and stages run by hand, take turns (run_stage).
    """
    database.migrate()
    context = context_for(region, window, known_utc, make_run_id(region.region_id, window, known_utc))
    with _alone(region, window) if only is None else nullcontext():
        return _run(_chosen(region, only), context, store, progress)


@contextmanager
def _alone(region: Region, window: Window) -> Iterator[None]:
    """Hold the days of a run of the whole flow."""
    folder, remedy = lake(region).lock_folder(), "wait until it has ended, then do it again"
    with ExitStack() as held:
        for day in window.days(region.time_zone):
            what = f"region {region.region_id}: another process makes {day}"
            held.enter_context(locks.alone(folder / f"day-{day}.lock", what=what, remedy=remedy))
        yield


def _run(chosen: list[flow.Stage], context: Context, store: Store | None, progress: Progress | None) -> DayResult:
    result = DayResult(context.run_id)
    for number, stage in enumerate(chosen):
        if progress:
            progress(stage.name, number, len(chosen))
        try:
            result.receipts.append(run_stage(stage.name, context, store=store))
        except FeedError as problem:
            if not stage.feed:
                raise
            result.failures.append(problem)
        except RefusedError as refusal:
            raise _with_causes(refusal, result.failures) from None
    if any(stage.schedule == "setup" for stage in chosen):
        _remember_registry(context.region, context.known_utc)
    if progress:
        progress("done", len(chosen), len(chosen))
    return result


def _with_causes(refusal: RefusedError, failures: list[FeedError]) -> RefusedError:
    """A refusal that follows from feeds that were down names them too."""
    causes = "; ".join(f.what for f in failures)
    return RefusedError(f"{refusal.what} (feeds that were down: {causes})", failures[0].remedy) if failures else refusal


def make_run_id(region_id: str, window: Window, known_utc: datetime) -> str:
    """A short name of one run: the same run of the same window at the same known time has the same name."""
    text = f"{region_id} {window.from_utc.isoformat()} {window.to_utc.isoformat()} {known_utc.isoformat()}"
    return f"{region_id}-{known_utc:%Y%m%dT%H%M%S}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _chosen(region: Region, only: Collection[str] | None) -> list[flow.Stage]:
    stages = list(flow.active(frozenset(region.feeds)))
    if only is None:
        stages = [s for s in stages if s.schedule in ("setup", "day")]
    else:
        stages = [s for s in stages if s.name in only or s.schedule == "setup"]
    if not registry_changed(region):
        stages = [s for s in stages if s.schedule != "setup"]
    return stages


def registry_changed(region: Region) -> bool:
    """Whether the files of the region folder differ from those that were last registered."""
    database.migrate()
    return _registry_digest(region) != _remembered_registry(region)


def _registry_digest(region: Region) -> str:
    """A digest of region.toml and every registry file, which tells whether they changed since they were registered."""
    paths = [region.folder / "region.toml", *sorted((region.folder / "registry").glob("*"))]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _remembered_registry(region: Region) -> str:
    cursors = database.read("feed_cursor", region.region_id).to_pylist()
    return next((row["cursor"] for row in cursors if row["feed_id"] == REGISTRY_CURSOR), "")


def _remember_registry(region: Region, known_utc: datetime) -> None:
    row = {"feed_id": REGISTRY_CURSOR, "cursor": _registry_digest(region), "received_utc": known_utc, "row_count": None}
    frame = pa.Table.from_pylist([row], arrow_schema(schema.table("feed_cursor")))
    database.upsert("feed_cursor", region.region_id, frame)
