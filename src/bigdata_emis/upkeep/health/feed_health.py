"""Whether the feeds of a region answer, and whether the clock agrees with theirs.

Belongs here: one request to each feed, of which nothing is stored. Does not: collecting (collect).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bigdata_emis import flow
from bigdata_emis.collect.asking.environment_text import SERVED_BY_DEMO, expand_environment, unset_names
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.collect.http_client import feed_limits, fetch_http, locate_drop
from bigdata_emis.collect.web.sql_source import fetch_rows
from bigdata_emis.collect.web.web_session import DeadlineError, WebSession
from bigdata_emis.errors import EmisError, FeedError, InputError
from bigdata_emis.region import Region
from bigdata_emis.upkeep.health.health_finding import HealthFinding, HealthLevel
from bigdata_emis.window import HOUR, Window, day_window

DEADLINE_S = 5.0
FEEDS_AT_ONCE = 8
PROBED_HOUR = timedelta(hours=12)
WARN_CLOCK, FAIL_CLOCK = timedelta(minutes=2), timedelta(hours=1)

Clock = Callable[[], datetime]


def check_feeds(region: Region, now_utc: datetime) -> Iterator[HealthFinding]:
    """Ask every feed for one hour of the last complete day, or look for its file; all of them within seconds.

    Simulated feeds of which nobody has given the address are one finding: their provider does not run.
    """
    day = last_complete_day(region, now_utc)
    names = [(stage.feed, stage.writes[0]) for stage in flow.STAGES if stage.feed in region.feeds]
    unserved = [name for name in names if _is_unserved(region, *name, day)]
    with ThreadPoolExecutor(FEEDS_AT_ONCE) as pool:
        asked = [name for name in names if name not in unserved]
        yield from pool.map(lambda name: _probe(region, name[0], name[1], day), asked)
    if unserved:
        what = f"{len(unserved)} simulated feeds were not asked: the address of their provider is not set"
        yield HealthFinding("feed", HealthLevel.WARN, what, SERVED_BY_DEMO, region=region.region_id)


def check_provider_clocks(region: Region, now_utc: datetime, clock: Clock) -> Iterator[HealthFinding]:
    """Compare the clock with the one in the answers of each provider over HTTP; one that gives none is left out."""
    day = last_complete_day(region, now_utc)
    origins: dict[str, str] = {}
    for stage in flow.STAGES:
        if stage.feed in region.feeds:
            feed = _feed(region, stage.feed, stage.writes[0])
            if feed is not None and feed.comes_by_http(day):
                origins.setdefault(_origin(feed), feed.feed_id)
    for origin, feed_id in origins.items():
        provider_utc = _provider_time(origin)
        if provider_utc is not None:
            yield _compare_clocks(region, feed_id, clock() - provider_utc)


def last_complete_day(region: Region, now_utc: datetime) -> date:
    """The last local day that is over: yesterday, or the last day of an archived region."""
    last_day = region.options.get("last_day")
    if last_day:
        return date.fromisoformat(str(last_day))
    return now_utc.astimezone(ZoneInfo(region.time_zone)).date() - timedelta(days=1)


def _is_unserved(region: Region, feed_id: str, table_name: str, day: date) -> bool:
    """Whether a feed is simulated and the environment does not say where it is served."""
    feed = _feed(region, feed_id, table_name) if region.is_simulated else None
    return feed is not None and feed.comes_by_http(day) and bool(unset_names(feed.address))


def _probe(region: Region, feed_id: str, table_name: str, day: date) -> HealthFinding:
    try:
        feed = read_feed(region, feed_id, table_name)
        level, what, remedy = _probe_http(feed, region, day) if feed.comes_by_http(day) else _probe_drop(feed, day)
    except EmisError as problem:
        level, what, remedy = HealthLevel.FAIL, problem.what, problem.remedy
    return HealthFinding("feed", level, what, remedy, subject=feed_id, region=region.region_id)


def _probe_http(feed: Feed, region: Region, day: date) -> tuple[HealthLevel, str, str]:
    quick = {"attempts": 1, "timeout_s": DEADLINE_S, "answer_deadline_s": DEADLINE_S, "pass_deadline_s": DEADLINE_S}
    start = day_window(day, region.time_zone).from_utc + PROBED_HOUR
    if feed.database_secret:
        found = fetch_rows(feed.model_copy(update=quick), Window(start, start + HOUR), feed_limits(feed))
        return HealthLevel.OK, f"answers, {len(found.payload)} bytes of the hour {start:%Y-%m-%dT%H:%MZ}", ""
    answer = next(fetch_http(feed.model_copy(update=quick), Window(start, start + HOUR)))
    records = len((answer.envelope or {}).get("records", []))
    hour = f"{start:%Y-%m-%dT%H:%MZ}"
    if records:
        return HealthLevel.OK, f"answers, {records} records of the hour {hour}", ""
    return HealthLevel.WARN, f"answers, but without a record of the hour {hour}", "ask the provider"


def _probe_drop(feed: Feed, day: date) -> tuple[HealthLevel, str, str]:
    file = locate_drop(feed.model_copy(update={"attempts": 1, "timeout_s": DEADLINE_S}), day)
    if file.byte_count is None:
        return HealthLevel.WARN, f"{file} is not there", "put it there, or correct 'drop' in feeds.toml"
    file.check_readable()
    return HealthLevel.OK, f"{file}, {file.byte_count} bytes", ""


def _feed(region: Region, feed_id: str, table_name: str) -> Feed | None:
    """The declaration of a feed; None of one that cannot be read, which check_feeds reports."""
    try:
        return read_feed(region, feed_id, table_name)
    except InputError:
        return None


def _origin(feed: Feed) -> str:
    """Scheme and host of a feed, where its clock can be asked for without any secret; empty when there is none."""
    try:
        parts = urlsplit(expand_environment(feed.address, feed.feed_id))
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}/"
    except (InputError, ValueError):
        return ""


def _provider_time(origin: str) -> datetime | None:
    """The time in the header of any answer of a provider."""
    if not origin.startswith("http"):
        return None
    try:
        with (
            WebSession({}) as session,
            session.get(origin, {}, timeout_s=DEADLINE_S, limit_s=DEADLINE_S, where=origin) as answer,
        ):
            return parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
    except (OSError, DeadlineError, FeedError, KeyError, ValueError):
        return None  # whether the feed answers is reported by check_feeds


def _compare_clocks(region: Region, feed_id: str, ahead: timedelta) -> HealthFinding:
    seconds = ahead.total_seconds()
    level = HealthLevel.OK if abs(ahead) <= WARN_CLOCK else HealthLevel.WARN
    level = HealthLevel.FAIL if abs(ahead) > FAIL_CLOCK else level
    what = f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} the clock of the provider"
    remedy = "" if level == HealthLevel.OK else "set the clock of this machine, or ask the provider about theirs"
    return HealthFinding("clock", level, what, remedy, subject=feed_id, region=region.region_id)
