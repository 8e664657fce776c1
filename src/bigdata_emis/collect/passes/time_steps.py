"""Whether the rows of a pass come at the declared step: hourly energy that is taken for that of 15 minutes is fourfold.

Belongs here: the step of a whole pass. Does not: single meters of a feed (clean_power), or what times mark
(answer_checks).
"""

import logging
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.collect.answer_checks import UnusableAnswerError
from bigdata_emis.collect.feed_config import Feed

log = logging.getLogger(__name__)

AMOUNT_TABLES = frozenset({"power_reading", "district_energy_reading", "measured_activity_reading"})
"""Tables of amounts of an interval; of a state, rows that come more rarely are hours without a reading."""
HOURLY, HOUR_MIN, US_PER_MIN = "hour_utc", 60.0, 60_000_000
LEAST_STEPS = 6
"""Steps from which on a pass shows how often rows come; a few late rows do not."""
FINER, COARSER = 0.75, 1.5
"""A step below or above these multiples of the declared one is another: clocks of stations are a little off."""
FINER_SHARE, COARSER_SHARE = 0.4, 2 / 3
"""From such a part of the steps on it is the rule of the pass. Every second step is finer where each row comes twice, a
little later; late rows and gaps make steps coarser, though never so many alike. Own judgement."""


def check_steps(rows: pa.Table, feed: Feed, where: str, *, registered_min: Mapping[str, float]) -> None:
    """Refuse a pass whose rows come at another step than declared; warn where that only means missing hours.

    Events that are only counted have no step. Declared is the interval that the rows state, else cadence_min of the
    feed, else the registered interval of the meter (`registered_min`), and of an hourly table one hour or what
    cadence_min says above it.

    Raises:
        UnusableAnswerError: with the step found and the key that declares it.
    """
    is_of_events = feed.stored_table != feed.table_name
    if is_of_events or not feed.table_name.endswith("_reading") or not rows.num_rows:
        return
    step_min, declared_min = _steps(rows, feed, registered_min)
    if len(step_min) < LEAST_STEPS:
        return
    ratio = step_min / declared_min
    is_finer = (ratio < FINER).sum() >= FINER_SHARE * len(ratio)
    multiple = np.round(ratio)
    commonest, is_commonest = _commonest(multiple)
    is_coarser = commonest > COARSER and is_commonest.sum() >= COARSER_SHARE * len(ratio)
    if not is_finer and not is_coarser:
        return
    chosen = ratio < FINER if is_finer else is_commonest
    found, declared = np.median(step_min[chosen]), np.median(declared_min[chosen])
    what = f"{where}: rows come every {found:g} min, where {declared:g} min are declared"
    if is_coarser and feed.table_name not in AMOUNT_TABLES and not feed.cadence_min:
        log.warning("%s; the hours between are missing", what)
        return
    raise UnusableAnswerError(what, _remedy(feed, float(found)))


def _remedy(feed: Feed, found_min: float) -> str:
    table = schema.table(feed.table_name)
    if "interval_min" in table.names:
        where = f"[{feed.feed_id}.constants] of feeds.toml and in registry/meter.csv"
        return f"write interval_min = {found_min:g} in {where} if that is the interval, or ask the provider"
    if table.time == HOURLY and found_min < HOUR_MIN:
        return "ask the provider for one row of each hour"
    return (
        f"write cadence_min = {found_min:g} below [{feed.feed_id}] in feeds.toml if that is right, or ask the provider"
    )


def _steps(rows: pa.Table, feed: Feed, registered_min: Mapping[str, float]) -> tuple[Floats, Floats]:
    """The steps between the rows of each source in minutes, and what is declared of each; unknown ones are left out."""
    table = schema.table(feed.table_name)
    is_timed = np.asarray(rows[table.time].is_valid())
    rows = rows.filter(pa.array(is_timed))
    time_us = np.asarray(rows[table.time].cast(pa.timestamp("us")).cast(pa.int64()), dtype=np.int64)
    names = [name for name in table.key if name not in (table.time, "record_number") and name in rows.column_names]
    source = _number_sources(rows, names)
    declared = _declared(rows, feed, registered_min)
    order = np.lexsort((time_us, source))
    step = np.diff(time_us[order]) / US_PER_MIN
    is_step = (np.diff(source[order]) == 0) & (step > 0)
    declared = declared[order][1:]
    is_known = is_step & ~np.isnan(declared)
    return step[is_known], declared[is_known]


def _declared(rows: pa.Table, feed: Feed, registered_min: Mapping[str, float]) -> Floats:
    """The declared step of each row in minutes, NaN where nothing is declared."""
    table, cadence_min = schema.table(feed.table_name), feed.cadence_min or np.nan
    if table.time == HOURLY:
        return np.full(rows.num_rows, np.fmax(HOUR_MIN, cadence_min))
    declared = np.full(rows.num_rows, cadence_min, dtype=np.float64)
    if registered_min and not feed.cadence_min:
        ids = rows[table.key[0]].to_pylist()
        declared = np.array([registered_min.get(name, np.nan) for name in ids], dtype=np.float64)
    if "interval_min" in rows.column_names:
        stated = np.asarray(rows["interval_min"].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
        declared = np.where(stated > 0, stated, declared)
    return declared


def _number_sources(rows: pa.Table, names: list[str]) -> Integers:
    number = np.zeros(rows.num_rows, dtype=np.int64)
    for name in names:
        coded = rows[name].combine_chunks().dictionary_encode(null_encoding="encode")
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        number = number * max(len(coded.dictionary), 1) + coded.indices.to_numpy(zero_copy_only=False)
        number = np.unique(number, return_inverse=True)[1].astype(np.int64)
    return number


def _commonest(values: Floats) -> tuple[float, Flags]:
    """The value that is there most often, and where it is."""
    distinct, count = np.unique(values, return_counts=True)
    commonest = float(distinct[count.argmax()])
    return commonest, values == commonest
