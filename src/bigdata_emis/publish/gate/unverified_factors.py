"""The part of a day's mass that rests on factors which nobody has compared with their source.

Belongs here: which counted areas have such a factor, and their share. Does not: the factors (reference), the manifest.
"""

from typing import TypedDict

import pyarrow as pa
import pyarrow.compute as pc

VERIFIED_CONFIDENCE = 0.7
"""Confidence of a factor from which on it counts as compared with its source; values from memory have 0.65."""
AREA_COLUMNS = ("activity_area_id", "pollutant_code", "confidence")


class UnverifiedFactors(TypedDict):
    """Share of the day's mass by pollutant, without those of which nothing is unverified, and the least confidence."""

    mass_share: dict[str, float]
    least_confidence: float | None


def unverified_factors(emission_hourly: pa.Table, counted_emission: pa.Table) -> UnverifiedFactors:
    """What of the mass of each pollutant rests on factors below VERIFIED_CONFIDENCE.

    emission_hourly: the day's source_id, pollutant_code and emission_g. counted_emission: its AREA_COLUMNS.
    """
    doubtful = counted_emission.filter(pc.less(counted_emission["confidence"], VERIFIED_CONFIDENCE))
    pairs = doubtful.select(AREA_COLUMNS[:2]).rename_columns(["source_id", "pollutant_code"])
    pairs = pairs.group_by(pairs.column_names, use_threads=False).aggregate([])
    mass = emission_hourly.select(["source_id", "pollutant_code", "emission_g"])
    of_doubtful = _sums(mass.join(pairs, pairs.column_names, join_type="left semi", use_threads=False))
    totals = _sums(mass)
    return {
        "mass_share": {code: grams / totals[code] for code, grams in of_doubtful.items() if grams > 0},
        "least_confidence": pc.min(doubtful["confidence"]).as_py() if of_doubtful else None,
    }


def _sums(mass: pa.Table) -> dict[str, float]:
    """Sums by pollutant, in an order that is the same in every run."""
    ordered = mass.sort_by([(name, "ascending") for name in mass.column_names])
    sums = ordered.group_by("pollutant_code", use_threads=False).aggregate([("emission_g", "sum")])
    by_pollutant = dict(zip(sums["pollutant_code"].to_pylist(), sums["emission_g_sum"].to_pylist(), strict=True))
    return dict(sorted(by_pollutant.items()))
