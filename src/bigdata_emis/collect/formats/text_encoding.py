"""The encoding of a text file: named, or detected from its bytes and reported.

Belongs here: bytes as text. Does not: CSV or JSON (delimited, decode).
"""

import codecs
import re

from bigdata_emis.errors import FeedError

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MARK = "\ufeff"
"""The byte-order mark as a character: within a text it is left over from files that were joined, and means nothing."""
UTF_8 = "utf-8"
CHINESE, WESTERN = "gb18030", "cp1252"
LEAST_COMMON_SHARE = 0.9
"""Share of the characters beyond ASCII that must be of GB 2312 before a text counts as Chinese."""
MOST_OTHER_ZEROS = 0.2
"""Zeros among the other bytes of UTF-16, as a share of those of ASCII letters, below which it is detected."""
SAMPLE_BYTES = 1 << 16
LONE_HIGH_BYTE = re.compile(rb"(?<![\x80-\xff])[\xa0-\xff](?![\x80-\xff])")
HIGH_BYTE = re.compile(rb"[\x80-\xff]")


def decode_text(content: bytes, where: str, encoding: str = "") -> tuple[str, str]:
    """The text and its encoding: the named one, else by byte-order mark, UTF-8, UTF-16, Chinese or Western.

    Raises:
        FeedError: the bytes are no text of the named encoding, or none can be detected without doubt.
    """
    name = encoding or detect_encoding(content)
    if not name:
        what = f"{where}: is not UTF-8 (UTF8), and its encoding cannot be detected"
        raise FeedError(what, 'write it, for instance encoding = "gb18030", or save the file as UTF-8')
    try:
        text = content.decode(name)
    except (UnicodeDecodeError, UnicodeError) as problem:
        what = f"{where}: is not {name} text ({str(problem)[:80]})"
        raise FeedError(what, "correct encoding in feeds.toml, or ask the provider") from None
    if "\0" in text:
        raise FeedError(f"{where}: holds a NUL character", "expected a text file; ask the provider")
    return text.replace(MARK, ""), name


def detect_encoding(content: bytes) -> str:
    """The name of the encoding; empty when none can be detected without doubt."""
    for mark, name in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return name
    if wide := _wide_encoding(content[:SAMPLE_BYTES]):
        return wide
    if _decodes(content, UTF_8):
        return UTF_8
    if _is_chinese(content):
        return CHINESE
    high, lone = len(HIGH_BYTE.findall(content)), len(LONE_HIGH_BYTE.findall(content))
    return WESTERN if high == lone else ""


def _wide_encoding(sample: bytes) -> str:
    """UTF-16 without a mark: of ASCII letters every other byte is 0; of other characters, such as 一, few bytes are."""
    half = len(sample) // 2
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    if second > half // 2 and first < MOST_OTHER_ZEROS * second:
        return "utf-16-le"
    if first > half // 2 and second < MOST_OTHER_ZEROS * first:
        return "utf-16-be"
    return ""


def _decodes(content: bytes, name: str) -> bool:
    try:
        content.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(content: bytes) -> bool:
    """Whether the bytes are GB 18030 text, most of it of the common characters of GB 2312."""
    if not _decodes(content, CHINESE):
        return False
    beyond = [character for character in content.decode(CHINESE)[:SAMPLE_BYTES] if ord(character) > 127]
    common = "".join(beyond).encode("gb2312", "ignore").decode("gb2312")
    return len(common) >= LEAST_COMMON_SHARE * len(beyond)
