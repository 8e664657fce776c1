"""Electricity meters of the lines, and what they would read: power follows activity, with the faults that meters have.

Belongs here: the register of meters and their true readings. Does not: how readings are damaged in transit (faults).
"""

import numpy as np
import pandas as pd

from bigdata_emis.demo.activity import QUARTERS_PER_DAY, Shares
from bigdata_emis.demo.plan import QUARTERS_PER_HOUR, Size, stream

INTERVAL_MIN = 15
READING_SD = 0.02
WHOLE_SITE_SHARE = 0.15
WHOLE_SITE_EXTRA_SHARE = 0.06  # offices and lighting beside the line, as a share of its reference power
ABATEMENT_POWER_SHARE = (0.05, 0.12)
ABATEMENT_BASE_SHARE = 0.25
ABATEMENT_OFF_SHARE = 0.03  # of the lines: the treatment device is off while production runs


def draw_meters(seed: int, size: Size, lines: pd.DataFrame) -> pd.DataFrame:
    """One meter for each line (production, generation or whole site), the rest on abatement; with what each truly draws."""
    random = stream(seed, "meters")
    whole_site = ~lines["is_real"].to_numpy() & (random.random(len(lines)) < WHOLE_SITE_SHARE)
    role = np.where(whole_site, "whole_site", "production")
    role = np.where(lines["industry_code"].eq("coal_power"), "generation", role)
    main = pd.DataFrame({"line_row": np.arange(len(lines)), "meter_role_code": role})
    abated = np.sort(random.choice(len(lines), size=min(len(lines), max(0, size.meters - len(lines))), replace=False))
    meters = pd.concat([main, pd.DataFrame({"line_row": abated, "meter_role_code": "abatement"})], ignore_index=True)
    meters["meter_id"] = [f"M{i:06d}" for i in range(1, len(meters) + 1)]
    meters["production_line_id"] = lines["production_line_id"].to_numpy()[meters["line_row"]]
    meters["interval_min"] = INTERVAL_MIN
    meters["abatement_share"] = random.uniform(*ABATEMENT_POWER_SHARE, len(meters))
    meters["is_off"] = (random.random(len(meters)) < ABATEMENT_OFF_SHARE) & ~lines["is_real"].to_numpy()[meters["line_row"]]
    return meters


def day_energy(seed: int, day_number: int, *, meters: pd.DataFrame, lines: pd.DataFrame, utilisation: Shares) -> Shares:
    """True energy in kWh of each meter (row) in each quarter hour (column) of one day.

    P / P_reference = b + (1 - b) u ** e: b base-load share, u utilisation, e elasticity of power above the base load to activity.
    """
    random = stream(seed, f"power {day_number}")
    quarters = slice(day_number * QUARTERS_PER_DAY, (day_number + 1) * QUARTERS_PER_DAY)
    row = meters["line_row"].to_numpy()
    share = utilisation[row, quarters]
    reference = (lines["reference_energy_kwh"].to_numpy() / QUARTERS_PER_HOUR)[row][:, None]
    base = lines["base_load_share"].to_numpy()[row][:, None]
    elasticity = lines["power_elasticity"].to_numpy()[row][:, None]
    load = base + (1 - base) * share**elasticity
    load = load + np.where(meters["meter_role_code"].eq("whole_site"), WHOLE_SITE_EXTRA_SHARE, 0.0)[:, None]
    load = np.where(meters["meter_role_code"].eq("abatement").to_numpy()[:, None], _abatement(meters, share), load)
    noise = np.exp(READING_SD * random.standard_normal(share.shape))
    return np.asarray(reference * load * noise, dtype=np.float32)


def _abatement(meters: pd.DataFrame, share: Shares) -> Shares:
    part = meters["abatement_share"].to_numpy()[:, None]
    runs = ABATEMENT_BASE_SHARE + (1 - ABATEMENT_BASE_SHARE) * share
    return np.asarray(part * np.where(meters["is_off"].to_numpy()[:, None], 0.02, runs), dtype=np.float32)
