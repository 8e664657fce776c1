"""A month made again when its audited totals have arrived: settled once, each of its days made anew, all judged, then all published.

Belongs here: which stages and days are run again, and that a month is published anew whole or not at all. Does not: running a stage
(run.py), what an audit does to an hour (inventory), where the draft lies (draft_store).
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import pyarrow.compute as pc

from bigdata_emis import flow, reference, schema
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.inventory.audits.monthly_benchmark import MOVING
from bigdata_emis.publish.manifest import publish_days
from bigdata_emis.publish.publish import PUBLISHED, judge
from bigdata_emis.region import Region
from bigdata_emis.run.stage import Receipt, context_for, lake, remember
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window, day_window
from bigdata_emis.workflow.day import Progress, make_run_id, run_flow
from bigdata_emis.workflow.draft_lake import DraftStore, Judged

SETTLE = ("settle_audit",)
SETTLEMENT = "audit_settlement"
AGAIN = ("anchor_emission", "combine", "allocate", "total_emission")
MADE = "emission_fused_hourly"
REMADE = ("emission_industry_hourly", *PUBLISHED)
WRITTEN = (SETTLEMENT, *REMADE)
LISTED = "published_version"
REMEDY = "every day stays as it was published; mend the rows at their source or the audits in registry/audited_emission_monthly, and restate the month again"
G_PER_KG = 1000.0
DAYS_AT_ONCE = 4
"""Days that are made and judged together: a call of the engine or of the checks costs more than a small region's day, and four of a large one fit in memory."""


class _Month(NamedTuple):
    """A month that is being made again; its stages write to the draft alone, until every day is judged."""

    region: Region
    draft: DraftStore
    known_utc: datetime
    receipts: list[Receipt]

    def run(self, window: Window, stages: tuple[str, ...]) -> str:
        """Run stages over a window and keep their receipts; returns the name of the run."""
        result = run_flow(self.region, window, known_utc=self.known_utc, only=stages, store=self.draft)
        self.receipts.extend(result.receipts)
        return result.run_id


def restate(region: Region, month: str, *, known_utc: datetime, progress: Progress | None = None) -> dict[str, Any]:
    """Register the audits of the region folder, settle those of the month, and publish the days that are in the lake as new versions.

    Every day is made and judged by the gate in a draft beside the lake before the first is put in place and published. What a killed
    run had judged and left half in place is put in place first, as known when that run began; a day that has been run anew since, or
    whose rows are others now, is left out and made again. The versions before stay in history, with the time from which they were
    known. Monitors and models are not run again. Where no audit moves an hour, and none did before, no other day is made again.

    Raises InputError when the month is not one, is being restated by another process, or no day of it has been made; RefusedError when
    the gate refuses a day: then every day, published or in the lake, is as it was.
    """
    days, store = _days_of(month), lake(region)
    work = _Month(region, DraftStore.of(store, f"restate-{month}"), known_utc, [])
    with work.draft.alone():
        made = [day for day in store.days(MADE) if day in days]
        if not made:
            raise InputError(
                f"region {region.region_id}: no day of {month} has been made",
                f"emis day --region {region.region_id} --date {days[0]}",
            )
        return {
            "region": region.region_id,
            "month": month,
            **_restated(work, month, days, made, _steps(progress, 3 * len(made) + 1)),
        }


def _restated(
    work: _Month, month: str, days: list[date], made: list[date], step: Callable[[str], None]
) -> dict[str, Any]:
    whole = Window(
        day_window(days[0], work.region.time_zone).from_utc, day_window(days[-1], work.region.time_zone).to_utc
    )
    run_id = work.run(whole, ())
    recovered, left = _recovered(work, days, step)
    store = work.draft.lake
    noted = work.draft.lies_under(_made_from(), made)
    if _has_audit(work.region, days[0]) or store.read(SETTLEMENT, days[:1]).num_rows:
        work.run(whole, SETTLE)
    step("audits settled")
    settled = work.draft.read(SETTLEMENT, days[:1])
    is_moved = bool(set(settled["audit_status_code"].to_pylist()) & set(MOVING)) or _is_anchored(store, made)
    chosen = {day: noted[day] for day in (made if is_moved else left)}
    judged = _make(work, month, Judged(run_id, work.known_utc, chosen), step)
    again, overtaken = _put_in_place(work, days, judged, step)
    work.draft.clear()
    return {
        "run": run_id,
        "days": _texts(again),
        "recovered": _texts(recovered),
        "overtaken": _texts(overtaken),
        "receipts": [vars(receipt) for receipt in work.receipts],
        "audits": _audits(settled.to_pylist()),
    }


def _texts(days: list[date]) -> list[str]:
    return [day.isoformat() for day in days]


def _recovered(work: _Month, days: list[date], step: Callable[[str], None]) -> tuple[list[date], list[date]]:
    """Put in place what a run that was killed had judged; returns the days of which it was, and those that were left as they are."""
    judged = work.draft.judged()
    found = ([], []) if judged is None else _put_in_place(work, days, judged, step)
    work.draft.clear()
    return found


def _steps(progress: Progress | None, count: int) -> Callable[[str], None]:
    done = iter(range(1, count + 1))
    return lambda what: progress(what, next(done, count), count) if progress else None


def _make(work: _Month, month: str, judged: Judged, step: Callable[[str], None]) -> Judged:
    """Make every day in the draft and hold every one against the gate; when one is refused, nothing is left of the draft."""
    days = list(judged.made_from)
    parts = reference.read("pollutant_part", work.region.folder)

    def make(span: list[date]) -> None:
        time_zone = work.region.time_zone
        work.run(Window(day_window(span[0], time_zone).from_utc, day_window(span[-1], time_zone).to_utc), AGAIN)

    def hold(span: list[date]) -> None:
        judge(
            [{name: work.draft.read(name, [day]) for name in PUBLISHED} for day in span],
            parts,
            region_id=work.region.region_id,
        )

    refused: dict[date, RefusedError] = {}
    for what, act in (("made", make), ("judged", hold)):
        for span in _spans(days) if not refused else ():
            refused |= _refused(act, span)
            for day in span:
                step(f"{what} {day}")
    if refused:
        work.draft.clear()
        first, more = min(refused), f" (and {len(refused) - 1} more days)" if len(refused) > 1 else ""
        raise RefusedError(f"{month} is not restated, {first} is refused{more}: {refused[first].what}", REMEDY)
    work.draft.mark_judged(judged)
    return judged


def _made_from() -> list[str]:
    """The tables of the lake that the days are made from, beside the settlement, which the draft brings."""
    read = {name for stage in map(flow.stage, AGAIN) for name in stage.reads if schema.tables().get(name)}
    return sorted(name for name in read if schema.table(name).layer == "lake" and name not in WRITTEN)


def _spans(days: list[date], *, at_most: int = DAYS_AT_ONCE) -> Iterator[list[date]]:
    """Days that follow one another, some at a time."""
    span: list[date] = []
    for day in days:
        if span and (len(span) == at_most or day - span[-1] != timedelta(days=1)):
            yield span
            span = []
        span.append(day)
    if span:
        yield span


def _refused(act: Callable[[list[date]], None], span: list[date]) -> dict[date, RefusedError]:
    """The days that are refused: asked together, and one by one only when they are refused together."""
    try:
        act(span)
    except RefusedError as refusal:
        if len(span) == 1:
            return {span[0]: refusal}
        return {day: problem for one in span for day, problem in _refused(act, [one]).items()}
    return {}


def _put_in_place(
    work: _Month, days: list[date], judged: Judged, step: Callable[[str], None]
) -> tuple[list[date], list[date]]:
    """Make the settlement of the days, then day by day what was judged, the newest in the lake as known when its run began, and publish it.

    Each day has its turn, in which no other run writes it, and in which it is seen whether one has before.

    Returns the days of which it was, and those that are left as they are, because the lake has overtaken the draft.
    """
    for day in days:
        with work.draft.lake.turn([day], writes=(SETTLEMENT,)):
            if not work.draft.has_newer((SETTLEMENT,), day, judged):
                work.draft.put_in_place((SETTLEMENT,), [day], known_utc=judged.known_utc, run_id=judged.run_id)
    placed: list[date] = []
    for day, made_from in judged.made_from.items():
        with work.draft.lake.turn([day], reads=made_from, writes=(*WRITTEN, LISTED)):
            if not work.draft.is_overtaken(WRITTEN, day, judged):
                _publish(work, day, judged)
                placed.append(day)
        step(f"published {day}" if day in placed else f"left {day}, which was run anew")
    return placed, [day for day in judged.made_from if day not in placed]


def _publish(work: _Month, day: date, judged: Judged) -> None:
    """Put one judged day in place, publish it and keep the receipt."""
    window = day_window(day, work.region.time_zone)
    context = context_for(
        work.region, window, judged.known_utc, make_run_id(work.region.region_id, window, judged.known_utc)
    )
    work.draft.put_in_place(REMADE, [day], known_utc=judged.known_utc, run_id=context.run_id)
    rows = publish_days(PUBLISHED, context)
    database.upsert(LISTED, work.region.region_id, rows)
    versions = {
        name: [version]
        for name, version in zip(rows["table_name"].to_pylist(), rows["version"].to_pylist(), strict=True)
    }
    work.receipts.append(Receipt("publish", sum(rows["row_count"].to_pylist()), rows.num_rows, {}, 0.0, versions))
    remember(work.receipts[-1], context)


def restated_lines(document: dict[str, Any]) -> list[str]:
    """What became of each audit and of the days, for a person."""
    recovered, overtaken, count = document["recovered"], document["overtaken"], len(document["days"])
    if not document["audits"] and not recovered and not count:
        return [
            f"no audited total of {document['month']} is in registry/audited_emission_monthly: nothing to settle, nothing was written"
        ]
    lines = (
        [f"{len(recovered)} days were published first that a run which was broken off had judged: {_told(recovered)}"]
        if recovered
        else []
    )
    lines += [
        f"{row['source']:<20}{row['pollutant']:<8}{row['made_kg']:>14,.1f} kg made {row['audited_kg']:>14,.1f} kg audited  {row['status']}: {row['reason']}"
        for row in document["audits"]
    ]
    if overtaken:
        lines.append(
            f"{len(overtaken)} days were run anew meanwhile and are left so, restate the month again: {_told(overtaken)}"
        )
    return [*lines, f"{count} days restated" if count or overtaken else "no audit moves an hour: no day is made again"]


def _told(days: list[str]) -> str:
    spans = _spans([date.fromisoformat(day) for day in days], at_most=len(days))
    return ", ".join(f"{span[0]} to {span[-1]}" if len(span) > 1 else f"{span[0]}" for span in spans)


def _has_audit(region: Region, first: date) -> bool:
    return first in database.read("audited_emission_monthly", region.region_id)["month_start"].to_pylist()


def _is_anchored(store: Store, made: list[date]) -> bool:
    """Whether an audit moved an hour of the days before, which then has to be given back or moved anew."""
    return bool(pc.any(store.read("emission_industry_hourly", made, columns=["is_anchored"])["is_anchored"]).as_py())


def _days_of(month: str) -> list[date]:
    try:
        first = datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007
        following = (first + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        raise InputError(f"'{month}' is not a month", "write it as 2015-11") from None
    return [first + timedelta(days=number) for number in range((following - first).days)]


def _audits(settled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row an audit; its methods share all that is told here."""
    found = {
        (row["source_id"], row["pollutant_code"]): {
            "source": row["source_id"],
            "pollutant": row["pollutant_code"],
            "audited_kg": row["audited_emission_g"] / G_PER_KG,
            "made_kg": row["made_emission_g"] / G_PER_KG,
            "status": row["audit_status_code"],
            "reason": schema.codes()["audit_status"][row["audit_status_code"]].title_en,
        }
        for row in settled
    }
    return [found[key] for key in sorted(found)]
