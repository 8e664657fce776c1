"""What the power bureau truly counts by district and industry: registered lines, their sites and devices, and users whom nobody registered.

Belongs here: the totals of a day before transit. Does not: single meters (power), or districts of enterprises (tiers).
"""

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.demo.plan import HOURS_PER_DAY, QUARTERS_PER_HOUR, stream
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, Shares
from bigdata_emis.demo.world.power_meters import Meters, line_energy, true_meter_energy

UNREGISTERED_SHARE = (0.005, 0.05)
UNREGISTERED_SD = 0.15
TOTAL_SD = 0.003
MISCOUNTED_SHARE = 0.01
MISCOUNTED_FACTOR = 0.8
"""On a day the total of one cell in a hundred lacks part of its customers."""


def day_totals(
    seed: int,
    day_number: int,
    *,
    enterprise: pd.DataFrame,
    meters: Meters,
    lines: pd.DataFrame,
    utilisation: Shares,
    untreated: Flags,
) -> pd.DataFrame:
    """Electricity by district and industry of the enterprise, hour by hour of one day; of power plants the electricity generated."""
    random = stream(seed, f"bureau {day_number}")
    home = _homes(enterprise, lines)
    cells = _cells(home)
    cell_of_line = pd.MultiIndex.from_frame(cells).get_indexer(
        pd.MultiIndex.from_frame(home[["district_id", "industry_code"]])
    )
    registered = _registered(
        day_number,
        np.asarray(cell_of_line),
        len(cells),
        meters=meters,
        lines=lines,
        utilisation=utilisation,
        untreated=untreated,
    )
    beside = stream(seed, "unregistered").uniform(*UNREGISTERED_SHARE, len(cells))[:, None]
    beside = beside * np.exp(UNREGISTERED_SD * random.standard_normal(registered.shape))
    counted = registered * (1 + beside) * np.exp(TOTAL_SD * random.standard_normal(registered.shape))
    counted = counted * np.where(_is_miscounted(seed, day_number, len(cells)), MISCOUNTED_FACTOR, 1.0)[:, None]
    return pd.DataFrame(
        {
            "district_id": np.repeat(cells["district_id"].to_numpy(), HOURS_PER_DAY),
            "industry_code": np.repeat(cells["industry_code"].to_numpy(), HOURS_PER_DAY),
            "cell_row": np.repeat(np.arange(len(cells)), HOURS_PER_DAY),
            "hour_number": np.tile(np.arange(HOURS_PER_DAY), len(cells)),
            "district_energy_kwh": counted.ravel().round(3),
        }
    )


def miscounted_cells(seed: int, day_number: int, *, enterprise: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The cells (district_id, industry_code) whose total lacks part of its customers on that day: for the hidden truth."""
    cells = _cells(_homes(enterprise, lines))
    return cells[_is_miscounted(seed, day_number, len(cells))].reset_index(drop=True)


def _is_miscounted(seed: int, day_number: int, cells: int) -> Flags:
    return np.asarray(stream(seed, f"miscounted {day_number}").random(cells) < MISCOUNTED_SHARE)


def _homes(enterprise: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    return lines[["enterprise_id"]].merge(
        enterprise[["enterprise_id", "district_id", "industry_code"]], on="enterprise_id", validate="many_to_one"
    )


def _cells(homes: pd.DataFrame) -> pd.DataFrame:
    return (
        homes[["district_id", "industry_code"]]
        .drop_duplicates()
        .sort_values(["district_id", "industry_code"], ignore_index=True)
    )


def _registered(
    day_number: int,
    cell_of_line: Integers,
    cells: int,
    *,
    meters: Meters,
    lines: pd.DataFrame,
    utilisation: Shares,
    untreated: Flags,
) -> Floats:
    """Lines, metered or not; what their sites and treatment devices draw beside them, but for power plants."""
    quarters = slice(day_number * QUARTERS_PER_DAY, (day_number + 1) * QUARTERS_PER_DAY)
    used = line_energy(lines, utilisation, quarters)
    total = _summed(used, cell_of_line, cells)
    on_meters = true_meter_energy(day_number, meters=meters, lines=lines, utilisation=utilisation, untreated=untreated)
    role, row = meters.frame["meter_role_code"].to_numpy(), meters.frame["line_row"].to_numpy()
    treats = (role == "abatement") & lines["industry_code"].ne("coal_power").to_numpy()[row]
    total += _summed(on_meters[treats], cell_of_line[row[treats]], cells)
    site = role == "whole_site"
    lines_of_site = np.zeros(on_meters.shape)
    np.add.at(
        lines_of_site,
        meters.meter_row,
        used[meters.line_of_meter] * (1 - _own(meters, day_number)[meters.line_of_meter]),
    )
    return total + _summed((on_meters - lines_of_site)[site], cell_of_line[row[site]], cells)


def _own(meters: Meters, day_number: int) -> Floats:
    hours = meters.own_share[:, day_number * HOURS_PER_DAY : (day_number + 1) * HOURS_PER_DAY]
    return np.repeat(hours.astype(np.float64), QUARTERS_PER_HOUR, axis=1)


def _summed(quarters: Floats, cell: Integers, cells: int) -> Floats:
    total = np.zeros((cells, HOURS_PER_DAY))
    np.add.at(total, cell, quarters.reshape(len(quarters), HOURS_PER_DAY, QUARTERS_PER_HOUR).sum(axis=2))
    return total
