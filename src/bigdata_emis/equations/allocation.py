"""Emission moved between time and place without gain or loss.

Belongs here: shares times totals. Does not: how shares are made (inventory).
"""

from bigdata_emis.equations.functions import Value


def emission_g(emission_g: Value, weight_share: Value) -> Value:
    """Part of a source's emission that falls in one cell: E_cell = w × E; weights of a source sum to 1, so mass is kept.

    Source: EMEP/EEA guidebook 2019 part A chapter 7 (spatial mapping), proxy weighting.
    """
    return emission_g * weight_share
