"""Every check of the installed system, in the order in which a person would look.

Belongs here: which checks there are. Does not: any of them.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from bigdata_emis.errors import InputError
from bigdata_emis.region import Region, load_region
from bigdata_emis.settings import Settings
from bigdata_emis.storage import database
from bigdata_emis.upkeep.health.feed_health import check_feeds, check_provider_clocks
from bigdata_emis.upkeep.health.health_finding import Check, HealthFinding, HealthLevel, examine
from bigdata_emis.upkeep.health.machine_health import (
    check_disk,
    check_engine,
    check_errors,
    check_leftovers,
    check_permissions,
)
from bigdata_emis.upkeep.health.region_health import check_drafts, check_published, check_published_files, check_runs
from bigdata_emis.upkeep.health.storage_health import check_clock, check_lake, check_registry
from bigdata_emis.upkeep.region_list import list_regions

Clock = Callable[[], datetime]


def examine_system(where: Settings, region_id: str, *, clock: Clock) -> Iterator[HealthFinding]:
    """Everything about the machine, the registry and the lake; then one region with its feeds, or all of them without.

    Nothing is stored, created or migrated.
    """
    now_utc = clock()
    checks: list[tuple[str, Check]] = [
        ("disk", partial(check_disk, where)),
        ("permissions", partial(check_permissions, where)),
        ("registry", check_registry),
        ("lake", partial(check_lake, where)),
        ("clock", partial(check_clock, now_utc)),
        ("leftovers", partial(check_leftovers, where)),
        ("errors", partial(check_errors, where, now_utc)),
        ("engine", partial(check_engine, where)),
    ]
    for name, check in checks:
        yield from examine(name, check)
    if region_id:
        yield from _examine_region_with_feeds(region_id, now_utc, clock)
    else:
        yield from _examine_all_regions(where, now_utc)


def worst_level(findings: list[HealthFinding]) -> HealthLevel:
    """The worst level of all findings."""
    order = list(HealthLevel)
    return max((finding.level for finding in findings), key=order.index, default=HealthLevel.OK)


def _examine_region_with_feeds(region_id: str, now_utc: datetime, clock: Clock) -> Iterator[HealthFinding]:
    try:
        region = load_region(region_id)
    except InputError as problem:
        yield HealthFinding("region", HealthLevel.FAIL, problem.what, problem.remedy, region=region_id)
        return
    yield HealthFinding("region", HealthLevel.OK, str(region.folder), region=region_id)
    yield from examine("feed", partial(check_feeds, region, now_utc), region=region_id)
    yield from examine("clock", partial(check_provider_clocks, region, now_utc, clock), region=region_id)
    yield from _examine_region(region, now_utc)


def _examine_all_regions(where: Settings, now_utc: datetime) -> Iterator[HealthFinding]:
    """Regions whose folder cannot be read, and what those wait for that have ever published anything."""
    for listed in list_regions(where):
        if listed.region is None:
            yield HealthFinding("region", HealthLevel.FAIL, listed.problem, region=listed.region_id)
        elif _is_in_use(listed.region):
            yield from _examine_region(listed.region, now_utc)


def _is_in_use(region: Region) -> bool:
    try:
        return database.can_be_read() and database.read("published_version", region.region_id).num_rows > 0
    except InputError:
        return False  # check_registry reports it


def _examine_region(region: Region, now_utc: datetime) -> Iterator[HealthFinding]:
    try:
        is_readable = database.can_be_read()
    except InputError:
        return  # check_registry reports it
    if is_readable:
        checks = (
            ("published", check_published),
            ("files", check_published_files),
            ("drafts", check_drafts),
            ("runs", check_runs),
        )
        for name, check in checks:
            yield from examine(name, partial(check, region, now_utc), region=region.region_id)
