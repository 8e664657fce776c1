"""Whether the pages of an answer belong together: none is missing, none comes twice, and their number is one.

Belongs here: the checks from page to page. Does not: asking for pages (http_client), or reading records (decode).
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.errors import FeedError

LARGEST_PAGE_COUNT = 100_000
LONGEST_NUMBER = 12
"""Digits of the longest count that is read when it is written as text."""
TOTAL_KEYS = ("total", "total_count", "totalCount", "total_records", "found")
NEXT_KEYS = ("next", "next_page", "nextPage", "next_url", "has_more", "hasMore", "more", "cursor", "next_cursor")
WHOLE_FILE = "put all records of the day into one file, or let the provider be asked: set address in feeds.toml"
ASK = "ask the provider; nothing of the answer was used"


@dataclass
class Paging:
    """What the pages of one answer have said so far.

    page_count: how many pages there are, by the first one. row_count: records received. last_rows: those of the page
    before.
    """

    feed: Feed
    page_count: int = 1
    row_count: int = 0
    last_rows: int = 0
    digests: set[bytes] = field(default_factory=set)

    def add(self, page: int, envelope: dict[str, Any], where: str) -> None:
        """Count a page.

        Raises:
            FeedError: it is not the page that was asked for, comes again or is empty between others, or the number of
                pages has changed.
        """
        count = _count_pages(envelope, where)
        if page == 1:
            self.page_count = count
        elif count != self.page_count:
            what = f"{where}: 'pages' is {count}, and was {self.page_count} on the page before"
            raise FeedError(what, "expected one number for the whole answer; run again, or ask the provider")
        _check_page_number(page, envelope, where)
        records = envelope["records"]
        self._check_rows(page, records, envelope, where)
        self.row_count += len(records)
        self.last_rows = len(records)
        if page >= self.page_count:
            self._check_total(envelope, where)

    def _check_rows(self, page: int, records: list[Any], envelope: dict[str, Any], where: str) -> None:
        size = self.feed.page_size
        if "pages" not in envelope and (len(records) >= size or any(envelope.get(key) for key in NEXT_KEYS)):
            what = f"{where}: {len(records)} records and no 'pages', though there may be more"
            raise FeedError(what, f"expected {{page, pages, records}}, or page_size in feeds.toml above {size}")
        if not records and (page < self.page_count or (page > 1 and self.last_rows < size)):
            raise FeedError(f"{where}: no records on page {page} of {self.page_count}", ASK)
        if self.page_count > 1 and records:
            digest = _digest(records)
            if digest in self.digests:
                what = f"{where}: the records of another page again"
                raise FeedError(what, f"expected page {page}: does the provider know the parameter page?")
            self.digests.add(digest)

    def _check_total(self, envelope: dict[str, Any], where: str) -> None:
        for key in TOTAL_KEYS:
            total = whole_number(envelope.get(key))
            if total is not None and total > self.row_count:
                raise FeedError(f"{where}: {self.row_count} records on all pages, of {key} = {total}", ASK)


def require_whole_answer(envelope: dict[str, Any], where: str) -> None:
    """Raises FeedError when an answer that comes as one file is a page of several, or says that there is more."""
    count, page = _count_pages(envelope, where), _shown(envelope.get("page", 1))
    more = [key for key in NEXT_KEYS if envelope.get(key)]
    row_count = len(envelope["records"])
    totals = [key for key in TOTAL_KEYS if (whole_number(envelope.get(key)) or 0) > row_count]
    if count > 1 or page not in ("0", "1"):
        raise FeedError(f"{where}: is page {page} of {count}", WHOLE_FILE)
    if more or totals:
        what = f"'{more[0]}' says that there is more" if more else f"{row_count} records, of {envelope[totals[0]]}"
        raise FeedError(f"{where}: {what}", WHOLE_FILE)


def _count_pages(envelope: dict[str, Any], where: str) -> int:
    given = envelope.get("pages", 1)
    count = whole_number(given)
    if count is None or not 0 <= count <= LARGEST_PAGE_COUNT or (count == 0 and envelope["records"]):
        what = f"{where}: 'pages' is {_shown(given)}"
        raise FeedError(what, f"expected a number up to {LARGEST_PAGE_COUNT}; ask the provider")
    return count


def whole_number(value: object) -> int | None:
    """A number that counts pages or records, also one that is written as text; None of anything else."""
    if type(value) is int:
        return value
    is_written = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER
    return int(str(value)) if is_written else None


def _check_page_number(page: int, envelope: dict[str, Any], where: str) -> None:
    given = envelope.get("page", page)
    if _shown(given) != str(page):
        what = f"{where}: 'page' is {_shown(given)}, and {page} was asked for"
        raise FeedError(what, "does the provider know the parameter page? Ask the provider")


def _digest(records: list[Any]) -> bytes:
    digest = hashlib.sha256()
    for record in records:
        digest.update(_text(record).encode("utf-8", "surrogatepass"))
    return digest.digest()


def _text(record: Any) -> str:
    """The record as text; of one with a whole number that Python refuses to write out, its names."""
    try:
        return repr(record)
    except ValueError:
        return repr(list(record))


def _shown(value: object) -> str:
    try:
        return str(value)[:40]
    except (ValueError, RecursionError):
        return "no plain number"
