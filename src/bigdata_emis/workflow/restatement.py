"""The restatement of a month with its audited totals: every day is computed again, checked, and only then published.

Belongs here: which stages and days run again, and that a month is published again whole or not at all. Does not:
running a stage (run), what an audit does to an hour (inventory), where the draft lies (draft_lake).
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import pyarrow.compute as pc

from bigdata_emis import flow, reference, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.inventory.audits.monthly_benchmark import APPLIED_STATUSES
from bigdata_emis.publish.gate.mass_checks import PUBLISHED
from bigdata_emis.publish.manifest import publish_days
from bigdata_emis.publish.publish import checks_page_name, judge, write_checks_page
from bigdata_emis.publish.read_versions import rested_on
from bigdata_emis.region import Region
from bigdata_emis.run.engine_check import require_engine
from bigdata_emis.run.receipt import Receipt, least_complete_share
from bigdata_emis.run.run_record import record_run
from bigdata_emis.run.stage import context_for
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.window import END_OF_TIME_UTC, Window, day_window
from bigdata_emis.workflow.day import Progress, make_run_id, run_flow
from bigdata_emis.workflow.draft_lake import DraftApproval, DraftStore
from bigdata_emis.workflow.page_of_day import renew_page

BENCHMARK_STAGES = ("settle_audit",)
BENCHMARK = "audit_settlement"
DAY_STAGES = ("anchor_emission", "combine", "allocate", "total_emission")
BASIS = "emission_fused_hourly"
"""A day can be restated when this table has it."""
DAY_TABLES = ("emission_industry_hourly", *PUBLISHED)
DRAFT_TABLES = (BENCHMARK, *DAY_TABLES)
LISTED = "published_version"
REMEDY = (
    "every day stays as it was published; correct the rows at their source or the audits in"
    " registry/audited_emission_monthly, and restate the month again"
)
DAYS_AT_ONCE = 4
"""Days that are computed and checked together.

A call of the engine or of the checks costs more than a day of a small region; four days of a large one fit in memory.
"""

Step = Callable[[str], None]


class _DayOutcome(StrEnum):
    """What became of a day that was computed and checked in the draft."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    """The lake has this content already, and has published it."""
    OUTDATED = "outdated"
    """Another run computed the day, or one of its inputs, in the meantime."""


Outcomes = dict[date, _DayOutcome]


class _Month(NamedTuple):
    """A month that is restated; its stages write to the draft alone until every day has passed the gate."""

    region: Region
    name: str
    days: list[date]
    draft: DraftStore
    known_utc: datetime
    receipts: list[Receipt]
    step: Step

    def context(self, day: date, known_utc: datetime | None = None) -> Context:
        """The context of one day in the lake, in which the days before and what is published are found."""
        known_utc, window = known_utc or self.known_utc, day_window(day, self.region.time_zone)
        run_id = make_run_id(self.region.region_id, window, known_utc)
        return context_for(self.region, window, known_utc, run_id, store=self.draft.lake)

    def run(self, days: list[date], stages: tuple[str, ...]) -> str:
        """Run stages over consecutive days and collect their receipts; returns the run id."""
        first, last = (day_window(day, self.region.time_zone) for day in (days[0], days[-1]))
        window = Window(first.from_utc, last.to_utc)
        result = run_flow(self.region, window, known_utc=self.known_utc, only=stages, store=self.draft)
        self.receipts.extend(result.receipts)
        return result.run_id


def restate(region: Region, month: str, *, known_utc: datetime, progress: Progress | None = None) -> dict[str, Any]:
    """Benchmark a month to its audited totals and publish its days as new versions.

    The audits of the region folder are registered first. Every day is computed and checked in a draft before the first
    one is put in place and published. Days that an interrupted run had already checked are put in place before that, as
    known when that run began; a day that was computed again since, or whose inputs have changed, is left out and
    computed again. Earlier versions stay in the history. Monitors and models are not run again. When no audit moves an
    hour, and none did before, no further day is computed; a day that already has the result is not written again, so a
    second restatement changes nothing.

    Raises InputError when the month is invalid, is being restated by another process, or has no day; RefusedError when
    the gate refuses a day: then every day, published or in the lake, is as it was.
    """
    days, store = _days_of_month(month), open_lake(region)
    require_engine(map(flow.stage, (*BENCHMARK_STAGES, *DAY_STAGES)))
    draft = DraftStore(store, f"restate-{month}")
    with draft.lock_draft():
        available = [day for day in store.days(BASIS) if day in days]
        if not available:
            raise InputError(
                f"region {region.region_id}: no day of {month} has been computed",
                f"emis day --region {region.region_id} --date {days[0]}",
            )
        step = _count_steps(progress, 3 * len(available) + 1)
        work = _Month(region, month, days, draft, known_utc, [], step)
        return {"region": region.region_id, "month": month, **_restate_days(work, available)}


def _restate_days(work: _Month, available: list[date]) -> dict[str, Any]:
    run_id = work.run(work.days, ())
    recovered = _recover(work)
    draft, store, first = work.draft, work.draft.lake, work.days[:1]
    inputs = draft.newest_lake_versions(_input_tables(), available)
    replaced = draft.newest_lake_versions(DRAFT_TABLES, work.days)
    has_audit = _has_audit(work.region, work.days[0])
    if has_audit or store.read(BENCHMARK, first).num_rows:
        work.run(work.days, BENCHMARK_STAGES)
    work.step("audits benchmarked")
    benchmark = draft.read(BENCHMARK, first)
    moves_hours = bool(set(benchmark["audit_status_code"].to_pylist()) & set(APPLIED_STATUSES))
    is_computed = moves_hours or _is_benchmarked(store, available)
    chosen = available if is_computed else _days_with(recovered, _DayOutcome.OUTDATED)
    chosen_inputs = {day: inputs[day] for day in chosen}
    approval = _compute_and_check(work, DraftApproval(run_id, work.known_utc, chosen_inputs, replaced, {}))
    outcomes = _put_in_place(work, approval)
    draft.clear()
    restated = [day for part in (recovered, outcomes) for day in _days_with(part, _DayOutcome.PUBLISHED)]
    return {
        "run": run_id,
        "pages_failed": _renew_pages(work, sorted(set(restated))),
        "days": _as_texts(_days_with(outcomes, _DayOutcome.PUBLISHED)),
        "unchanged": _as_texts(_days_with(outcomes, _DayOutcome.UNCHANGED)),
        "recovered": _as_texts(_days_with(recovered, _DayOutcome.PUBLISHED)),
        "overtaken": _as_texts(_days_with(outcomes, _DayOutcome.OUTDATED)),
        "dated_ahead": _as_texts(draft.days_dated_ahead(DRAFT_TABLES, available, work.known_utc)),
        "alarms": {day.isoformat(): texts for day, texts in approval.alarms.items()},
        "receipts": [vars(receipt) for receipt in work.receipts],
        "has_audit": has_audit,
        "audits": _audit_rows(benchmark.to_pylist()),
    }


def _as_texts(days: list[date]) -> list[str]:
    return [day.isoformat() for day in days]


def _days_with(outcomes: Outcomes, wanted: _DayOutcome) -> list[date]:
    return [day for day, outcome in outcomes.items() if outcome == wanted]


def _recover(work: _Month) -> Outcomes:
    """Put in place what an interrupted run had checked; returns what became of its days."""
    approval = work.draft.approval()
    outcomes = {} if approval is None else _put_in_place(work, approval)
    work.draft.clear()
    return outcomes


def _count_steps(progress: Progress | None, step_count: int) -> Step:
    numbers = iter(range(1, step_count + 1))
    return lambda what: progress(what, next(numbers, step_count), step_count) if progress else None


def _compute_and_check(work: _Month, approval: DraftApproval) -> DraftApproval:
    """Compute every day in the draft and check every day at the gate; returns the approval with the alarms by day.

    If one is refused, the draft is cleared.
    """
    parts = reference.read("pollutant_part", work.region.folder)
    alarms: dict[date, list[str]] = {}

    def compute(days: list[date]) -> None:
        work.run(days, DAY_STAGES)

    def check(days: list[date]) -> None:
        frames = {day: {name: work.draft.read(name, [day]) for name in PUBLISHED} for day in days}
        outcome = judge(frames, parts, work.context(days[0]))
        alarms.update({day: [str(alarm) for alarm in outcome.of_day(day).alarms] for day in days})
        for day in days:
            write_checks_page(work.draft, day, outcome.of_day(day))

    refusals: dict[date, RefusedError] = {}
    for what, action in (("computed", compute), ("checked", check)):
        for days in _consecutive_days(list(approval.input_versions)) if not refusals else ():
            refusals |= _refusals(action, days)
            for day in days:
                work.step(f"{what} {day}")
    if refusals:
        work.draft.clear()
        first, more = min(refusals), f" (and {len(refusals) - 1} more days)" if len(refusals) > 1 else ""
        what = f"{work.name} is not restated, {first} is refused{more}: {refusals[first].what}"
        raise RefusedError(what, REMEDY)
    approval = approval._replace(alarms={day: texts for day, texts in sorted(alarms.items()) if texts})
    work.draft.approve(approval)
    return approval


def _input_tables() -> list[str]:
    """The tables of the lake that the days are computed from, besides the benchmark, which is in the draft."""
    read = {name for stage in map(flow.stage, DAY_STAGES) for name in stage.reads if schema.tables().get(name)}
    return sorted(name for name in read if schema.table(name).layer == "lake" and name not in DRAFT_TABLES)


def _consecutive_days(days: list[date], *, at_most: int = DAYS_AT_ONCE) -> Iterator[list[date]]:
    """The days in groups of consecutive days, each of limited length."""
    group: list[date] = []
    for day in days:
        if group and (len(group) == at_most or day - group[-1] != timedelta(days=1)):
            yield group
            group = []
        group.append(day)
    if group:
        yield group


def _refusals(action: Callable[[list[date]], None], days: list[date]) -> dict[date, RefusedError]:
    """The days that are refused: tried together, and one by one only when they are refused together."""
    try:
        action(days)
    except RefusedError as refusal:
        if len(days) == 1:
            return {days[0]: refusal}
        return {day: problem for single in days for day, problem in _refusals(action, [single]).items()}
    return {}


def _put_in_place(work: _Month, approval: DraftApproval) -> Outcomes:
    """Make the benchmark of the month, then day by day what was checked, the newest in the lake, and publish it.

    It is recorded as known when the run of the draft began. Each day is locked while it is seen whether another run has
    written it since. Returns what became of each day.
    """
    draft = work.draft
    for day in work.days:
        with draft.lake.lock_tables([day], writes=(BENCHMARK,)):
            if not draft.has_newer((BENCHMARK,), day, approval):
                draft.put_in_place((BENCHMARK,), [day], known_utc=approval.known_utc, run_id=approval.run_id)
    outcomes: Outcomes = {}
    for day, inputs in approval.input_versions.items():
        with draft.lake.lock_tables([day], reads=inputs, writes=(*DRAFT_TABLES, LISTED)):
            outcomes[day] = _put_day_in_place(work, day, approval)
        work.step(f"{day} {outcomes[day]}")
    return outcomes


def _put_day_in_place(work: _Month, day: date, approval: DraftApproval) -> _DayOutcome:
    if work.draft.is_outdated(DRAFT_TABLES, day, approval):
        return _DayOutcome.OUTDATED
    if work.draft.equals_lake(DAY_TABLES, day) and _is_published(work, day):
        return _DayOutcome.UNCHANGED
    _publish_day(work, day, approval)
    return _DayOutcome.PUBLISHED


def _is_published(work: _Month, day: date) -> bool:
    """Whether the newest versions in the lake are what the manifest and the registry name as published."""
    lake = work.draft.lake
    content = lake.read_document(f"manifest/day={day}.json", tree="published")
    if content is None:
        return False
    manifest = json.loads(content)
    versions = [lake.versions(name, [day])[-1] for name in PUBLISHED]
    newest = {version.table: version.version for version in versions}
    rows = database.query("published_as_of", region_id=work.region.region_id, known_utc=END_OF_TIME_UTC).to_pylist()
    listed = {row["table_name"]: row["version"] for row in rows if row["day"] == day and row["table_name"] in newest}
    named = {file["table"]: file["version"] for file in manifest["files"]}
    inputs = rested_on(lake, versions, day)["input_versions"]
    return newest == named == listed and manifest["input_versions"] == inputs


def _publish_day(work: _Month, day: date, approval: DraftApproval) -> None:
    """Put one checked day in place, publish it and record the run."""
    context = work.context(day, approval.known_utc)
    with record_run("publish", context) as entry:
        work.draft.put_in_place(DAY_TABLES, [day], known_utc=approval.known_utc, run_id=context.run_id)
        rows = publish_days(PUBLISHED, context, alarms=approval.alarms.get(day, []))
        database.upsert(LISTED, work.region.region_id, rows)
        _put_checks_page_in_place(work.draft, day)
        names, versions = rows["table_name"].to_pylist(), rows["version"].to_pylist()
        inputs = {name: {str(day): version} for name, version in zip(names, versions, strict=True)}
        row_count, share = sum(rows["row_count"].to_pylist()), least_complete_share({LISTED: rows}, {})
        receipt = Receipt("publish", row_count, rows.num_rows, {}, 0.0, inputs, complete_share=share)
        entry.receipt = receipt
    work.receipts.append(receipt)


def _put_checks_page_in_place(draft: DraftStore, day: date) -> None:
    page = draft.read_document(checks_page_name(day), tree="published")
    if page is not None:
        draft.lake.write_document(checks_page_name(day), page, tree="published")


def _renew_pages(work: _Month, days: list[date]) -> list[str]:
    """Write the pages of restated days that have one; returns why some could not be written."""
    failures = (renew_page(work.region, work.draft.lake, day, known_utc=work.known_utc) for day in days)
    return [str(failure) for failure in failures if failure]


def restated_lines(document: dict[str, Any]) -> list[str]:
    """The result of a restatement as lines of text: what became of each audit and of the days."""
    recovered, outdated, ahead = (document[name] for name in ("recovered", "overtaken", "dated_ahead"))
    lines = []
    if recovered:
        spans = _span_texts(recovered)
        lines.append(f"{len(recovered)} days that an interrupted run had checked were published first: {spans}")
    lines += [
        f"{row['source']:<20}{row['pollutant']:<8}{row['made_kg']:>14,.1f} kg computed "
        f"{row['audited_kg']:>14,.1f} kg audited  {row['status']}: {row['reason']}"
        for row in document["audits"]
    ]
    if ahead:
        lines.append(
            f"{len(ahead)} days have a version known later than now, written when a clock was ahead; what is written"
            f" after it counts as known after it: {_span_texts(ahead)}"
        )
    if outdated:
        spans = _span_texts(outdated)
        lines.append(f"{len(outdated)} days were computed again meanwhile and left, restate the month again: {spans}")
    lines += document["pages_failed"]
    lines += [f"{day} alarm: {alarm}" for day, alarms in document["alarms"].items() for alarm in alarms]
    return [*lines, _last_line(document)]


def _last_line(document: dict[str, Any]) -> str:
    """How many days were restated, or why none was."""
    count, unchanged = len(document["days"]), len(document["unchanged"])
    if count or document["overtaken"]:
        return f"{count} days restated" + (f", {unchanged} days had this result already" if unchanged else "")
    if unchanged:
        return f"every audit is met already: {unchanged} days stay as they are, nothing was written"
    if document["has_audit"]:
        return "no audit moves an hour: no day is computed again"
    if document["recovered"]:
        return "no other day is computed again"
    return (
        f"no audited total of {document['month']} is in registry/audited_emission_monthly: nothing to benchmark,"
        " nothing was written"
    )


def _span_texts(days: list[str]) -> str:
    spans = _consecutive_days([date.fromisoformat(day) for day in days], at_most=len(days))
    return ", ".join(f"{span[0]} to {span[-1]}" if len(span) > 1 else f"{span[0]}" for span in spans)


def _has_audit(region: Region, first: date) -> bool:
    return first in database.read("audited_emission_monthly", region.region_id)["month_start"].to_pylist()


def _is_benchmarked(store: Store, days: list[date]) -> bool:
    """Whether an audit moved an hour of these days before, which then has to be restored or moved again."""
    column = store.read("emission_industry_hourly", days, columns=["is_anchored"])["is_anchored"]
    return bool(pc.any(column).as_py())


def _days_of_month(month: str) -> list[date]:
    try:
        first = datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007
        next_month = (first + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        raise InputError(f"'{month}' is not a month", "write it as 2015-11") from None
    return [first + timedelta(days=number) for number in range((next_month - first).days)]


def _audit_rows(benchmark: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per audit; the methods of an audit agree in everything that is shown here."""
    rows = {
        (row["source_id"], row["pollutant_code"]): {
            "source": row["source_id"],
            "pollutant": row["pollutant_code"],
            "audited_kg": row["audited_emission_g"] / G_PER_KG,
            "made_kg": row["made_emission_g"] / G_PER_KG,
            "status": row["audit_status_code"],
            "reason": schema.codes()["audit_status"][row["audit_status_code"]].title_en,
        }
        for row in benchmark
    }
    return [rows[key] for key in sorted(rows)]
