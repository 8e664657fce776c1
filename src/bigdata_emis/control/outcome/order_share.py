"""What a scenario orders each production line to cut, hour by hour, from its planned cuts.

Belongs here: cut ÷ emission without measures as a share of activity. Does not: the measures (control/scenario).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats
from bigdata_emis.control.outcome.day_grid import DayGrid, numbers, row_numbers
from bigdata_emis.errors import InputError


def scenario_of(control_hourly: pa.Table) -> str:
    """The scenario of the planned cuts. Raises InputError when they are of several scenarios or of none."""
    names = sorted(set(control_hourly["scenario_id"].to_pylist()))
    if len(names) == 1:
        return str(names[0])
    what = f"planned cuts of {len(names)} scenarios" if names else "no planned cut"
    raise InputError(f"control_hourly has {what}: expected those of one", "run emis outcome --scenario NAME")


def order_shares(control_hourly: pa.Table, emission_hourly: pa.Table, lines: list[str], grid: DayGrid) -> Floats:
    """Ordered cut of the activity of each line, (lines, days, 24); NaN in hours before the first with an inventory.

    It is the smallest share cut of any pollutant that the line emits: a measure for one pollutant alone does not ask
    for less output. In an hour in which a line emits nothing its order is that of the hour before.
    """
    pollutants = sorted(set(emission_hourly["pollutant_code"].to_pylist()))
    share = np.full((len(lines), grid.day_count, 24), np.inf)
    for pollutant in pollutants:
        emission = line_mass(emission_hourly, "emission_g", pollutant, lines, grid)
        cut = line_mass(control_hourly, "cut_emission_g", pollutant, lines, grid)
        stated = line_mass(control_hourly, "baseline_emission_g", pollutant, lines, grid)
        base = np.where(np.isfinite(stated), stated, emission)
        part = np.divide(np.nan_to_num(cut), base, out=np.full_like(emission, np.inf), where=base > 0)
        share = np.minimum(share, np.where(np.isfinite(emission), part, np.inf))
    known = np.where(np.isfinite(share), np.clip(share, 0.0, 1.0), np.nan).reshape(len(lines), -1)
    return _carried_on(known).reshape(share.shape)


def line_mass(rows: pa.Table, column: str, pollutant: str, lines: list[str], grid: DayGrid) -> Floats:
    """A column of one pollutant by line, (lines, days, 24), NaN where there is no row."""
    selected = rows.filter(pc.equal(rows["pollutant_code"], pollutant))
    row = row_numbers(selected["source_id"], lines)
    return grid.dense(selected["hour_utc"], row, numbers(selected[column]), len(lines))


def _carried_on(values: Floats) -> Floats:
    """Each missing value replaced by the last one before it in its row, else by the first after it."""
    is_known = np.isfinite(values)
    last = np.where(is_known, np.arange(values.shape[1]), -1)
    np.maximum.accumulate(last, axis=1, out=last)
    first = np.where(is_known.any(axis=1), is_known.argmax(axis=1), -1)
    source = np.where(last >= 0, last, first[:, None])
    carried: Floats = np.where(source >= 0, np.take_along_axis(values, np.maximum(source, 0), axis=1), np.nan)
    return carried
