"""Trial of class factors on simulated regions of several seeds: bias of lines without monitor, coverage by sector.

Belongs here: drawing the register and its truth, calling the choice of factors, the scores. Does not: the evidence
(known_factors), hours, meters or models of activity, which are known in this trial.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from bigdata_emis.demo.accounts.known_factors import VARIANTS, CityEvidence, choose_known_factors, draw_factor_evidence
from bigdata_emis.demo.plan import find_size
from bigdata_emis.demo.truth.industry_truth import draw_stacks
from bigdata_emis.demo.world.activity import draw_utilisation, hourly_mean
from bigdata_emis.demo.world.enterprises import draw_industry
from bigdata_emis.demo.world.tiers import assign_districts, assign_tiers
from bigdata_emis.equations.uncertainty import emission_g_p05, emission_g_p95

KEY = ["source_id", "pollutant_code"]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class AccountedRegion:
    """The true factors of a simulated region with activities, and what is known of them."""

    truth: pd.DataFrame
    evidence: CityEvidence


def try_factors(
    *, seeds: Sequence[int], size: str, known_utc: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Score factors of lines as registered, with classes by monitors, and with audits and totals too.

    bias: of the total of a tier and pollutant, with true activity; the mean of its absolute values over the seeds.
    coverage: share of lines and pollutants whose true factor lies within the 90 % interval.

    Raises InputError when the size is unknown.
    """
    find_size(size)
    scored = []
    for number, seed in enumerate(seeds):
        if progress:
            progress(f"simulated register of seed {seed}", number, len(seeds))
        region = draw_accounted_region(seed, size)
        scored += [
            frame.assign(seed=seed, variant=variant)
            for variant, frame in estimate_variants(region, known_utc=known_utc).items()
        ]
    return {"size": size, "seeds": list(seeds), **summarise_trial(pd.concat(scored, ignore_index=True))}


def draw_accounted_region(seed: int, size: str) -> AccountedRegion:
    """Draw the register, the true factors, and what monitors, auditors and the cities state of them."""
    industry = draw_industry(seed, find_size(size))
    stacks = draw_stacks(seed, industry.truth)
    lines = assign_tiers(seed, industry.truth, stacks)
    industry = replace(industry, truth=lines, enterprise=assign_districts(industry.enterprise))
    activity = hourly_mean(draw_utilisation(seed, lines)).mean(axis=1) * lines["capacity_per_h"].to_numpy()
    about = lines[["production_line_id", "sector_code", "industry_code", "tier"]].assign(activity=activity)
    truth = industry.true_factors.merge(about, on="production_line_id", validate="many_to_one")
    return AccountedRegion(
        truth.rename(columns={"production_line_id": "source_id"}), draw_factor_evidence(seed, industry, lines, activity)
    )


def estimate_variants(region: AccountedRegion, *, known_utc: datetime) -> dict[str, pd.DataFrame]:
    """Factor of each line and pollutant with its interval, beside the truth, by variant."""
    return {
        variant: _beside_truth(choose_known_factors(region.evidence, variant, known_utc), region.truth)
        for variant in VARIANTS
    }


def summarise_trial(scored: pd.DataFrame) -> dict[str, Any]:
    """Mean absolute bias by tier, pollutant and variant; coverage by sector and tier and variant."""
    mass = scored.assign(
        true_g=scored["true_factor"] * scored["activity"], made_g=scored["factor"] * scored["activity"]
    )
    sums = mass.groupby(["tier", "pollutant_code", "variant", "seed"])[["true_g", "made_g"]].sum()
    bias = (sums["made_g"] / sums["true_g"] - 1).abs().groupby(level=["tier", "pollutant_code", "variant"]).mean()
    covered = scored.assign(inside=scored["true_factor"].between(scored["p05"], scored["p95"]))
    by_sector = covered.groupby(["sector_code", "tier", "variant"])["inside"].agg(["mean", "size"])
    return {"bias": _nested(bias), "coverage": _nested(by_sector["mean"]), "lines": _nested(by_sector["size"])}


def _nested(values: pd.Series) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for first, second, variant, value in values.reset_index().itertuples(index=False):
        result.setdefault(first, {}).setdefault(second, {})[variant] = float(value)
    return result


def _beside_truth(chosen: pa.Table, truth: pd.DataFrame) -> pd.DataFrame:
    """Each true factor with the chosen one behind the devices: one to one."""
    frame = chosen.to_pandas()
    frame["factor"] = frame["emission_factor_g_per_unit"] * (1 - frame["removal_share"])
    spread = frame["factor_relative_sd_share"].to_numpy()
    mean = frame["factor"].to_numpy()
    frame["p05"], frame["p95"] = emission_g_p05(mean, spread), emission_g_p95(mean, spread)
    joined = truth.merge(frame[[*KEY, "factor", "p05", "p95"]], on=KEY, validate="one_to_one")
    return joined.rename(columns={"net_factor_g_per_unit": "true_factor"})
