"""What a meter or a line can show at most, by the capacity that the registry knows.

Belongs here: the greatest plausible value of an hour. Does not: bounds of fields (schema) or comparisons with neighbours (outliers).
"""

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.clean.readings.judged import Judged

REASON = "above_capacity"
MINUTES_PER_HOUR = 60.0


def greatest_energy_kwh(meter: pa.Table, production_line: pa.Table, *, factor: float) -> dict[str, float]:
    """Of each meter the greatest energy of an hour: so many times the reference energy of all lines of its enterprise.

    A meter may serve its neighbours too, so the enterprise counts and not the line alone. Where one of its lines has no reference
    energy, nothing is known.
    """
    lines = production_line.select(["production_line_id", "enterprise_id", "reference_energy_kwh"]).to_pylist()
    whole: dict[str, float] = {}
    for line in lines:
        energy = line["reference_energy_kwh"]
        whole[line["enterprise_id"]] = whole.get(line["enterprise_id"], 0.0) + (np.inf if energy is None else energy)
    owner = {line["production_line_id"]: line["enterprise_id"] for line in lines}
    return {
        row["meter_id"]: factor * whole[owner[row["production_line_id"]]]
        for row in meter.to_pylist()
        if row["production_line_id"] in owner
    }


def greatest_activity(production_line: pa.Table, *, factor: float) -> dict[tuple[str, str], float]:
    """Of each line in its own unit the greatest activity of an hour: so many times its capacity."""
    rows = production_line.select(["production_line_id", "activity_unit_code", "capacity_per_h"]).to_pylist()
    return {
        (row["production_line_id"], row["activity_unit_code"]): factor * row["capacity_per_h"]
        for row in rows
        if row["capacity_per_h"]
    }


def exceeds_energy(judged: Judged, greatest_kwh: dict[str, float], expected_min: Floats) -> Flags:
    """The readings above the greatest energy of their meter; one of a part of an hour may have that part."""
    of_source = np.array(
        [greatest_kwh.get(meter) or np.inf for meter in judged.keys["meter_id"].to_pylist()], dtype=np.float64
    )
    hour_share = expected_min[judged.source] / MINUTES_PER_HOUR
    above: Flags = judged.values("energy_kwh") > of_source[judged.source] * hour_share
    return above


def exceeds_activity(judged: Judged, greatest: dict[tuple[str, str], float]) -> Flags:
    """The readings above the greatest activity of their line; one in another unit than the line's cannot be compared."""
    names = (judged.rows[name].to_pylist() for name in ("production_line_id", "activity_unit_code"))
    limit = np.array([greatest.get(key, np.inf) for key in zip(*names, strict=True)], dtype=np.float64)
    above: Flags = judged.values("activity") > limit
    return above
