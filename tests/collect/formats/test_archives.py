"""Packed answers."""

import gzip
import io
import zipfile

import pytest

from bigdata_emis.collect.formats.archives import unpack
from bigdata_emis.collect.formats.limits import Limits, TooLargeError
from bigdata_emis.errors import FeedError

LIMITS = Limits("power", byte_count=1000, row_count=10)


def zipped(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return target.getvalue()


def test_gzip_and_zip_give_their_content_and_its_format():
    assert unpack(gzip.compress(b"a\n1\n"), "csv.gz", "here", LIMITS) == (b"a\n1\n", "csv")
    assert unpack(zipped(a_json=b"{}"), "zip", "here", LIMITS) == (b"{}", "json")
    assert unpack(zipped(a_txt=b"a\n"), "csv.zip", "here", LIMITS) == (b"a\n", "csv")
    assert unpack(b"a\n", "csv", "here", LIMITS) == (b"a\n", "csv")


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped(a_csv=content)], ids=["gzip", "zip"])
def test_what_unpacks_to_more_than_allowed_is_refused(pack):
    suffix = "csv.gz" if pack is gzip.compress else "csv.zip"
    with pytest.raises(TooLargeError, match="more than 1000 bytes"):
        unpack(pack(b"0" * 100_000), suffix, "here", LIMITS)
    with pytest.raises(TooLargeError, match="more than 10 rows"):
        unpack(pack(b"1\n" * 50), suffix, "here", LIMITS)


@pytest.mark.parametrize(
    ("payload", "suffix", "message"),
    [
        pytest.param(gzip.compress(b"a" * 500)[:20], "csv.gz", "whole gzip file", id="half a gzip"),
        pytest.param(b"PK no zip", "csv.zip", "whole zip", id="no zip"),
        pytest.param(
            zipped(a_csv=b"1", b_csv=b"2"), "zip", "2 files in the zip: 'a.csv', 'b.csv'; expected one", id="two files"
        ),
        pytest.param(zipped(), "zip", "0 files in the zip", id="empty"),
    ],
)
def test_an_archive_that_is_not_whole_is_refused_in_one_line(payload, suffix, message):
    with pytest.raises(FeedError, match=message) as refusal:
        unpack(payload, suffix, "here", LIMITS)
    assert "\n" not in str(refusal.value)
