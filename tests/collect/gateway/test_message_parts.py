"""Parts of a message that contradict each other."""

import pytest

from bigdata_emis.collect.gateway.message_parts import MessageParts
from bigdata_emis.collect.gateway.telegram import FaultyTelegramError, Telegram, TelegramFault, read_segment


def part(number: int, count: int, *, request: str = "20260115090000001", station: str = "A1") -> Telegram:
    return read_segment(f"QN={request};ST=31;CN=2061;MN={station};PNUM={count};PNO={number};CP=&&&&".encode())


def refused(parts: MessageParts, telegram: Telegram) -> bool:
    try:
        parts.check(telegram)
    except FaultyTelegramError as problem:
        return problem.fault == TelegramFault.FIELD
    return False


def test_parts_of_one_message_announce_the_same_number():
    parts = MessageParts()
    given = [part(1, 3), part(2, 2), part(2, 3), part(3, 4), part(3, 3)]
    assert [refused(parts, one) for one in given] == [False, True, False, True, False]


def test_messages_of_other_stations_and_requests_are_others():
    parts = MessageParts()
    given = [part(1, 3), part(2, 2, station="A2"), part(2, 2, request="20260115100000001")]
    assert [refused(parts, one) for one in given] == [False, False, False]


def test_a_part_that_comes_again_begins_its_message_anew():
    """A station that was answered as wrong sends the message as a whole again, perhaps in other parts."""
    parts = MessageParts()
    given = [part(1, 2), part(2, 3), part(1, 3), part(2, 3), part(3, 3)]
    assert [refused(parts, one) for one in given] == [False, True, False, False, False]


def test_a_telegram_that_says_nothing_of_parts_passes():
    parts = MessageParts()
    for segment in (b"ST=31;CN=2061;MN=A1;CP=&&&&", b"ST=31;CN=2061;MN=A1;PNUM=2;PNO=1;CP=&&&&"):
        parts.check(read_segment(segment))
        parts.check(read_segment(segment.replace(b"PNUM=2", b"PNUM=3")))


def test_no_more_messages_are_remembered_than_allowed():
    parts = MessageParts(largest_count=2)
    for number in range(3):
        parts.check(part(1, 2, request=f"2026011509000000{number}"))
    parts.check(part(2, 3, request="20260115090000000"))
    with pytest.raises(FaultyTelegramError, match="PNUM is 3, and 2 in the parts before it"):
        parts.check(part(2, 3, request="20260115090000002"))
