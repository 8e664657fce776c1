"""The only code that asks data providers: HTTP with paging, waiting and retries, and files dropped in a folder.

Belongs here: getting bytes and checking that they are an answer at all. Does not: what the readings mean (values).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from bigdata_emis.collect.decode import envelope
from bigdata_emis.collect.feed_config import Feed, resolve
from bigdata_emis.errors import FeedError
from bigdata_emis.window import Window

LARGEST_ANSWER_BYTES = 1 << 28
LARGEST_DROP_BYTES = 1 << 30
MOST_PAGES = 100_000
CHUNK_BYTES = 1 << 16
BUSY = frozenset({429, 503})
PASSING = BUSY | {408, 500, 502, 504}


@dataclass(frozen=True)
class Answer:
    """What was received for one request: a name for it, its bytes, and the suffix that tells its format.

    `told` is the envelope of a JSON answer: it had to be read for the number of pages, and is dear to read again.
    """

    name: str
    payload: bytes
    suffix: str
    told: dict[str, Any] | None = field(default=None, compare=False, repr=False)


class _PassingError(Exception):
    """Something that may be over at the next attempt; `wait_s` is what the provider asked for."""

    def __init__(self, what: str, wait_s: float | None = None) -> None:
        self.wait_s = wait_s
        super().__init__(what)


def fetch_drop(feed: Feed, day: date) -> Answer:
    """The file dropped for a local day. Raises FeedError when it is missing, unreadable or too large."""
    path = drop_path(feed, day)
    where = f"feed {feed.feed_id}: {path}"
    try:
        if path.stat().st_size > LARGEST_DROP_BYTES:
            raise FeedError(f"{where} has more than {LARGEST_DROP_BYTES} bytes", "split it by day")
        payload = path.read_bytes()
    except OSError as problem:
        raise FeedError(f"{where}: {problem.strerror}", "put the file there or mend 'drop' in feeds.toml") from None
    stem, _, suffix = path.name.partition(".")
    return Answer(f"drop-{stem}", payload, suffix or feed.format)


def drop_path(feed: Feed, day: date) -> Path:
    """Where the file of a local day lies: {day} and {year} are filled in, {NAME} comes from the environment."""
    text = feed.drop.replace("{day}", day.isoformat()).replace("{year}", f"{day:%Y}")
    return feed.folder / resolve(text, f"feed {feed.feed_id}, drop")


def fetch_http(feed: Feed, window: Window) -> Iterator[Answer]:
    """The pages of the answer for a window, one after another.

    Raises FeedError when the provider refuses, stays down, sends half a body, or something that is not its feed.
    """
    address = resolve(feed.address, f"feed {feed.feed_id}, address")
    if urlsplit(address).scheme not in ("http", "https"):
        raise FeedError(f"feed {feed.feed_id}: '{address}' is no HTTP address", "mend 'address' in feeds.toml")
    span = {"from": _text(window.from_utc), "to": _text(window.to_utc), "page_size": str(feed.page_size)}
    with requests.Session() as session:
        session.headers.update(_credentials(feed))
        page, pages = 1, 1
        while page <= pages:
            payload = _attempt(session, feed, address, {**span, "page": str(page)})
            where = f"feed {feed.feed_id}: {address}, page {page}"
            told = envelope(payload, feed.feed_id, where)
            pages = _pages(told, where)
            yield Answer(
                f"http-{window.from_utc:%Y%m%dT%H}-{window.to_utc:%Y%m%dT%H}-p{page:05d}", payload, "json", told
            )
            page += 1


def _attempt(session: requests.Session, feed: Feed, address: str, parameters: dict[str, str]) -> bytes:
    def wait(state: RetryCallState) -> float:
        problem = state.outcome.exception() if state.outcome else None
        asked = problem.wait_s if isinstance(problem, _PassingError) else None
        return min(asked if asked is not None else feed.wait_s * 2.0 ** (state.attempt_number - 1), feed.longest_wait_s)

    retrying = Retrying(
        stop=stop_after_attempt(feed.attempts), wait=wait, retry=retry_if_exception_type(_PassingError), reraise=True
    )
    try:
        return retrying(_get, session, feed, address, parameters)
    except _PassingError as problem:
        where = f"feed {feed.feed_id}: {address}, page {parameters['page']}"
        raise FeedError(
            f"{where}: {problem} in {feed.attempts} attempts", "what was received is kept; run again when it is up"
        ) from None


def _get(session: requests.Session, feed: Feed, address: str, parameters: dict[str, str]) -> bytes:
    where = f"feed {feed.feed_id}: {address}, page {parameters['page']}"
    try:
        with session.get(address, params=parameters, timeout=feed.timeout_s, stream=True) as answer:
            if answer.status_code in PASSING:
                raise _PassingError(f"status {answer.status_code}", _asked_wait(answer))
            if answer.status_code != requests.codes.ok:
                raise FeedError(f"{where}: status {answer.status_code}", _mend(answer.status_code, feed))
            payload = _body(answer, where)
    except requests.RequestException as problem:
        raise _PassingError(type(problem).__name__) from None
    if not payload.rstrip().endswith(b"}"):
        raise _PassingError("half a body")
    return payload


def _body(answer: requests.Response, where: str) -> bytes:
    received = bytearray()
    for chunk in answer.iter_content(CHUNK_BYTES):
        received += chunk
        if len(received) > LARGEST_ANSWER_BYTES:
            raise FeedError(
                f"{where}: more than {LARGEST_ANSWER_BYTES} bytes", "ask for less with page_size in feeds.toml"
            )
    return bytes(received)


def _asked_wait(answer: requests.Response) -> float | None:
    """Retry-After in seconds; its other form, a date, is answered with our own back-off."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if answer.status_code in BUSY and text.isascii() and text.isdigit() else None


def _mend(status: int, feed: Feed) -> str:
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        return f"put a valid token in the environment variable {feed.auth_secret or 'that auth_secret in feeds.toml names'}"
    return "mend 'address' in feeds.toml or ask the provider"


def _credentials(feed: Feed) -> dict[str, str]:
    if not feed.auth_secret:
        return {}
    token = os.environ.get(feed.auth_secret)
    if not token:
        raise FeedError(
            f"feed {feed.feed_id}: the environment variable {feed.auth_secret} is not set", "put the bearer token there"
        )
    return {"Authorization": f"Bearer {token}"}


def _pages(told: dict[str, Any], where: str) -> int:
    pages = told.get("pages", 1)
    if not isinstance(pages, int) or not 0 <= pages <= MOST_PAGES:
        raise FeedError(f"{where}: 'pages' is {str(pages)[:40]}", f"it must be a number up to {MOST_PAGES}")
    return pages


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
