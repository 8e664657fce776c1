"""Row rules, compiled from the declared fields into one pass that gives each reading its reasons for quarantine.

Belongs here: bounds, missing values, codes, registered identifiers, duplicates. Does not: comparison with neighbours
(outliers).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Integers
from bigdata_emis.clean.readings.hour_grid import to_microseconds
from bigdata_emis.codes import Flag
from bigdata_emis.reference.air_bounds import exceeds_bound
from bigdata_emis.window import day_window

REASONS = (
    Flag.UNKNOWN_ID,
    Flag.OUT_OF_WINDOW,
    Flag.FUTURE,
    Flag.NOT_A_NUMBER,
    Flag.NEGATIVE,
    Flag.OUT_OF_BOUNDS,
    Flag.ABOVE_CAPACITY,
    Flag.INVALID_STATUS,
    Flag.DUPLICATE,
    Flag.OUTLIER,
    Flag.CONSTANT,
    Flag.ZERO,
    Flag.PARTICLE_ORDER,
)
DOUBTS = (Flag.OUTLIER, Flag.CONSTANT, Flag.ZERO, Flag.PARTICLE_ORDER, Flag.ABOVE_CAPACITY, Flag.INVALID_STATUS)
"""Reasons of a doubt, which a person may take back; with the others a reading cannot be used at all."""
ENDLESS_US = np.iinfo(np.int64).max
FLAGS_OF_COLLECTING = (Flag.NOT_A_NUMBER, Flag.OUT_OF_WINDOW, Flag.FUTURE, Flag.INVALID_STATUS)
"""Flags that a reading brings from collecting and that quarantine it."""


@dataclass(frozen=True)
class ValidTimes:
    """When sources with a first or last day of validity are valid, half-open, in microseconds since 1970."""

    time_field: str
    ids: tuple[str, ...]
    from_us: Integers
    to_us: Integers


@dataclass(frozen=True)
class ReadingRule:
    """A reason, and the check of one field that gives it.

    check: 'allowed' (limit: the allowed texts), 'filled', 'minimum' or 'maximum' (limit: the bound), 'valid' (limit:
    the ValidTimes of the sources), or 'pollutant_maximum' (limit: the highest value by pollutant).
    """

    reason: Flag
    field: str
    check: Literal["allowed", "filled", "minimum", "maximum", "valid", "pollutant_maximum"]
    limit: Any = None


class QuarantineReasons:
    """For each reading of a table the reasons why it is not used."""

    def __init__(self, row_count: int, is_released: Flags | None = None) -> None:
        """is_released: the rows that a person released, of which no doubt is taken."""
        self.is_released: Flags = np.zeros(row_count, dtype=bool) if is_released is None else is_released
        self._masks: dict[Flag, Flags] = {reason: np.zeros(row_count, dtype=bool) for reason in REASONS}

    def add(self, reason: Flag, is_hit: Flags) -> None:
        """Give these rows this reason too."""
        self._masks[reason] |= is_hit & ~self.is_released if reason in DOUBTS else is_hit

    @property
    def has_reason(self) -> Flags:
        """The rows with any reason."""
        any_reason: Flags = np.any(np.stack(list(self._masks.values())), axis=0)
        return any_reason

    def reason_codes(self, rows: Integers) -> pa.Array:
        """The reasons of some rows, as lists in the order of REASONS."""
        chosen = [[reason for reason in REASONS if self._masks[reason][row]] for row in rows]
        return pa.array(chosen, pa.list_(pa.string()))


def compile_rules(
    table_name: str, *, registered: Mapping[str, Sequence[str]], filled: Sequence[str]
) -> tuple[ReadingRule, ...]:
    """The rules of a table of readings.

    registered: identifiers of the registry by field. filled: fields that must have a value.
    """
    rules = [ReadingRule(Flag.UNKNOWN_ID, name, "allowed", tuple(ids)) for name, ids in registered.items()]
    rules += [ReadingRule(Flag.NOT_A_NUMBER, name, "filled") for name in filled]
    for declared in schema.table(table_name).fields:
        if declared.name == "record_number":
            continue
        if declared.code_list and declared.kind == "string":
            codes = tuple(schema.codes()[declared.code_list])
            rules.append(ReadingRule(Flag.UNKNOWN_ID, declared.name, "allowed", codes))
        if declared.minimum is not None:
            reason = Flag.NEGATIVE if declared.minimum == 0 else Flag.OUT_OF_BOUNDS
            rules.append(ReadingRule(reason, declared.name, "minimum", declared.minimum))
        if declared.maximum is not None:
            rules.append(ReadingRule(Flag.OUT_OF_BOUNDS, declared.name, "maximum", declared.maximum))
    return tuple(rules)


def list_ids(frame: Any, name: str) -> list[str]:
    """The identifiers in a column of a registry frame of the engine, sorted."""
    return sorted(frame.toArrow()[name].to_pylist())


def compile_validity(entries: pa.Table, name: str, *, time_field: str, time_zone: str) -> tuple[ReadingRule, ...]:
    """The rule that a reading lies within the validity of its source; none where no source has any.

    entries: of the registry, with valid_from and valid_to, the first and the last local day of validity.
    """
    dated = entries.filter(pc.or_(pc.is_valid(entries["valid_from"]), pc.is_valid(entries["valid_to"])))
    if not dated.num_rows:
        return ()
    first, last = dated["valid_from"].to_pylist(), dated["valid_to"].to_pylist()
    from_us = [_to_us(day_window(day, time_zone).from_utc) if day else -ENDLESS_US for day in first]
    to_us = [_to_us(day_window(day, time_zone).to_utc) if day else ENDLESS_US for day in last]
    times = ValidTimes(time_field, tuple(dated[name].to_pylist()), np.array(from_us), np.array(to_us))
    return (ReadingRule(Flag.UNKNOWN_ID, name, "valid", times),)


def apply_rules(rows: pa.Table, rules: Sequence[ReadingRule]) -> QuarantineReasons:
    """Every rule applied to every row, and the flags that the rows bring from collecting."""
    reasons = QuarantineReasons(rows.num_rows, has_flag(rows["flag_codes"], Flag.RELEASED))
    for rule in rules:
        reasons.add(rule.reason, _breaks(rows, rule))
    for flag in FLAGS_OF_COLLECTING:
        reasons.add(flag, has_flag(rows["flag_codes"], flag))
    return reasons


def mark_duplicates(reasons: QuarantineReasons, source: Integers, time: Integers, record_number: Integers) -> None:
    """Mark all usable readings of one source and interval but the last to arrive.

    A provider that sends a reading again corrects it.
    """
    usable = np.flatnonzero(~reasons.has_reason)
    order = usable[np.lexsort((record_number[usable], time[usable], source[usable]))]
    is_superseded = np.zeros(len(source), dtype=bool)
    is_same = (source[order][1:] == source[order][:-1]) & (time[order][1:] == time[order][:-1])
    is_superseded[order[:-1][is_same]] = True
    reasons.add(Flag.DUPLICATE, is_superseded)


def select_quarantined(rows: pa.Table, reasons: QuarantineReasons, table_name: str, is_within: Flags) -> pa.Table:
    """The rows with a reason, among those within the window, as the quarantine table."""
    quarantined = np.flatnonzero(reasons.has_reason & is_within)
    table = rows.take(pa.array(quarantined)).append_column("reason_codes", reasons.reason_codes(quarantined))
    return table.select(list(schema.table(table_name).names))


def has_flag(flags: Any, flag: Flag) -> Flags:
    """The rows whose list of flags holds this one."""
    column = flags.combine_chunks() if isinstance(flags, pa.ChunkedArray) else flags
    is_flagged: Flags = np.zeros(len(column), dtype=bool)
    is_hit = np.asarray(pc.equal(pc.list_flatten(column), flag))
    is_flagged[np.asarray(pc.list_parent_indices(column))[is_hit]] = True
    return is_flagged


def _breaks(rows: pa.Table, rule: ReadingRule) -> Flags:
    column = rows[rule.field]
    if rule.check == "valid":
        return _is_outside(column, rows[rule.limit.time_field], rule.limit)
    if rule.check == "pollutant_maximum":
        return exceeds_bound(rows["pollutant_code"], column, rule.limit)
    if rule.check == "filled":
        is_broken = pc.is_null(column)
    elif rule.check == "allowed":
        is_broken = pc.invert(pc.is_in(column, pa.array(rule.limit, pa.string())))
    elif rule.check == "minimum":
        is_broken = pc.less(column, rule.limit)
    else:
        is_broken = pc.greater(column, rule.limit)
    mask: Flags = np.asarray(pc.fill_null(is_broken, False))
    return mask


def _is_outside(column: Any, time: Any, times: ValidTimes) -> Flags:
    """Whether the time of each reading is outside the validity of its source."""
    place = np.asarray(pc.fill_null(pc.index_in(column, pa.array(times.ids, pa.string())), -1))
    time_us = to_microseconds(time)
    outside: Flags = (place >= 0) & ((time_us < times.from_us[place]) | (time_us >= times.to_us[place]))
    return outside


def _to_us(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
