"""The raw archive: answers stored as received, and the passes in which they arrived, numbered in that order.

Belongs here: raw files and their names, passes, and the days that a file covers. Does not: fetching (http_client),
parsing (decode, values), or what of several passes counts (merged_rows).

All pages of the answer to one question are a pass. Its record `pass-<number>.json` names the files of the answers. The
number is the highest there is plus one, so the order of passes does not depend on any clock. An answer that was stored
already is not stored again, but the pass in which it came again is noted: the last word of the provider counts.
"""

import hashlib
import json
import logging
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from bigdata_emis.arrays import Integers
from bigdata_emis.codes import Flag
from bigdata_emis.collect.answer_checks import UnusableAnswerError
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.formats.limits import TooLargeError
from bigdata_emis.collect.http_client import Answer
from bigdata_emis.collect.passes.excluded_passes import ExcludedPasses, read_excluded, write_excluded
from bigdata_emis.storage import locks
from bigdata_emis.storage.checksums import VERSION_LENGTH, ChangedFileError, changed_file, missing_file, sha256_digest
from bigdata_emis.storage.files import READ_ONLY_MODE
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.raw_files import safe_name
from bigdata_emis.window import day_window

log = logging.getLogger(__name__)

PASS_NAME = re.compile(r"pass-(\d{6,})\.json")
CHANGED_ANSWER = "restore it from a backup"
ALL_DAYS = (date(1970, 1, 1), date(2200, 1, 1))


@dataclass(frozen=True)
class StoredAnswer:
    """One answer of a pass: the name of its raw file, SHA-256 of its bytes, and the suffix of its format.

    request: a digest of what was asked for. etag: what the provider called this state of the answer. cursor: of a
    database that is read by a column, the largest value of it.
    """

    name: str
    sha256: str
    suffix: str
    request: str = ""
    etag: str = ""
    cursor: str = ""


@dataclass(frozen=True)
class Pass:
    """One pass: its number, when it arrived (of the same answers several times in a row, the last), and its answers."""

    number: int
    received_utc: datetime
    answers: tuple[StoredAnswer, ...]

    @property
    def record_name(self) -> str:
        """The name of the file that records the pass."""
        return f"pass-{self.number:06d}.json"

    @property
    def content_id(self) -> str:
        """A digest of the answers: passes with the same one say the same."""
        return content_digest(self.answers)


@dataclass(frozen=True)
class Period:
    """The local days from `first` to before `end` that a file covers."""

    first: date
    end: date

    @property
    def landing_day(self) -> date:
        """The day with which the raw bytes are stored: the first."""
        return self.first

    @property
    def is_day(self) -> bool:
        """Whether it is one day."""
        return self.end - self.first == timedelta(days=1)


class RawArchive:
    """What was ever received from a feed (`feed_id`) for one landing day (`day`)."""

    def __init__(self, store: Store, feed_id: str, day: date) -> None:
        self.feed_id, self.day = feed_id, day
        self._store = store
        self._files = store.raw_files(feed_id, day)
        self._lock = store.lock_folder() / f"raw-{feed_id}.lock"

    def passes(self) -> list[Pass]:
        """The passes in order of arrival, without those that a person has excluded."""
        excluded = self.excluded()
        return [received for received in self.stored_passes() if received.number not in excluded]

    def stored_passes(self) -> list[Pass]:
        """All passes in order of arrival."""
        found = map(self._read_pass, filter(PASS_NAME.fullmatch, self._files.names()))
        return sorted((received for received in found if received), key=lambda received: received.number)

    def excluded(self) -> ExcludedPasses:
        """The passes that a person has excluded."""
        return read_excluded(self._store, self.feed_id, self.day)

    def record_excluded(self, excluded: ExcludedPasses) -> None:
        """Record which passes are excluded; their raw files stay as they are."""
        write_excluded(self._store, self.feed_id, self.day, excluded)

    def exclude(self, received: Pass) -> str:
        """The command by which a person excludes a pass."""
        where = f"--region {self._store.region_id} --feed {self.feed_id} --date {self.day} --pass {received.number}"
        return f"emis feed exclude {where} --by … --role … --note …"

    def warn_of_unread_files(self) -> None:
        """Log what is not read: passes that a person has excluded, foreign files, those of a killed collection."""
        for number, record in sorted(self.excluded().items()):
            by, note = record["actor"], record["reason"]
            log.warning("feed %s: pass %d of %s is excluded by %s: %s", self.feed_id, number, self.day, by, note)
        named = {answer.name for received in self.stored_passes() for answer in received.answers}
        stray = [name for name in self._files.names() if name not in named and not PASS_NAME.fullmatch(name)]
        if stray:
            listed = ", ".join(name[:80] for name in stray[:10])
            log.warning("feed %s: files of no pass in the raw archive are not read: %s", self.feed_id, listed)

    def read(self, received: Pass, answer: StoredAnswer) -> bytes:
        """The bytes of an answer of a pass.

        Raises ChangedFileError when the file is missing, or holds other bytes than were received.
        """
        if answer.name not in self._files.names():
            raise missing_file(self._files.address(answer.name), CHANGED_ANSWER)
        payload = self._files.read(answer.name)
        if sha256_digest(payload) != answer.sha256:
            raise changed_file(self._files.address(answer.name), CHANGED_ANSWER)
        return payload

    def find_unchanged(self, request: str) -> tuple[str, bytes] | None:
        """The ETag and the bytes of the newest answer to a request; None where it had no ETag, or is damaged."""
        passes = self.passes()
        answers = [answer for answer in (passes[-1].answers if passes else ()) if answer.request == request]
        if not answers or not answers[-1].etag:
            return None
        try:
            return answers[-1].etag, self.read(passes[-1], answers[-1])
        except ChangedFileError:
            return None

    def newest_cursor(self, request: str) -> str:
        """The cursor of the newest answer to a request; empty where there is none."""
        answers = [answer for received in self.passes() for answer in received.answers]
        return next((a.cursor for a in reversed(answers) if a.request == request and a.cursor), "")

    @contextmanager
    def landing(self, known_utc: datetime) -> Iterator["Arrival"]:
        """A pass that is received in this block. What came before a failure is stored.

        An answer that is too large, or of which nothing can be read, leaves nothing of its pass behind.
        """
        arrival = Arrival(self)
        try:
            yield arrival
        except (TooLargeError, UnusableAnswerError):
            arrival.discard()
            raise
        except BaseException:
            self._record(arrival, known_utc)
            raise
        self._record(arrival, known_utc)

    def store_answer(self, name: str, payload: bytes, checksum: str) -> bool:
        """Store the bytes of an answer; whether they were not there before."""
        if name not in self._files.names():
            self._files.write(name, payload, mode=READ_ONLY_MODE)
            return True
        if sha256_digest(self._files.read(name)) != checksum:
            log.warning("%s was changed since it was received; the provider sent it again", self._files.address(name))
            self._files.write(name, payload, mode=READ_ONLY_MODE)
        return False

    def delete_answers(self, names: list[str]) -> None:
        """Delete raw files that no pass names."""
        for name in names:
            self._files.delete(name)

    def _record(self, arrival: "Arrival", known_utc: datetime) -> None:
        if not arrival.answers:
            return
        with locks.brief_lock(self._lock):
            passes = self.passes()
            newest = passes[-1] if passes else None
            if newest and newest.received_utc > known_utc:
                stamp = f"{newest.received_utc:%Y-%m-%dT%H:%M:%SZ}"
                log.warning(
                    "feed %s: pass %d is of %s, later than now: a clock is wrong", self.feed_id, newest.number, stamp
                )
            is_same = newest is not None and newest.content_id == content_digest(arrival.answers)
            number = newest.number if newest and is_same else self._next_number()
            self._write_pass(Pass(number, known_utc.astimezone(UTC), tuple(arrival.answers)))

    def _next_number(self) -> int:
        found = (PASS_NAME.fullmatch(name) for name in self._files.names())
        return 1 + max((int(match[1]) for match in found if match), default=0)

    def _write_pass(self, received: Pass) -> None:
        record = {
            "received_utc": received.received_utc.isoformat(),
            "answers": [{name: value for name, value in vars(answer).items() if value} for answer in received.answers],
        }
        self._files.write(received.record_name, json.dumps(record).encode())

    def _read_pass(self, name: str) -> Pass | None:
        try:
            record = json.loads(self._files.read(name))
            answers = tuple(StoredAnswer(**answer) for answer in record["answers"])
            return Pass(int(name[5:-5]), datetime.fromisoformat(record["received_utc"]), answers)
        except (ValueError, KeyError, TypeError):
            log.warning("%s is damaged and not read; collect its day again", self._files.address(name))
            return None


class Arrival:
    """The answers of a pass that is being received, each stored as soon as it has come."""

    def __init__(self, archive: RawArchive) -> None:
        self.answers: list[StoredAnswer] = []
        self._archive = archive
        self._new_names: list[str] = []

    def add(self, answer: Answer) -> None:
        """Store an answer."""
        checksum = sha256_digest(answer.payload)
        name = f"{safe_name(answer.name)}-{checksum[:VERSION_LENGTH]}.{safe_name(answer.suffix)}"
        if self._archive.store_answer(name, answer.payload, checksum):
            self._new_names.append(name)
        marks = {"request": answer.request, "etag": answer.etag, "cursor": answer.cursor}
        self.answers.append(StoredAnswer(name, checksum, answer.suffix, **marks))

    def discard(self) -> None:
        """Delete what was stored for this pass and was not there before."""
        self._archive.delete_answers(self._new_names)
        self.answers.clear()


def content_digest(answers: tuple[StoredAnswer, ...] | list[StoredAnswer]) -> str:
    """A digest of answers in their order."""
    return hashlib.sha256("\n".join(f"{a.sha256} {a.suffix}" for a in answers).encode()).hexdigest()


def covered_period(feed: Feed, day: date) -> Period:
    """The period of an answer: a day, the hours ahead of a day of issue, the year of a file named by it, else all."""
    if feed.is_named_by_issue and not feed.comes_by_http(day):
        return Period(day, day + timedelta(days=1 + math.ceil(float(feed.ahead_h) / 24)))
    if feed.comes_by_http(day) or "{day}" in feed.drop:
        return Period(day, day + timedelta(days=1))
    if "{year}" in feed.drop:
        return Period(date(day.year, 1, 1), date(day.year + 1, 1, 1))
    return Period(*ALL_DAYS)


def number_local_days(times: Any, days: list[date], period: Period, time_zone: str) -> tuple[Integers, dict[Flag, int]]:
    """The number of each row's day among `days`, −1 for none, and excluded rows by reason.

    Excluded are rows without a time or outside the period.
    """
    instants = times.to_numpy().astype("datetime64[us]")
    has_no_time = np.isnat(instants)
    starts = np.array([_without_zone(day_window(day, time_zone).from_utc) for day in days], dtype="datetime64[us]")
    ends = np.array([_without_zone(day_window(day, time_zone).to_utc) for day in days], dtype="datetime64[us]")
    number = np.searchsorted(starts, instants, side="right") - 1
    number[has_no_time] = -1
    number[(number >= 0) & (instants >= ends[np.maximum(number, 0)])] = -1
    first, end = period_bounds(period, time_zone)
    is_outside = ~has_no_time & ((instants < first) | (instants >= end))
    number[is_outside] = -1
    return number, {Flag.OUT_OF_WINDOW: int(is_outside.sum()), Flag.NO_TIME: int(has_no_time.sum())}


def period_bounds(period: Period, time_zone: str) -> tuple[np.datetime64, np.datetime64]:
    """The instants at which a period begins and ends, in UTC without a zone."""
    first, end = (_without_zone(day_window(day, time_zone).from_utc) for day in (period.first, period.end))
    return np.datetime64(first), np.datetime64(end)


def _without_zone(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
