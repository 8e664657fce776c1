"""Score of the industrial inventory against the hidden truth by tier, and of energy against bureau totals.

Belongs here: the comparison by line. Does not: that by sector (score), the truth itself, or anything a stage could use.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from bigdata_emis.codes import EnergyBalance
from bigdata_emis.demo.plan import simulated_days
from bigdata_emis.demo.truth.truth import read_true_emission, read_true_lines
from bigdata_emis.statistics.agreement import coefficient_of_determination, normalised_mean_bias_share
from bigdata_emis.storage.lake import Store

KEY = ["source_id", "pollutant_code", "hour_utc"]
ESTIMATE = ["emission_g", "emission_g_p05", "emission_g_p95"]
CELL = ["district_id", "industry_code", "hour_utc"]
ALL = "all"
CONTRADICTED = (EnergyBalance.EXCEEDED, EnergyBalance.UNEXPLAINED)

Measures = dict[str, float | int | None]
Tiers = dict[str, dict[str, dict[str, object]]]


def score_tiers(home: Path, store: Store) -> Tiers:
    """Score the inventory by industry (and "all") and tier (monitor, meter, none).

    Over the simulated days with an inventory:
    nmb, r2, mae_share (mean absolute error over mean truth): of a pollutant over its source-hours; of a tier the median
    over its pollutants, because grams of different pollutants do not add.
    coverage_90: share of the published source-hours whose truth lies between the 5th and the 95th percentile.
    A line that is not published counts as zero and as missing.
    """
    lines = (
        read_true_lines(home)
        .select(["production_line_id", "industry_code", "tier"])
        .rename_columns(["source_id", "industry_code", "tier"])
    )
    published = set(store.days("emission_hourly"))
    line_hours = [_read_line_hours(home, store, day, lines) for day in simulated_days() if day in published]
    return score_by_tier(pd.concat(line_hours, ignore_index=True)) if line_hours else {}


def score_by_tier(hours: pd.DataFrame) -> Tiers:
    """Score source-hours by industry and tier.

    hours: industry_code, tier, pollutant_code, truth_emission_g, emission_g and its bounds (null if not published).
    """
    doubled = pd.concat([hours, hours.assign(industry_code=ALL)], ignore_index=True)
    result: Tiers = {}
    for (industry, tier), part in doubled.groupby(["industry_code", "tier"], sort=True):
        pollutants = {str(name): _measures(rows) for name, rows in part.groupby("pollutant_code", sort=True)}
        whole: dict[str, object] = {
            name: _median([m[name] for m in pollutants.values()]) for name in ("nmb", "r2", "mae_share")
        }
        whole |= {
            "coverage_90": _coverage(part),
            "lines": int(part["source_id"].nunique()),
            "n": len(part),
            "pollutants": pollutants,
        }
        result.setdefault(str(industry), {})[str(tier)] = whole
    return result


def score_district_totals(
    store: Store, production_line: pa.Table, enterprise: pa.Table
) -> dict[str, float | int | None]:
    """Compare the summed energy of lines with the power bureau's totals, over reconciled days.

        difference = |lines + abatement + unregistered − total| / total

    largest_relative_difference: over the cells and hours that were reconciled.
    contradicted_share, largest_contradiction: over those in which total and meters contradict each other.
    """
    reconciled = [day for day in simulated_days() if day in set(store.days("energy_balance_hourly"))]
    balance = store.read("energy_balance_hourly", reconciled).to_pandas()
    if balance.empty:
        return {"largest_relative_difference": None, "cell_hours": 0}
    energy = store.read(
        "line_energy_hourly", reconciled, columns=["production_line_id", "hour_utc", "energy_kwh"]
    ).to_pandas()
    line_districts = _line_districts(production_line, enterprise)
    summed = (
        energy.merge(line_districts, on="production_line_id", validate="many_to_one").groupby(CELL)["energy_kwh"].sum()
    )
    lines = summed.reindex(pd.MultiIndex.from_frame(balance[CELL]), fill_value=0.0).to_numpy()
    total = balance["district_energy_kwh"].to_numpy()
    gap = np.abs(
        lines + balance["abatement_energy_kwh"].to_numpy() + balance["unregistered_energy_kwh"].to_numpy() - total
    )
    relative = np.divide(gap, total, out=np.zeros_like(gap), where=total > 0)
    contradicted = balance["balance_code"].isin(CONTRADICTED).to_numpy()
    return {
        "largest_relative_difference": float(relative[~contradicted].max(initial=0.0)),
        "cell_hours": len(balance),
        "contradicted_share": float(contradicted.mean()),
        "largest_contradiction": float(relative[contradicted].max(initial=0.0)),
        "unregistered_share": float(balance["unregistered_energy_kwh"].sum() / total.sum()),
    }


def _line_districts(production_line: pa.Table, enterprise: pa.Table) -> pd.DataFrame:
    works: pd.DataFrame = enterprise.select(["enterprise_id", "district_id", "county_id", "industry_code"]).to_pandas()
    works["district_id"] = works["district_id"].fillna(works["county_id"])
    lines: pd.DataFrame = production_line.select(["production_line_id", "enterprise_id"]).to_pandas()
    return lines.merge(works.drop(columns="county_id"), on="enterprise_id", validate="many_to_one")


def _read_line_hours(home: Path, store: Store, day: date, lines: pa.Table) -> pd.DataFrame:
    """Return one row a line, pollutant and hour of the truth, joined with at most one estimate."""
    truth = read_true_emission(home, day).join(lines, "source_id", join_type="inner")
    estimate = store.read("emission_hourly", [day], columns=[*KEY, *ESTIMATE])
    names = ["source_id", "industry_code", "tier", "pollutant_code", "truth_emission_g", *ESTIMATE]
    hours: pd.DataFrame = truth.join(estimate, KEY, join_type="left outer").select(names).to_pandas()
    return hours


def _measures(hours: pd.DataFrame) -> Measures:
    truth, estimate = hours["truth_emission_g"].to_numpy(), hours["emission_g"].fillna(0.0).to_numpy()
    whole = float(truth.sum())
    return {
        "nmb": _finite_or_none(normalised_mean_bias_share(estimate, truth)),
        "r2": _finite_or_none(coefficient_of_determination(estimate, truth)),
        "mae_share": float(np.abs(estimate - truth).sum() / whole) if whole else None,
        "coverage_90": _coverage(hours),
        "n": len(hours),
        "missing": int(hours["emission_g"].isna().sum()),
    }


def _coverage(hours: pd.DataFrame) -> float | None:
    published = hours[hours["emission_g"].notna()]
    inside = published["truth_emission_g"].between(published["emission_g_p05"], published["emission_g_p95"])
    return float(inside.mean()) if len(published) else None


def _median(values: list[float | int | None]) -> float | None:
    finite = [value for value in values if value is not None]
    return float(np.median(finite)) if finite else None


def _finite_or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None
