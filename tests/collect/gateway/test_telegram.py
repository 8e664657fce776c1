"""A telegram of HJ 212: checksum, fields, values, and what is refused."""

from datetime import datetime

import pytest

from bigdata_emis.collect.gateway.telegram import (
    FaultyTelegramError,
    compute_crc,
    parse_time,
    read_segment,
    write_telegram,
)
from tests.collect.gateway.telegrams import checksum, hour, packet

STANDARD = "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
"""The example of annex A of the standard."""


def test_the_checksum_is_that_of_the_example_in_the_standard():
    assert compute_crc(STANDARD.encode()) == 0x1C80
    assert write_telegram(STANDARD) == f"##0101{STANDARD}1C80\r\n".encode()


@pytest.mark.parametrize("text", ["", "a", "QN=1;CP=&&&&", "烟气" * 200])
def test_the_checksum_by_table_is_the_one_bit_by_bit(text: str):
    assert f"{compute_crc(text.encode()):04X}" == checksum(text.encode())
    assert write_telegram(text) == packet(text)


def test_fields_values_and_factors_are_read_as_sent():
    telegram = read_segment(hour(data="a21002-Avg=31.0,a21002-Flag=N;a00000-Cou=447120").encode())
    assert (telegram.command, telegram.station_id, telegram.flag) == ("2061", "010000A8900016F000169DC0", 5)
    assert telegram.wants_answer
    assert telegram.measured_at == datetime.fromisoformat("2026-01-15T08:00")
    assert telegram.factors == {"a21002": {"Avg": "31.0", "Flag": "N"}, "a00000": {"Cou": "447120"}}


def test_a_telegram_of_the_version_of_2005_has_no_flag_and_wants_no_answer():
    telegram = read_segment(b"ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817;B01-Rtd=36.91&&")
    assert (telegram.flag, telegram.wants_answer) == (0, False)


def test_chinese_text_is_read_in_both_encodings():
    segment = "ST=31;CN=3020;MN=A1;CP=&&i11001-Info=//烟气分析仪//&&"
    texts = [read_segment(segment.encode(encoding)).factors["i11001"]["Info"] for encoding in ("utf-8", "gb18030")]
    assert texts == ["//烟气分析仪//"] * 2


@pytest.mark.parametrize("value", ["", "--", "-3.5", "1e30", "nan", "-INF", "1e999"])
def test_a_value_that_is_no_number_or_negative_is_left_to_where_numbers_are_read(value: str):
    assert read_segment(f"ST=31;CN=2061;MN=A1;CP=&&a-Avg={value}&&".encode()).factors == {"a": {"Avg": value}}


def test_a_part_says_which_of_how_many_it_is():
    telegram = read_segment(b"ST=31;CN=2061;MN=A1;PNUM=3;PNO=3;CP=&&&&")
    assert (telegram.part_count, telegram.part_number) == (3, 3)
    assert read_segment(b"ST=31;CN=2061;MN=A1;CP=&&&&").part_count is None


def test_a_log_may_hold_any_text():
    assert read_segment(b"ST=31;CN=3020;MN=A1;CP=&&i11001-Info=//one;two,##1##//&&").command == "3020"


def test_a_value_that_comes_twice_alike_is_one():
    segment = "ST=22;CN=2011;MN=A1;CP=&&DataTime=20191012133710;a21-Rtd=0.00;a21-Rtd=0.00&&"
    assert read_segment(segment.encode()).factors == {"a21": {"Rtd": "0.00"}}


@pytest.mark.parametrize(
    ("segment", "fault", "detail"),
    [
        (b"ST=31;CN=2061;MN=A1", "field", "data area"),
        (b"CN=2061;MN=A1;CP=&&&&", "field", "ST is ''"),
        (b"ST=31;CN=20x1;MN=A1;CP=&&&&", "command", "CN is '20x1'"),
        (b"ST=31;CN=2061;MN=../x;CP=&&&&", "field", "MN is '../x'"),
        (b"ST=31;CN=2061;MN=A1;MN=A2;CP=&&&&", "field", "MN=A2"),
        (b"ST=31;CN=2061;MN=A1;Flag=256;CP=&&&&", "field", "above 255"),
        (b"QN=2026;ST=31;CN=2061;MN=A1;CP=&&&&", "field", "QN is '2026'"),
        (b"ST=31;CN=2061;MN=A1;CP=&&a\x07-Avg=1&&", "field", "control character"),
        (b"ST=31;CN=2061;MN=A1;CP=&&a-Avg=1,a-Avg=2&&", "field", "twice"),
        (b"ST=31;CN=2061;MN=A1;CP=&&a-Avg&&", "field", "no name=value"),
        (b"ST=31;CN=2061;MN=A1;CP=&&\xff\xff&&", "encoding", "UTF-8"),
        (b"ST=31;CN=2061;MN=A1;PNUM=2;PNO=3;CP=&&&&", "field", "PNO is 3, above PNUM 2"),
        (b"ST=31;CN=2061;MN=A1;PNUM=2;PNO=0;CP=&&&&", "field", "PNO is 0, below 1"),
        (b"ST=31;CN=2061;MN=A1;PNUM=0;PNO=1;CP=&&&&", "field", "PNUM is 0, below 1"),
        (b"ST=31;CN=2061;MN=A1;PNUM=-2;PNO=1;CP=&&&&", "field", "PNUM is '-2'"),
    ],
)
def test_what_is_not_as_the_standard_writes_it_is_refused_with_its_fault(segment: bytes, fault: str, detail: str):
    with pytest.raises(FaultyTelegramError) as refusal:
        read_segment(segment)
    assert refusal.value.fault == fault
    assert detail in refusal.value.detail


@pytest.mark.parametrize("text", ["20260230080000", "2026011508", "20260115080000x", "２０２６０１１５０８００００"])
def test_a_time_that_is_none_is_refused(text: str):
    with pytest.raises(FaultyTelegramError, match="DataTime"):
        parse_time(text)
