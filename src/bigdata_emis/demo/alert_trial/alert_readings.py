"""Hourly readings of meters and stack monitors during the simulated alert, with their noise and faults.

Belongs here: what is read of the truth. Does not: the truth (obedience), tables (city_tables).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats
from bigdata_emis.demo.alert_trial.alert_period import ALERT_DAYS, NORMAL_DAYS
from bigdata_emis.demo.alert_trial.obedience import Response
from bigdata_emis.demo.plan import QUARTERS_PER_HOUR, random_stream
from bigdata_emis.demo.truth.industry_truth import MONITORED
from bigdata_emis.demo.world.activity import Shares
from bigdata_emis.demo.world.enterprises import IndustryRegister
from bigdata_emis.demo.world.power_meters import ABATEMENT_BASE_SHARE, ABATEMENT_OFF_SHARE, ABATEMENT_POWER_SHARE
from bigdata_emis.demo.world.tiers import NONE

READING_SD = 0.02
ABATEMENT_METER_SHARE = 0.6
DEAD_ABATEMENT_METER_SHARE = 0.005  # meters of working devices that read nothing for some hours of the alert
MONITOR_SD = 0.05
ACTIVITY_SD = 0.05  # of the activity of monitored lines, which models learn from reported output
FLOW_SD, IDLE_FLOW_SHARE = 0.05, 0.03
REMAINDER_SD, UNREGISTERED_SHARE = 0.05, 0.02


@dataclass(frozen=True)
class AlertReadings:
    """Hourly readings of lines, (lines, hours), NaN where nothing was read, and measured emission of stacks.

    energy: of production meters; allocated: what remains of the power bureau's totals for lines without a meter;
    abatement: of treatment devices; flow: of stacks; activity: reported by lines with a stack monitor; emission: (rows
    of key, hours).
    """

    energy: Floats
    allocated: Floats
    abatement: Floats
    flow: Floats
    activity: Floats
    emission: Floats
    key: pd.DataFrame

    @staticmethod
    def draw(
        seed: int,
        register: IndustryRegister,
        lines: pd.DataFrame,
        stacks: pd.DataFrame,
        load: Shares,
        response: Response,
        order: Floats,
        key: pd.DataFrame,
        emission: Floats,
    ) -> "AlertReadings":
        """Draw the readings of all meters and monitors; `load` is what lines truly did."""
        random = random_stream(seed, "alert readings")
        shown = np.where(response.is_bypassed, load * (1 - order[:, None]), load)
        energy = _hourly(_power(lines, shown) * np.exp(READING_SD * random.standard_normal(load.shape)))
        energy *= lines["reference_energy_kwh"].to_numpy()[:, None]
        silent = response.is_silent.reshape(len(lines), -1, QUARTERS_PER_HOUR).any(axis=2)
        energy[silent | lines["tier"].eq(NONE).to_numpy()[:, None]] = np.nan
        abatement = _draw_abatement(random, lines, load, response)
        abatement[silent] = np.nan
        flow = np.full(energy.shape, np.nan)
        row = stacks["line_row"].to_numpy()
        gas = (lines["gas_m3_per_unit"] * lines["capacity_per_h"]).to_numpy()[row][:, None]
        noise = np.exp(FLOW_SD * random.standard_normal((len(row), energy.shape[1])))
        flow[row] = gas * np.maximum(_hourly(load)[row], IDLE_FLOW_SHARE) * noise
        is_measured = key["line_row"].isin(row).to_numpy() & key["pollutant_code"].isin(MONITORED).to_numpy()
        read = emission * np.exp(MONITOR_SD * random.standard_normal(emission.shape))
        allocated = _remainder_of_totals(random, register, lines, load)
        activity = np.full(energy.shape, np.nan)
        capacity = lines["capacity_per_h"].to_numpy()[row][:, None]
        activity[row] = capacity * _hourly(load)[row] * np.exp(ACTIVITY_SD * random.standard_normal(noise.shape))
        measured = np.where(is_measured[:, None], read, np.nan)
        return AlertReadings(energy, allocated, abatement, flow, activity, measured, key)


def _remainder_of_totals(
    random: np.random.Generator, register: IndustryRegister, lines: pd.DataFrame, load: Shares
) -> Floats:
    """Part of each line without a meter in what remains of the total of its district and industry, by reference energy.

    The remainder also holds users that are not registered.
    """
    is_unwatched = lines["tier"].eq(NONE).to_numpy()
    cells = lines[["enterprise_id"]].merge(register.enterprise, on="enterprise_id", validate="many_to_one")
    cell = cells.groupby(["district_id", "industry_code"]).ngroup().to_numpy()
    energy = _hourly(_power(lines, load)) * lines["reference_energy_kwh"].to_numpy()[:, None]
    energy[~is_unwatched] = 0.0
    total = np.zeros((int(cell.max()) + 1, energy.shape[1]))
    np.add.at(total, cell, energy)
    total *= np.exp(REMAINDER_SD * random.standard_normal(total.shape)) * (1 + UNREGISTERED_SHARE)
    reference = np.where(is_unwatched, register.production_line["reference_energy_kwh"].to_numpy(), 0.0)
    of_cell = np.bincount(cell, reference, minlength=len(total))[cell]
    part = np.divide(reference, of_cell, out=np.zeros(len(lines)), where=of_cell > 0)
    return np.asarray(np.where(is_unwatched[:, None], part[:, None] * total[cell], np.nan))


def _power(lines: pd.DataFrame, load: Shares) -> Floats:
    base, elasticity = (lines[n].to_numpy()[:, None] for n in ("base_load_share", "power_elasticity"))
    return np.asarray(base + (1 - base) * load.astype(float) ** elasticity)


def _hourly(quarters: Floats | Shares) -> Floats:
    by_hour = np.asarray(quarters, dtype=float).reshape(len(quarters), -1, QUARTERS_PER_HOUR)
    return np.asarray(by_hour.mean(axis=2))


def _draw_abatement(random: np.random.Generator, lines: pd.DataFrame, load: Shares, response: Response) -> Floats:
    """Energy of the treatment devices; some lines have no such meter, a few meters fail although the device runs."""
    share = ABATEMENT_BASE_SHARE + (1 - ABATEMENT_BASE_SHARE) * load
    share = _hourly(np.where(response.is_untreated, ABATEMENT_OFF_SHARE, share))
    size = lines["reference_energy_kwh"].to_numpy() * random.uniform(*ABATEMENT_POWER_SHARE, len(lines))
    energy = share * size[:, None] * np.exp(READING_SD * random.standard_normal(share.shape))
    for row in np.flatnonzero(random.random(len(lines)) < DEAD_ABATEMENT_METER_SHARE):
        start = int(random.integers(NORMAL_DAYS * 24, (NORMAL_DAYS + ALERT_DAYS) * 24))
        energy[row, start : start + int(random.integers(6, 24))] = 0.0
    energy[random.random(len(lines)) >= ABATEMENT_METER_SHARE] = np.nan
    return np.asarray(energy)
