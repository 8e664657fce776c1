"""Pollutants that contain others: what is better known of a whole is handed on to its parts, and no part exceeds its whole.

Belongs here: arrays of one part beside its whole. Does not: which is a part of which (reference/containment), why the whole is better known (fuse, anchor).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Firmness = NDArray[np.int8]
"""How firmly the hours stand, by the names below: of a part and its whole that disagree, what stands less firmly yields."""
TOLD, AUDITED, MEASURED = 0, 1, 2


def following(part_g: Floats, whole_told_g: Floats, whole_g: Floats) -> Floats:
    """A part that was told together with its whole, once the whole is known better: part × whole ÷ whole as it was told.

    part_g, whole_g: estimate, 5th and 95th percentile (rows) by hour. The share of the part stands, and so does its relative spread,
    but a part is never more than its whole, in none of the three. Where the whole was told to be nothing, its share of all the other
    hours counts; where nothing was told of it, nothing tells the share and the part is only cut to the whole.
    """
    told = whole_told_g > 0
    both = told & ~np.isnan(part_g[0])
    usual_part_g, usual_whole_g = part_g[:, both].sum(axis=1, keepdims=True), whole_told_g[both].sum()
    is_nothing = ~told & ~np.isnan(whole_told_g) & bool(usual_whole_g)
    numerator_g = np.where(is_nothing, usual_part_g, part_g)
    denominator_g = np.where(told, whole_told_g, usual_whole_g if usual_whole_g else 1.0)
    scaled_g = np.where(told | is_nothing, numerator_g / denominator_g * whole_g[0], part_g)
    return np.asarray(np.where(np.isnan(whole_g[0]), part_g, np.minimum(scaled_g, whole_g)))


def lifted(whole_g: Floats, part_g: Floats, *, whole_firmness: Firmness, part_firmness: Firmness) -> Floats:
    """The whole, raised to the part in hours in which the part stands more firmly.

    part_g, whole_g: values (rows) by hour, NaN where there is none.
    """
    is_lifted = _both_known(part_g, whole_g) & (part_firmness > whole_firmness)
    return np.asarray(np.where(is_lifted, np.maximum(part_g, whole_g), whole_g))


def cut(part_g: Floats, whole_g: Floats, *, part_firmness: Firmness, whole_firmness: Firmness) -> Floats:
    """The part, cut to the whole in hours in which it does not stand more firmly; two measured values that contradict each other both stand.

    part_g, whole_g: values (rows) by hour, NaN where there is none.
    """
    is_cut = _both_known(part_g, whole_g) & (part_firmness <= whole_firmness) & (part_firmness < MEASURED)
    return np.asarray(np.where(is_cut, np.minimum(part_g, whole_g), part_g))


def _both_known(part_g: Floats, whole_g: Floats) -> Flags:
    return np.asarray(~np.isnan(part_g[0]) & ~np.isnan(whole_g[0]))
