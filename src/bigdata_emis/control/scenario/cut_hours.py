"""One day of a scenario: the cut of every source, pollutant and hour, worked through the inventory piece by piece.

Belongs here: the inner loop, whole columns at a time. Does not: reading or writing, or the layout of the day (day_plan.py).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Integers, Positions
from bigdata_emis.control.scenario.day_plan import BLOCK_ROWS, HOUR_US, NOT_THERE, DayPlan
from bigdata_emis.equations.control import cut_emission_g
from bigdata_emis.errors import RefusedError


@dataclass(frozen=True)
class Rows:
    """Rows of the inventory: codes of source and pollutant with their places in the plan, instants and amounts."""

    source_code: NDArray[np.int32]
    pollutant_code: NDArray[np.int32]
    source_of_code: Positions
    pollutant_of_code: Positions
    instant_us: Integers
    emission: Floats


def cut_pieces(plan: DayPlan, pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Rows of control_hourly from rows of emission_hourly: those of the window in which something is cut.

    Adds baseline and cut to the plan's totals on the way, in the order of the rows. cut = emission * share.
    Raises RefusedError when a source or a link's hour is not in the control basis.
    """
    for whole in pieces:
        piece = _within(plan, whole)
        source, pollutant, hour_us, emission = (
            _whole(piece[n]) for n in ("source_id", "pollutant_code", "hour_utc", "emission_g")
        )
        rows = Rows(
            source.indices.to_numpy(),
            pollutant.indices.to_numpy(),
            _known_sources(plan, source.dictionary),
            _known_pollutants(pollutant),
            hour_us.cast(pa.int64()).to_numpy(),
            emission.to_numpy(),
        )
        yield _cut_rows(
            plan, {"source_id": source, "pollutant_code": pollutant, "hour_utc": hour_us}, _cuts(plan, rows)
        )


def _within(plan: DayPlan, piece: pa.Table) -> pa.Table:
    if len(plan.hours) == plan.hour_count:
        return piece
    hour = (piece["hour_utc"].cast(pa.int64()).to_numpy() - plan.start_us) // HOUR_US
    return piece.filter(pa.array((hour >= plan.hours.start) & (hour < plan.hours.stop)))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    # To combine copies, even where there is nothing to combine.
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _known_sources(plan: DayPlan, named: pa.Array) -> Positions:
    ids = named.to_pylist()
    try:
        return np.fromiter((plan.place_of_source[source_id] for source_id in ids), dtype=np.intp, count=len(ids))
    except KeyError as unknown:
        raise RefusedError(
            f"source {unknown.args[0]} has emission but is not in the control basis",
            "run `emis run control_basis` for the day",
        ) from None


def _known_pollutants(pollutant: pa.DictionaryArray) -> Positions:
    found: Positions = (
        pc.index_in(pollutant.dictionary, pa.array(list(schema.codes()["pollutant"]))).to_numpy().astype(np.intp)
    )
    return found


def _cuts(plan: DayPlan, rows: Rows) -> Floats:
    """The cut of each row, by blocks small enough that what is made on the way stays in the processor's cache.

    Nearly all rows come in strips: one source and pollutant with every hour of the window in order. A block of whole strips looks
    up source and pollutant once a strip, any other block once a row; the arithmetic is the same.
    """
    width, count, start = len(plan.hours), len(rows.emission), 0
    cut = np.empty(count)
    wanted = plan.start_us + np.arange(plan.hours.start, plan.hours.stop) * HOUR_US
    while start < count:
        start = _cut_up_to_a_strip(plan, rows, start, wanted[0], cut)
        stop = start + min(BLOCK_ROWS, count - start) // width * width
        if _is_strips(rows, slice(start, stop), wanted):
            _cut_strips(plan, rows, slice(start, stop), cut)
        else:
            stop = min(start + BLOCK_ROWS, count)
            _cut_block(plan, rows, slice(start, stop), cut)
        start = stop
    return cut


def _cut_up_to_a_strip(plan: DayPlan, rows: Rows, start: int, first_us: int, cut: Floats) -> int:
    """Cut the rows before the next first hour of the window, where it is within reach; returns its place."""
    reach = rows.instant_us[start : start + len(plan.hours)]
    found = np.flatnonzero(reach == first_us)
    ahead = int(found[0]) if len(found) else 0
    if ahead:
        _cut_block(plan, rows, slice(start, start + ahead), cut)
    return start + ahead


def _is_strips(rows: Rows, chosen: slice, wanted_us: Integers) -> bool:
    shape = (-1, len(wanted_us))
    source, pollutant = (codes[chosen].reshape(shape) for codes in (rows.source_code, rows.pollutant_code))
    return len(source) > 0 and bool(
        (rows.instant_us[chosen].reshape(shape) == wanted_us).all()
        and (
            source[:, 0] == source[:, -1]
        ).all()  # rows are in order of key: what begins and ends alike is alike between
        and (pollutant[:, 0] == pollutant[:, -1]).all()
    )


def _cut_strips(plan: DayPlan, rows: Rows, chosen: slice, cut: Floats) -> None:
    shape = (-1, len(plan.hours))
    source = rows.source_of_code.take(rows.source_code[chosen].reshape(shape)[:, 0])
    pollutant = rows.pollutant_of_code.take(rows.pollutant_code[chosen].reshape(shape)[:, 0])
    emission = rows.emission[chosen].reshape(shape)
    share, link = plan.shares.take(source)[:, None], plan.link_rows.take(source)
    if plan.has_bans and (on_road := link != NOT_THERE).any():
        road = _road_shares(plan, link[on_road], np.s_[plan.hours.start : plan.hours.stop], pollutant[on_road][:, None])
        if on_road.all():
            share = road
        else:
            share = np.repeat(share, shape[1], axis=1)
            share[on_road] = road
    strips = cut[chosen].reshape(shape)
    strips[:] = cut_emission_g(emission, share)
    _count(plan, pollutant, emission.sum(axis=1), strips.sum(axis=1))
    plan.totals.is_hour_present[plan.hours.start : plan.hours.stop] = True


def _cut_block(plan: DayPlan, rows: Rows, chosen: slice, cut: Floats) -> None:
    source, pollutant = (
        rows.source_of_code.take(rows.source_code[chosen]),
        rows.pollutant_of_code.take(rows.pollutant_code[chosen]),
    )
    hour, emission = (rows.instant_us[chosen] - plan.start_us) // HOUR_US, rows.emission[chosen]
    share, link = plan.shares.take(source), plan.link_rows.take(source)
    if plan.has_bans and (on_road := link != NOT_THERE).any():
        share[on_road] = _road_shares(plan, link[on_road], hour[on_road], pollutant[on_road])
    cut[chosen] = cut_emission_g(emission, share)
    _count(plan, pollutant, emission, cut[chosen])
    plan.totals.is_hour_present[hour] = True


def _count(plan: DayPlan, pollutant: Positions, emission: Floats, cut: Floats) -> None:
    size = len(plan.totals.baseline_g)
    plan.totals.baseline_g += np.bincount(pollutant, emission, minlength=size)
    plan.totals.cut_g += np.bincount(pollutant, cut, minlength=size)


def _road_shares(plan: DayPlan, link: Positions, hour: Positions | slice, pollutant: Positions) -> Floats:
    """Of these links at these hours: hours as a slice give one row a link, and pollutants then stand in a column."""
    entry, fraction, offset = plan.entries[link, hour], plan.fractions[link, hour], plan.offsets.take(pollutant)
    if entry.min() == NOT_THERE:
        raise RefusedError(
            f"{np.count_nonzero(entry == NOT_THERE)} link hours have emission but no traffic or no road factors",
            "run the day again: `emis day`",
        )
    if offset.min() != NOT_THERE:
        return plan.roads.share(entry + offset, fraction)
    return np.where(offset != NOT_THERE, plan.roads.share(entry + np.maximum(offset, 0), fraction), 0.0)


def _cut_rows(plan: DayPlan, keys: dict[str, pa.Array], cut: Floats) -> pa.Table:
    scenario = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(len(cut), dtype=np.int32)), pa.array([plan.scenario_id])
    )
    rows = pa.table({"scenario_id": scenario, **keys, "cut_emission_g": cut})
    is_cut = cut > 0
    return rows if is_cut.all() else rows.filter(pa.array(is_cut))
