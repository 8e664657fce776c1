"""The orders of an event whose level or list of measures changes while it lasts.

Belongs here: reading changes, and joining the lists of an event into one. Does not: the hours of an event
(scenario_days), the ledger of each order (results/order_ledger).
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bigdata_emis.control.scenario.measures import Measure, levels_up_to, read_measures, require_active_measures
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.window import Window, parse_instant

SIGN = "="
FILE_SIGN = ","
RENAMED = "@"
"""Begins the ending of a measure that says something else under a name used before: the number of its order."""
FORMAT = "write for instance 2015-12-08T12:00=red or 2015-12-08T12:00=red,later.csv"


@dataclass(frozen=True)
class LevelOrder:
    """What an event orders from an hour on: a level, and the list that replaces the one before, if any."""

    from_utc: datetime
    level: str
    measures_file: Path | None = None


def parse_changes(texts: Sequence[str], window: Window, time_zone: str) -> list[LevelOrder]:
    """The changes of an event, in order of time.

    Raises:
        InputError: a change has another form, an unknown level, an hour outside the event or that of another change.
    """
    orders = sorted((_parse_change(text, time_zone) for text in texts), key=lambda order: order.from_utc)
    for order in orders:
        if not window.from_utc < order.from_utc < window.to_utc:
            raise InputError(
                f"--change at {order.from_utc.isoformat()} is not within the event, "
                f"{window.from_utc.isoformat()} to {window.to_utc.isoformat()}",
                "give an hour after its start and before its end",
            )
        if sum(other.from_utc == order.from_utc for other in orders) > 1:
            raise InputError(f"two changes at {order.from_utc.isoformat()}", "give one change for an hour")
    return orders


def join_orders(first: LevelOrder, measures: Sequence[Measure], changes: Sequence[LevelOrder]) -> list[Measure]:
    """The measures of all orders as one list, each with the hours in which it is ordered.

    A measure that two lists in a row state alike at every level is ordered in both. Its rows at several levels keep
    one name, because of them only the highest applies to vehicles.

    Raises:
        InputError: a change changes nothing, no measure applies under an order, or a list is wrong.
    """
    level, listed = first.level, require_active_measures(list(measures), first.level)
    joined = {_key(measure): measure for measure in listed}
    stored = {measure: _key(measure) for measure in listed}
    for number, order in enumerate(changes, start=2):
        following = listed if order.measures_file is None else read_measures(order.measures_file)
        if order.level == level and set(following) == set(listed):
            raise InputError(
                f"--change at {order.from_utc.isoformat()} changes nothing: {level} with the same measures",
                "leave it out, or give another level or list",
            )
        require_active_measures(following, order.level)
        kept = _kept(listed, following)
        for measure in set(listed) - kept:
            one = joined[stored.pop(measure)]
            until = min(filter(None, (one.applies_to_utc, order.from_utc)))
            joined[_key(one)] = replace(one, applies_to_utc=until)
        names = _names(following, {measure_id for measure_id, _ in joined}, f"{RENAMED}{number}")
        for measure in (one for one in following if one not in kept):
            start = max(filter(None, (measure.applies_from_utc, order.from_utc)))
            begins = replace(measure, measure_id=names[measure.measure_id], applies_from_utc=start)
            stored[measure] = _key(begins)
            joined[_key(begins)] = begins
        level, listed = order.level, following
    return list(joined.values())


def highest_level(orders: Sequence[LevelOrder]) -> str:
    """The highest level that an event orders."""
    return max((order.level for order in orders), key=lambda level: len(levels_up_to(level)))


def _kept(listed: Sequence[Measure], following: Sequence[Measure]) -> set[Measure]:
    """The measures that the next list states alike, at every level, and of lines that take turns with their group."""
    alike, different = set(listed) & set(following), set(listed) ^ set(following)
    groups = {(m.alert_level_code, m.rotation_group) for m in different if m.rotation_group}
    changed = {m.measure_id for m in different}
    changed |= {m.measure_id for m in alike if (m.alert_level_code, m.rotation_group) in groups}
    return {measure for measure in alike if measure.measure_id not in changed}


def _names(following: Sequence[Measure], used: Set[str], ending: str) -> dict[str, str]:
    """A name for each measure of a list that begins: its own, with an ending where an earlier order used it."""
    names: dict[str, str] = {}
    taken = used | {measure.measure_id for measure in following}
    for measure_id in dict.fromkeys(measure.measure_id for measure in following):
        name = measure_id
        while name in used or (name != measure_id and name in taken):
            name += ending
        names[measure_id] = name
        taken |= {name}
    return names


def _key(measure: Measure) -> tuple[str, str]:
    return measure.measure_id, measure.alert_level_code


def _parse_change(text: str, time_zone: str) -> LevelOrder:
    instant, sign, order = text.partition(SIGN)
    level, _, file = order.partition(FILE_SIGN)
    if not sign or not instant.strip() or not level.strip():
        raise InputError(f"--change '{shorten(text)}' is not an hour and a level", FORMAT)
    at = parse_instant(instant.strip(), time_zone)
    if at.minute or at.second or at.microsecond:
        raise InputError(f"--change '{shorten(text)}': a change is at a full hour", FORMAT)
    levels_up_to(level.strip())
    return LevelOrder(at, level.strip(), Path(file.strip()) if file.strip() else None)
