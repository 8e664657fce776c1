"""A bucket on loopback that speaks the few calls of the S3 protocol that reading a file needs."""

import re
from contextlib import AbstractContextManager
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

    def send(self, status: int, body: bytes, content_range: str, *, with_body: bool) -> None:
        self.send_response(status)
        headers = {"Content-Length": str(len(body)), "Last-Modified": "Sun, 20 Dec 2015 08:00:00 GMT", "ETag": '"1"'}
        for name, value in (headers | ({"Content-Range": content_range} if content_range else {})).items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def serving_bucket(
    objects: dict[str, bytes], *, access_key: str = "", statuses: list[int] | None = None
) -> AbstractContextManager[str]:
    """The address of a server with these objects; `statuses` are what the first requests are answered with."""
    given = {"objects": objects, "access_key": access_key, "statuses": statuses or []}
    return serving(type("Bucket", (BucketHandler,), given))
