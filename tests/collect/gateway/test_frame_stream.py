"""Telegrams in a stream: every byte ends in a frame, in a refusal, or is blank."""

import random

import pytest

from bigdata_emis.collect.gateway.frame_stream import Frame, FrameStream, RefusedBytes, split_frames
from bigdata_emis.collect.gateway.telegram import TelegramFault
from tests.collect.gateway.telegrams import hour, packet
from tests.collect.mutations import spoil_bytes

ONE, TWO = packet(hour()), packet(hour("20260115090000"))


def shapes(pieces: list) -> list[str]:
    return ["frame" if isinstance(piece, Frame) else str(piece.fault) for piece in pieces]


def pieces_of(content: bytes, size: int = 1 << 20) -> list:
    stream = FrameStream()
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    return [piece for chunk in chunks for piece in stream.add(chunk)] + stream.finish()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 10_000])
def test_split_and_glued_telegrams_are_the_same_ones(size: int):
    pieces = pieces_of(ONE + TWO + ONE, size)
    assert [piece.content + b"\r\n" for piece in pieces] == [ONE, TWO, ONE]


def test_the_segment_is_what_lies_between_length_and_checksum():
    assert pieces_of(ONE)[0].segment == hour().encode()


def test_a_lower_case_checksum_and_a_missing_end_of_line_are_accepted():
    assert shapes(pieces_of(ONE[:-6] + ONE[-6:-2].lower() + TWO)) == ["frame", "frame"]


def test_a_wrong_checksum_is_refused_and_the_next_telegram_read():
    assert shapes(pieces_of(ONE[:-6] + b"0000\r\n" + TWO)) == ["crc", "frame"]


def test_a_length_too_great_is_refused_at_the_end_of_its_telegram():
    stream = FrameStream()
    longer = b"##%04d" % (int(ONE[2:6]) + 10) + ONE[6:]
    assert shapes(stream.add(longer)) == ["length"]
    assert shapes(stream.add(TWO)) == ["frame"]


def test_a_length_too_small_is_refused_and_the_next_telegram_read():
    shorter = b"##%04d" % (int(ONE[2:6]) - 10) + ONE[6:]
    assert shapes(pieces_of(shorter + TWO)) == ["length", "frame"]


def test_bytes_between_telegrams_are_refused_and_blanks_are_not():
    assert shapes(pieces_of(b"\r\n" + ONE + b" \r\n" + TWO)) == ["frame", "frame"]
    assert shapes(pieces_of(b"GET / HTTP/1.1\r\n\r\n" + ONE)) == ["framing", "frame"]


def test_a_telegram_that_never_ends_is_refused_and_one_after_its_mark_is_read():
    assert shapes(pieces_of(ONE[:50])) == ["length"]
    assert shapes(pieces_of(ONE[:50] + TWO)) == ["length", "frame"]


def test_a_mark_without_a_length_does_not_hide_the_next_telegram():
    assert shapes(pieces_of(b"##12x4" + ONE)) == ["framing", "frame"]


def test_a_run_of_garbage_is_one_refusal_with_its_length():
    run = b"#" * 200_001 + b"\r\n##\r\n##x"
    garbage, telegram = pieces_of(run + ONE)
    assert garbage == RefusedBytes(run, TelegramFault.FRAMING, "200010 bytes without a telegram")
    assert telegram.content + b"\r\n" == ONE
    assert shapes(pieces_of(b"#" * 200_001)) == ["framing", "length"]
    assert shapes(pieces_of(b"##x" + ONE + b"##x" + TWO)) == ["framing", "frame", "framing", "frame"]


def test_no_more_than_one_telegram_waits():
    stream = FrameStream()
    for _ in range(100):
        stream.add(b"#" * 1000)
    assert len(stream._bytes) < 12_000


def test_of_mutated_telegrams_every_byte_is_in_a_frame_or_refused():
    draw = random.Random(212)
    for _ in range(2000):
        content = spoil_bytes(ONE + TWO, draw)
        pieces = pieces_of(content, draw.choice([1, 17, 1000]))
        assert all(isinstance(piece, Frame | RefusedBytes) for piece in pieces)
        joined = b"".join(piece.content for piece in pieces)
        blanks = b"\r\n\t \x00"
        assert joined.translate(None, blanks) == content.translate(None, blanks)


def test_a_file_is_split_like_a_stream():
    assert shapes(list(split_frames(ONE * 300))) == ["frame"] * 300
