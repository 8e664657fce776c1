"""A bucket on loopback that speaks the few calls of the S3 protocol that reading a file needs."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.loopback import serving

NOT_FOUND = b"<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>"
FORBIDDEN = b"<Error><Code>InvalidAccessKeyId</Code><Message>unknown key</Message></Error>"
EMPTY_LISTING = b"<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"


class BucketHandler(BaseHTTPRequestHandler):
    """Objects by /bucket/key; every request has to be signed with the access key, where there is one."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    access_key: str
    statuses: list[int]
    is_silent: bool
    is_dripping: bool
    ended: threading.Event

    def do_HEAD(self) -> None:
        self.send(*self.answer(), with_body=False)

    def do_GET(self) -> None:
        self.send(*self.answer(), with_body=True)

    def answer(self) -> tuple[int, bytes, str]:
        path, _, query = self.path.partition("?")
        if self.statuses:
            return self.statuses.pop(0), b"", ""
        if self.access_key and f"Credential={self.access_key}/" not in self.headers.get("Authorization", ""):
            return 403, FORBIDDEN, ""
        if "list-type" in query:
            return 200, EMPTY_LISTING, ""
        return self.part_of(self.objects[path]) if path in self.objects else (404, NOT_FOUND, "")

    def part_of(self, whole: bytes) -> tuple[int, bytes, str]:
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if span is None:
            return 200, whole, ""
        first, last = int(span[1]), int(span[2] or len(whole) - 1)
        return 206, whole[first : last + 1], f"bytes {first}-{min(last, len(whole) - 1)}/{len(whole)}"

    def drip(self, body: bytes) -> None:
        """Send a byte now and then, each long before any time-out, and never the last."""
        while not self.ended.wait(0.05):
            self.wfile.write(body[:1])
        self.close_connection = True

    def send(self, status: int, body: bytes, content_range: str, *, with_body: bool) -> None:
        if self.is_silent:
            self.close_connection = self.ended.wait()
            return
        self.send_response(status)
        headers = {"Content-Length": str(len(body)), "Last-Modified": "Sun, 20 Dec 2015 08:00:00 GMT", "ETag": '"1"'}
        for name, value in (headers | ({"Content-Range": content_range} if content_range else {})).items():
            self.send_header(name, value)
        self.end_headers()
        if with_body and self.is_dripping:
            self.drip(body)
        elif with_body:
            self.wfile.write(body)


@contextmanager
def serving_bucket(
    objects: dict[str, bytes],
    *,
    access_key: str = "",
    statuses: list[int] | None = None,
    is_silent: bool = False,
    is_dripping: bool = False,
) -> Iterator[str]:
    """The address of a server with these objects; `statuses` are what the first requests are answered with.

    is_silent: requests are accepted and never answered. is_dripping: bodies come a byte at a time and never end.
    """
    ended = threading.Event()
    given = {"objects": objects, "access_key": access_key, "statuses": statuses or [], "ended": ended}
    given |= {"is_silent": is_silent, "is_dripping": is_dripping}
    with serving(type("Bucket", (BucketHandler,), given)) as address:
        try:
            yield address
        finally:
            ended.set()
