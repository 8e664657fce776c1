"""Black and organic carbon of the exhaust, as shares of its fine particulate.

Belongs here: the share of each vehicle, and where it goes among the pollutants. Does not: exhaust (road_factors), wear
(wear_factors).
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import Pollutant
from bigdata_emis.equations.traffic import carbon_factor_g_per_km
from bigdata_emis.inventory.roads.guide_tables import Vehicle, group_rows

CONTAINED_IN = Pollutant.PM2_5
CARBON_KEY = ("vehicle_class_code", "fuel_code", "emission_stage_code", "pollutant_code")


def carbon_pollutants(road_carbon_share: pa.Table) -> set[str]:
    """The pollutants that are a share of the exhaust particulate."""
    return set(road_carbon_share["pollutant_code"].to_pylist())


def add_carbon(
    exhaust_g_per_km: Floats, road_carbon_share: pa.Table, vehicles: Sequence[Vehicle], pollutants: Sequence[str]
) -> Floats:
    """The exhaust with its carbon, `(vehicles, hours, pollutants, knots)`; 0 for a vehicle without a share.

    The carbon has every correction of the particulate that it is a share of.
    """
    with_carbon = exhaust_g_per_km.copy()
    if CONTAINED_IN not in pollutants:
        return with_carbon
    particulate = exhaust_g_per_km[:, :, list(pollutants).index(CONTAINED_IN)]
    listed = group_rows(road_carbon_share, CARBON_KEY, ("species_mass_share",))
    for j, pollutant in enumerate(pollutants):
        if pollutant in carbon_pollutants(road_carbon_share):
            shares = np.array([listed.get((*v, pollutant), [(0.0,)])[0][0] for v in vehicles], dtype=float)
            with_carbon[:, :, j] = carbon_factor_g_per_km(particulate, shares[:, None, None])
    return with_carbon
