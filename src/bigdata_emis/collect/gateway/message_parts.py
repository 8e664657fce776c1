"""The parts of messages that a station sends in several telegrams: each part has to announce as many as the others.

Belongs here: what parts of a message say of each other. Does not: one telegram alone (telegram).
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from bigdata_emis.collect.gateway.telegram import FaultyTelegramError, Telegram, TelegramFault

LARGEST_COUNT = 10_000
"""Messages that are remembered at once; the one that was begun first is forgotten first."""


@dataclass
class _Message:
    """How many parts a message has, and which have come."""

    part_count: int
    seen: set[int] = field(default_factory=set)


class MessageParts:
    """What the messages in several parts have announced so far, by station, command and request."""

    def __init__(self, largest_count: int = LARGEST_COUNT) -> None:
        self._messages: OrderedDict[tuple[str, str, str], _Message] = OrderedDict()
        self._largest_count = largest_count

    def check(self, telegram: Telegram) -> None:
        """Remember a part. A part that comes again begins its message anew, since a station repeats it as a whole.

        Raises:
            FaultyTelegramError: the part announces another number of parts than those before it.
        """
        part_count, number = telegram.part_count, telegram.part_number
        request_id = telegram.fields.get("QN", "")
        if part_count is None or number is None or not request_id:
            return
        key = telegram.station_id, telegram.command, request_id
        message = self._messages.get(key)
        if message is None or number in message.seen:
            message = self._messages[key] = _Message(part_count)
        if message.part_count != part_count:
            detail = f"PNUM is {part_count}, and {message.part_count} in the parts before it"
            raise FaultyTelegramError(TelegramFault.FIELD, detail)
        message.seen.add(number)
        if part_count == len(message.seen):
            del self._messages[key]
        elif len(self._messages) > self._largest_count:
            self._messages.popitem(last=False)
