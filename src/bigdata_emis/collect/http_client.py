"""The only code that asks data providers: HTTP with paging, waiting and retries, and files dropped in a folder.

Belongs here: getting bytes, and checking that they are an answer at all. Does not: the meaning of readings (values).
"""

import os
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from bigdata_emis.collect.asking.environment_text import expand_environment
from bigdata_emis.collect.decode import JSON, read_json_file
from bigdata_emis.collect.feed_config import ISSUE_DAY, Feed
from bigdata_emis.collect.formats.json_records import LARGEST_JSON_BYTES, read_envelope
from bigdata_emis.collect.formats.limits import Limits, TooLargeError
from bigdata_emis.collect.redaction import show_address
from bigdata_emis.collect.web.page_walk import walk_pages
from bigdata_emis.collect.web.paging import require_whole_answer
from bigdata_emis.collect.web.signed_query import sign_query
from bigdata_emis.collect.web.web_session import Deadline, DeadlineError, WebSession
from bigdata_emis.errors import FeedError
from bigdata_emis.window import Window

SCHEMES = ("http://", "https://")
CHUNK_BYTES = 1 << 16
BUSY_STATUSES = frozenset({429, 503})
TRANSIENT_STATUSES = BUSY_STATUSES | {408, 500, 502, 504}
EXPECTED_SECRET = {
    "bearer": "put the bearer token there",
    "header": "put the key there",
    "query": "put the key there",
    "basic": "put name:password there",
    "signed": "put the secret there with which queries are signed",
}
CORRECT_ADDRESS = "correct 'address' in feeds.toml"
PUT_FILE = "put the file there or correct 'drop' in feeds.toml"


@dataclass(frozen=True)
class Answer:
    """What was received for one request: a name, its bytes, and the suffix of its format.

    `envelope` is the parsed JSON answer: it had to be read for the number of pages, and is expensive to read again.
    """

    name: str
    payload: bytes
    suffix: str
    envelope: dict[str, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class _Request:
    """One page as it is asked for, and how a message names it."""

    address: str
    parameters: dict[str, str]
    where: str


class _NoSuchPageError(FeedError):
    """The address, or the page of it, does not exist."""


class _TransientError(Exception):
    """Something that may be over at the next attempt; `wait_s` is what the provider asked for."""

    def __init__(self, what: str, wait_s: float | None = None) -> None:
        self.wait_s = wait_s
        super().__init__(what)


def feed_limits(feed: Feed) -> Limits:
    """The most that an answer of the feed may hold."""
    return Limits(feed.feed_id, byte_count=feed.largest_answer_bytes, row_count=feed.largest_pass_rows)


def fetch_drop(feed: Feed, day: date) -> Answer:
    """The file dropped for a local day.

    Raises:
        FeedError: it is missing, unreadable or too large, or one page of a JSON answer of several.
    """
    path = locate_drop(feed, day)
    where = f"feed {feed.feed_id}: {path}"
    try:
        if path.exists() and not path.is_file():
            raise FeedError(f"{where}: is no file", PUT_FILE)
        feed_limits(feed).check_bytes(path.stat().st_size, where)
        payload = path.read_bytes()
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise FeedError(f"{where}: {reason}", PUT_FILE) from None
    stem, _, ending = path.name.partition(".")
    suffix = ending or feed.format
    envelope = None
    if suffix.partition(".")[0] == JSON:
        limits = feed_limits(feed)
        envelope = read_json_file(
            payload, suffix, feed_id=feed.feed_id, where=where, limits=limits, records=feed.records
        )
        require_whole_answer(envelope, where)
    return Answer(f"drop-{stem}", payload, suffix, envelope)


def locate_drop(feed: Feed, day: date) -> Path:
    """The path of the file of a local day.

    {day}, {issue_day} and {year} are filled in, {NAME} comes from the environment.
    """
    text = feed.drop.replace("{year}", f"{day:%Y}")
    for placeholder in ("{day}", ISSUE_DAY):
        text = text.replace(placeholder, day.isoformat())
    return feed.folder / expand_environment(text, f"feed {feed.feed_id}, drop")


def fetch_http(feed: Feed, window: Window) -> Iterator[Answer]:
    """The pages of the answer for a window, one after another.

    Raises:
        FeedError: the provider refuses, stays down, does not end in time, sends half a body or pages that do not belong
            together, or something that is not its feed.
    """
    address = expand_environment(feed.address, f"feed {feed.feed_id}, address")
    shown = f"feed {feed.feed_id}: {show_address(feed)}"
    if not address.startswith(SCHEMES):
        raise FeedError(f"{shown} is no HTTP address", CORRECT_ADDRESS)
    window_name = f"http-{window.from_utc:%Y%m%dT%H}-{window.to_utc:%Y%m%dT%H}"
    deadline, walk, number = Deadline(feed.pass_deadline_s), walk_pages(feed, window), 0
    headers, credentials = _authorization(feed)
    with WebSession({"Accept-Encoding": "gzip", **headers}) as session:
        while page := walk.next_request():
            number += 1
            where = f"{shown}, {page.name}"
            parameters = _sign(feed, {**page.parameters, **credentials})
            try:
                payload = _get_with_retries(session, feed, _Request(address, parameters, where), deadline)
            except _NoSuchPageError:
                if walk.may_be_beyond:
                    return
                raise
            envelope = read_envelope(payload, feed.feed_id, where, feed.records) if feed.http_format == JSON else None
            if walk.add(envelope, where):
                yield Answer(f"{window_name}-p{number:05d}", payload, feed.http_format, envelope)


def _get_with_retries(session: WebSession, feed: Feed, request: _Request, deadline: Deadline) -> bytes:
    def wait_s(state: RetryCallState) -> float:
        problem = state.outcome.exception() if state.outcome else None
        asked_s = problem.wait_s if isinstance(problem, _TransientError) else None
        backoff_s = feed.wait_s * 2.0 ** (state.attempt_number - 1)
        return min(asked_s if asked_s is not None else backoff_s, feed.longest_wait_s, deadline.remaining_s)

    retrying = Retrying(
        stop=lambda state: state.attempt_number >= feed.attempts or not deadline.remaining_s,
        wait=wait_s,
        retry=retry_if_exception_type(_TransientError),
        reraise=True,
    )
    try:
        return retrying(_get, session, feed, request, deadline)
    except _TransientError as problem:
        attempts = retrying.statistics["attempt_number"]
        what = f"{request.where}: {problem} in {attempts} attempts"
        raise FeedError(what, "run again when the provider is up; what was received is stored") from None


def _get(session: WebSession, feed: Feed, request: _Request, deadline: Deadline) -> bytes:
    where, limit_s = request.where, min(feed.answer_deadline_s, deadline.remaining_s)
    if not limit_s:
        raise _late(where, f"not all pages came within {feed.pass_deadline_s:g} s", "pass_deadline_s")
    try:
        with session.get(
            request.address, request.parameters, timeout_s=feed.timeout_s, limit_s=limit_s, where=where
        ) as answer:
            _check_status(answer, feed, where)
            payload = _read_body(answer, feed, where)
    except DeadlineError:
        if limit_s < feed.answer_deadline_s:
            raise _late(where, f"not all pages came within {feed.pass_deadline_s:g} s", "pass_deadline_s") from None
        raise _late(where, f"the answer was not complete after {limit_s:g} s", "answer_deadline_s") from None
    except requests.RequestException as problem:
        raise _TransientError(type(problem).__name__) from None
    if feed.http_format == JSON and not payload.rstrip().endswith((b"}", b"]")):
        raise _TransientError("half a body")
    return payload


def _check_status(answer: requests.Response, feed: Feed, where: str) -> None:
    status = answer.status_code
    if status in TRANSIENT_STATUSES:
        raise _TransientError(f"status {status}", _retry_after_s(answer))
    if status != requests.codes.ok:
        kind = _NoSuchPageError if status == requests.codes.not_found else FeedError
        raise kind(f"{where}: status {status}", _remedy(status, feed))


def _late(where: str, what: str, key: str) -> FeedError:
    return FeedError(f"{where}: {what}", f"ask the provider, or set {key} in feeds.toml if so much time is right")


def _read_body(answer: requests.Response, feed: Feed, where: str) -> bytes:
    limits, received = feed_limits(feed), bytearray()
    for chunk in answer.iter_content(CHUNK_BYTES):
        received += chunk
        limits.check_bytes(len(received), where)
        if len(received) > LARGEST_JSON_BYTES:
            what = f"{where}: more than {LARGEST_JSON_BYTES} bytes of JSON"
            raise TooLargeError(what, "ask for less with page_size in feeds.toml")
    return bytes(received)


def _retry_after_s(answer: requests.Response) -> float | None:
    """Retry-After in seconds; its other form, a date, is answered with our own back-off."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if answer.status_code in BUSY_STATUSES and text.isascii() and text.isdigit() else None


def _remedy(status: int, feed: Feed) -> str:
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        variable = feed.auth_secret or "that auth_secret in feeds.toml names"
        return f"put a valid token in the environment variable {variable}"
    return f"{CORRECT_ADDRESS} or ask the provider"


def _authorization(feed: Feed) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the parameters that say who asks, from the environment variable that the feed names."""
    if not feed.auth_secret:
        return {}, {}
    token = os.environ.get(feed.auth_secret)
    if not token:
        what = f"feed {feed.feed_id}: the environment variable {feed.auth_secret} is not set"
        raise FeedError(what, EXPECTED_SECRET[feed.auth])
    if feed.auth == "signed":
        return {}, {}
    if feed.auth == "query":
        return {}, {feed.auth_name or "key": token}
    if feed.auth == "header":
        return {feed.auth_name or "X-API-Key": token}, {}
    if feed.auth == "basic":
        return {"Authorization": f"Basic {b64encode(token.encode()).decode('ascii')}"}, {}
    return {"Authorization": f"Bearer {token}"}, {}


def _sign(feed: Feed, parameters: dict[str, str]) -> dict[str, str]:
    """The parameters of a request, signed now where the feed asks for it."""
    if feed.auth != "signed" or not feed.auth_secret:
        return parameters
    return sign_query(parameters, os.environ[feed.auth_secret], feed=feed, epoch_s=int(time.time()))
