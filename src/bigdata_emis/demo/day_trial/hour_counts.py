"""Source-hours of the inventory beside the hidden truth: how many lie inside their interval, below and above it.

Belongs here: counts and sums of one seed, and the shares that follow from those of several. Does not: running the days
(day_trial), or anything that a stage could use.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from bigdata_emis.demo.truth.truth import read_true_emission, read_true_lines
from bigdata_emis.demo.world.tiers import METER, NONE
from bigdata_emis.storage.lake import Store

AREA, LINK, ALL = "area", "link", "all"
UNMONITORED = (METER, NONE)
HOUR = ["source_id", "sector_code", "pollutant_code", "hour_utc"]
ESTIMATE = ["emission_g", "emission_g_p05", "emission_g_p95"]
GROUP = ["sector_code", "tier", "industry_code", "pollutant_code"]
SUMS = ["n", "published", "below", "above", "truth_g", "estimate_g"]

Measures = dict[str, float | int | None]


def read_hour_counts(home: Path, store: Store, days: Sequence[date], activity_area: pa.Table) -> pd.DataFrame:
    """Count the source-hours of these days by sector, tier, industry and pollutant.

    The tier of a line is that of the truth (monitor, meter, none); an area and a road link have one of their own.
    """
    about = source_classes(read_true_lines(home), activity_area)
    days_counted = pd.concat([_count_day(home, store, day, about) for day in days])
    counts: pd.DataFrame = days_counted.groupby(GROUP, as_index=False)[SUMS].sum()
    return counts


def source_classes(lines: pa.Table, activity_area: pa.Table) -> pd.DataFrame:
    """Tier and industry by source_id, of lines and areas; any other source is a road link."""
    of_lines = lines.select(["production_line_id", "tier", "industry_code"]).to_pandas()
    of_areas = activity_area.select(["activity_area_id", "industry_code"]).to_pandas().assign(tier=AREA)
    lines_and_areas: list[pd.DataFrame] = [
        of_lines.rename(columns={"production_line_id": "source_id"}),
        of_areas.rename(columns={"activity_area_id": "source_id"}),
    ]
    return pd.concat(lines_and_areas, ignore_index=True)


def count_hours(hours: pd.DataFrame) -> pd.DataFrame:
    """Count source-hours by GROUP.

    hours: GROUP, truth_emission_g, emission_g and its bounds (null if not published).
    n: source-hours of the truth. published: of these with an estimate. below, above: of the published those whose truth
    lies below the 5th or above the 95th percentile. estimate_g: a source-hour that is not published counts as zero.
    """
    published = hours["emission_g"].notna()
    counted = hours[GROUP].assign(
        n=1,
        published=published.astype(int),
        below=(published & (hours["truth_emission_g"] < hours["emission_g_p05"])).astype(int),
        above=(published & (hours["truth_emission_g"] > hours["emission_g_p95"])).astype(int),
        truth_g=hours["truth_emission_g"],
        estimate_g=hours["emission_g"].fillna(0.0),
    )
    counts: pd.DataFrame = counted.groupby(GROUP, as_index=False)[SUMS].sum()
    return counts


def measure(counts: pd.DataFrame) -> Measures:
    """Shares that follow from counts of one or more seeds (column `seed`).

    coverage_90: share of the published source-hours of all seeds whose truth lies within the interval; lowest and
    highest: that of single seeds. below_share, above_share: of those outside. mean_abs_nmb: over the seeds, of the
    normalised mean bias Σ (estimate − truth) ÷ Σ truth of a pollutant; of several their median, because grams of
    different pollutants do not add.
    """
    sums = counts.groupby("seed")[SUMS].sum()
    whole = sums.sum()
    covered = _share(sums["published"] - sums["below"] - sums["above"], sums["published"]).dropna()
    masses = counts.groupby(["pollutant_code", "seed"])[["estimate_g", "truth_g"]].sum()
    bias = _share(masses["estimate_g"] - masses["truth_g"], masses["truth_g"]).abs().groupby("pollutant_code").mean()
    published = float(whole["published"])
    outside = {name: float(whole[name]) / published if published else None for name in ("below", "above")}
    return {
        "coverage_90": None if outside["below"] is None else 1 - outside["below"] - float(outside["above"] or 0.0),
        "lowest": float(covered.min()) if len(covered) else None,
        "highest": float(covered.max()) if len(covered) else None,
        "below_share": outside["below"],
        "above_share": outside["above"],
        "mean_abs_nmb": float(bias.median()) if bias.notna().any() else None,
        "n": int(whole["n"]),
        "missing": int(whole["n"] - whole["published"]),
    }


def _count_day(home: Path, store: Store, day: date, about: pd.DataFrame) -> pd.DataFrame:
    """Count the hours of a day; one row of the truth to at most one of the estimate, many sources to one class."""
    estimate = store.read("emission_hourly", [day], columns=[*HOUR, *ESTIMATE])
    joined = read_true_emission(home, day).join(estimate, HOUR, join_type="left outer").to_pandas()
    hours = joined.merge(about, on="source_id", how="left", validate="many_to_one")
    return count_hours(hours.fillna({"tier": LINK, "industry_code": LINK}))


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """The ratio, and nothing where the whole is zero."""
    return part / whole.where(whole != 0, np.nan)
