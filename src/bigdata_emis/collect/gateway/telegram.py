"""One telegram of HJ 212: its checksum, its fields and the values in its data area.

Belongs here: what a telegram says, and how one is written. Does not: where it begins and ends in a stream of bytes
(frame_stream), or what is answered (replies).

Source: HJ 212-2017, chapter 6 and annexes A to C; the additions of HJ 212-2025 as the public library caoyiliang/HJ212
reads them (confidence 0.8).
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from bigdata_emis.arrays import Integers

MARK, TAIL = b"##", b"\r\n"
LENGTH_DIGITS, CRC_DIGITS = 4, 4
DATA_AREA = re.compile(r"(?P<head>.*?);?CP=&&(?P<data>.*)&&", re.DOTALL)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
FIELD_SHAPES = {
    "QN": re.compile(r"\d{17}", re.ASCII),
    "ST": re.compile(r"[0-9A-Za-z]{2}"),
    "CN": re.compile(r"\d{4}", re.ASCII),
    "MN": re.compile(r"[0-9A-Za-z_.-]{1,32}"),
    "Flag": re.compile(r"\d{1,3}", re.ASCII),
    "PNUM": re.compile(r"\d{1,4}", re.ASCII),
    "PNO": re.compile(r"\d{1,4}", re.ASCII),
}
"""What the fields of a telegram look like; QN, Flag, PNUM and PNO may be absent."""
NEEDED = ("ST", "CN", "MN")
LARGEST_FLAG = 255
ANSWER_WANTED = 1
"""Bit A of Flag. Bit D, the next, says that PNUM and PNO are given; the others are the version of the standard."""
TIME_FIELD = "DataTime"
TIME_DIGITS = len("YYYYMMDDhhmmss")
BETWEEN_VALUES = re.compile("[;,]")
STATUS = "Flag"


class Command(StrEnum):
    """Commands (CN) that a station sends, and those with which they are answered.

    Source: HJ 212-2017; RAW, NOISE, AUTOMATIC_CHECK, FURNACE, SERIAL, KEY and HEARTBEAT are of HJ 212-2025.
    """

    SERIAL = "1001"
    STATION_TIME = "1011"
    TIME_REQUEST = "1013"
    KEY = "1014"
    REAL_TIME_INTERVAL = "1061"
    MINUTE_INTERVAL = "1063"
    REAL_TIME = "2011"
    RAW = "2013"
    DEVICE_STATE = "2021"
    DAY = "2031"
    DEVICE_RUNNING_TIME = "2041"
    MINUTES = "2051"
    NOISE = "2052"
    HOUR = "2061"
    AUTOMATIC_CHECK = "2062"
    RESTART = "2081"
    FURNACE = "2111"
    RETAINED_SAMPLE = "3015"
    SAMPLE_PERIOD = "3017"
    SAMPLE_TIME = "3018"
    DEVICE_ID = "3019"
    SITE_LOG = "3020"
    REQUEST_ANSWER = "9011"
    EXECUTION_RESULT = "9012"
    NOTICE_ANSWER = "9013"
    DATA_ANSWER = "9014"
    HEARTBEAT = "9015"


TIMED = frozenset({"2011", "2013", "2021", "2031", "2041", "2051", "2052", "2061", "2062", "2111"})
"""Commands whose data area says by DataTime when its values were measured."""


class TelegramFault(StrEnum):
    """Why a telegram cannot be used, as the gateway answers and quarantines it.

    FRAMING: bytes that belong to no telegram. LENGTH, CRC: contradicted by the telegram. ENCODING: neither UTF-8 nor
    GB 18030. FIELD: missing, not as HJ 212 writes it, or contradicted by another one. COMMAND: none that a station
    sends. TIME: DataTime is missing, no time, or later than now.
    """

    FRAMING = "framing"
    LENGTH = "length"
    CRC = "crc"
    ENCODING = "encoding"
    FIELD = "field"
    COMMAND = "command"
    TIME = "time"


class FaultyTelegramError(ValueError):
    """A telegram that cannot be used: the fault as a code, and the detail in words."""

    def __init__(self, fault: TelegramFault, detail: str) -> None:
        self.fault, self.detail = fault, detail
        super().__init__(f"{fault}: {detail}")


@dataclass(frozen=True)
class Telegram:
    """A telegram that was read: the fields before its data area, plain values in it, and values by factor.

    factors: factor code, then what follows the hyphen (Rtd, Avg, Cou, Flag …), as sent.
    """

    fields: Mapping[str, str]
    values: Mapping[str, str]
    factors: Mapping[str, Mapping[str, str]]

    @property
    def command(self) -> str:
        """The command number."""
        return self.fields["CN"]

    @property
    def station_id(self) -> str:
        """The number of the station's logger, as sent."""
        return self.fields["MN"]

    @property
    def flag(self) -> int:
        """The flag; 0, of the version of 2005, where none is sent."""
        return int(self.fields.get("Flag", "0"))

    @property
    def wants_answer(self) -> bool:
        """Whether the station waits for an answer and sends again without one."""
        return bool(self.flag & ANSWER_WANTED)

    @property
    def part_count(self) -> int | None:
        """In how many parts the message is sent (PNUM); None where it does not say."""
        return int(self.fields["PNUM"]) if "PNUM" in self.fields else None

    @property
    def part_number(self) -> int | None:
        """Which of them it is (PNO), from 1."""
        return int(self.fields["PNO"]) if "PNO" in self.fields else None

    @property
    def measured_at(self) -> datetime | None:
        """DataTime in the local time of the station; of an hour or a day its start. None where none is sent."""
        text = self.values.get(TIME_FIELD)
        return parse_time(text) if text else None


def _crc_table() -> Integers:
    table: Integers = np.arange(256)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ 0xA001, table >> 1)
    return table


def _contributions(step: int) -> Integers:
    """What each byte adds to the register after a step, by its place and value, `(step, 256)`."""
    rows, high_half = [CRC_TABLE], CRC_TABLE >> 8
    for _ in range(step - 1):
        rows.append(rows[-1][high_half])
    return np.stack(rows[::-1])


CRC_STEP = 512
CRC_TABLE = _crc_table()
CONTRIBUTIONS = _contributions(CRC_STEP).ravel()
FIRST_OF_PLACE = np.arange(CRC_STEP) * 256


def compute_crc(segment: bytes) -> int:
    """The checksum of a data segment.

        register = T[high half of register XOR byte]    for each byte, from 0xFFFF

    It is not the checksum of Modbus, since the low half is lost. T[a XOR b] = T[a] XOR T[b], so the register is the XOR
    of what each byte adds at its place, and many bytes are one step. Source: HJ 212-2017, annex A.
    """
    register = 0xFFFF
    for start in range(0, len(segment), CRC_STEP):
        part = np.frombuffer(segment[start : start + CRC_STEP], np.uint8).astype(np.intp)
        part[0] ^= register >> 8
        part += FIRST_OF_PLACE[CRC_STEP - len(part) :]
        register = int(np.bitwise_xor.reduce(CONTRIBUTIONS[part]))
    return register


def write_telegram(segment: str) -> bytes:
    """The bytes of a telegram with this data segment: mark, length, segment, checksum and end of line."""
    body = segment.encode()
    return b"##%04d%b%04X\r\n" % (len(body), body, compute_crc(body))


def read_segment(segment: bytes) -> Telegram:
    """The telegram of a data segment.

    Raises:
        FaultyTelegramError: its text or a field is not as HJ 212 writes it.
    """
    text = _decode_text(segment)
    if CONTROL.search(text):
        raise FaultyTelegramError(TelegramFault.FIELD, "holds a control character")
    parts = DATA_AREA.fullmatch(text)
    if parts is None:
        raise FaultyTelegramError(TelegramFault.FIELD, "has no data area CP=&&…&&")
    fields = _read_fields(parts["head"])
    values, factors = _read_values(parts["data"], is_strict=fields["CN"] in TIMED)
    return Telegram(fields, values, factors)


def parse_time(text: str) -> datetime:
    """An instant of 14 digits in the local time of the station. Raises FaultyTelegramError."""
    if len(text) == TIME_DIGITS and text.isascii() and text.isdigit():
        month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(4, TIME_DIGITS, 2))
        with suppress(ValueError):  # no such day or hour: refused below as every other text that is no time
            return datetime(int(text[:4]), month, day, hour, minute, second)  # noqa: DTZ001 - the zone is the region's
    raise FaultyTelegramError(TelegramFault.TIME, f"DataTime {text[:20]!r} is no time of 14 digits")


def _decode_text(segment: bytes) -> str:
    """UTF-8 as the standard says, or GB 18030 as many stations write."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return segment.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FaultyTelegramError(TelegramFault.ENCODING, "is neither UTF-8 nor GB 18030")


def _read_fields(head: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in filter(None, head.split(";")):
        name, sign, value = part.partition("=")
        if not sign or name in fields:
            raise FaultyTelegramError(TelegramFault.FIELD, f"field {part[:40]!r} is no name=value, or comes twice")
        fields[name] = value
    for name, shape in FIELD_SHAPES.items():
        value = fields.get(name, "")
        is_given = name in NEEDED or name in fields
        if is_given and not shape.fullmatch(value):
            fault = TelegramFault.COMMAND if name == "CN" else TelegramFault.FIELD
            raise FaultyTelegramError(fault, f"{name} is {value[:40]!r}")
    if int(fields.get("Flag", "0")) > LARGEST_FLAG:
        raise FaultyTelegramError(TelegramFault.FIELD, f"Flag is {fields['Flag']}, above {LARGEST_FLAG}")
    _check_part(fields)
    return fields


def _check_part(fields: Mapping[str, str]) -> None:
    """Refuse a part that cannot be: PNO counts from 1 to PNUM."""
    for name in ("PNUM", "PNO"):
        if name in fields and int(fields[name]) < 1:
            raise FaultyTelegramError(TelegramFault.FIELD, f"{name} is {fields[name]}, below 1")
    if "PNO" in fields and int(fields["PNO"]) > int(fields.get("PNUM", fields["PNO"])):
        raise FaultyTelegramError(TelegramFault.FIELD, f"PNO is {fields['PNO']}, above PNUM {fields['PNUM']}")


def _read_values(data: str, *, is_strict: bool) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Values and factors of a data area; that of a log may hold any text, of which only name=value is read."""
    values: dict[str, str] = {}
    factors: dict[str, dict[str, str]] = {}
    for part in filter(None, BETWEEN_VALUES.split(data)):
        name, sign, value = part.partition("=")
        factor, hyphen, what = name.partition("-")
        target, key = (factors.setdefault(factor, {}), what) if hyphen else (values, name)
        if is_strict and (not sign or not factor or target.get(key, value) != value):
            detail = f"value {part[:40]!r} is no name=value, or comes twice with different values"
            raise FaultyTelegramError(TelegramFault.FIELD, detail)
        target[key] = value
    return values, factors
