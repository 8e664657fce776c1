"""A file that was dropped for a day, in a folder of this machine or in a bucket (s3://): is it there, and its bytes.

Belongs here: the file and its origin. Does not: its name of a day (http_client), or what is in it (decode).
"""

import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from bigdata_emis.collect.asking.environment_text import expand_environment
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.errors import FeedError, InputError
from bigdata_emis.storage.files import open_bucket

BUCKET_SCHEME = "s3://"
PUT_FILE = "put the file there or correct 'drop' in feeds.toml"
CHECK_BUCKET = "check bucket_endpoint and bucket_secret in feeds.toml, and what its key may read"


@dataclass(frozen=True)
class LocalFile:
    """A file of this machine."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self.path.name

    @property
    def exists(self) -> bool:
        """Whether something is there."""
        return self.path.exists()

    @property
    def byte_count(self) -> int | None:
        """Its size, None where there is no such file."""
        return self.path.stat().st_size if self.path.is_file() else None

    def check_readable(self) -> None:
        """Read a byte. Raises OSError when that is not allowed."""
        with self.path.open("rb") as file:
            file.read(1)

    def read(self, limits: Limits) -> bytes:
        """Its bytes. Raises FeedError when it is missing, no file, unreadable or too large."""
        where = f"feed {limits.feed_id}: {self}"
        try:
            if self.path.exists() and not self.path.is_file():
                raise FeedError(f"{where}: is no file", PUT_FILE)
            limits.check_bytes(self.path.stat().st_size, where)
            return self.path.read_bytes()
        except (OSError, ValueError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else str(problem)
            raise FeedError(f"{where}: {reason}", PUT_FILE) from None


@dataclass(frozen=True)
class BucketFile:
    """An object of a bucket that speaks the S3 protocol, asked for with the limits and the secret of its feed."""

    address: str
    feed: Feed

    def __str__(self) -> str:
        return self.address

    @property
    def name(self) -> str:
        """The last part of its key."""
        return PurePosixPath(self._key).name

    @property
    def exists(self) -> bool:
        """Whether there is an object, or others below it."""
        return bool(self._info.type)

    @property
    def byte_count(self) -> int | None:
        """Its size, None where there is no such object."""
        return self._info.size if self._info.is_file else None

    def check_readable(self) -> None:
        """Ask for it. Raises FeedError when the bucket does not answer, or not to these keys."""
        _ = self._info

    def read(self, limits: Limits) -> bytes:
        """Its bytes. Raises FeedError when it is missing, too large, or the bucket cannot be read."""
        where = f"feed {self.feed.feed_id}: {self.address}"
        byte_count = self.byte_count
        if byte_count is None:
            raise FeedError(f"{where}: is no file of the bucket", PUT_FILE)
        limits.check_bytes(byte_count, where)
        payload: bytes = self._ask(lambda system: _read_object(system, self._key, byte_count))
        if len(payload) != byte_count:
            what = f"{where}: {len(payload)} bytes came of {byte_count}"
            raise FeedError(what, "collect again: it was written meanwhile, or the connection was cut")
        return payload

    @property
    def _key(self) -> str:
        return self.address.removeprefix(BUCKET_SCHEME)

    @cached_property
    def _info(self) -> Any:
        return self._ask(lambda system: system.get_file_info(self._key))

    @cached_property
    def _system(self) -> Any:
        endpoint = expand_environment(self.feed.bucket_endpoint, f"feed {self.feed.feed_id}, bucket_endpoint")
        keys = _read_secret(self.feed)
        return open_bucket(endpoint, keys, timeout_s=self.feed.timeout_s, attempts=self.feed.attempts)

    def _ask(self, call: Callable[[Any], Any]) -> Any:
        """What the bucket answers. Raises FeedError when it fails, or has not answered wholly at the deadline.

        The time-outs of the client end a silent connection but not one that drips. A call cannot be interrupted, so it
        runs in a thread of its own that nobody waits for after the deadline.
        """
        answers: queue.Queue[tuple[Any, OSError | None]] = queue.Queue()
        system, limit_s = self._system, self.feed.answer_deadline_s
        threading.Thread(target=_answer_into, args=(answers, call, system), daemon=True).start()
        try:
            answer, problem = answers.get(timeout=limit_s)
        except queue.Empty:
            what = f"feed {self.feed.feed_id}: {self.address}: the answer was not complete after {limit_s:g} s"
            raise FeedError(what, "collect again later, or raise answer_deadline_s in feeds.toml") from None
        if problem is not None:
            raise self._refusal(problem)
        return answer

    def _refusal(self, problem: OSError) -> FeedError:
        """The problem of the bucket in one line."""
        reason = " ".join(str(problem).split())[:300]
        return FeedError(f"feed {self.feed.feed_id}: {self.address}: {reason}", CHECK_BUCKET)


def _answer_into(answers: "queue.Queue[tuple[Any, OSError | None]]", call: Callable[[Any], Any], system: Any) -> None:
    try:
        answers.put((call(system), None))
    except OSError as problem:
        answers.put((None, problem))


def _read_object(system: Any, key: str, byte_count: int) -> bytes:
    """The bytes of an object, and one more than it should have where it has grown."""
    with system.open_input_stream(key) as stream:
        return bytes(stream.read(byte_count + 1))


DroppedFile = LocalFile | BucketFile


def open_dropped_file(address: str, feed: Feed) -> DroppedFile:
    """The file with this address: an object of a bucket, or a path of this machine, from the folder of the feed."""
    return BucketFile(address, feed) if address.startswith(BUCKET_SCHEME) else LocalFile(feed.folder / address)


def _read_secret(feed: Feed) -> tuple[str, str] | None:
    """The keys of the bucket; none for one that anybody may read. Never those that this machine has for others.

    Raises:
        InputError: the environment variable is not set, or holds no two keys.
    """
    if not (name := feed.bucket_secret):
        return None
    access_key, colon, secret_key = os.environ.get(name, "").strip().partition(":")
    if not (access_key and colon and secret_key):
        what = f"feed {feed.feed_id}: the environment variable {name} holds no keys of the bucket"
        raise InputError(what, f"export {name}=ACCESS_KEY:SECRET_KEY")
    return access_key, secret_key
