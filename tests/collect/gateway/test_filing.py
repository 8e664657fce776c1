"""Which file a telegram belongs to, and what is kept of a refused one."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bigdata_emis.collect.gateway.filing import Judgement, judge_piece
from bigdata_emis.collect.gateway.frame_stream import split_frames
from bigdata_emis.collect.gateway.message_parts import MessageParts
from tests.collect.gateway.telegrams import hour, packet

ARRIVAL = datetime(2026, 1, 16, 0, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


def judge(content: bytes) -> Judgement:
    return judge_piece(next(split_frames(content)), received_at=ARRIVAL, peer="127.0.0.1", parts=MessageParts())


@pytest.mark.parametrize(
    ("segment", "name"),
    [
        (hour("20260115230000"), "2026-01-15-2061.hj212"),
        (hour("20260113000000"), "2026-01-13-2061.hj212"),
        (hour("20260116000000", command="2011"), "2026-01-16-2011.hj212"),
        (hour("", command="9015"), "2026-01-16-other.hj212"),
    ],
)
def test_a_telegram_lies_with_the_day_and_the_command_that_it_reports(segment: str, name: str):
    judged = judge(packet(segment))
    assert (judged.file_name, judged.line, judged.fault) == (name, packet(segment), None)


@pytest.mark.parametrize(
    ("segment", "fault"),
    [
        (hour("20260116020000"), "time"),
        (hour("20010101000000"), "time"),
        (hour(""), "time"),
        (hour(command="1062"), "command"),
        (hour(device="a b"), "field"),
    ],
)
def test_a_faulty_telegram_lies_with_the_refused_of_its_day_of_arrival(segment: str, fault: str):
    judged = judge(packet(segment))
    assert (judged.file_name, judged.fault) == ("refused-2026-01-16.jsonl", fault)
    record = json.loads(judged.line)
    assert record["received_utc"] == "2026-01-15T16:05:00.000+00:00"
    assert (record["reason_code"], record["peer"]) == (fault, "127.0.0.1")
    assert "PW=;" in record["content"]
    assert "123456" not in record["content"]


def test_any_bytes_are_one_line_that_gives_them_back():
    record = json.loads(judge(b"\x00\xff\nx").line)
    assert record["content"].encode("latin-1") == b"\x00\xff\nx"
    assert (record["reason_code"], record["byte_count"]) == ("framing", 4)
