"""Telegrams as a station sends them, written by code of their own: what is tested does not write its input."""

from functools import cache

DEVICE = "010000A8900016F000169DC0"


def checksum(segment: bytes) -> str:
    """Bit by bit, as annex A of HJ 212-2017 words it."""
    register = 0xFFFF
    for byte in segment:
        register = eight_shifts((register >> 8) ^ byte)
    return format(register, "04X")


@cache
def eight_shifts(register: int) -> int:
    for _ in range(8):
        carry = register & 1
        register >>= 1
        if carry:
            register ^= 0xA001
    return register


def packet(segment: str, *, end: bytes = b"\r\n") -> bytes:
    body = segment.encode()
    return f"##{len(body):04d}".encode() + body + checksum(body).encode() + end


def hour(
    time: str = "20260115080000",
    data: str = "a21002-Avg=31.0,a21002-Flag=N;a00000-Avg=100,a00000-Flag=N",
    *,
    device: str = DEVICE,
    command: str = "2061",
    flag: str = "5",
    request: str = "20260115090000001",
) -> str:
    clock = f"DataTime={time};" if time else ""
    return f"QN={request};ST=31;CN={command};PW=123456;MN={device};Flag={flag};CP=&&{clock}{data}&&"
