"""The error of what a scenario cuts: that of the inventory, carried through the cut of each source and hour.

Belongs here: standard deviations of cuts by source, and their sum over days. Does not: intervals of sums of sources
(results/cut_intervals), the correlations themselves (reference/error_correlations).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Integers, Positions
from bigdata_emis.errors import InputError
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.statistics.propagation import standard_deviation


@dataclass(frozen=True)
class RowErrors:
    """Method, as its position in the code list, and 5th and 95th percentile of rows of the inventory."""

    method: Integers
    p05_g: Floats
    p95_g: Floats

    def part(self, selected: slice, shape: tuple[int, ...] = (-1,)) -> "RowErrors":
        """Some of the rows, in a shape."""
        method, p05_g, p95_g = self.method[selected], self.p05_g[selected], self.p95_g[selected]
        return RowErrors(method.reshape(shape), p05_g.reshape(shape), p95_g.reshape(shape))


@dataclass(frozen=True)
class ErroredRows:
    """Rows of the inventory with their cut, (rows,); or strips, emission and cut (strips, hours), places (strips,)."""

    source: Positions
    pollutant: Positions
    emission_g: Floats
    cut_g: Floats
    errors: RowErrors


@dataclass(frozen=True)
class OwnErrors:
    """Own errors of sources over some hours, so that following hours can be added; (pollutants, sources) of a day.

    variance: of the sum; head: covariance of the sum with an error of one before its first hour, carry: with one after
    its last; faded: what is left of an error over these hours.
    """

    variance: Floats
    head: Floats
    carry: Floats
    faded: Floats

    @classmethod
    def of_hours(cls, own_g: Floats, persistence: Floats) -> "OwnErrors":
        """The errors of hours, which are the last axis of own_g, as in propagation.variance_over_hours."""
        spreads = np.moveaxis(own_g, -1, 0).astype(float, order="C")
        carried, left = np.zeros_like(spreads), np.ones_like(spreads)
        for hour in range(1, len(spreads)):
            np.add(carried[hour - 1], spreads[hour - 1], out=carried[hour])
            carried[hour] *= persistence
            np.multiply(left[hour - 1], persistence, out=left[hour])
        carry, faded = persistence * (carried[-1] + spreads[-1]), left[-1] * persistence
        left *= spreads
        carried *= 2 * spreads
        carried += np.square(spreads, out=spreads)
        return cls(np.add.reduce(carried, axis=0), np.add.reduce(left, axis=0), carry, faded)

    @classmethod
    def none(cls, shape: tuple[int, int]) -> "OwnErrors":
        """No errors, and none before or after that would be related to them."""
        return cls(*(np.zeros(shape) for _ in range(4)))

    def put(self, place: tuple[Positions, Positions], errors: "OwnErrors") -> None:
        """Put the errors of some pollutants and sources at their places."""
        for name in self.__dataclass_fields__:
            getattr(self, name)[place] = getattr(errors, name)

    def followed_by(self, after: "OwnErrors") -> "OwnErrors":
        """The errors of these hours and those that follow."""
        return OwnErrors(
            self.variance + after.variance + 2 * self.carry * after.head,
            self.head + self.faded * after.head,
            self.carry * after.faded + after.carry,
            self.faded * after.faded,
        )

    def at(self, places: Positions, count: int) -> "OwnErrors":
        """The same errors with the sources at other places of a longer list; nothing is known of the others."""
        if np.array_equal(places, np.arange(count)):
            return self
        moved = []
        for values, absent in ((self.variance, 0.0), (self.head, 0.0), (self.carry, 0.0), (self.faded, 1.0)):
            longer = np.full((len(values), count), absent)
            longer[:, places] = values
            moved.append(longer)
        return OwnErrors(*moved)


class _OwnRows(NamedTuple):
    """Own errors of single rows, (rows,) each; hour: position in the window."""

    pollutant: Positions
    source: Positions
    hour: Positions
    own_g: Floats
    persistence: Floats


@dataclass
class DayErrors:
    """Standard deviations of the cuts of one day.

        σ(cut) = σ(emission) × cut ÷ emission

    The order is certain, its base is not. One part of the variance is common to a class and adds up over sources and
    hours; the rest is of one source and fades from hour to hour (error_correlation), as in emission_total_daily.

    sector: of each source; hour_count: hours of the day in the window; segments: as those of the plan. shared_g:
    (sources, pollutants, segments); own: (pollutants, sources), complete after add_up. Errors of single rows wait in
    `_rows` for the other hours of their source and pollutant.
    """

    correlations: ErrorCorrelations
    sector: pa.ChunkedArray
    hour_count: int
    segments: Positions
    shared_g: Floats = field(init=False)
    own: OwnErrors = field(init=False)
    _rows: list[_OwnRows] = field(default_factory=list)

    def __post_init__(self) -> None:
        pollutants, count = len(schema.codes()["pollutant"]), len(self.sector)
        self.shared_g = np.zeros((count, pollutants, len(self.segments)))
        # By pollutant first: memory of a pollutant that nobody emits is never touched.
        self.own = OwnErrors.none((pollutants, count))
        encoded = pc.fill_null(self.sector, "").combine_chunks().dictionary_encode()
        self._sectors = [code or None for code in encoded.dictionary.to_pylist()]
        self._row_of_source = encoded.indices.to_numpy().astype(np.intp)
        methods = schema.codes()["method"]
        self._shares = np.array([[self._known_shares(s, m) for m in methods] for s in self._sectors]).reshape(
            len(self._sectors), len(methods), 2
        )

    def add_strips(self, rows: ErroredRows) -> None:
        """Add strips: every hour of the window for one source and pollutant in each row."""
        is_cut = rows.cut_g.any(axis=1)
        if not is_cut.all():
            rows = _chosen(rows, np.flatnonzero(is_cut))
        if not len(rows.source):
            return
        deviation = _deviation(rows)
        is_uniform = bool((rows.errors.method == rows.errors.method[0, 0]).all())
        class_share, persistence = self._look_up(
            self._row_of_source[rows.source][:, None], rows.errors.method[:, :1] if is_uniform else rows.errors.method
        )
        self.shared_g[rows.source, rows.pollutant] += np.add.reduceat(
            deviation * np.sqrt(class_share), self.segments, axis=1
        )
        own_g = deviation * np.sqrt(1.0 - class_share)
        self.own.put((rows.pollutant, rows.source), OwnErrors.of_hours(own_g, persistence.max(axis=1)))

    def add_rows(self, rows: ErroredRows, hour: Positions, segment: Positions) -> None:
        """Add single rows; hour: position of each in the window; segment: of each."""
        deviation = _deviation(rows)
        class_share, persistence = self._look_up(self._row_of_source[rows.source], rows.errors.method)
        np.add.at(self.shared_g, (rows.source, rows.pollutant, segment), deviation * np.sqrt(class_share))
        own_g = deviation * np.sqrt(1.0 - class_share)
        self._rows.append(_OwnRows(rows.pollutant, rows.source, hour, own_g, persistence))

    def add_up(self) -> None:
        """Add up the own errors of single rows, after the last row of the day."""
        if not self._rows:
            return
        rows = _OwnRows(*map(np.concatenate, zip(*self._rows, strict=True)))
        count = len(self.sector)
        pairs, pair = np.unique(rows.pollutant * count + rows.source, return_inverse=True)
        own_g, persistence = np.zeros((len(pairs), self.hour_count)), np.zeros(len(pairs))
        own_g[pair, rows.hour] = rows.own_g
        np.maximum.at(persistence, pair, rows.persistence)
        self.own.put(np.divmod(pairs, count), OwnErrors.of_hours(own_g, persistence))
        self._rows.clear()

    def _look_up(self, sector: Positions, method: Integers) -> tuple[Floats, Floats]:
        shares = self._shares[sector, method]
        if np.isnan(shares).any():
            place = tuple(np.argwhere(np.isnan(shares[..., 0]))[0])
            sectors, methods = np.broadcast_arrays(sector, method)
            self.correlations.shares(self._sectors[sectors[place]], list(schema.codes()["method"])[methods[place]])
        return shares[..., 0], shares[..., 1]

    def _known_shares(self, sector: str | None, method: str) -> tuple[float, float]:
        try:
            return self.correlations.shares(sector, method)
        except InputError:
            return np.nan, np.nan  # refused only if a row has this method


def _deviation(rows: ErroredRows) -> Floats:
    """σ(emission) × cut ÷ emission."""
    deviation = standard_deviation(rows.emission_g, rows.errors.p05_g, rows.errors.p95_g)
    is_positive = rows.emission_g > 0
    if is_positive.all():
        return deviation * (rows.cut_g / rows.emission_g)
    return deviation * np.divide(rows.cut_g, rows.emission_g, out=np.zeros_like(deviation), where=is_positive)


def _chosen(rows: ErroredRows, places: Positions) -> ErroredRows:
    errors = RowErrors(rows.errors.method[places], rows.errors.p05_g[places], rows.errors.p95_g[places])
    return ErroredRows(rows.source[places], rows.pollutant[places], rows.emission_g[places], rows.cut_g[places], errors)
