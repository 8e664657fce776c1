"""What sources would have emitted in hours of an order in force: what their base rests on before it is reconstructed.

Belongs here: emission without control from the outcome of a scenario, by source, pollutant and hour of a day. Does not:
that estimate itself (expect_without_control), the base of sources without it (cut_hours).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.codes import Method
from bigdata_emis.window import HOUR_US

UNOBSERVED = tuple(
    method.value
    for method in (Method.PROFILE, Method.WEATHER_SCALED, Method.TRAFFIC_SCALED, Method.PROXY_SCALED, Method.NONE)
)
"""Methods by which an emission follows calendar, weather or other sources: it says nothing about an order."""
UNKNOWN = -1

COUNTERFACTUAL = (
    "source_id",
    "pollutant_code",
    "hour_utc",
    "counterfactual_emission_g",
    "counterfactual_emission_g_p05",
    "counterfactual_emission_g_p95",
)
"""The columns of table counterfactual_hourly that are read."""


@dataclass(frozen=True)
class NormalEmission:
    """Emission without control of one day, in the hours in which a scenario was in force.

    place: of each source, pollutant and hour in the rows, UNKNOWN without one, (sources, pollutants, hours).
    mean_g, p05_g, p95_g: (rows,).
    """

    place: Positions
    mean_g: Floats
    p05_g: Floats
    p95_g: Floats

    @classmethod
    def of_rows(cls, rows: pa.Table, row_of_source: dict[str, int], first_us: int, hour_count: int) -> "NormalEmission":
        """From rows of counterfactual_hourly with text as codes; those of other sources and hours are not used.

        first_us: start of the first hour of the day that is wanted.
        """
        source, pollutant = (rows[name].combine_chunks() for name in ("source_id", "pollutant_code"))
        sources = np.array([row_of_source.get(i, UNKNOWN) for i in source.dictionary.to_pylist()], dtype=np.int64)
        codes = pc.index_in(pa.array(list(schema.codes()["pollutant"])), pollutant.dictionary)
        place_of_code = np.full(len(pollutant.dictionary), UNKNOWN, dtype=np.int64)
        for number, code in enumerate(codes.to_pylist()):
            if code is not None:
                place_of_code[code] = number
        hour = (rows["hour_utc"].cast(pa.int64()).to_numpy() - first_us) // HOUR_US
        key = sources[source.indices.to_numpy()], place_of_code[pollutant.indices.to_numpy()], hour
        place = np.full((len(row_of_source), len(schema.codes()["pollutant"]), hour_count), UNKNOWN, dtype=np.intp)
        is_used = (key[0] != UNKNOWN) & (key[1] != UNKNOWN) & (hour >= 0) & (hour < hour_count)
        place[tuple(part[is_used] for part in key)] = np.flatnonzero(is_used)
        mean, p05, p95 = (rows[name].to_numpy() for name in COUNTERFACTUAL[3:])
        return cls(place, mean, p05, p95)

    def find(self, source: Positions, pollutant: Positions, hour: Positions | slice) -> Positions:
        """The rows of sources and pollutants at hours, UNKNOWN where there is none; a slice gives every hour."""
        found: Positions = self.place[source, pollutant, hour]
        return found
