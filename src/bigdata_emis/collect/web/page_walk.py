"""Which page of an answer is asked for next, and the proof that the last one was the last.

Belongs here: numbers, offsets, cursors and time windows of pages. Does not: the envelope {page, pages, records}
(paging), or requests (http_client).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.formats.json_records import leads_to, value_at
from bigdata_emis.collect.web.paging import (
    LARGEST_PAGE_COUNT,
    NEXT_KEYS,
    TOTAL_KEYS,
    Paging,
    require_whole_answer,
    whole_number,
)
from bigdata_emis.errors import FeedError, shorten
from bigdata_emis.window import Window

EPOCH = "epoch"
ISO_UTC = "%Y-%m-%dT%H:%M:%SZ"
ASK = "ask the provider; nothing of the answer was used"
ROUND_LIMIT = 50
"""Limits of providers are multiples of this (50, 100, 250, 500, 1000 …)."""


@dataclass(frozen=True)
class PageRequest:
    """One page as it is asked for: how a message and a file name it, and the parameters of the query."""

    name: str
    parameters: dict[str, str]


class PageWalk(Protocol):
    """The pages of one answer, one after another."""

    @property
    def may_be_beyond(self) -> bool:
        """Whether the page that was asked for last may not exist, as the pages before it may be all."""

    def next_request(self) -> PageRequest | None:
        """The next page, None after the last."""

    def add(self, envelope: dict[str, Any] | None, where: str) -> bool:
        """Count the page that was asked for last; whether its records count, and are not asked for again in parts.

        Raises FeedError when it cannot belong to the answer.
        """


def walk_pages(feed: Feed, window: Window) -> PageWalk:
    """The walk that the feed declares with `paging`."""
    if feed.paging == "pages":
        return _DeclaredPages(feed, window)
    if feed.paging == "single":
        return _SinglePage(feed, window)
    if feed.paging == "window":
        return _TimeWindows(feed, window)
    return _CountedPages(feed, window)


def query_parameters(feed: Feed, window: Window, **values: str) -> dict[str, str]:
    """The parameters of a request: those of `query`, else from, to, page and page_size."""
    known = {
        "from": _time_text(window.from_utc, feed),
        "to": _time_text(window.to_utc, feed),
        "page_size": str(feed.page_size),
    } | values
    if not feed.query:
        return {name: known[name] for name in ("from", "to", "page_size", "page") if name in known}
    filled = {name: _filled(text, known) for name, text in feed.query.items()}
    return {name: text for name, text in filled.items() if text}


def _filled(text: str, known: dict[str, str]) -> str:
    for name, value in {"cursor": "", **known}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _time_text(instant: Any, feed: Feed) -> str:
    if feed.query_time == EPOCH:
        return f"{instant.timestamp():.0f}"
    local = instant.astimezone(ZoneInfo(feed.query_zone)) if feed.query_zone else instant
    return str(local.strftime(feed.query_time or ISO_UTC))


class _DeclaredPages:
    """Pages by the number of pages that each answer states; where the first states none, until a page is the last."""

    def __init__(self, feed: Feed, window: Window) -> None:
        self._feed, self._window, self._paging, self._page = feed, window, Paging(feed), 0
        self._undeclared: _CountedPages | None = None

    @property
    def may_be_beyond(self) -> bool:
        return self._undeclared is not None and self._undeclared.may_be_beyond

    def next_request(self) -> PageRequest | None:
        if self._undeclared:
            return self._undeclared.next_request()
        if self._page >= max(self._paging.page_count, 1):
            return None
        self._page += 1
        return PageRequest(f"page {self._page}", query_parameters(self._feed, self._window, page=str(self._page)))

    def add(self, envelope: dict[str, Any] | None, where: str) -> bool:
        answer = envelope or {"records": []}
        if self._undeclared:
            return self._undeclared.add(answer, where)
        self._paging.add(self._page, answer, where)
        if "pages" not in answer and answer["records"]:
            self._undeclared = _CountedPages(self._feed, self._window, page=self._page, is_by_page=True)
            return self._undeclared.add(answer, where)
        return True


class _SinglePage:
    """One answer, which must not say that there is more."""

    may_be_beyond = False

    def __init__(self, feed: Feed, window: Window) -> None:
        self._feed, self._window, self._is_asked = feed, window, False

    def next_request(self) -> PageRequest | None:
        if self._is_asked:
            return None
        self._is_asked = True
        return PageRequest("page 1", query_parameters(self._feed, self._window))

    def add(self, envelope: dict[str, Any] | None, where: str) -> bool:
        if envelope is not None:
            require_whole_answer(envelope, where)
            _check_total(self._feed, len(envelope["records"]), envelope, where)
        return True


@dataclass
class _CountedPages:
    """Pages by number, offset or cursor; the last completes the total, names no next one, or is shorter than another.

    A page that is shorter than page_size proves nothing alone: a provider may allow fewer records a page than were
    asked for. Then one page more is asked for, which is empty, does not exist, or holds the same records again.
    """

    feed: Feed
    window: Window
    page: int = 0
    is_by_page: bool = False
    item_count: int = 0
    longest: int = 0
    cursor: str = ""
    is_last: bool = False
    total: int | None = None
    seen: set[bytes] = field(default_factory=set)
    cursors: set[str] = field(default_factory=set)

    @property
    def may_be_beyond(self) -> bool:
        return self.page > 1 and self.longest < self.feed.page_size and self._kind != "cursor"

    @property
    def _kind(self) -> str:
        return "page" if self.is_by_page else self.feed.paging

    def next_request(self) -> PageRequest | None:
        if self.is_last:
            return None
        self.page += 1
        values = {
            "page": str(self.page - 1 + self.feed.first_page),
            "offset": str(self.item_count),
            "cursor": self.cursor,
        }
        return PageRequest(f"page {self.page}", query_parameters(self.feed, self.window, **values))

    def add(self, envelope: dict[str, Any] | None, where: str) -> bool:
        answer = envelope or {"records": []}
        records = answer["records"]
        digest = hashlib.sha256(repr(records).encode("utf-8", "surrogatepass")).digest()
        if records and digest in self.seen:
            if self.may_be_beyond and len(self.seen) == 1:
                self.is_last = True
                self._check_hints(answer, where)
                return False
            what = f"{where}: the records of another page again"
            raise FeedError(what, f"does the provider know the parameter with {{{self._kind}}} of query?")
        self.seen.add(digest)
        count = _count_items(answer, self.feed)
        self.item_count += count
        self._check_same_total(answer, count, where)
        if self.page > LARGEST_PAGE_COUNT:
            raise FeedError(f"{where}: more than {LARGEST_PAGE_COUNT} pages", ASK)
        self.is_last = self._ends(answer, count, where)
        self.longest = max(self.longest, count)
        if self.is_last:
            _check_total(self.feed, self.item_count, answer, where)
            self._check_hints(answer, where)
        return True

    def _check_same_total(self, answer: dict[str, Any], count: int, where: str) -> None:
        """Refuse a total that is another than on the page before: rows moved from page to page, and one may be missing.

        A total that is not declared counts where it is above the records of its page, else it may be of the page.
        """
        totals = [_total(self.feed, answer, where)] if self.feed.total else [n for n in _totals(answer) if n > count]
        total = next(iter(totals), None)
        if total is not None and self.total is not None and total != self.total:
            what = f"{where}: a total of {total} records, and of {self.total} on the page before"
            raise FeedError(what, "records came or went between the pages; run again, or ask the provider")
        self.total = self.total if total is None else total

    def _check_hints(self, answer: dict[str, Any], where: str) -> None:
        """Refuse a last page that says that there is more."""
        if not self.feed.total and _says_more(answer, self.item_count, is_by_cursor=self._kind == "cursor"):
            what = f"{where}: {self.item_count} records on all pages, and the answer says that there are more"
            raise FeedError(what, "set page_size in feeds.toml to what the provider allows, or ask the provider")

    def _ends(self, answer: dict[str, Any], count: int, where: str) -> bool:
        if self._kind == "cursor":
            return self._ends_by_cursor(answer, where)
        total = _total(self.feed, answer, where) if self.feed.total else None
        if total is not None:
            return self.item_count >= total or not count
        return not count or count < self.longest

    def _ends_by_cursor(self, answer: dict[str, Any], where: str) -> bool:
        following = value_at(answer, self.feed.next)
        if following in (None, "", False):
            if _count_items(answer, self.feed) >= self.feed.page_size and not leads_to(answer, self.feed.next):
                what = f"{where}: as many records as a page may hold, and nothing at '{shorten(self.feed.next)}'"
                raise FeedError(what, "correct next in feeds.toml, or ask the provider")
            return True
        self.cursor = str(following)
        if self.cursor in self.cursors:
            raise FeedError(f"{where}: the cursor '{shorten(following)}' comes again", ASK)
        self.cursors.add(self.cursor)
        return False


class _TimeWindows:
    """Windows of time, each halved until its answer is shorter than a page, and does not look like one that was cut."""

    may_be_beyond = False

    def __init__(self, feed: Feed, window: Window) -> None:
        self._feed = feed
        self._open = list(reversed(list(_split(window, feed.window_h))))
        self._asked = window

    def next_request(self) -> PageRequest | None:
        if not self._open:
            return None
        self._asked = self._open.pop()
        name = f"{self._asked.from_utc:%Y%m%dT%H}-{self._asked.to_utc:%Y%m%dT%H}"
        return PageRequest(name, query_parameters(self._feed, self._asked))

    def add(self, envelope: dict[str, Any] | None, where: str) -> bool:
        answer = envelope or {"records": []}
        count = _count_items(answer, self._feed)
        is_cut = count >= self._feed.page_size or _says_more(answer, count)
        if not is_cut and (self._asked.hours == 1 or not _may_be_limit(count)):
            return True
        if self._asked.hours == 1:
            what = f"{where}: {count} records in one hour, as many as a page may hold, so there may be more"
            raise FeedError(what, "set page_size to what the provider allows, or use another paging")
        self._open += reversed(list(_split(self._asked, self._asked.hours // 2)))
        return False


def _may_be_limit(count: int) -> bool:
    """Whether a provider may allow so many records an answer and no more: a round number."""
    return count > 0 and count % ROUND_LIMIT == 0


def _says_more(answer: dict[str, Any], item_count: int, *, is_by_cursor: bool = False) -> bool:
    """Whether an answer has a total above what was received, or names a next page."""
    next_keys = [key for key in NEXT_KEYS if not (is_by_cursor and key == "cursor")]
    names_next = any(part.get(key) for part in _hints(answer) for key in next_keys)
    return names_next or any(total > item_count for total in _totals(answer))


def _hints(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of an answer that say how much there is."""
    return [part for part in (answer, answer.get("meta")) if isinstance(part, dict)]


def _totals(answer: dict[str, Any]) -> list[int]:
    """The numbers of records that an answer states."""
    return [n for part in _hints(answer) for key in TOTAL_KEYS if (n := whole_number(part.get(key))) is not None]


def _count_items(answer: dict[str, Any], feed: Feed) -> int:
    """What the provider counts as records of a page: the first list on the path to them, of nested lists the outer."""
    value: Any = answer
    for name in feed.records.split("."):
        value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, list):
            return len(value)
    return len(answer["records"])


def _split(window: Window, hours: int) -> Iterator[Window]:
    start = window.from_utc
    while start < window.to_utc:
        end = min(start + timedelta(hours=max(hours, 1)), window.to_utc)
        yield Window(start, end)
        start = end


def _total(feed: Feed, answer: dict[str, Any], where: str) -> int | None:
    """The number of records of the whole answer; None where the provider only says that it is above a limit."""
    given = value_at(answer, feed.total)
    total = whole_number(given)
    if total is None and not (isinstance(given, str) and given.startswith(">")):
        raise FeedError(f"{where}: no whole number at '{shorten(feed.total)}'", "correct total in feeds.toml")
    return total


def _check_total(feed: Feed, item_count: int, answer: dict[str, Any], where: str) -> None:
    total = _total(feed, answer, where) if feed.total else None
    if total is not None and total != item_count:
        what = f"{where}: {item_count} records on all pages, of {feed.total} = {total}"
        raise FeedError(what, f"{ASK}; a provider that allows fewer records a page needs a smaller page_size")
