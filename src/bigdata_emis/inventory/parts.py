"""Pollutants that contain others: what is better known of a whole is handed on to its parts, and no part exceeds its whole.

Belongs here: arrays of one part beside its whole. Does not: which is a part of which (reference/containment), why the whole is better known (fuse, anchor).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def following(part: Floats, whole_before_g: Floats, whole: Floats) -> Floats:
    """A part that was told together with its whole, once the whole is known better: part × whole ÷ whole as it was told.

    part, whole: estimate, 5th and 95th percentile (rows) by hour. The share of the part stands, and so does its relative spread, but a
    part is never more than its whole, in none of the three. Where the whole was told to be nothing, its share of all the other hours
    counts; where nothing was told of it, nothing tells the share and the part is only cut to the whole.
    """
    told = whole_before_g > 0
    both = told & ~np.isnan(part[0])
    usual = part[:, both].sum(axis=1, keepdims=True), whole_before_g[both].sum()
    is_nothing = ~told & ~np.isnan(whole_before_g) & bool(usual[1])
    share_of = np.where(is_nothing, usual[0], part), np.where(told, whole_before_g, usual[1] if usual[1] else 1.0)
    scaled = np.where(told | is_nothing, share_of[0] / share_of[1] * whole[0], part)
    return np.asarray(np.where(np.isnan(whole[0]), part, np.minimum(scaled, whole)))


def contained(part: Floats, whole: Floats, *, is_part_firm: Flags, is_whole_firm: Flags) -> tuple[Floats, Floats]:
    """A part and its whole with the part within the whole: what is not firm yields, the part first; what is firm on both sides stands.

    part, whole: estimate, 5th and 95th percentile (rows) by hour; NaN where there is none.
    """
    known = ~np.isnan(part[0]) & ~np.isnan(whole[0])
    raised = np.where(known & is_part_firm & ~is_whole_firm, np.maximum(part, whole), whole)
    cut = np.where(known & ~is_part_firm, np.minimum(part, raised), part)
    return cut, raised
