"""True hourly emission of every simulated line, and the readings of its stack monitor.

Belongs here: hidden emission of industry, stack register and stack readings. Does not: transmission faults (faults).
"""

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.codes import Pollutant
from bigdata_emis.demo.plan import draw_autocorrelated, random_stream
from bigdata_emis.demo.world.activity import Shares
from bigdata_emis.demo.world.enterprises import PARTS, drift_sd
from bigdata_emis.window import HOURS_PER_DAY

MONITORED = (Pollutant.SO2, Pollutant.NOX, Pollutant.PM10)
MG_PER_G = 1_000
CONCENTRATION_SD, FLOW_SD = 0.05, 0.05
IDLE_FLOW_SHARE = 0.03  # a fan left running
INVALID_SHARE = 0.015  # calibration and maintenance
GAS_DEGC, GAS_M_PER_S = 90.0, 15.0  # of every simulated outlet: own estimate
HEIGHT_M, HEIGHT_GAS_M3_PER_H, HEIGHT_POWER = 25.0, 1e4, 0.4  # an outlet with this gas is as high: own estimate
HEIGHTS_M, DIAMETERS_M = (15.0, 240.0), (0.3, 12.0)
ZERO_DEGC_K, SECONDS_PER_HOUR = 273.15, 3600


def true_emission(
    seed: int, *, lines: pd.DataFrame, true_factors: pd.DataFrame, activity: Shares
) -> tuple[pd.DataFrame, Shares]:
    """Draw the true emission in grams, `(lines and pollutants of the frame, hours)`."""
    row_of_line = pd.Series(np.arange(len(lines)), index=lines["production_line_id"])
    key = true_factors.assign(line_row=row_of_line[true_factors["production_line_id"]].to_numpy())
    key["sector_code"] = lines["sector_code"].to_numpy()[key["line_row"]]
    noise = draw_autocorrelated(
        random_stream(seed, "factor_noise"), len(key), steps=activity.shape[1], persistence_share=0.9
    )
    noise = noise[_noise_rows(key)]
    factor = key["net_factor_g_per_unit"].to_numpy(dtype=np.float32)[:, None]
    drift = drift_sd(key["pollutant_code"]).astype(np.float32)[:, None]
    emission = np.exp(drift * noise - drift**2 / 2) * factor * activity[key["line_row"]]
    return key, np.asarray(emission, dtype=np.float32)


def _noise_rows(key: pd.DataFrame) -> Integers:
    """Return the row of the noise of each factor: a part drifts with what contains it, PM2.5 with PM10."""
    noise_row = np.arange(len(key))
    for part, whole in PARTS:
        is_whole, is_part = key["pollutant_code"].eq(whole), key["pollutant_code"].eq(part)
        row_of_line = pd.Series(noise_row[is_whole], index=key["line_row"][is_whole])
        noise_row[is_part] = row_of_line.reindex(key["line_row"][is_part]).to_numpy(dtype=np.int64)
    return noise_row


def draw_stacks(seed: int, lines: pd.DataFrame) -> pd.DataFrame:
    """Draw the stacks with a monitor: most power units, sinter strands and kilns, few others.

    Each has an outlet that its gas at full capacity needs, so that a model can compute plume rise.
    """
    random = random_stream(seed, "stacks")
    has_stack = (random.random(len(lines)) < lines["stack_share"]) & (lines["gas_m3_per_unit"] > 0)
    row = np.flatnonzero(has_stack)
    return pd.DataFrame(
        {
            "stack_id": [f"S{i:05d}" for i in range(1, len(row) + 1)],
            "line_row": row,
            "production_line_id": lines["production_line_id"].to_numpy()[row],
            **_outlets((lines["gas_m3_per_unit"] * lines["capacity_per_h"]).to_numpy(dtype=float)[row]),
        }
    )


def _outlets(gas_m3_per_h: Floats) -> dict[str, Floats]:
    """Height, diameter, temperature and velocity of outlets by their dry gas of 0 °C at full capacity.

    H = 25 m × (gas ÷ 10,000 m³/h) ** 0.4,  D = √(4 × gas at 90 °C ÷ (π × 15 m/s))
    """
    warm_m3_per_s = gas_m3_per_h * (ZERO_DEGC_K + GAS_DEGC) / ZERO_DEGC_K / SECONDS_PER_HOUR
    height_m = HEIGHT_M * (gas_m3_per_h / HEIGHT_GAS_M3_PER_H) ** HEIGHT_POWER
    return {
        "stack_height_m": np.clip(height_m, *HEIGHTS_M).round(1),
        "stack_diameter_m": np.clip(np.sqrt(4 * warm_m3_per_s / (np.pi * GAS_M_PER_S)), *DIAMETERS_M).round(2),
        "exit_temperature_degc": np.full(len(gas_m3_per_h), GAS_DEGC),
        "exit_velocity_m_per_s": np.full(len(gas_m3_per_h), GAS_M_PER_S),
    }


def day_stack_readings(
    seed: int,
    day_number: int,
    *,
    stacks: pd.DataFrame,
    lines: pd.DataFrame,
    key: pd.DataFrame,
    emission: Shares,
    activity: Shares,
) -> pd.DataFrame:
    """Draw concentration and flow of each stack, pollutant and hour from the true emission.

        flow = activity × gas volume per tonne
        concentration = emission / flow

    Both are read with noise; some hours have no valid value.
    """
    random = random_stream(seed, f"stacks {day_number}")
    hours = slice(day_number * HOURS_PER_DAY, (day_number + 1) * HOURS_PER_DAY)
    line_row = stacks["line_row"].to_numpy()
    gas = lines["gas_m3_per_unit"].to_numpy(dtype=float)[line_row][:, None]
    idle = gas * lines["capacity_per_h"].to_numpy()[line_row][:, None] * IDLE_FLOW_SHARE
    flow = np.maximum(gas * activity[line_row, hours], idle)
    read_flow = flow * np.exp(FLOW_SD * random.standard_normal(flow.shape))
    frames = []
    for pollutant in MONITORED:
        rows = _find_pollutant_rows(key, pollutant, line_row)
        is_emitted = rows >= 0
        mass = np.where(is_emitted[:, None], emission[np.maximum(rows, 0), hours], 0.0)
        concentration = mass * MG_PER_G / flow * np.exp(CONCENTRATION_SD * random.standard_normal(flow.shape))
        frames.append(
            _to_long_table(
                stacks[is_emitted], pollutant, concentration=concentration[is_emitted], flow=read_flow[is_emitted]
            )
        )
    readings = pd.concat(frames, ignore_index=True)
    readings.loc[random.random(len(readings)) < INVALID_SHARE, "concentration_mg_per_m3"] = np.nan
    return readings


def _find_pollutant_rows(key: pd.DataFrame, pollutant: str, line_row: Integers) -> Integers:
    """Return the row of `key` with this pollutant for each line, -1 where the line does not emit it."""
    pollutant_rows = key.index[key["pollutant_code"] == pollutant]
    by_line = pd.Series(pollutant_rows, index=key["line_row"].to_numpy()[pollutant_rows])
    return by_line.reindex(line_row, fill_value=-1).to_numpy(dtype=np.int64)


def _to_long_table(stacks: pd.DataFrame, pollutant: str, *, concentration: Floats, flow: Floats) -> pd.DataFrame:
    hours = concentration.shape[1]
    return pd.DataFrame(
        {
            "stack_id": np.repeat(stacks["stack_id"].to_numpy(), hours),
            "stack_row": np.repeat(stacks.index.to_numpy(), hours),
            "pollutant_code": pollutant,
            "hour_number": np.tile(np.arange(hours), len(stacks)),
            "concentration_mg_per_m3": concentration.ravel().round(3),
            "flow_m3_per_h": flow.ravel().round(1),
        }
    )
