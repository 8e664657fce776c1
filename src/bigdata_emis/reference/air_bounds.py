"""The highest concentration of each pollutant that outdoor air can have, for measurements and forecasts alike.

Belongs here: the rows out_of_bounds of the table station_rule. Does not: bounds of fields (schema), other rules of
stations (clean.readings.station_rules).
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags
from bigdata_emis.codes import Flag


def highest_concentrations(station_rule: pa.Table) -> dict[str, float]:
    """The bound of each pollutant that has one, in µg/m³."""
    columns = ("flag_code", "pollutant_code", "concentration_ug_per_m3")
    rows = zip(*(station_rule[name].to_pylist() for name in columns), strict=True)
    return {pollutant: bound for flag, pollutant, bound in rows if flag == Flag.OUT_OF_BOUNDS and bound is not None}


def exceeds_bound(
    pollutant_code: pa.ChunkedArray, concentration: pa.ChunkedArray, bounds: Mapping[str, float]
) -> Flags:
    """The concentrations above the bound of their pollutant; a pollutant without one has none."""
    place = pc.index_in(pollutant_code, pa.array(list(bounds), pa.string()))
    bound = pa.array(list(bounds.values()), pa.float64()).take(place.combine_chunks())
    is_above: Flags = np.asarray(pc.fill_null(pc.greater(concentration, bound), False))
    return is_above
