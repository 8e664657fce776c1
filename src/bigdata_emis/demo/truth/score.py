"""Score of the published inventory against the hidden truth, by sector and pollutant.

Belongs here: the comparison. Does not: the truth itself (truth), or anything that a stage could use.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.demo.plan import simulated_days
from bigdata_emis.demo.truth.truth import read_true_emission
from bigdata_emis.errors import InputError
from bigdata_emis.statistics.agreement import coefficient_of_determination, normalised_mean_bias_share
from bigdata_emis.storage.lake import Store

SOURCE_HOUR = ["source_id", "sector_code", "pollutant_code", "hour_utc"]
SECTOR_HOUR = ["sector_code", "pollutant_code", "hour_utc"]
ESTIMATE = ["emission_g", "emission_g_p05", "emission_g_p95"]

Score = dict[str, float | int | None]


def score(home: Path, store: Store) -> dict[str, dict[str, Score]]:
    """Score the inventory by sector and pollutant, over the days that have an inventory.

        nmb = Σ (estimate − truth) / Σ truth

    nmb: over all source-hours; a source that is not published counts as zero.
    r2: coefficient of determination of the hourly sector totals.
    coverage_90: share of the source-hours with an estimate whose truth lies between the 5th and the 95th percentile.
    n: source-hours, of which `missing` are not published.

    Raises InputError when no simulated day has an inventory, or when the truth is missing.
    """
    published = set(store.days("emission_hourly"))
    hourly = [_read_sector_hours(home, store, day) for day in simulated_days() if day in published]
    if not hourly:
        raise InputError(
            "none of the simulated days has an inventory", "run `emis demo`, or `emis day --region jjj` on one of them"
        )
    return score_by_sector(pa.concat_tables(hourly))


def score_by_sector(sector_hours: pa.Table) -> dict[str, dict[str, Score]]:
    """Score each sector and pollutant from its hours (truth_g, estimate_g, covered, matched, n)."""
    frame = sector_hours.to_pandas()
    result: dict[str, dict[str, Score]] = {}
    for (sector, pollutant), part in frame.groupby(["sector_code", "pollutant_code"], sort=True):
        result.setdefault(str(sector), {})[str(pollutant)] = {
            "nmb": _finite_or_none(
                normalised_mean_bias_share(part["estimate_g"].to_numpy(), part["truth_g"].to_numpy())
            ),
            "r2": _finite_or_none(
                coefficient_of_determination(part["estimate_g"].to_numpy(), part["truth_g"].to_numpy())
            ),
            "coverage_90": _ratio(part["covered"].sum(), part["matched"].sum()),
            "n": int(part["n"].sum()),
            "missing": int(part["n"].sum() - part["matched"].sum()),
        }
    return result


def sum_sector_hours(truth: pa.Table, estimate: pa.Table) -> pa.Table:
    """Sum truth and estimate by sector and hour, and count published and covered source-hours.

    Join: one row of the truth to at most one of the estimate.
    """
    joined = truth.join(estimate.select([*SOURCE_HOUR, *ESTIMATE]), SOURCE_HOUR, join_type="left outer")
    inside = pc.and_(
        pc.less_equal(joined["emission_g_p05"], joined["truth_emission_g"]),
        pc.greater_equal(joined["emission_g_p95"], joined["truth_emission_g"]),
    )
    counted = pa.table(
        {
            **{name: joined[name] for name in SECTOR_HOUR},
            "truth_g": joined["truth_emission_g"],
            "estimate_g": pc.fill_null(joined["emission_g"], 0.0),
            "covered": pc.fill_null(inside, False).cast(pa.int64()),
            "matched": pc.is_valid(joined["emission_g"]).cast(pa.int64()),
            "n": pa.array(np.ones(joined.num_rows, dtype=np.int64)),
        }
    )
    sums = ["truth_g", "estimate_g", "covered", "matched", "n"]
    grouped = counted.group_by(SECTOR_HOUR, use_threads=False).aggregate([(name, "sum") for name in sums])
    return grouped.select([*SECTOR_HOUR, *(f"{name}_sum" for name in sums)]).rename_columns([*SECTOR_HOUR, *sums])


def _read_sector_hours(home: Path, store: Store, day: date) -> pa.Table:
    estimate = store.read("emission_hourly", [day], columns=[*SOURCE_HOUR, *ESTIMATE])
    return sum_sector_hours(read_true_emission(home, day), estimate)


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _finite_or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None
