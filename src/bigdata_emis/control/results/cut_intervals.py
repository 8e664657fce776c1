"""Intervals of the cuts of a scenario: total, by sector, by district and by measure, with the errors that they share.

Belongs here: sums of sources and their 90 % intervals. Does not: errors of single sources (scenario/cut_errors).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.codes import CutPart, Industry, Sector
from bigdata_emis.control.scenario.account import Account, AccountKey
from bigdata_emis.control.scenario.cut_errors import DayErrors, OwnErrors
from bigdata_emis.control.scenario.day_plan import ABSENT, DayPlan
from bigdata_emis.control.scenario.measure_cuts import MeasureCuts
from bigdata_emis.control.scenario.process_limits import NO_MEASURE
from bigdata_emis.schema.arrow import conform
from bigdata_emis.statistics.propagation import lognormal_bounds

WHOLE = ""
"""The name of the only part that is all of the region."""


@dataclass(frozen=True)
class CutSums:
    """Cuts of named parts of the region with their variance, by pollutant, (parts, pollutants)."""

    names: Sequence[str]
    cut_g: Floats
    variance_g2: Floats


@dataclass(frozen=True)
class _Sources:
    """The sources of all days: what they are, and their cuts over the window, (sources, pollutants) each.

    labels: of each part the names in order, and the number of that of each source.
    error_class: industry, or sector of a source without one; shared_g: deviation common to the class; own_variance_g2:
    of the source alone; is_traffic: cut by vehicle measures, several at a time.
    """

    labels: Mapping[CutPart, tuple[list[str], Positions]]
    error_class: Positions
    is_traffic: Flags
    cut_g: Floats
    shared_g: Floats
    own_variance_g2: Floats
    places: Sequence[Positions]

    @property
    def class_count(self) -> int:
        """The number of error classes."""
        return int(self.error_class.max(initial=-1)) + 1


class _Days(NamedTuple):
    """The planned days with the errors of each."""

    plans: Sequence[DayPlan]
    errors: Sequence[DayErrors]


def cut_sums(plans: Sequence[DayPlan], cuts: MeasureCuts, account: Account) -> dict[CutPart, CutSums]:
    """The cut of the region, and of each sector, district and measure, with variances that know what is shared.

        V = Σ over classes of (Σ shared σ)² + Σ own σ²

    Traffic obeys several measures at a time: each has the relative error of all traffic. The own error of a source is
    taken as one where several measures follow each other. Empty when a day has no intervals, as a projected one.

    Source: as propagation.variance_of_total.
    """
    errors = [plan.errors for plan in plans if plan.errors is not None]
    if not plans or len(errors) < len(plans):
        return {}
    sources = _gather(plans, errors)
    sums = {part: _sum_by_label(sources, labels) for part, labels in sources.labels.items()}
    return {**sums, CutPart.MEASURE: _sum_by_measure(sources, _Days(plans, errors), cuts, account)}


def cut_bounds(sums: Mapping[CutPart, CutSums]) -> dict[str, tuple[float, float]]:
    """The 5th and 95th percentile of the cut of the region by pollutant; empty when they are not known."""
    if CutPart.TOTAL not in sums:
        return {}
    lower, upper = interval_bounds(sums[CutPart.TOTAL])
    return {
        code: (float(lower[0, place]), float(upper[0, place])) for place, code in enumerate(schema.codes()["pollutant"])
    }


def interval_bounds(sums: CutSums) -> tuple[Floats, Floats]:
    """The 5th and 95th percentile of each cut, lognormal."""
    return lognormal_bounds(sums.cut_g, np.sqrt(sums.variance_g2))


def cut_table(sums: Mapping[CutPart, CutSums], scenario_id: str, from_utc: datetime) -> pa.Table:
    """Table control_cut of a scenario; parts and pollutants without a cut have no row."""
    declared = schema.table("control_cut")
    columns: dict[str, list[object]] = {name: [] for name in declared.names}
    for row in _rows(sums):
        for name, value in zip(_CUT_COLUMNS, row, strict=True):
            columns[name].append(value)
    count = len(columns["cut_emission_g"])
    columns |= {"scenario_id": [scenario_id] * count, "from_utc": [from_utc] * count}
    return conform(pa.table(columns), declared)


_CUT_COLUMNS = (
    "cut_part_code",
    "cut_part_name",
    "pollutant_code",
    "cut_emission_g",
    "cut_emission_g_p05",
    "cut_emission_g_p95",
)


def _rows(sums: Mapping[CutPart, CutSums]) -> Iterator[tuple[str, str, str, float, float, float]]:
    codes = list(schema.codes()["pollutant"])
    for part, of_part in sums.items():
        lower, upper = interval_bounds(of_part)
        for name, place in zip(*np.nonzero(of_part.cut_g > 0), strict=True):
            amounts = (float(values[name, place]) for values in (of_part.cut_g, lower, upper))
            yield (str(part), of_part.names[name], codes[place], *amounts)


def _gather(plans: Sequence[DayPlan], errors: Sequence[DayErrors]) -> _Sources:
    """The sources of all days, each with its traits of the last day that has it."""
    ids = pc.unique(pa.chunked_array([plan.source_ids for plan in plans]))
    places = [np.asarray(pc.index_in(plan.source_ids, ids).to_numpy(), dtype=np.intp) for plan in plans]
    is_traffic = np.zeros(len(ids), dtype=bool)
    shape = (len(ids), len(schema.codes()["pollutant"]))
    cut, shared = np.zeros(shape), np.zeros(shape)
    own: OwnErrors | None = None
    for plan, of_plan, place in zip(plans, errors, places, strict=True):
        is_traffic[place] = plan.link_rows != ABSENT
        cut[place] += plan.totals.cut_g.sum(axis=2)
        shared[place] += of_plan.shared_g.sum(axis=2)
        of_day = of_plan.own.at(place, len(ids))
        own = of_day if own is None else own.followed_by(of_day)
    sectors, industries, counties = (
        _last_texts(name, plans, places, len(ids)) for name in ("sector_code", "industry_code", "county_id")
    )
    is_unnamed = pc.equal(industries, "")
    labels = {
        CutPart.TOTAL: ([WHOLE], np.zeros(len(ids), dtype=np.intp)),
        CutPart.SECTOR: _number_texts(sectors),
        CutPart.COUNTY: _number_texts(counties),
    }
    error_class = _number_texts(pc.if_else(is_unnamed, sectors, industries))[1]
    is_traffic |= pc.equal(industries, Industry.MINOR_ROAD).to_numpy(zero_copy_only=False)
    variance = np.zeros(shape) if own is None else own.variance.T
    return _Sources(labels, error_class, is_traffic, cut, shared, variance, places)


def _last_texts(name: str, plans: Sequence[DayPlan], places: Sequence[Positions], count: int) -> pa.Array:
    """A trait of each source on the last day that has it."""
    row_of_source = np.zeros(count, dtype=np.intp)
    texts, first = [], 0
    for plan, place in zip(plans, places, strict=True):
        texts.append(pc.fill_null(plan.sources[name], "").combine_chunks())
        row_of_source[place] = first + np.arange(len(place))
        first += len(place)
    return pa.concat_arrays(texts).take(pa.array(row_of_source))


def _number_texts(texts: pa.Array) -> tuple[list[str], Positions]:
    """The distinct texts in order, and the number of that of each row."""
    encoded = texts.dictionary_encode()
    names = encoded.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    number_of_code = np.empty(len(names), dtype=np.intp)
    number_of_code[order] = np.arange(len(names))
    return [names[place] for place in order], number_of_code[encoded.indices.to_numpy()]


def _sum_by_label(sources: _Sources, labels: tuple[list[str], Positions]) -> CutSums:
    """Sums of sources by label, in order of label."""
    names, label = labels
    classes, count = sources.class_count, len(names)
    cut, variance = (np.zeros((count, sources.cut_g.shape[1])) for _ in range(2))
    key = label * classes + sources.error_class
    for place in np.flatnonzero(sources.cut_g.any(axis=0)):
        cut[:, place] = np.bincount(label, sources.cut_g[:, place], minlength=count)
        shared = np.bincount(key, sources.shared_g[:, place], minlength=count * classes).reshape(count, classes)
        own = np.bincount(label, sources.own_variance_g2[:, place], minlength=count)
        variance[:, place] = (shared**2).sum(axis=1) + own
    return CutSums(names, cut, variance)


def _sum_by_measure(sources: _Sources, days: _Days, cuts: MeasureCuts, account: Account) -> CutSums:
    names = sorted({measure.measure_id for measure in cuts.measures})
    row_of_name = {name: row for row, name in enumerate(names)}
    row_of_number = np.array([row_of_name[measure.measure_id] for measure in cuts.measures], dtype=np.intp)
    of_traffic = _traffic_cuts(account, row_of_name, sources.cut_g.shape[1])
    cut, variance = of_traffic.copy(), np.zeros(of_traffic.shape)
    for place in np.flatnonzero(sources.cut_g.any(axis=0)):
        classes = sources.class_count
        share = _share_of_traffic(of_traffic[:, place])
        traffic = np.bincount(sources.error_class, sources.shared_g[:, place] * sources.is_traffic, minlength=classes)
        shared = share[:, None] * traffic
        variance[:, place] = share**2 * sources.own_variance_g2[sources.is_traffic, place].sum()
        source, measure, grams, deviation = _cuts_by_measure(sources, days, row_of_number, int(place))
        np.add.at(cut[:, place], measure, grams)
        np.add.at(shared, (measure, sources.error_class[source]), deviation)
        part = grams / sources.cut_g[source, place]
        np.add.at(variance[:, place], measure, part**2 * sources.own_variance_g2[source, place])
        variance[:, place] += (shared**2).sum(axis=1)
    return CutSums(names, cut, variance)


def _cuts_by_measure(
    sources: _Sources, days: _Days, row_of_number: Positions, place: int
) -> tuple[Positions, Positions, Floats, Floats]:
    """Source, measure, cut and shared deviation of one pollutant, of all but traffic: each pair once."""
    parts: list[tuple[Positions, Positions, Floats, Floats]] = []
    for plan, errors, of_day in zip(days.plans, days.errors, sources.places, strict=True):
        variant = plan.cuts.variant_of_hour[plan.segments]
        winners = plan.cuts.winners[plan.cuts.kind_of_source, place][:, variant]
        is_counted = (plan.totals.cut_g[:, place] > 0) & (winners != NO_MEASURE)
        row, segment = np.nonzero(is_counted & ~sources.is_traffic[of_day][:, None])
        amounts = (values[row, place, segment] for values in (plan.totals.cut_g, errors.shared_g))
        parts.append((of_day[row], row_of_number[winners[row, segment]], *amounts))
    source, measure, grams, deviation = (np.concatenate(column) for column in zip(*parts, strict=True))
    pairs, of_pair = np.unique(source * (len(row_of_number) + 1) + measure, return_inverse=True)
    source_of_pair, measure_of_pair = np.divmod(pairs, len(row_of_number) + 1)
    of_pairs = [np.bincount(of_pair, values, minlength=len(pairs)).astype(float) for values in (grams, deviation)]
    return source_of_pair, measure_of_pair, of_pairs[0], of_pairs[1]


def _traffic_cuts(account: Account, row_of_name: Mapping[str, int], pollutants: int) -> Floats:
    """What each measure cuts of traffic, (measures, pollutants)."""
    codes, cut = list(schema.codes()["pollutant"]), np.zeros((len(row_of_name), pollutants))
    for key, (_, grams) in account.items():
        if key.measure_id and _is_traffic(key):
            cut[row_of_name[key.measure_id], codes.index(key.pollutant_code)] += grams
    return cut


def _is_traffic(key: AccountKey) -> bool:
    is_link = key.sector_code == Sector.MOBILE and not key.industry_code and not key.county_id
    return is_link or key.industry_code == Industry.MINOR_ROAD


def _share_of_traffic(cut_g: Floats) -> Floats:
    total = cut_g.sum()
    return cut_g / total if total > 0 else cut_g
