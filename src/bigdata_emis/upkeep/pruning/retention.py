"""How long a region keeps what it does not need any more, as `[retention]` of region.toml says.

Belongs here: the policies and what they are in time. Does not: finding or deleting anything (prune).
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.settings import settings
from bigdata_emis.upkeep.region_list import list_regions

HOURS_A_DAY = 24
SPARE_DAYS = 2
"""A collection asks again for late rows of the day before its window, in any time zone."""


@dataclass(frozen=True)
class RetentionPolicy:
    """Days after which something is deleted; None for never."""

    raw_days: int | None = None
    history_days: int | None = None
    published_history_days: int | None = None
    log_days: int | None = None
    run_days: int | None = None

    @property
    def is_off(self) -> bool:
        """Whether nothing is ever deleted."""
        return not any(asdict(self).values())


def read_policy(region: Region) -> RetentionPolicy:
    """The policy of a region. Raises InputError when raw answers would go while rows may still arrive late."""
    policy = RetentionPolicy(**region.retention)
    late_days = max((float(feed.get("late_h", 0)) for feed in region.feeds.values()), default=0.0) / HOURS_A_DAY
    if policy.raw_days is not None and policy.raw_days < late_days + SPARE_DAYS:
        raise InputError(
            f"{region.folder / 'region.toml'}, retention.raw_days = {policy.raw_days}: a feed may send rows"
            f" {late_days:g} days late, so expected at least {late_days + SPARE_DAYS:g}",
            "write a larger number, or a smaller late_h in feeds.toml",
        )
    return policy


def longest_log_days() -> int | None:
    """The longest log_days of all regions, which holds for log files that they share; None when no region sets it."""
    days = [listed.region.retention.get("log_days") for listed in list_regions(settings()) if listed.region]
    return max((count for count in days if count is not None), default=None)


def before(now_utc: datetime, days: int | None) -> datetime | None:
    """The instant so many days before now; None for never."""
    return None if days is None else now_utc - timedelta(days=days)
