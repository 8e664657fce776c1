"""The error of what a scenario cuts: that of the inventory, carried through the cut of each source and hour.

Belongs here: standard deviations of cuts by source, and their sum over days. Does not: intervals of sums of sources
(results/cut_intervals), the correlations themselves (reference/error_correlations).
"""

from dataclasses import dataclass, field

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
    """Own errors of sources over some hours, (pollutants, sources), so that following hours can be added.

    variance: of the sum; head: covariance of the sum with an error of one before its first hour, carry: with one after
    its last; faded: what is left of an error over these hours.
    """

    variance: Floats
    head: Floats
    carry: Floats
    faded: Floats

    @classmethod
    def of_hours(cls, own_g: Floats, persistence: Floats) -> "OwnErrors":
        """The errors of hours, (pollutants, sources, hours), as in propagation.variance_over_hours."""
        variance, head, carry = (np.zeros(persistence.shape) for _ in range(3))
        faded = np.ones(persistence.shape)
        for place in np.flatnonzero(persistence.any(axis=1)):
            by_hour = own_g[place].T.astype(float, order="C")
            for spread in by_hour:
                variance[place] += spread**2 + 2 * spread * carry[place]
                head[place] += spread * faded[place]
                carry[place] = persistence[place] * (carry[place] + spread)
                faded[place] *= persistence[place]
        return cls(variance, head, carry, faded)

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
        moved = []
        for values, absent in ((self.variance, 0.0), (self.head, 0.0), (self.carry, 0.0), (self.faded, 1.0)):
            longer = np.full((len(values), count), absent)
            longer[:, places] = values
            moved.append(longer)
        return OwnErrors(*moved)


@dataclass
class DayErrors:
    """Standard deviations of the cuts of one day.

        σ(cut) = σ(emission) × cut ÷ emission

    The order is certain, its base is not. One part of the variance is common to a class and adds up over sources and
    hours; the rest is of one source and fades from hour to hour (error_correlation), as in emission_total_daily.

    sector: of each source; hour_count: hours of the day in the window; segments: as those of the plan. shared_g:
    (sources, pollutants, segments); own_g: (pollutants, sources, hours); persistence: (pollutants, sources).
    """

    correlations: ErrorCorrelations
    sector: pa.ChunkedArray
    hour_count: int
    segments: Positions
    shared_g: Floats = field(init=False)
    own_g: Floats = field(init=False)
    persistence: Floats = field(init=False)
    own: "OwnErrors" = field(init=False)

    def __post_init__(self) -> None:
        pollutants, count = len(schema.codes()["pollutant"]), len(self.sector)
        self.shared_g = np.zeros((count, pollutants, len(self.segments)))
        # By pollutant first: memory of a pollutant that nobody emits is never touched. Seven digits are enough.
        self.own_g = np.zeros((pollutants, count, self.hour_count), dtype=np.float32)
        self.persistence = np.zeros((pollutants, count))
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
        self.own_g[rows.pollutant, rows.source] = deviation * np.sqrt(1.0 - class_share)
        self.persistence[rows.pollutant, rows.source] = persistence.max(axis=1)

    def add_rows(self, rows: ErroredRows, hour: Positions, segment: Positions) -> None:
        """Add single rows; hour: position of each in the window; segment: of each."""
        deviation = _deviation(rows)
        class_share, persistence = self._look_up(self._row_of_source[rows.source], rows.errors.method)
        np.add.at(self.shared_g, (rows.source, rows.pollutant, segment), deviation * np.sqrt(class_share))
        self.own_g[rows.pollutant, rows.source, hour] = deviation * np.sqrt(1.0 - class_share)
        np.maximum.at(self.persistence, (rows.pollutant, rows.source), persistence)

    def add_up(self) -> None:
        """Add up the own errors of the day, after its last row."""
        self.own = OwnErrors.of_hours(self.own_g, self.persistence)
        del self.own_g

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
