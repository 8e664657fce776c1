"""What a simulated city knows of its emission factors: the register, its monitors, and the accounts of others.

Belongs here: the evidence, and the factors that the functions of the stages choose from it. Does not: the draw of
accounts (emission_accounts), scores (factor_trial).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from bigdata_emis import reference, schema
from bigdata_emis.arrays import Floats
from bigdata_emis.demo.accounts.emission_accounts import draw_audited_months, draw_city_totals
from bigdata_emis.demo.plan import FIRST_DAY, draw_lognormal, random_stream, simulated_days
from bigdata_emis.demo.truth.industry_truth import MONITORED
from bigdata_emis.demo.world.enterprises import IndustryRegister
from bigdata_emis.demo.world.tiers import MONITOR
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
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class CityEvidence:
    """The register of a simulated region, and what monitors, auditors and cities state of its factors."""

    register: IndustryRegister
    derived: Rows
    audits: Rows
    totals: Rows


def draw_factor_evidence(
    seed: int, register: IndustryRegister, lines: pd.DataFrame, usual_activity_per_h: Floats
) -> CityEvidence:
    """Draw what is known of the true factors of `lines`, the truth of each line with its tier."""
    given: dict[str, Any] = {
        "lines": lines,
        "true_factors": register.true_factors,
        "usual_activity_per_h": usual_activity_per_h,
    }
    return CityEvidence(
        register,
        _derived_rows(seed, lines, register.true_factors, usual_activity_per_h),
        _records(draw_audited_months(seed, **given)),
        _records(draw_city_totals(seed, enterprise=register.enterprise, **given)),
    )


def choose_known_factors(evidence: CityEvidence, variant: str, known_utc: datetime) -> pa.Table:
    """The factor of each line and pollutant, as the stages choose it from what the variant (VARIANTS) admits."""
    tables = _factor_tables(evidence.register)
    factors = unmonitored_factors(tables, FIRST_DAY.year)
    owners = _records(evidence.register.enterprise)
    audits, totals = (evidence.audits, evidence.totals) if variant == ACCOUNTS else ([], [])
    gathered = gather_evidence(evidence.derived, audits, totals, owners, factors, year=FIRST_DAY.year)
    rows = [] if variant == REGISTERED else pool_class_factors(gathered, factors, known_utc)
    derived = [{**row, "known_utc": known_utc} for row in evidence.derived]
    used = replace(tables, derived_factor=_table("derived_factor", derived), class_factor=_table("class_factor", rows))
    return select_line_factors(used, year=FIRST_DAY.year)


def _records(frame: pd.DataFrame) -> Rows:
    rows: Rows = pa.Table.from_pandas(frame, preserve_index=False).to_pylist()
    return rows


def _derived_rows(seed: int, lines: pd.DataFrame, true_factors: pd.DataFrame, activity: Floats) -> Rows:
    """Factors that monitors give: the true ones with the error of the activity."""
    about = lines[["production_line_id", "tier"]].assign(activity=activity)
    truth = true_factors.merge(about, on="production_line_id", validate="many_to_one")
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
