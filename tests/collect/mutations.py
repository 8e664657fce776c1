"""Telegrams and payloads spoilt at random from a seed: the kinds of damage that lines, loggers and providers do."""

import json
import random
from typing import Any

from tests.collect.gateway.telegrams import DEVICE, checksum, hour, packet

PIECES = (b"##", b"&&", b"\r\n", b"##0010", b"##9999", b"\xff\x00", b";;", b"=,", b"QN=", b"\x00", b"CP=&&", b"#")
NUMBERS = (
    "NaN",
    "-inf",
    "1e400",
    "-1e308",
    "9" * 400,
    "0x1F",
    "1_000",
    "１２",
    "1,5",
    "--",
    "",
    "1;2",
    "true",
    "1e-320",
)
TEXTS = ("钢铁", "\u202e", "\ufeff", "a\tb", "𠮷", "\x7f", "=cmd", "-", "a-b-c", "Flag", "é")
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        "",
        "--",
        "NaN",
        "1,5",
        "1.234,5",
        "0x10",
        "１２",
        "1_000",
        "1e309",
        "-1e308",
        "\u0000",
        "钢铁",
    ),
    *(float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 10**400, -(2**63), 2**64, 0, -0.0, 5e-324),
    *([], {}, [1, [2, [3]]], {"a": {"b": {"c": 1}}}, [{"kWh": 1}], "x" * 5000, "9" * 5000, "\ud800"),
)
TIMES: tuple[Any, ...] = (
    *("2015-12-20T24:00:00+08:00", "2015-12-20T08:00:00", "20151220080000", "2015-13-40", "9999-12-31T23:00:00Z"),
    *(
        "0001-01-01T00:00:00Z",
        "2015-12-21T09:00:00+08:00",
        "08:00",
        1450569600,
        1450569600000,
        42358.5,
        None,
        [],
        "昨天",
    ),
)


def spoil_bytes(content: bytes, draw: random.Random) -> bytes:
    """Bytes changed, cut out, doubled, inserted, glued to others, or cut off."""
    changed = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        place, count, kind = draw.randrange(len(changed)), draw.randint(1, 12), draw.randrange(6)
        if kind == 0:
            changed[place] = draw.randrange(256)
        elif kind == 1:
            del changed[place : place + count]
        elif kind == 2:
            changed[place:place] = changed[place : place + count]
        elif kind == 3:
            changed[place:place] = draw.choice(PIECES)
        elif kind == 4:
            changed[place] ^= 1 << draw.randrange(8)
        else:
            changed = changed[:place] if draw.random() < 0.3 else changed + content[:place]
        changed = changed or bytearray(b"#")
    return bytes(changed)


def spoil_telegram(draw: random.Random) -> bytes:
    """A telegram of an hour with damage of one kind; half of them still have the right length and checksum."""
    kind = draw.randrange(8)
    if kind < 3:
        return spoil_bytes(packet(hour()), draw)
    if kind == 3:
        return packet(hour()) + spoil_bytes(packet(hour()), draw) + packet(hour())
    if kind == 4:
        body = hour().encode()
        length = draw.choice((0, 1, len(body) - 1, len(body) + 1, 9999, 1024))
        return b"##%04d" % length + body + checksum(body).encode() + b"\r\n"
    if kind == 5:
        body = hour(data=f"a21002-Avg={draw.choice(TEXTS)},a21002-Flag=N").encode(draw.choice(("gb18030", "utf-16")))
        return b"##%04d" % len(body) + body + checksum(body).encode() + b"\r\n"
    if kind == 6:
        return packet(_spoil_segment(draw))
    wrong = "".join(draw.choices("0123456789ABCDEFxyz", k=4))
    return packet(hour())[:-6] + wrong.encode() + b"\r\n"


def _spoil_segment(draw: random.Random) -> str:
    """A segment with one part that is wrong, in a frame that is right."""
    value, text = draw.choice(NUMBERS), draw.choice(TEXTS)
    choices = (
        lambda: hour(data=f"a21002-Avg={value},a21002-Flag=N;a00000-Avg=100,a00000-Flag=N"),
        lambda: hour(data=f"{text}-Avg=1,a21002-{text}=N"),
        lambda: hour(time=draw.choice(("", "20260230080000", "99991231235959", "0", "２０２６", value or "x"))),
        lambda: hour(device=draw.choice((text, "", "x" * 33, DEVICE * 2))),
        lambda: hour(command=draw.choice(("9999", "2011", "3019", "9014", "", text, value))),
        lambda: hour(flag=draw.choice(("0", "255", "256", "-1", value, text))),
        lambda: hour(request=draw.choice(("", "9" * 17, "x", text))),
        lambda: hour(data=";".join(f"w{n:05d}-Avg={n}" for n in range(draw.choice((50, 500))))),
        lambda: hour().replace(draw.choice((";", "=", "&&", "CP=", "MN=")), draw.choice(("", ";", text)), 1),
    )
    return draw.choice(choices)()


def spoil_payload(records: list[dict[str, Any]], draw: random.Random) -> bytes:
    """A JSON answer {feed, page, pages, records} with damage of one kind."""
    answer: dict[str, Any] = {"feed": "power", "page": 1, "pages": 1, "records": [dict(one) for one in records]}
    kind = draw.randrange(9)
    if kind < 4:
        _spoil_record(answer, draw)
    elif kind == 4:
        answer[draw.choice(("feed", "page", "pages", "records", "total", "next"))] = draw.choice(VALUES)
    elif kind == 5:
        answer["records"].insert(draw.randrange(len(records) + 1), draw.choice(VALUES))
    content = json.dumps(answer, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")
    if kind == 6:
        return spoil_bytes(content, draw)
    if kind == 7:
        return draw.choice(
            (
                json.dumps(answer).encode("utf-16"),
                b"\xef\xbb\xbf" + content,
                content + content,
                content[: draw.randrange(len(content))],
                b"[" * draw.choice((10, 100_000)),
                b"",
                b"\x1f\x8b" + content,
                b"<html>busy</html>",
            )
        )
    if kind == 8:
        deep = draw.choice((3, 50, 5000))
        return content.replace(b'"kWh": ', b'"kWh": ' + b'{"a": ' * deep + b"1" + b"}" * deep + b', "b": ', 1)
    return content


def _spoil_record(answer: dict[str, Any], draw: random.Random) -> None:
    record, name = draw.choice(answer["records"]), draw.choice(("meterNo", "startTime", "kWh"))
    kind = draw.randrange(5)
    if kind == 0:
        del record[name]
    elif kind == 1:
        for one in answer["records"]:
            one[draw.choice(("kwh", "Kwh ", "value", "能耗"))] = one.pop("kWh")
    elif kind == 2 and name == "startTime":
        record[name] = draw.choice(TIMES)
    else:
        record[name] = draw.choice(VALUES)
