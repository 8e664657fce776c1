"""Counters that only count up, such as the register of a meter, as what was counted in each interval.

Belongs here: differences of one source in time, rollover, replacement, multipliers. Does not: units (unit_factors), or
whether an amount is plausible (clean).

A reading of a counter is of an instant, so an interval is known when both of its ends are: a file of a day holds the
reading of the next midnight too, else the last interval of the day is missing. What cannot be computed (a counter that
was replaced, readings that are missing between two others) has no amount and a mark, and is quarantined.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.collect.answer_checks import UnusableAnswerError
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.privacy.device_counts import scale_of
from bigdata_emis.errors import InputError, shorten

ROLLOVER_SHARE = 0.1
"""A counter rolls over from within this share of its end to within this share of its start; own judgement."""
LONGEST_STEP = 1.5
"""Intervals between two readings from which on one is missing between them."""
LEAST_READINGS, LEAST_RISING_SHARE, LEAST_LEVEL = 12, 0.3, 20.0
"""From so many readings of a source on, of which all but one do not fall and this share rises, and which begin at so
many times the largest step, a column is that of counters; own judgement."""
LEAST_USUAL, MOST_USUAL = 0.5, 1.5
"""Rising values between these shares of the energy that the line of the meter uses are amounts; own judgement."""
US_PER_MIN = 60_000_000
HOUR_MIN = 60
NEIGHBOURS = 2


def read_increments(rows: pa.Table, feed: Feed) -> pa.Table:
    """The rows of a pass with amounts in place of counter readings, one for each interval that begins with a reading.

    The row of the last reading of a source is left out, since it begins no interval whose end is known.

    Raises:
        InputError: multipliers name a time that is none.
    """
    if not feed.cumulative or not rows.num_rows:
        return rows
    time = schema.table(feed.table_name).time
    instants = _microseconds(rows[time])
    source, names = _number_sources(rows, feed)
    order = np.lexsort((np.arange(len(instants)), instants, source))
    is_last = np.r_[(source[order][1:] != source[order][:-1]) | (instants[order][1:] != instants[order][:-1]), True]
    order = order[is_last]
    rows, source, instants = rows.take(pa.array(order)), source[order], instants[order]
    begins = np.r_[source[1:] == source[:-1], False]
    is_gap = np.zeros(len(begins), dtype=bool)
    is_gap[:-1] = np.diff(instants) > LONGEST_STEP * _interval_us(rows, instants, begins)
    is_unknown = np.zeros(len(begins), dtype=bool)
    for name in feed.cumulative:
        readings = _without_slips(np.asarray(rows[name], dtype=np.float64), begins)
        amount = _differences(readings, _end_of(name, feed))
        amount[is_gap] = np.nan
        is_unknown |= np.isnan(amount)
        amount *= _multipliers(instants, source, names, feed)
        rows = rows.set_column(rows.column_names.index(name), name, pa.array(amount, mask=np.isnan(amount)))
    marked = np.asarray(rows["is_unreadable"], dtype=bool) | is_unknown
    rows = rows.set_column(rows.column_names.index("is_unreadable"), "is_unreadable", pa.array(marked))
    return rows.filter(pa.array(begins))


def check_no_counter(rows: pa.Table, feed: Feed, where: str, *, usual_kwh: Mapping[str, float]) -> None:
    """Refuse a pass of which most sources only count up: its amounts would be those of their whole past.

    usual_kwh: by meter the energy that its line uses in an hour, as registered.

    Raises:
        UnusableAnswerError: with the key that reads it.
    """
    is_declared = "cumulative" in feed.model_fields_set
    if is_declared or feed.table_name != "power_reading" or not rows.num_rows:
        return
    name = "energy_kwh"
    source, names = _number_sources(rows, feed)
    order = np.lexsort((_microseconds(rows[schema.table(feed.table_name).time]), source))
    values, source = np.asarray(rows[name], dtype=np.float64)[order], source[order]
    hours = _median_hours(rows)
    ends = np.flatnonzero(np.diff(source)) + 1
    parts = zip((names[number] for number in source[np.r_[0, ends]]), np.split(values, ends), strict=True)
    known = {meter: part[~np.isnan(part)] for meter, part in parts}
    known = {meter: part for meter, part in known.items() if len(part) >= LEAST_READINGS}
    counters = [m for m, part in known.items() if _counts_up(part) and not _is_usual(part / hours, usual_kwh.get(m))]
    if 2 * len(counters) > len(known):
        column = shorten(feed.provider_column(name))
        what = f"{where}: '{column}' only rises, as the readings of counters do"
        remedy = f'write cumulative = ["{name}"] below [{feed.feed_id}] in feeds.toml, or [] if these are amounts'
        raise UnusableAnswerError(what, remedy)


def _median_hours(rows: pa.Table) -> float:
    minutes = np.asarray(rows["interval_min"], dtype=np.float64) if "interval_min" in rows.column_names else np.empty(0)
    minutes = minutes[minutes > 0]
    return float(np.median(minutes)) / HOUR_MIN if len(minutes) else 1.0


def _is_usual(power_kw: Floats, usual_kw: float | None) -> bool:
    return bool(usual_kw and LEAST_USUAL * usual_kw <= np.median(power_kw) <= MOST_USUAL * usual_kw)


def _counts_up(values: Floats) -> bool:
    steps = np.diff(values)
    rises = bool((steps < 0).sum() <= 1 and (steps > 0).mean() >= LEAST_RISING_SHARE)
    return rises and bool(values[0] > LEAST_LEVEL * steps.max())


def _without_slips(values: Floats, begins: Flags) -> Floats:
    """The readings without those that fall out of the row: lower, or higher, than both neighbours, which rise.

    A meter that was replaced does not come back to where it was; a reading that was lost or garbled does, and its
    neighbours would count the whole register.
    """
    if len(values) <= NEIGHBOURS:
        return values
    before, at, after = values[:-2], values[1:-1], values[2:]
    is_inside = begins[:-2] & begins[1:-1] & (after >= before)
    is_slip = np.zeros(len(values), dtype=bool)
    is_slip[1:-1] = is_inside & ((at < before) | (at > after))
    return np.where(is_slip, np.nan, values)


def _differences(values: Floats, end: float | None) -> Floats:
    """What was counted from each reading to the next; NaN where that is not known."""
    amount = np.full(len(values), np.nan)
    steps = np.diff(values)
    if end is not None:
        is_rollover = (steps < 0) & (values[:-1] >= (1 - ROLLOVER_SHARE) * end) & (values[1:] <= ROLLOVER_SHARE * end)
        steps = np.where(is_rollover, steps + end, steps)
    amount[:-1] = np.where(steps < 0, np.nan, steps)
    return amount


def _end_of(name: str, feed: Feed) -> float | None:
    """The amount at which a counter begins again at 0, in our unit."""
    return feed.counter_end * scale_of(name, feed) if feed.counter_end else None


def _interval_us(rows: pa.Table, instants: Integers, begins: Flags) -> Any:
    """The interval between two readings: as declared, else the commonest."""
    if "interval_min" in rows.column_names and rows["interval_min"].null_count == 0:
        return np.asarray(rows["interval_min"], dtype=np.float64)[:-1] * US_PER_MIN
    steps = np.diff(instants)[begins[:-1]]
    return float(np.median(steps)) if len(steps) else 0.0


def _multipliers(instants: Integers, source: Integers, names: list[str], feed: Feed) -> Floats:
    """The multiplier of each interval: of its source from a local time on, 1 where none is declared."""
    result = np.ones(len(instants))
    for name, periods in feed.multipliers.items():
        of_source = source == (names.index(name) if name in names else -1)
        for start, multiplier in sorted(periods.items(), key=lambda item: _local_us(item[0], feed)):
            result[of_source & (instants >= _local_us(start, feed))] = multiplier
    return result


def _local_us(text: str, feed: Feed) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        what = f"feed {feed.feed_id}, multipliers: '{shorten(text)}' is no time"
        raise InputError(what, 'write the local time from which it holds, such as "2024-12-18" = 60') from None
    local = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(feed.time_zone))
    return round(local.timestamp() * 1e6)


def _number_sources(rows: pa.Table, feed: Feed) -> tuple[Integers, list[str]]:
    """The number of the source of each row, and the names of the sources in order of their number."""
    name = schema.table(feed.table_name).key[0]
    coded = pc.fill_null(rows[name], "").combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return np.asarray(coded.indices, dtype=np.int64), coded.dictionary.to_pylist()


def _microseconds(times: Any) -> Integers:
    instants = times.cast(pa.timestamp("us")).cast(pa.int64())
    return np.asarray(pc.fill_null(instants, np.iinfo(np.int64).min), dtype=np.int64)
