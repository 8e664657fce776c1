"""Unbroken runs of flags along a series.

Belongs here: where a run begins and ends. Does not: how long one must be, which the rules of each use say.
"""

import numpy as np

from bigdata_emis.arrays import Flags


def find_runs(flags: Flags) -> list[tuple[int, int]]:
    """The first position of each run of true values, and the position after its last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
