"""Compressed answers: gzip and zip, unpacked within the limits of the feed.

Belongs here: unpacking, and refusing what would grow too large. Does not: what the content is (decode).
"""

import gzip
import io
import zipfile
import zlib

from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.errors import FeedError, shorten

UNZIP_BYTES = 1 << 20
PACKED = (".gz", ".zip")
CSV = "csv"


def unpack(payload: bytes, suffix: str, where: str, limits: Limits) -> tuple[bytes, str]:
    """The content of an answer and its suffix without that of the packing.

    Raises:
        TooLargeError: it unpacks to more than the feed allows.
        FeedError: the archive is not whole, is encrypted, or a zip holds anything but one file.
    """
    if suffix.endswith(".gz"):
        kind = suffix.removesuffix(".gz")
        return _unzip_gzip(payload, kind, where, limits), kind
    if suffix.endswith("zip"):
        return _unzip_file(payload, suffix, where, limits)
    return payload, suffix


def _unzip_gzip(payload: bytes, kind: str, where: str, limits: Limits) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(payload)) as stream:
            return _read_bounded(stream, kind, where, limits)
    except (OSError, EOFError, zlib.error) as problem:
        raise FeedError(f"{where}: {problem}", "expected a whole gzip file; ask the provider") from None


def _unzip_file(payload: bytes, suffix: str, where: str, limits: Limits) -> tuple[bytes, str]:
    """The one file of a zip archive, and the format: that of the suffix before .zip, else that of the file in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")]
            if len(names) != 1:
                listed = ", ".join(f"'{shorten(name)}'" for name in names[:5])
                what = f"{where}: {len(names)} files in the zip{': ' if listed else ''}{listed}"
                raise FeedError(
                    what, "expected one; ask the provider for one, or drop each as a feed or day of its own"
                )
            kind = suffix.removesuffix("zip").rstrip(".") or names[0].rpartition(".")[2].lower()
            with archive.open(names[0]) as stream:
                return _read_bounded(stream, kind, where, limits), kind
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as problem:
        raise FeedError(f"{where}: {problem}", "expected a whole zip without password; ask the provider") from None


def _read_bounded(stream: object, kind: str, where: str, limits: Limits) -> bytes:
    content, line_count = bytearray(), 0
    while piece := stream.read(UNZIP_BYTES):  # type: ignore[attr-defined]
        content += piece
        line_count += piece.count(b"\n")
        limits.check_bytes(len(content), where)
        if kind == CSV:
            limits.check_rows(line_count - 1, where)
    return bytes(content)
