"""Simulated accounts of true emission: audited months of a few enterprises, and totals of cities by industry.

Belongs here: what an auditor and a statistical office state, with their errors. Does not: the register (enterprises),
monitors (truth/industry_truth), or anything that the inventory computes.
"""

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import ActivityUnit, Pollutant
from bigdata_emis.demo.plan import draw_lognormal, random_stream
from bigdata_emis.demo.world.tiers import LEAST_CUSTOMERS

ACCOUNTED = (Pollutant.SO2, Pollutant.NOX, Pollutant.PM10, Pollutant.VOCS)
AUDITED_SHARE = 0.1
"""Of the enterprises without monitor: one stack test and one month of books each; own assumption."""
AUDITED_MONTH, MONTH_H, YEAR, YEAR_H = "2015-11-01", 720, 2014, 8_760
LOAD_SD, TEST_SD = 0.1, 0.15
"""The month against the usual load, and the tested against the true factor."""
TOTAL_SD, OUTPUT_SD = 0.2, 0.05
"""A total of a city and its output against the truth; own assumption."""
G_PER_TONNE = 1_000_000
SOURCE = "simulated, from the hidden truth with a drawn error"


def draw_audited_months(
    seed: int, *, lines: pd.DataFrame, true_factors: pd.DataFrame, usual_activity_per_h: Floats
) -> pd.DataFrame:
    """Draw the audited months of lines without monitor, with their activity."""
    random = random_stream(seed, "audited months")
    owners = np.sort(lines.loc[lines["tier"] != "monitor", "enterprise_id"].unique())
    chosen = owners[random.random(len(owners)) < AUDITED_SHARE]
    is_audited = (lines["enterprise_id"].isin(chosen) & lines["tier"].ne("monitor") & ~lines["is_idle"]).to_numpy()
    activity = usual_activity_per_h * MONTH_H * draw_lognormal(random, LOAD_SD, len(lines))
    audited = lines.assign(audited_activity=activity.round(3))[is_audited & (activity > 0)]
    rows = _with_factors(audited, true_factors)
    test = draw_lognormal(random, TEST_SD, len(rows))
    return pd.DataFrame(
        {
            "production_line_id": rows["production_line_id"],
            "pollutant_code": rows["pollutant_code"],
            "month_start": AUDITED_MONTH,
            "audited_emission_g": (rows["audited_activity"] * rows["net_factor_g_per_unit"] * test).round(0),
            "audited_activity": rows["audited_activity"],
            "relative_sd_share": TEST_SD,
            "source": SOURCE,
        }
    )


def draw_city_totals(
    seed: int,
    *,
    enterprise: pd.DataFrame,
    lines: pd.DataFrame,
    true_factors: pd.DataFrame,
    usual_activity_per_h: Floats,
) -> pd.DataFrame:
    """Draw the totals of each city and industry with at least LEAST_CUSTOMERS enterprises."""
    random = random_stream(seed, "city totals")
    city = enterprise.set_index("enterprise_id")["city_name"]
    by_line = lines.assign(district_id=city.reindex(lines["enterprise_id"]).to_numpy())
    by_line["annual_activity"] = usual_activity_per_h * YEAR_H
    key = ["district_id", "industry_code"]
    owners = by_line.groupby(key)["enterprise_id"].transform("nunique")
    rows = _with_factors(by_line[owners >= LEAST_CUSTOMERS], true_factors)
    rows["annual_emission_t"] = rows["annual_activity"] * rows["net_factor_g_per_unit"] / G_PER_TONNE
    total = rows.groupby([*key, "pollutant_code"], as_index=False)[["annual_emission_t", "annual_activity"]].sum()
    total = total[total["annual_activity"] > 0].reset_index(drop=True)
    total["annual_emission_t"] = (total["annual_emission_t"] * draw_lognormal(random, TOTAL_SD, len(total))).round(3)
    total["annual_activity"] = (total["annual_activity"] * draw_lognormal(random, OUTPUT_SD, len(total))).round(1)
    return total.assign(
        reference_year=YEAR, activity_unit_code=ActivityUnit.T, relative_sd_share=TOTAL_SD, source=SOURCE
    )


def _with_factors(lines: pd.DataFrame, true_factors: pd.DataFrame) -> pd.DataFrame:
    """Each line with its true factors of the pollutants that accounts state."""
    stated = true_factors[true_factors["pollutant_code"].isin(ACCOUNTED)]
    return lines.merge(stated, on="production_line_id", validate="one_to_many")
