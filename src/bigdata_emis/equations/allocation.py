"""Emission distributed over space and time, with mass conserved.

Belongs here: shares times totals. Does not: how the shares are derived (inventory).
"""

from bigdata_emis.equations.functions import Value


def emission_g(emission_g: Value, weight_share: Value) -> Value:
    """Part of a source's emission that falls in one grid cell.

        E_cell = w × E

    The weights of a source sum to 1, so mass is conserved.

    Source: EMEP/EEA guidebook 2019 part A chapter 7 (spatial mapping), proxy weighting.
    """
    return emission_g * weight_share
