"""What a region waits for: a day that was not published, a draft without decision, runs that failed.

Belongs here: reading it from the registry. Does not: the feeds (feed_health).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bigdata_emis.codes import ScenarioStatus
from bigdata_emis.publish.manifest import published
from bigdata_emis.region import Region
from bigdata_emis.run.run_record import list_runs
from bigdata_emis.storage import database
from bigdata_emis.storage.published.verification import changed_files
from bigdata_emis.upkeep.health.feed_health import last_complete_day
from bigdata_emis.upkeep.health.health_finding import HealthFinding, HealthLevel
from bigdata_emis.window import END_OF_TIME_UTC

LATE_DAYS = 1
"""The last complete day is computed in the morning after; one day more is late."""
RECENT = timedelta(days=1)
SHOWN = 3
CHECKED_DAYS = 31
"""Published days whose files are read whole: some gigabytes, a few seconds; `emis published --verify` reads all."""
MANY = 1000


def check_published(region: Region, now_utc: datetime) -> Iterator[HealthFinding]:
    """The age of the last published day of the inventory."""
    rows = database.query("published_as_of", region_id=region.region_id, known_utc=END_OF_TIME_UTC).to_pylist()
    days = [row["day"] for row in rows if not row["scenario_id"]]
    if not days:
        yield _finding(region, "published", HealthLevel.WARN, "nothing is published", "run `emis day`")
        return
    expected, last = last_complete_day(region, now_utc), max(days)
    late = (expected - last).days
    is_late = late > LATE_DAYS and "last_day" not in region.options
    level = HealthLevel.WARN if is_late else HealthLevel.OK
    what = f"{last}, {late} days before the last complete one" if late > 0 else f"{last}"
    yield _finding(region, "published", level, what, "see `emis runs --failed`, or run `emis day`" if is_late else "")


def check_published_files(region: Region, _: datetime) -> Iterator[HealthFinding]:
    """Whether the files of the newest published days, and of scenarios on them, are what was recorded."""
    rows = published(region.region_id)["versions"]
    days = sorted({row["day"] for row in rows})[-CHECKED_DAYS:]
    changed = changed_files([row for row in rows if row["day"] in days], days=days)
    if not changed:
        yield _finding(region, "files", HealthLevel.OK, f"of {len(days)} published days are what was recorded")
        return
    shown = ", ".join(f"{file['path']} {file['problem']}" for file in changed[:SHOWN])
    more = f" (and {len(changed) - SHOWN} more)" if len(changed) > SHOWN else ""
    remedy = f"see `emis published --region {region.region_id} --verify`, which says what to do"
    yield _finding(region, "files", HealthLevel.FAIL, f"{shown}{more}", remedy)


def check_drafts(region: Region, now_utc: datetime) -> Iterator[HealthFinding]:
    """Scenarios that nobody has decided on while their hours are not over."""
    rows = database.read("scenario", region.region_id).to_pylist()
    waiting = [
        row["scenario_id"]
        for row in rows
        if row["status"] == ScenarioStatus.DRAFT and row["to_utc"] is not None and row["to_utc"] > now_utc
    ]
    if not waiting:
        yield _finding(region, "drafts", HealthLevel.OK, "none")
        return
    shown = ", ".join(waiting[:SHOWN]) + ("…" if len(waiting) > SHOWN else "")
    yield _finding(region, "drafts", HealthLevel.WARN, f"{len(waiting)}: {shown}", "decide with `emis approve`")


def check_runs(region: Region, now_utc: datetime) -> Iterator[HealthFinding]:
    """Runs that failed, were refused, interrupted or abandoned during the last day."""
    failed = list_runs(region.region_id, is_failed_only=True, since_utc=now_utc - RECENT, limit=MANY)
    if not failed:
        yield _finding(region, "runs", HealthLevel.OK, "none failed")
        return
    newest = failed[0]
    what = f"{len(failed)} did not succeed; the last: {newest['stage']} {newest['status']}, {newest['error'] or ''}"
    remedy = f"see `emis runs --region {region.region_id} --failed`"
    yield _finding(region, "runs", HealthLevel.WARN, what.rstrip(", "), remedy)


def _finding(region: Region, check: str, level: HealthLevel, what: str, remedy: str = "") -> HealthFinding:
    return HealthFinding(check, level, what, remedy, region=region.region_id)
