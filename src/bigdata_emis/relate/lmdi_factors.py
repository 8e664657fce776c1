"""Which factors the emission of a source is the product of, and what each did between two days.

Belongs here: factors from emission, energy, activity and travel of a day. Does not: the decomposition's arithmetic (equations).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.statistics.lmdi import change_terms

FACTORS = ("activity", "structure", "intensity", "control")
EMISSION, ENERGY, ACTIVITY, TRAVEL = "emission", "energy", "activity", "travel"
SIDES = 2


@dataclass(frozen=True)
class BySource:
    """Sums by source (sector and pollutant) in rows and day in columns; NaN where there is none."""

    sources: NDArray[np.object_]
    sectors: NDArray[np.object_]
    pollutants: NDArray[np.object_]
    values: Floats


def by_source(sums: pa.Table, kind: str, days: int) -> BySource:
    """The sums of one kind, in order of source, sector and pollutant."""
    rows = sums.filter(pc.equal(sums["kind"], kind))
    joined = pc.binary_join_element_wise(rows["source_id"], rows["sector_code"], rows["pollutant_code"], "\n")
    keys = joined.combine_chunks().dictionary_encode()
    order = pc.sort_indices(keys.dictionary).to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    values = np.full((len(order), days), np.nan)
    values[place[keys.indices.to_numpy(zero_copy_only=False)], rows["day_number"].to_numpy()] = rows["value"].to_numpy(
        zero_copy_only=False
    )
    names = np.array(
        [name.split("\n") for name in keys.dictionary.take(pa.array(order)).to_pylist()], dtype=object
    ).reshape(-1, 3)
    return BySource(names[:, 0], names[:, 1], names[:, 2], values)


def day_terms(held: dict[str, BySource], days: tuple[int, int]) -> list[dict[str, Any]]:
    """The terms of each sector and pollutant between two days, summed over its sources; they add up to its change."""
    emitted = held[EMISSION]
    emission_g = np.nan_to_num(emitted.values[:, days])
    energy, activity, travel = (_beside(held[kind], emitted.sources, days) for kind in (ENERGY, ACTIVITY, TRAVEL))
    rows: list[dict[str, Any]] = []
    for pollutant in sorted(set(emitted.pollutants.tolist())):
        at = emitted.pollutants == pollutant
        terms = change_terms(*source_factors(emission_g[at], energy[at], activity[at], travel[at]))
        for sector in sorted(set(emitted.sectors[at].tolist())):
            inside = emitted.sectors[at] == sector
            about = {
                "sector_code": sector,
                "pollutant_code": pollutant,
                "base_emission_g": float(emission_g[at][inside, 0].sum()),
            }
            change = zip(FACTORS, terms[inside].sum(axis=0).tolist(), strict=True)
            rows += [{**about, "change_factor_code": factor, "change_g": value} for factor, value in change]
    return rows


def source_factors(emission_g: Floats, energy: Floats, activity: Floats, travel: Floats) -> tuple[Floats, Floats]:
    """The four factors of each source (rows) on each of two days (columns of the arguments); their product is its emission.

    A line: energy of all lines × its share × activity per energy × emission per activity. A link: travel of all links × its
    share × emission per travel. Both only where they explain both days: a source that emits on a day without energy or travel
    is explained by its own activity and emission per activity, or else by activity alone.
    """
    ones = np.ones_like(emission_g)
    has_own = _explains(activity, emission_g)
    between = np.where(has_own[:, None], np.nan_to_num(activity), emission_g)
    sides = (
        (
            _explains(energy, emission_g),
            _shared(np.nan_to_num(energy), _explains(energy, emission_g), between, emission_g),
        ),
        (
            _explains(travel, emission_g),
            _shared(np.nan_to_num(travel), _explains(travel, emission_g), emission_g, emission_g),
        ),
        (
            has_own,
            np.stack([np.nan_to_num(activity), ones, ones, _ratio(emission_g, np.nan_to_num(activity))], axis=-1),
        ),
    )
    plain = np.stack([emission_g, ones, ones, ones], axis=-1)
    factors = np.select([holds[:, None, None] for holds, _ in sides], [form for _, form in sides], plain)
    return factors[:, 0], factors[:, 1]


def _explains(basis: Floats, emission_g: Floats) -> Flags:
    """Whether the basis is known of a source, and above zero on each day on which it emits."""
    holds: Flags = np.isfinite(basis).any(axis=1) & ((np.nan_to_num(basis) > 0) | (emission_g == 0)).all(axis=1)
    return holds


def _shared(basis: Floats, holds: Flags, between: Floats, emission_g: Floats) -> Floats:
    """Total of the basis over the sources that it explains, a source's share, `between` per basis, and emission per `between`."""
    total = np.broadcast_to(basis[holds].sum(axis=0), basis.shape)
    share = basis / np.where(total > 0, total, 1.0)
    return np.stack([total, share, _ratio(between, basis), _ratio(emission_g, between)], axis=-1)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """The part by the whole; without a value where the whole is zero."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)


def _beside(held: BySource, sources: NDArray[np.object_], days: tuple[int, int]) -> Floats:
    """The sums of the same sources; NaN where there is none."""
    place = {source: number for number, source in enumerate(held.sources.tolist())}
    at = np.array([place.get(source, -1) for source in sources.tolist()], np.int64)
    known = np.vstack([held.values[:, days], np.full((1, SIDES), np.nan)])
    return known[at]
