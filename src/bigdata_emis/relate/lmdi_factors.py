"""LMDI driving factors of emission (activity, structure, intensity, control) on two days.

Belongs here: driving factors from the emission, energy, activity and travel of two days.
Does not: the arithmetic of the decomposition (statistics/lmdi), or which days are compared (decompose).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.codes import ChangeFactor
from bigdata_emis.statistics.lmdi import decompose_change

DRIVING_FACTORS = (ChangeFactor.ACTIVITY, ChangeFactor.STRUCTURE, ChangeFactor.INTENSITY, ChangeFactor.CONTROL)
"""In the order of the last axis of `driving_factors`."""
EMISSION, ENERGY, ACTIVITY, TRAVEL = "emission", "energy", "activity", "travel"
DAYS_COMPARED = 2


@dataclass(frozen=True)
class SourceDayMatrix:
    """Daily sums `(sources, days)`, NaN where there is none; a source has sector and pollutant."""

    sources: NDArray[np.object_]
    sectors: NDArray[np.object_]
    pollutants: NDArray[np.object_]
    values: Floats


def pivot_by_source(sums: pa.Table, kind: str, days: int) -> SourceDayMatrix:
    """The daily sums of one kind as a matrix, in order of source, sector and pollutant."""
    rows = sums.filter(pc.equal(sums["kind"], kind))
    joined = pc.binary_join_element_wise(rows["source_id"], rows["sector_code"], rows["pollutant_code"], "\n")
    keys = joined.combine_chunks().dictionary_encode()
    order = pc.sort_indices(keys.dictionary).to_numpy()
    row_number = np.empty(len(order), np.int64)
    row_number[order] = np.arange(len(order))
    values = np.full((len(order), days), np.nan)
    at = row_number[keys.indices.to_numpy(zero_copy_only=False)], rows["day_number"].to_numpy()
    values[at] = rows["value"].to_numpy(zero_copy_only=False)
    names = [key.split("\n") for key in keys.dictionary.take(pa.array(order)).to_pylist()]
    columns = np.array(names, dtype=object).reshape(-1, 3)
    return SourceDayMatrix(columns[:, 0], columns[:, 1], columns[:, 2], values)


def decompose_sectors(matrices: dict[str, SourceDayMatrix], days: tuple[int, int]) -> list[dict[str, Any]]:
    """The LMDI terms of each sector and pollutant between two days, summed over its sources.

    `matrices` holds emission, energy, activity and travel by kind. The four terms of a sector add up to its change.
    """
    emission = matrices[EMISSION]
    emission_g = np.nan_to_num(emission.values[:, days])
    energy, activity, travel = (
        _match_sources(matrices[kind], emission.sources, days) for kind in (ENERGY, ACTIVITY, TRAVEL)
    )
    rows: list[dict[str, Any]] = []
    for pollutant in sorted(set(emission.pollutants.tolist())):
        at = emission.pollutants == pollutant
        terms = decompose_change(*driving_factors(emission_g[at], energy[at], activity[at], travel[at]))
        for sector in sorted(set(emission.sectors[at].tolist())):
            is_inside = emission.sectors[at] == sector
            about = {
                "sector_code": sector,
                "pollutant_code": pollutant,
                "base_emission_g": float(emission_g[at][is_inside, 0].sum()),
            }
            change = zip(DRIVING_FACTORS, terms[is_inside].sum(axis=0).tolist(), strict=True)
            rows += [{**about, "change_factor_code": factor, "change_g": value} for factor, value in change]
    return rows


def driving_factors(emission_g: Floats, energy: Floats, activity: Floats, travel: Floats) -> tuple[Floats, Floats]:
    """The four driving factors of each source on two days; their product is its emission.

        line:  E = energy of all lines × share of the line × activity ÷ energy × emission ÷ activity
        link:  E = travel of all links × share of the link × emission ÷ travel × 1
        other: E = activity × 1 × 1 × emission ÷ activity, or emission alone

    Arguments have shape `(sources, 2)`. The first two forms apply only where they explain both days: a source that
    emits on a day without energy or travel takes the third form.
    """
    ones = np.ones_like(emission_g)
    has_activity = _is_explained_by(activity, emission_g)
    has_energy, has_travel = _is_explained_by(energy, emission_g), _is_explained_by(travel, emission_g)
    per_energy = np.where(has_activity[:, None], np.nan_to_num(activity), emission_g)
    forms = (
        (has_energy, _shared_factors(np.nan_to_num(energy), has_energy, per_energy, emission_g)),
        (has_travel, _shared_factors(np.nan_to_num(travel), has_travel, emission_g, emission_g)),
        (
            has_activity,
            np.stack([np.nan_to_num(activity), ones, ones, _divide(emission_g, np.nan_to_num(activity))], axis=-1),
        ),
    )
    activity_alone = np.stack([emission_g, ones, ones, ones], axis=-1)
    factors = np.select([applies[:, None, None] for applies, _ in forms], [form for _, form in forms], activity_alone)
    return factors[:, 0], factors[:, 1]


def _is_explained_by(basis: Floats, emission_g: Floats) -> Flags:
    """Whether a source has the basis, above zero on each day on which it emits."""
    is_explained: Flags = np.isfinite(basis).any(axis=1) & ((np.nan_to_num(basis) > 0) | (emission_g == 0)).all(axis=1)
    return is_explained


def _shared_factors(basis: Floats, has_basis: Flags, output: Floats, emission_g: Floats) -> Floats:
    """Total of the basis, share of the source, output ÷ basis, emission ÷ output.

    The total is over the sources that the basis explains.
    """
    total = np.broadcast_to(basis[has_basis].sum(axis=0), basis.shape)
    share = basis / np.where(total > 0, total, 1.0)
    return np.stack([total, share, _divide(output, basis), _divide(emission_g, output)], axis=-1)


def _divide(part: Floats, whole: Floats) -> Floats:
    """Part ÷ whole; NaN where the whole is zero."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)


def _match_sources(matrix: SourceDayMatrix, sources: NDArray[np.object_], days: tuple[int, int]) -> Floats:
    """The sums of these sources on two days; NaN where the matrix has none."""
    row_number = {source: number for number, source in enumerate(matrix.sources.tolist())}
    at = np.array([row_number.get(source, -1) for source in sources.tolist()], np.int64)
    with_missing_row = np.vstack([matrix.values[:, days], np.full((1, DAYS_COMPARED), np.nan)])
    return with_missing_row[at]
