"""Trial of class factors on simulated regions of several seeds: bias of lines without monitor, coverage by sector.

Belongs here: drawing the register and its evidence, calling the functions of the stages, the scores. Does not: hours,
meters or models of activity, which are known in this trial.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from bigdata_emis import reference, schema
from bigdata_emis.demo.accounts.emission_accounts import draw_audited_months, draw_city_totals
from bigdata_emis.demo.plan import FIRST_DAY, draw_lognormal, find_size, random_stream, simulated_days
from bigdata_emis.demo.truth.industry_truth import MONITORED, draw_stacks
from bigdata_emis.demo.world.activity import draw_utilisation, hourly_mean
from bigdata_emis.demo.world.enterprises import IndustryRegister, draw_industry
from bigdata_emis.demo.world.tiers import MONITOR, assign_districts, assign_tiers
from bigdata_emis.equations.uncertainty import emission_g_p05, emission_g_p95
from bigdata_emis.inventory.industry.class_factor import pool_class_factors
from bigdata_emis.inventory.industry.emission_factor import FactorTables, select_line_factors
from bigdata_emis.inventory.industry.factor_evidence import gather_evidence, unmonitored_factors
from bigdata_emis.schema.arrow import conform, empty
from bigdata_emis.window import HOURS_PER_DAY

MONITOR_SD = 0.1
"""Relative error of the activity behind a factor that a monitor gave."""
HOUR_SD = 0.15
"""Relative spread of a monitored hour about its factor."""
REGISTERED, MONITORS, ACCOUNTS = VARIANTS = ("registered", "monitors", "monitors_and_accounts")
REFERENCES = (
    "industrial_emission_factor",
    "control_efficiency",
    "particle_size_share",
    "condensable_pm",
    "uncertainty_rating",
    "pollutant_part",
)
KEY = ["source_id", "pollutant_code"]
Progress = Callable[[str, int, int], None]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class AccountedRegion:
    """The register of a simulated region, the true factors with activities, and what is known of them."""

    register: IndustryRegister
    truth: pd.DataFrame
    derived: Rows
    audits: Rows
    totals: Rows


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
    given = {"lines": lines, "true_factors": industry.true_factors, "usual_activity_per_h": activity}
    about = lines[["production_line_id", "sector_code", "industry_code", "tier"]].assign(activity=activity)
    truth = industry.true_factors.merge(about, on="production_line_id", validate="many_to_one")
    return AccountedRegion(
        industry,
        truth.rename(columns={"production_line_id": "source_id"}),
        _derived_rows(seed, truth),
        _records(draw_audited_months(seed, **given)),
        _records(draw_city_totals(seed, enterprise=industry.enterprise, **given)),
    )


def estimate_variants(region: AccountedRegion, *, known_utc: datetime) -> dict[str, pd.DataFrame]:
    """Factor of each line and pollutant with its interval, beside the truth, by variant."""
    tables = _factor_tables(region.register)
    factors = unmonitored_factors(tables, FIRST_DAY.year)
    owners = _records(region.register.enterprise)
    known: dict[str, tuple[Rows, Rows]] = {
        REGISTERED: ([], []),
        MONITORS: ([], []),
        ACCOUNTS: (region.audits, region.totals),
    }
    estimates = {}
    for variant, (audits, totals) in known.items():
        evidence = gather_evidence(region.derived, audits, totals, owners, factors, year=FIRST_DAY.year)
        rows = [] if variant == REGISTERED else pool_class_factors(evidence, factors, known_utc)
        derived = [{**row, "known_utc": known_utc} for row in region.derived]
        used = replace(
            tables, derived_factor=_table("derived_factor", derived), class_factor=_table("class_factor", rows)
        )
        estimates[variant] = _beside_truth(select_line_factors(used, year=FIRST_DAY.year), region.truth)
    return estimates


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


def _records(frame: pd.DataFrame) -> Rows:
    rows: Rows = pa.Table.from_pandas(frame, preserve_index=False).to_pylist()
    return rows


def _derived_rows(seed: int, truth: pd.DataFrame) -> Rows:
    """Factors that monitors give: the true ones with the error of the activity."""
    monitored = truth[truth["tier"].eq(MONITOR) & truth["pollutant_code"].isin(MONITORED) & (truth["activity"] > 0)]
    error = draw_lognormal(random_stream(seed, "derived factors"), MONITOR_SD, len(monitored))
    hours = len(simulated_days()) * HOURS_PER_DAY
    return [
        {
            "source_id": line_id,
            "pollutant_code": pollutant,
            "emission_factor_g_per_unit": factor,
            "relative_sd_share": HOUR_SD,
            "sample_count": hours,
        }
        for line_id, pollutant, factor in zip(
            monitored["production_line_id"],
            monitored["pollutant_code"],
            monitored["net_factor_g_per_unit"] * error,
            strict=True,
        )
    ]


def _factor_tables(register: IndustryRegister) -> FactorTables:
    blank = {name: empty(schema.table(name)) for name in ("derived_factor", "class_factor", "abatement_device")}
    return FactorTables(
        production_line=_registry("production_line", register.production_line),
        emission_factor=_registry("emission_factor", register.emission_factor),
        **blank,
        **{name: reference.read(name) for name in REFERENCES},
    )


def _registry(name: str, frame: pd.DataFrame) -> pa.Table:
    return _table(name, _records(frame))


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    declared = schema.table(name)
    columns = {column: [row.get(column) for row in rows] for column in declared.names}
    return conform(pa.table(columns), declared) if rows else empty(declared)


def _beside_truth(chosen: pa.Table, truth: pd.DataFrame) -> pd.DataFrame:
    """Each true factor with the chosen one behind the devices: one to one."""
    frame = chosen.to_pandas()
    frame["factor"] = frame["emission_factor_g_per_unit"] * (1 - frame["removal_share"])
    spread = frame["factor_relative_sd_share"].to_numpy()
    mean = frame["factor"].to_numpy()
    frame["p05"], frame["p95"] = emission_g_p05(mean, spread), emission_g_p95(mean, spread)
    joined = truth.merge(frame[[*KEY, "factor", "p05", "p95"]], on=KEY, validate="one_to_one")
    return joined.rename(columns={"net_factor_g_per_unit": "true_factor"})
