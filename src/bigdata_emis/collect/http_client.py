"""The only code that asks data providers: HTTP with paging, waiting and retries, and files dropped in a folder.

Belongs here: getting bytes, and checking that they are an answer at all. Does not: the meaning of readings (values).
"""

import hashlib
import os
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from bigdata_emis.collect.asking.environment_text import expand_environment
from bigdata_emis.collect.decode import JSON, read_json_file
from bigdata_emis.collect.feed_config import ISSUE_DAY, Feed
from bigdata_emis.collect.formats.json_records import LARGEST_JSON_BYTES, read_envelope
from bigdata_emis.collect.formats.limits import Limits, TooLargeError
from bigdata_emis.collect.redaction import show_address
from bigdata_emis.collect.web.dropped_file import DroppedFile, open_dropped_file
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
LEAST_CLOCK_ERROR_S = 30
ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{1,200}"')


@dataclass(frozen=True)
class Answer:
    """What was received for one request: a name, its bytes, and the suffix of its format.

    `envelope` is the parsed JSON answer: it had to be read for the number of pages, and is expensive to read again.
    request, etag, cursor: see StoredAnswer. is_unchanged: the provider only said that it is as it was received before.
    """

    name: str
    payload: bytes
    suffix: str
    envelope: dict[str, Any] | None = field(default=None, compare=False, repr=False)
    request: str = ""
    etag: str = ""
    cursor: str = ""
    is_unchanged: bool = False


FindUnchanged = Callable[[str], tuple[str, bytes] | None]
"""From the digest of a request to the ETag and the bytes of the answer that it had before."""


@dataclass(frozen=True)
class _Request:
    """One page as it is asked for, and how a message names it."""

    address: str
    parameters: dict[str, str]
    where: str
    clock: Callable[[], float]
    known: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class _Received:
    """The bytes of a page, its ETag, and whether they are those that were known."""

    payload: bytes
    etag: str
    is_unchanged: bool


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
    payload = path.read(feed_limits(feed))
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


def locate_drop(feed: Feed, day: date) -> DroppedFile:
    """The file of a local day.

    {day}, {issue_day} and {year} are filled in, {NAME} comes from the environment.
    """
    text = feed.drop.replace("{year}", f"{day:%Y}")
    for placeholder in ("{day}", ISSUE_DAY):
        text = text.replace(placeholder, day.isoformat())
    return open_dropped_file(expand_environment(text, f"feed {feed.feed_id}, drop"), feed)


def fetch_http(
    feed: Feed,
    window: Window,
    *,
    find_unchanged: FindUnchanged = lambda _: None,
    clock: Callable[[], float] = time.time,
) -> Iterator[Answer]:
    """The pages of the answer for a window, one after another.

    find_unchanged: finds what was received before; a provider that gives an ETag is asked only whether it has changed.
    clock: seconds since 1970, for what is signed with a time.

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
    with WebSession({"Accept-Encoding": "gzip", **_authorization(feed)[0]}) as session:
        while page := walk.next_request():
            number += 1
            where, digest = f"{shown}, {page.name}", _request_digest(address, page.parameters)
            request = _Request(address, page.parameters, where, clock, known=find_unchanged(digest))
            try:
                received = _get_with_retries(session, feed, request, deadline)
            except _NoSuchPageError:
                if walk.may_be_beyond:
                    return
                raise
            payload = received.payload
            envelope = read_envelope(payload, feed.feed_id, where, feed.records) if feed.http_format == JSON else None
            if walk.add(envelope, where):
                yield Answer(
                    f"{window_name}-p{number:05d}",
                    payload,
                    feed.http_format,
                    envelope,
                    request=digest if received.etag else "",
                    etag=received.etag,
                    is_unchanged=received.is_unchanged,
                )


def _request_digest(address: str, parameters: Mapping[str, str]) -> str:
    """A digest of what is asked for, without what says who asks."""
    text = "\n".join([address, *(f"{name}={value}" for name, value in sorted(parameters.items()))])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _get_with_retries(session: WebSession, feed: Feed, request: _Request, deadline: Deadline) -> _Received:
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


def _get(session: WebSession, feed: Feed, request: _Request, deadline: Deadline) -> _Received:
    where, limit_s = request.where, min(feed.answer_deadline_s, deadline.remaining_s)
    if not limit_s:
        raise _late(where, f"not all pages came within {feed.pass_deadline_s:g} s", "pass_deadline_s")
    # Signed anew at each attempt: a provider may refuse a time that is too old, or a signature that it has seen.
    parameters = _sign(feed, {**request.parameters, **_authorization(feed)[1]}, request.clock)
    headers = {"If-None-Match": request.known[0]} if request.known else {}
    try:
        with session.get(
            request.address, parameters, headers=headers, timeout_s=feed.timeout_s, limit_s=limit_s, where=where
        ) as answer:
            if request.known and answer.status_code == requests.codes.not_modified:
                return _Received(request.known[1], request.known[0], is_unchanged=True)
            _check_status(answer, feed, request)
            payload, etag = _read_body(answer, feed, where), _etag(answer)
    except DeadlineError:
        if limit_s < feed.answer_deadline_s:
            raise _late(where, f"not all pages came within {feed.pass_deadline_s:g} s", "pass_deadline_s") from None
        raise _late(where, f"the answer was not complete after {limit_s:g} s", "answer_deadline_s") from None
    except requests.RequestException as problem:
        raise _TransientError(type(problem).__name__) from None
    if feed.http_format == JSON and not payload.rstrip().endswith((b"}", b"]")):
        raise _TransientError("half a body")
    return _Received(payload, etag, is_unchanged=False)


def _etag(answer: requests.Response) -> str:
    """The name that the provider gives to this state of the answer; empty where it gives none that can be sent."""
    etag = answer.headers.get("ETag", "").strip()
    return etag if ETAG.fullmatch(etag) else ""


def _check_status(answer: requests.Response, feed: Feed, request: _Request) -> None:
    status = answer.status_code
    if status in TRANSIENT_STATUSES:
        raise _TransientError(f"status {status}", _retry_after_s(answer))
    if status != requests.codes.ok:
        kind = _NoSuchPageError if status == requests.codes.not_found else FeedError
        raise kind(f"{request.where}: status {status}", _remedy(answer, feed, request.clock))


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


def _remedy(answer: requests.Response, feed: Feed, clock: Callable[[], float]) -> str:
    if answer.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
        variable = feed.auth_secret or "that auth_secret in feeds.toml names"
        if feed.auth == "signed":
            return f"put the secret for signing in the environment variable {variable}{_clock_hint(answer, clock)}"
        return f"put a valid token in the environment variable {variable}"
    return f"{CORRECT_ADDRESS} or ask the provider"


def _clock_hint(answer: requests.Response, clock: Callable[[], float]) -> str:
    """How far the clock of this machine is from that of the provider, which refuses what is signed at a wrong time."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (TypeError, ValueError, OverflowError):
        return ""
    ahead_s = round(clock() - theirs)
    if abs(ahead_s) < LEAST_CLOCK_ERROR_S:
        return ""
    return f", and set the clock of this machine, which is {abs(ahead_s)} s {'ahead' if ahead_s > 0 else 'behind'}"


def _authorization(feed: Feed) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the parameters that say who asks, from the environment variable that the feed names."""
    if not feed.auth_secret:
        return {}, {}
    token = _secret(feed)
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


def _sign(feed: Feed, parameters: dict[str, str], clock: Callable[[], float]) -> dict[str, str]:
    """The parameters of a request, signed now where the feed asks for it."""
    if feed.auth != "signed" or not feed.auth_secret:
        return parameters
    return sign_query(parameters, _secret(feed), feed=feed, epoch_s=int(clock()))


def _secret(feed: Feed) -> str:
    """The secret of a feed, without the end of a line that a file of secrets may leave on it."""
    return os.environ.get(feed.auth_secret, "").strip("\r\n")
