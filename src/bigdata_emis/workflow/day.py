"""The flow of a window: the stages that are active in a region, one after another, each with its receipt.

Belongs here: the order, what is skipped when unchanged, and what happens when a feed is down. Does not: running a
stage (run).
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa

from bigdata_emis import flow, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import AnalysisError, EmisError, FeedError, RefusedError
from bigdata_emis.publish.day_quality import read_partial_reasons
from bigdata_emis.region import Region
from bigdata_emis.run.engine_check import require_engine
from bigdata_emis.run.receipt import Receipt
from bigdata_emis.run.run_record import RunEntry, one_line, record_run
from bigdata_emis.run.stage import context_for, run_stage
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database, locks
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.window import Window

REGISTRY_CURSOR = "registry"
WHOLE_DAY = "day"
"""What `emis runs` calls a run of the whole flow, in the column of stages."""

Progress = Callable[[str, int, int], None]
"""Called with the name of the step, the number of steps done and the number of all steps."""


@dataclass
class DayResult:
    """The receipts of a run of the flow, what failed without stopping it, and why what it published is partial.

    failures: a FeedError for each feed that was down, an AnalysisError for each stage that the inventory does not need.
    """

    run_id: str
    receipts: list[Receipt] = field(default_factory=list)
    failures: list[EmisError] = field(default_factory=list)
    partial_reasons: list[str] = field(default_factory=list)


def run_flow(
    region: Region,
    window: Window,
    *,
    known_utc: datetime,
    progress: Progress | None = None,
    only: Collection[str] | None = None,
    store: Store | None = None,
    after_collecting: Callable[[], None] | None = None,
) -> DayResult:
    """Run the active stages of the day (or `only` these, of any schedule) over the window.

    Stages of the setup run when the files of the region folder have changed. All stages read and write `store`, by
    default the lake of the region. A feed that is down does not stop the flow: what it brought before stays, a day of
    which it never brought anything gets an empty version, and the rest is computed and published as partial. Nor does a
    stage that the inventory does not need (flow.is_analysis). Both failures are returned. after_collecting is called
    between collecting and what looks back on the days before.

    Raises EngineError, before anything is written, when the engine is not there (run.engine_check). Raises InputError
    when another process runs the whole day of that date; for parts of a day, and for single stages, the tables are
    locked (run_stage).
    """
    require_engine(_active_stages(region, only))
    prepare_registry()
    run_id = make_run_id(region.region_id, window, known_utc)
    context = context_for(region, window, known_utc, run_id, store=store)
    with _whole_day(context, window) if only is None else nullcontext(RunEntry()) as entry:
        result = _run_stages(_choose_stages(region, only), context, progress, after_collecting)
        entry.partial_reason = "; ".join(result.partial_reasons)
    return result


def make_run_id(region_id: str, window: Window, known_utc: datetime) -> str:
    """A short name of a run: the same region, window and known time give the same name."""
    text = f"{region_id} {window.from_utc.isoformat()} {window.to_utc.isoformat()} {known_utc.isoformat()}"
    return f"{region_id}-{known_utc:%Y%m%dT%H%M%S}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def write_missing_days(stage: flow.Stage, context: Context) -> list[date]:
    """Write an empty version, of completeness 0, of each day of which a feed never brought anything; returns them.

    So the day can be computed from profiles, and is marked as partial, while a stage whose input is absent is refused.
    """
    (table,), store, days = stage.writes, context.store, context.window.days(context.region.time_zone)
    with store.lock_tables(days, writes=stage.writes):
        missing = [day for day in days if not store.versions(table, [day])]
        store.write(
            table,
            arrow_schema(schema.table(table)).empty_table(),
            missing,
            known_utc=context.known_utc,
            run_id=context.run_id,
            complete_shares=dict.fromkeys(missing, 0.0),
        )
    return missing


def registry_changed(region: Region) -> bool:
    """Whether the files of the region folder differ from those that were registered last."""
    database.migrate()
    return _registry_digest(region) != _registered_digest(region)


@contextmanager
def _whole_day(context: Context, window: Window) -> Iterator[RunEntry]:
    """Hold the days of a run of the whole flow, and record it beside its stages: a kill between two of them shows."""
    region, folder = context.region, context.store.lock_folder()
    with ExitStack() as locked:
        for day in window.days(region.time_zone):
            what = f"region {region.region_id}: another process computes {day}"
            remedy = "wait until it has ended, then try again"
            locked.enter_context(locks.exclusive_lock(folder / f"day-{day}.lock", what=what, remedy=remedy))
        yield locked.enter_context(record_run(WHOLE_DAY, context))


def _run_stages(
    stages: list[flow.Stage], context: Context, progress: Progress | None, after_collecting: Callable[[], None] | None
) -> DayResult:
    result = DayResult(context.run_id)
    last_feed = max((number for number, stage in enumerate(stages) if stage.feed), default=-1)
    for number, stage in enumerate(stages):
        if progress:
            progress(stage.name, number, len(stages))
        _run_stage_of_flow(stage, context, result)
        if number == last_feed and after_collecting:
            after_collecting()
    if any(stage.schedule == "setup" for stage in stages):
        _store_registry_digest(context.region, context.known_utc)
    if any(stage.verb == "publish" for stage in stages):
        for day in context.window.days(context.region.time_zone):
            result.partial_reasons += read_partial_reasons(context.store, day)
    if progress:
        progress("done", len(stages), len(stages))
    return result


def _run_stage_of_flow(stage: flow.Stage, context: Context, result: DayResult) -> None:
    """Run one stage and keep its receipt, or its failure if the inventory can be published all the same."""
    try:
        result.receipts.append(run_stage(stage.name, context))
    except RefusedError as refusal:
        if not flow.is_analysis(stage):
            raise _with_causes(refusal, result.failures) from None
        result.failures.append(_analysis_error(stage, refusal, context.region))
    except Exception as problem:
        if flow.is_analysis(stage):
            result.failures.append(_analysis_error(stage, problem, context.region))
        elif stage.feed and isinstance(problem, FeedError):
            write_missing_days(stage, context)
            result.failures.append(problem)
        else:
            raise


def _analysis_error(stage: flow.Stage, problem: Exception, region: Region) -> AnalysisError:
    """The failure of a stage that the inventory does not need, with any error of a library as one line."""
    what = problem.what if isinstance(problem, EmisError) else one_line(problem, region)
    remedy = problem.remedy if isinstance(problem, EmisError) else "see `emis runs --failed`"
    return AnalysisError(f"{stage.name} failed, without which the inventory is whole: {what}", remedy)


def _with_causes(refusal: RefusedError, failures: list[EmisError]) -> RefusedError:
    """A refusal with the feeds that were down, from which it may follow."""
    down = [failure for failure in failures if isinstance(failure, FeedError)]
    causes = "; ".join(failure.what for failure in down)
    return RefusedError(f"{refusal.what} (feeds that were down: {causes})", down[0].remedy) if down else refusal


def _active_stages(region: Region, only: Collection[str] | None) -> list[flow.Stage]:
    stages = flow.active(frozenset(region.feeds))
    if only is None:
        return [s for s in stages if s.schedule in ("setup", "day")]
    return [s for s in stages if s.name in only or s.schedule == "setup"]


def _choose_stages(region: Region, only: Collection[str] | None) -> list[flow.Stage]:
    stages = _active_stages(region, only)
    if not registry_changed(region):
        stages = [s for s in stages if s.schedule != "setup"]
    return stages


def _registry_digest(region: Region) -> str:
    """A digest of region.toml and of every registry file."""
    paths = [region.folder / "region.toml", *sorted((region.folder / "registry").glob("*"))]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _registered_digest(region: Region) -> str:
    cursors = database.read("feed_cursor", region.region_id).to_pylist()
    return next((row["cursor"] for row in cursors if row["feed_id"] == REGISTRY_CURSOR), "")


def _store_registry_digest(region: Region, known_utc: datetime) -> None:
    row = {"feed_id": REGISTRY_CURSOR, "cursor": _registry_digest(region), "received_utc": known_utc, "row_count": None}
    frame = pa.Table.from_pylist([row], arrow_schema(schema.table("feed_cursor")))
    database.upsert("feed_cursor", region.region_id, frame)
