"""Simulated totals of the power bureau by district and industry, with users that are not registered.

Belongs here: the totals of a day before transmission. Does not: meters (power_meters), districts (tiers).
"""

import numpy as np
import pandas as pd

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.codes import Industry, MeterRole
from bigdata_emis.demo.plan import QUARTERS_PER_HOUR, random_stream
from bigdata_emis.demo.world.activity import QUARTERS_PER_DAY, Shares
from bigdata_emis.demo.world.power_meters import Meters, line_energy, true_meter_energy
from bigdata_emis.window import HOURS_PER_DAY

UNREGISTERED_SHARE = (0.005, 0.05)
UNREGISTERED_SD = 0.15
TOTAL_SD = 0.003
MISCOUNTED_SHARE = 0.01
MISCOUNTED_FACTOR = 0.8
"""On each day, the total of one cell (district and industry) in a hundred omits part of its customers."""


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
    """Draw the electricity of one day by district, industry and hour.

    For power plants it is the electricity generated.
    """
    random = random_stream(seed, f"bureau {day_number}")
    line_cells = _line_cells(enterprise, lines)
    cells = _cells(line_cells)
    cell_of_line = pd.MultiIndex.from_frame(cells).get_indexer(
        pd.MultiIndex.from_frame(line_cells[["district_id", "industry_code"]])
    )
    registered = _registered_energy(
        day_number,
        np.asarray(cell_of_line),
        len(cells),
        meters=meters,
        lines=lines,
        utilisation=utilisation,
        untreated=untreated,
    )
    unregistered = random_stream(seed, "unregistered").uniform(*UNREGISTERED_SHARE, len(cells))[:, None]
    unregistered = unregistered * np.exp(UNREGISTERED_SD * random.standard_normal(registered.shape))
    counted = registered * (1 + unregistered) * np.exp(TOTAL_SD * random.standard_normal(registered.shape))
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
    """Return the cells (district_id, industry_code) whose total omits customers on that day."""
    cells = _cells(_line_cells(enterprise, lines))
    return cells[_is_miscounted(seed, day_number, len(cells))].reset_index(drop=True)


def _is_miscounted(seed: int, day_number: int, cells: int) -> Flags:
    return np.asarray(random_stream(seed, f"miscounted {day_number}").random(cells) < MISCOUNTED_SHARE)


def _line_cells(enterprise: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    return lines[["enterprise_id"]].merge(
        enterprise[["enterprise_id", "district_id", "industry_code"]], on="enterprise_id", validate="many_to_one"
    )


def _cells(line_cells: pd.DataFrame) -> pd.DataFrame:
    return (
        line_cells[["district_id", "industry_code"]]
        .drop_duplicates()
        .sort_values(["district_id", "industry_code"], ignore_index=True)
    )


def _registered_energy(
    day_number: int,
    cell_of_line: Integers,
    cells: int,
    *,
    meters: Meters,
    lines: pd.DataFrame,
    utilisation: Shares,
    untreated: Flags,
) -> Floats:
    """Sum lines, metered or not, and the additional use of sites and (except for power plants) treatment devices."""
    quarters = slice(day_number * QUARTERS_PER_DAY, (day_number + 1) * QUARTERS_PER_DAY)
    used = line_energy(lines, utilisation, quarters)
    total = _sum_by_cell(used, cell_of_line, cells)
    on_meters = true_meter_energy(day_number, meters=meters, lines=lines, utilisation=utilisation, untreated=untreated)
    role, row = meters.frame["meter_role_code"].to_numpy(), meters.frame["line_row"].to_numpy()
    is_abatement = (role == MeterRole.ABATEMENT) & lines["industry_code"].ne(Industry.COAL_POWER).to_numpy()[row]
    total += _sum_by_cell(on_meters[is_abatement], cell_of_line[row[is_abatement]], cells)
    is_site = role == MeterRole.WHOLE_SITE
    lines_of_site = np.zeros(on_meters.shape)
    np.add.at(
        lines_of_site,
        meters.meter_row,
        used[meters.line_of_meter] * (1 - _self_generated_share(meters, day_number)[meters.line_of_meter]),
    )
    return total + _sum_by_cell((on_meters - lines_of_site)[is_site], cell_of_line[row[is_site]], cells)


def _self_generated_share(meters: Meters, day_number: int) -> Floats:
    hours = meters.self_generated_share[:, day_number * HOURS_PER_DAY : (day_number + 1) * HOURS_PER_DAY]
    return np.repeat(hours.astype(np.float64), QUARTERS_PER_HOUR, axis=1)


def _sum_by_cell(quarters: Floats, cell: Integers, cells: int) -> Floats:
    total = np.zeros((cells, HOURS_PER_DAY))
    np.add.at(total, cell, quarters.reshape(len(quarters), HOURS_PER_DAY, QUARTERS_PER_HOUR).sum(axis=2))
    return total
