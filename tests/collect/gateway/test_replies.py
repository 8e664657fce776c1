"""What a station is answered."""

import pytest

from bigdata_emis.collect.gateway.replies import answer_fault, answer_telegram
from bigdata_emis.collect.gateway.telegram import FaultyTelegramError, TelegramFault, read_segment
from tests.collect.gateway.telegrams import hour, packet

COMMON = "PW=123456;MN=010000A8900016F000169DC0"


def answer(**changes: str) -> bytes:
    return answer_telegram(read_segment(hour(**changes).encode()))


def test_data_are_answered_by_the_data_answer_of_the_standard():
    """Table C.14: QN and station of the request, flag 4 for the version of 2017 without an answer of its own."""
    assert answer() == packet(f"QN=20260115090000001;ST=91;CN=9014;{COMMON};Flag=4;CP=&&&&")


def test_the_version_of_the_standard_is_kept_in_the_flag():
    assert b"Flag=8;" in answer(flag="9")


@pytest.mark.parametrize("command", ["1013", "9015"])
def test_a_request_for_the_time_and_a_heartbeat_are_noticed(command: str):
    assert b"CN=9013;" in answer(command=command)


def test_no_answer_is_sent_where_none_is_wanted_nor_to_an_answer():
    assert answer(flag="4") == b""
    assert answer(command="9014") == b""


@pytest.mark.parametrize(
    ("fault", "detail", "code"),
    [
        (TelegramFault.CRC, "checksum", 9),
        (TelegramFault.COMMAND, "CN is '20'", 8),
        (TelegramFault.FIELD, "ST is ''", 5),
        (TelegramFault.FIELD, "Flag is '300'", 6),
        (TelegramFault.TIME, "has no DataTime", 2),
    ],
)
def test_a_fault_is_named_to_a_station_that_can_be_read(fault: TelegramFault, detail: str, code: int):
    sent = answer_fault(packet(hour()), FaultyTelegramError(fault, detail))
    segment = f"QN=20260115090000001;ST=91;CN=9011;MN=010000A8900016F000169DC0;Flag=4;CP=&&QnRtn={code}&&"
    assert sent == packet(segment)


@pytest.mark.parametrize("content", [b"", b"GET / HTTP/1.1", b"##0010QN=1;MN=A;", packet(hour(flag="4"))])
def test_bytes_without_a_readable_sender_are_not_answered(content: bytes):
    assert answer_fault(content, FaultyTelegramError(TelegramFault.CRC, "checksum")) == b""


def test_a_hostile_password_is_not_repeated():
    segment = hour().replace("PW=123456", "PW=a\u0007b").encode()
    telegram = read_segment(segment.replace(b"\x07", b" "))
    assert b"PW" not in answer_telegram(telegram)
