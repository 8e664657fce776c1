"""What a station is answered: data answer, notice answer, or a request answer that names the fault.

Belongs here: which answer a telegram gets, and its bytes. Does not: whether it is stored first (gateway_server).

Source: HJ 212-2017, the commands 9011 to 9014 and table C.14. An answer carries the QN of what it answers. What follows
a damaged telegram is a decision of ours: 9011 with the fault, as far as its QN and MN can be read, and never a data
answer, so that the station sends it again.
"""

import re
from enum import IntEnum

from bigdata_emis.collect.gateway.telegram import Command, FaultyTelegramError, Telegram, TelegramFault, write_telegram

SYSTEM = "91"
"""System code (ST) of an answer: interaction of systems."""
ANSWER_BITS = 0b11
"""Bits A and D of Flag, which an answer does not carry."""
UNANSWERED = frozenset({Command.REQUEST_ANSWER, Command.EXECUTION_RESULT, Command.NOTICE_ANSWER, Command.DATA_ANSWER})
"""Answers of a station; answering them too would never end."""
NOTICES = frozenset({Command.TIME_REQUEST, Command.HEARTBEAT})
"""Commands that report nothing to store and are noticed. Of the heartbeat the text of 2025 was not at hand."""
READABLE = re.compile(rb"(QN=(\d{17})(?=[;&])|MN=([0-9A-Za-z_.-]{1,32})(?=[;&])|Flag=(\d{1,3})(?=[;&]))")


class RequestAnswer(IntEnum):
    """Codes of QnRtn. Source: HJ 212-2017."""

    ACCEPTED = 1
    REFUSED = 2
    MN_ERROR = 4
    ST_ERROR = 5
    FLAG_ERROR = 6
    QN_ERROR = 7
    CN_ERROR = 8
    CRC_ERROR = 9


CODE_OF_FAULT = {TelegramFault.CRC: RequestAnswer.CRC_ERROR, TelegramFault.COMMAND: RequestAnswer.CN_ERROR}
CODE_OF_FIELD = {
    "MN": RequestAnswer.MN_ERROR,
    "ST": RequestAnswer.ST_ERROR,
    "Flag": RequestAnswer.FLAG_ERROR,
    "QN": RequestAnswer.QN_ERROR,
}


def answer_telegram(telegram: Telegram) -> bytes:
    """The answer to a telegram that is stored; empty where none is wanted."""
    if not telegram.wants_answer or telegram.command in UNANSWERED:
        return b""
    command = Command.NOTICE_ANSWER if telegram.command in NOTICES else Command.DATA_ANSWER
    fields = telegram.fields
    return _write(fields.get("QN", ""), command, fields["MN"], telegram.flag, "", password=fields.get("PW", ""))


def answer_fault(content: bytes, problem: FaultyTelegramError) -> bytes:
    """The answer to a telegram with a fault; empty where its QN or its station cannot be read.

    A telegram whose flag wants no answer gets none.
    """
    found = {hit[1][:2].decode(): next(filter(None, hit.groups()[1:])).decode() for hit in READABLE.finditer(content)}
    flag = int(found.get("Fl", "1"))
    if not {"QN", "MN"} <= found.keys() or not flag & 1:
        return b""
    code = CODE_OF_FAULT.get(problem.fault) or CODE_OF_FIELD.get(problem.detail.split(" ")[0], RequestAnswer.REFUSED)
    return _write(found["QN"], Command.REQUEST_ANSWER, found["MN"], flag, f"QnRtn={code:d}")


def _write(request_id: str, command: str, station_id: str, flag: int, data: str, *, password: str = "") -> bytes:
    parts = [f"QN={request_id}"] if request_id else []
    parts += [f"ST={SYSTEM}", f"CN={command}"]
    if re.fullmatch(r"[!-:<-~]{1,20}", password):
        parts.append(f"PW={password}")
    parts += [f"MN={station_id}", f"Flag={flag & ~ANSWER_BITS & 0xFF}"]
    return write_telegram(";".join(parts) + f";CP=&&{data}&&")
