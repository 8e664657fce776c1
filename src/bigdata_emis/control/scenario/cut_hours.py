"""One day of a scenario: the cut of every source, pollutant and hour, computed piece by piece of the inventory.

Belongs here: the inner loop, on whole columns. Does not: reading or writing, the layout of the day (day_plan).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers, Positions
from bigdata_emis.control.outcome.normal_emission import UNKNOWN, UNOBSERVED, NormalEmission
from bigdata_emis.control.scenario.cut_errors import ErroredRows, RowErrors
from bigdata_emis.control.scenario.day_plan import ABSENT, BLOCK_ROWS, DayPlan
from bigdata_emis.equations.control import baseline_emission_g, cut_emission_g
from bigdata_emis.errors import RefusedError
from bigdata_emis.window import HOUR_US

LEAST_LEFT_SHARE = 0.1
"""The normal emission of a source that measures nearly stopped is not known: a bound chosen by this project."""


@dataclass(frozen=True)
class InventoryRows:
    """Rows of the inventory as arrays.

    source_code, pollutant_code: dictionary codes; source_row_of_code, pollutant_row_of_code: their rows in the plan.
    is_unobserved: whether an order cannot be seen in it, where one was in force; errors: where they were read.
    """

    source_code: NDArray[np.int32]
    pollutant_code: NDArray[np.int32]
    source_row_of_code: Positions
    pollutant_row_of_code: Positions
    instant_us: Integers
    emission: Floats
    is_unobserved: Flags | None = None
    errors: RowErrors | None = None


@dataclass(frozen=True)
class NormalRows:
    """Rows of the inventory without the orders in force; of single rows (rows,), of strips (strips, hours).

    emission: that of which errors are the errors: of the inventory, or without control. In hours of an order in force,
    ordered_share: the largest share cut that counts as obeyed; is_known: whether an outcome says the base instead.
    """

    base: Floats
    emission: Floats
    is_unobserved: Flags | None
    errors: RowErrors | None
    ordered_share: Floats | None = None
    is_known: Flags | None = None

    @classmethod
    def of_inventory(cls, rows: InventoryRows, selected: slice, shape: tuple[int, ...] = (-1,)) -> "NormalRows":
        """Rows of the inventory as they are."""
        emission = rows.emission[selected].reshape(shape)
        return cls(
            emission,
            emission,
            None if rows.is_unobserved is None else rows.is_unobserved[selected].reshape(shape),
            None if rows.errors is None else rows.errors.part(selected, shape),
        )

    def with_known(self, known: Positions, normal: NormalEmission) -> "NormalRows":
        """The rows with what would have been emitted without control, where that is known."""
        is_known, place = known != UNKNOWN, np.maximum(known, 0)
        if not is_known.any():
            return self
        emission = np.where(is_known, normal.mean_g[place], self.emission)
        errors = self.errors and RowErrors(
            self.errors.method,
            np.where(is_known, normal.p05_g[place], self.errors.p05_g),
            np.where(is_known, normal.p95_g[place], self.errors.p95_g),
        )
        base = np.where(is_known, normal.mean_g[place], self.base)
        is_known = is_known if self.is_known is None else is_known | self.is_known
        return replace(self, base=base, emission=emission, errors=errors, is_known=is_known)


def cut_pieces(plan: DayPlan, pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Rows of control_hourly with a cut, from rows of emission_hourly in the window.

        cut = base × share

    The base is the emission. In hours of another scenario in force it is what would have been emitted without it, where
    its outcome says so, and else the emission without the cut that it ordered; of sources in whose emission no order
    can be seen (normal_emission.UNOBSERVED) it is the emission. Adds base and cut to the totals of the plan, in the
    order of the rows.

    Raises:
        RefusedError: a source or an hour of a link is not in the control basis.
    """
    for whole_piece in pieces:
        piece = _in_window(plan, whole_piece)
        rows = inventory_rows(plan, piece)
        keys = {name: _single_chunk(piece[name]) for name in ("source_id", "pollutant_code", "hour_utc")}
        yield _rows_with_cut(plan, keys, rows, _compute_cuts(plan, rows))
    if plan.errors is not None:
        plan.errors.add_up()


def read_rows(plan: DayPlan, pieces: Iterable[pa.Table]) -> Iterator[InventoryRows]:
    """The rows of the inventory in the window, piece by piece, without a cut."""
    return (inventory_rows(plan, _in_window(plan, piece)) for piece in pieces)


def inventory_rows(plan: DayPlan, piece: pa.Table) -> InventoryRows:
    """A piece of the inventory as arrays, with the rows of its sources in the plan.

    Raises:
        RefusedError: a source is not in the control basis.
    """
    source, pollutant, hour_us, emission = (
        _single_chunk(piece[n]) for n in ("source_id", "pollutant_code", "hour_utc", "emission_g")
    )
    return InventoryRows(
        source.indices.to_numpy(),
        pollutant.indices.to_numpy(),
        _source_rows(plan, source.dictionary),
        _pollutant_rows(pollutant),
        hour_us.cast(pa.int64()).to_numpy(),
        emission.to_numpy(),
        _is_unobserved(piece) if plan.in_force else None,
        None if plan.errors is None else _errors(piece),
    )


def _in_window(plan: DayPlan, piece: pa.Table) -> pa.Table:
    if len(plan.hours) == plan.hour_count:
        return piece
    hour = (piece["hour_utc"].cast(pa.int64()).to_numpy() - plan.start_us) // HOUR_US
    return piece.filter(pa.array((hour >= plan.hours.start) & (hour < plan.hours.stop)))


def _is_unobserved(piece: pa.Table) -> Flags:
    method = _single_chunk(piece["method_code"])
    of_code = pc.is_in(method.dictionary, pa.array(UNOBSERVED)).to_numpy(zero_copy_only=False)
    flags: Flags = of_code[method.indices.to_numpy()]
    return flags


def _errors(piece: pa.Table) -> RowErrors:
    method = _single_chunk(piece["method_code"])
    codes = pa.array(list(schema.codes()["method"]))
    place_of_code = pc.index_in(method.dictionary, codes).to_numpy().astype(np.int8)
    p05, p95 = (_single_chunk(piece[name]).to_numpy() for name in ("emission_g_p05", "emission_g_p95"))
    return RowErrors(place_of_code[method.indices.to_numpy()], p05, p95)


def _single_chunk(column: pa.ChunkedArray) -> pa.Array:
    # combine_chunks copies, even when there is only one chunk.
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _source_rows(plan: DayPlan, source_ids: pa.Array) -> Positions:
    rows = [*map(plan.row_of_source.get, source_ids.to_pylist())]
    if None in rows:
        raise RefusedError(
            f"source {source_ids[rows.index(None)].as_py()} has emission but is not in the control basis",
            "run `emis run control_basis` and `emis run publish` for the day",
        )
    return np.array(rows, dtype=np.intp)


def _pollutant_rows(pollutant: pa.DictionaryArray) -> Positions:
    codes = pa.array(list(schema.codes()["pollutant"]))
    rows: Positions = pc.index_in(pollutant.dictionary, codes).to_numpy().astype(np.intp)
    return rows


@dataclass(frozen=True)
class _CutRows:
    """The cut of each row of a piece, and its base, which is the emission where no order was in force."""

    cut: Floats
    base: Floats


def _compute_cuts(plan: DayPlan, rows: InventoryRows) -> _CutRows:
    """The cut of each row, block by block."""
    results = _CutRows(np.empty(len(rows.emission)), rows.emission.copy() if plan.in_force else rows.emission)
    for selected, is_strips in split_blocks(plan, rows):
        base = (_cut_strips if is_strips else _cut_block)(plan, rows, selected, results.cut)
        if plan.in_force:
            results.base[selected] = base.ravel()
    return results


def split_blocks(plan: DayPlan, rows: InventoryRows) -> Iterator[tuple[slice, bool]]:
    """Blocks small enough to stay in the cache of the processor, and whether each has whole strips only.

    Nearly all rows come in strips: one source and pollutant with every hour of the window in order. In a block of
    whole strips source and pollutant are looked up once for each strip, in any other block once for each row; the
    arithmetic is the same.
    """
    width, count, start = len(plan.hours), len(rows.emission), 0
    wanted_us = plan.start_us + np.arange(plan.hours.start, plan.hours.stop) * HOUR_US
    while start < count:
        first_hours = np.flatnonzero(rows.instant_us[start : start + width] == wanted_us[0])
        if len(first_hours) and first_hours[0]:  # the next strip is near: only the rows before it are single ones
            yield slice(start, start := start + int(first_hours[0])), False
        stop = start + min(BLOCK_ROWS, count - start) // width * width
        is_strips = _are_strips(rows, slice(start, stop), wanted_us)
        stop = stop if is_strips else min(start + BLOCK_ROWS, count)
        yield slice(start, stop), is_strips
        start = stop


def _are_strips(rows: InventoryRows, selected: slice, wanted_us: Integers) -> bool:
    shape = (-1, len(wanted_us))
    source, pollutant = (codes[selected].reshape(shape) for codes in (rows.source_code, rows.pollutant_code))
    # Rows are in order of key: a strip with equal ends is equal throughout.
    return len(source) > 0 and bool(
        (rows.instant_us[selected].reshape(shape) == wanted_us).all()
        and (source[:, 0] == source[:, -1]).all()
        and (pollutant[:, 0] == pollutant[:, -1]).all()
    )


def strip_base(plan: DayPlan, rows: InventoryRows, selected: slice) -> tuple[Positions, Positions, NormalRows]:
    """Source and pollutant of strips, and their emission without the measures in force, (strips, hours)."""
    shape = (-1, len(plan.hours))
    source = rows.source_row_of_code.take(rows.source_code[selected].reshape(shape)[:, 0])
    pollutant = rows.pollutant_row_of_code.take(rows.pollutant_code[selected].reshape(shape)[:, 0])
    normal = NormalRows.of_inventory(rows, selected, shape)
    for before in plan.in_force:
        places = (source[:, None], pollutant[:, None], np.arange(len(plan.hours)))
        normal = _without_order(plan, before, normal, places, strip_shares(before, source, pollutant, normal.base))
    added = _count_bases(plan, normal)
    if added is not None:
        np.add.at(plan.totals.obeyed_g, pollutant, np.add.reduceat(added, plan.segments, axis=1))
    return source, pollutant, normal


def _cut_strips(plan: DayPlan, rows: InventoryRows, selected: slice, cut: Floats) -> Floats:
    """The base of strips, (strips, hours), after their cut was computed and added up."""
    shape = (-1, len(plan.hours))
    source, pollutant, normal = strip_base(plan, rows, selected)
    base, strips = normal.base, cut[selected].reshape(shape)
    strips[:] = cut_emission_g(base, strip_shares(plan, source, pollutant, base))
    totals = plan.totals
    # A strip is the only one of its source and pollutant, so no place is added to twice.
    totals.baseline_g[source, pollutant] += np.add.reduceat(base, plan.segments, axis=1)
    totals.cut_g[source, pollutant] += np.add.reduceat(strips, plan.segments, axis=1)
    totals.is_hour_present[plan.hours.start : plan.hours.stop] = True
    if plan.errors is not None and normal.errors is not None:
        plan.errors.add_strips(ErroredRows(source, pollutant, normal.emission, strips, normal.errors))
    return base


def strip_shares(plan: DayPlan, source: Positions, pollutant: Positions, base: Floats) -> Floats:
    """The share cut of whole strips, in one column or one for each hour."""
    share, link = plan.cuts.shares[plan.cuts.kind_of_source.take(source), pollutant], plan.link_rows.take(source)
    if not plan.has_bans or not (on_road := link != ABSENT).any():
        return share
    hours = np.s_[plan.hours.start : plan.hours.stop]
    road = _road_shares(plan, link[on_road], hours, pollutant[on_road][:, None], base[on_road])
    if on_road.all():
        return road
    share = np.repeat(share, base.shape[1] // share.shape[1], axis=1)
    share[on_road] = road
    return share


def row_base(plan: DayPlan, rows: InventoryRows, selected: slice) -> tuple[Positions, Positions, Positions, NormalRows]:
    """Source, pollutant and hour of the day of single rows, and their emission without the measures in force."""
    source = rows.source_row_of_code.take(rows.source_code[selected])
    pollutant = rows.pollutant_row_of_code.take(rows.pollutant_code[selected])
    hour, normal = (rows.instant_us[selected] - plan.start_us) // HOUR_US, NormalRows.of_inventory(rows, selected)
    for before in plan.in_force:
        places = (source, pollutant, hour - plan.hours.start)
        normal = _without_order(plan, before, normal, places, row_shares(before, source, pollutant, hour, normal.base))
    added = _count_bases(plan, normal)
    if added is not None:
        segment = plan.segment_of_hour()[hour - plan.hours.start]
        np.add.at(plan.totals.obeyed_g, (pollutant, segment), added)
    return source, pollutant, hour, normal


def _cut_block(plan: DayPlan, rows: InventoryRows, selected: slice, cut: Floats) -> Floats:
    """The base of single rows, (rows,), after their cut was computed and added up."""
    source, pollutant, hour, normal = row_base(plan, rows, selected)
    base = normal.base
    cut[selected] = cut_emission_g(base, row_shares(plan, source, pollutant, hour, base))
    segment, of_window = plan.segment_of_hour()[hour - plan.hours.start], hour - plan.hours.start
    places = (source, pollutant, segment)
    np.add.at(plan.totals.baseline_g, places, base)
    np.add.at(plan.totals.cut_g, places, cut[selected])
    plan.totals.is_hour_present[hour] = True
    if plan.errors is not None and normal.errors is not None:
        errored = ErroredRows(source, pollutant, normal.emission, cut[selected], normal.errors)
        plan.errors.add_rows(errored, of_window, segment)
    return base


def row_shares(plan: DayPlan, source: Positions, pollutant: Positions, hour: Positions, base: Floats) -> Floats:
    """The share cut of single rows."""
    kind, column = plan.cuts.kind_of_source.take(source), (hour - plan.hours.start) % plan.cuts.shares.shape[2]
    share: Floats = plan.cuts.shares[kind, pollutant, column]
    link = plan.link_rows.take(source)
    if plan.has_bans and (on_road := link != ABSENT).any():
        share[on_road] = _road_shares(plan, link[on_road], hour[on_road], pollutant[on_road], base[on_road])
    return share


def _without_order(
    plan: DayPlan, before: DayPlan, rows: NormalRows, places: tuple[Positions, ...], share: Floats
) -> NormalRows:
    """Rows without the order of a scenario in force.

    places: source, pollutant and hour of the window of each row; share: cut of each row that was ordered.
    """
    ordered = np.broadcast_to(share, rows.base.shape)
    if rows.is_unobserved is not None:
        ordered = np.where(rows.is_unobserved, 0.0, ordered)
    if rows.is_known is not None:  # by the outcome of another order: it says the emission without this one, too
        ordered = np.where(rows.is_known, 0.0, ordered)
    known = _known_rows(before, rows, places)
    if known is not None:
        ordered = np.where(known != UNKNOWN, 0.0, ordered)
    base: Floats = baseline_emission_g(rows.base, np.minimum(ordered, 1.0 - LEAST_LEFT_SHARE))
    largest = ordered if rows.ordered_share is None else np.maximum(ordered, rows.ordered_share)
    rows = replace(rows, base=base, ordered_share=largest)
    return rows if known is None or before.normal is None else rows.with_known(known, before.normal)


def _count_bases(plan: DayPlan, rows: NormalRows) -> Floats | None:
    """Count the rows whose base is not the inventory, after all orders: what one outcome says holds for all of them.

    Returns what the base of each row has beyond its emission because an order counts as obeyed; None without an order.
    """
    if rows.ordered_share is None:
        return None
    is_known = np.zeros(rows.base.shape, dtype=bool) if rows.is_known is None else rows.is_known
    ordered = np.where(is_known, 0.0, rows.ordered_share)
    plan.totals.known_count += int(np.count_nonzero(is_known))
    plan.totals.reconstructed_count += int(np.count_nonzero(ordered))
    plan.totals.bounded_count += int(np.count_nonzero(ordered > 1.0 - LEAST_LEFT_SHARE))
    return np.where(ordered > 0, rows.base - rows.emission, 0.0)


def _known_rows(before: DayPlan, rows: NormalRows, places: tuple[Positions, ...]) -> Positions | None:
    """Where the emission without an order is among the rows of its outcome, UNKNOWN for the others."""
    if before.normal is None:
        return None
    found = before.normal.find(*places)
    return found if rows.is_unobserved is None else np.where(rows.is_unobserved, UNKNOWN, found)


def _road_shares(
    plan: DayPlan, link: Positions, hour: Positions | slice, pollutant: Positions, emission: Floats
) -> Floats:
    """The shares of links at hours; hours as a slice give one row for each link, with pollutants as a column."""
    entry, fraction, offset = plan.entries[link, hour], plan.fractions[link, hour], plan.offsets.take(pollutant)
    if entry.min() == ABSENT:
        raise RefusedError(
            f"{np.count_nonzero(entry == ABSENT)} link hours have emission but no traffic or no road factors",
            "run the day again: `emis day`",
        )
    known = True if offset.min() != ABSENT else offset != ABSENT
    placed = entry + (offset if known is True else np.maximum(offset, 0))
    share, km = plan.roads.banned_share_and_km(placed, fraction, emission if known is True else emission * known)
    plan.totals.road_km += km
    return share if known is True else share * known


def _rows_with_cut(plan: DayPlan, keys: dict[str, pa.Array], rows: InventoryRows, results: _CutRows) -> pa.Table:
    cut = results.cut
    scenario = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(len(cut), dtype=np.int32)), pa.array([plan.scenario_id])
    )
    base = _stated_base(plan, rows, results)
    table = pa.table({"scenario_id": scenario, **keys, "cut_emission_g": cut, "baseline_emission_g": base})
    is_cut = cut > 0
    return table if is_cut.all() else table.filter(pa.array(is_cut))


def _stated_base(plan: DayPlan, rows: InventoryRows, results: _CutRows) -> pa.Array:
    """The base where no table of the inventory has it: of a projected day, and where another order was in force."""
    if plan.is_projected:
        return pa.array(results.base)
    if plan.in_force:
        return pa.array(results.base, mask=results.base == rows.emission)
    return pa.nulls(len(results.cut), pa.float64())
