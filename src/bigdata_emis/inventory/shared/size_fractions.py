"""Lines of which a pollutant that contains others is known better (by a monitor, by an audit): the parts go with it, in every hour.

Belongs here: the series of many lines, each part beside its whole. Does not: one part and one whole (parts), or why a whole is known better.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers, Ranks
from bigdata_emis.inventory.shared.audited_monitors import Monitors, in_step
from bigdata_emis.reference.pollutant_hierarchy import Containment


@dataclass(frozen=True)
class Lines:
    """Series (a line and a pollutant each): line and pollutant, emission as it was told with its parts, how firmly hours stand, which series moved.

    monitors: the hours before audits moved them, where audits did.
    """

    line_of: Integers
    pollutant_of: list[str]
    told_g: Floats
    firmness: Ranks
    is_moved: Flags
    monitors: Monitors | None = None

    def in_step(self, stands_g: Floats, mine: list[int], pairs: Sequence[tuple[int, int]]) -> Floats:
        """The series of one line once its monitors go with those that an audit moved."""
        if self.monitors is None:
            return stands_g
        told = self.monitors
        return in_step(stands_g, Monitors(told.told_g[:, mine], told.is_measured[mine], told.is_audited[mine]), pairs)


def with_parts(stands_g: Floats, lines: Lines, containment: Containment) -> tuple[Floats, Flags]:
    """What stands once the parts go with a whole that was moved, and which series were concerned.

    stands_g: estimate, 5th and 95th percentile by series and hour, moved or as told. A part that was not moved itself goes with the
    smallest whole that was, or that goes with one, except in its measured hours. Then no part exceeds its whole, save by two monitors that
    contradict each other.
    """
    stands_g, touched = stands_g.copy(), np.zeros(len(lines.line_of), dtype=bool)
    for series in _by_line(lines, containment):
        mine, pairs = list(series.values()), every_pair(list(series), containment)
        stands_g[:, mine] = lines.in_step(stands_g[:, mine], mine, pairs)
        moved = {int(one) for one in series.values() if lines.is_moved[one]}
        for part, whole in ((series[part], series[whole]) for part, whole in containment.pairs(set(series))):
            if whole in moved and part not in moved:
                follows_g = following(stands_g[:, part], lines.told_g[whole], stands_g[:, whole])
                stands_g[:, part] = np.where(lines.firmness[part] == MEASURED, stands_g[:, part], follows_g)
                moved.add(part)
        stands_g[:, mine] = held_within(stands_g[:, mine], lines.firmness[mine], pairs)
        touched[mine] = True
    return stands_g, touched


def every_pair(kinds: Sequence[str], containment: Containment) -> list[tuple[int, int]]:
    """The places of each part and each of its wholes in a list of pollutants, the largest parts first."""
    return [(kinds.index(part), kinds.index(whole)) for part, whole in containment.every_pair(set(kinds))]


def held_within(stands_g: Floats, firmness: Ranks, pairs: Sequence[tuple[int, int]]) -> Floats:
    """The values with no part above its whole: what stands less firmly yields, the part where both stand alike; two measured ones both stand.

    stands_g: values by kind of value, series and hour; pairs: the series of every part and each of its wholes, the largest parts first.
    """
    held_g = stands_g.copy()
    # Upwards what is firm lifts what is not, then downwards what is not yields.
    for part, whole in reversed(pairs):
        firm = {"part_firmness": firmness[part], "whole_firmness": firmness[whole]}
        held_g[:, whole] = lifted(held_g[:, whole], held_g[:, part], **firm)
    for part, whole in pairs:
        firm = {"part_firmness": firmness[part], "whole_firmness": firmness[whole]}
        held_g[:, part] = cut(held_g[:, part], held_g[:, whole], **firm)
    return held_g


def _by_line(lines: Lines, containment: Containment) -> list[dict[str, int]]:
    """The series by pollutant of each line of which one that contains others or is contained was moved."""
    codes = set(containment.codes)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for one in np.flatnonzero([code in codes for code in lines.pollutant_of]):
        found[int(lines.line_of[one])][lines.pollutant_of[one]] = int(one)
    return [
        series for series in found.values() if len(series) > 1 and any(lines.is_moved[one] for one in series.values())
    ]


Ranks = Ranks
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


def lifted(whole_g: Floats, part_g: Floats, *, whole_firmness: Ranks, part_firmness: Ranks) -> Floats:
    """The whole, raised to the part in hours in which the part stands more firmly.

    part_g, whole_g: values (rows) by hour, NaN where there is none.
    """
    is_lifted = _both_known(part_g, whole_g) & (part_firmness > whole_firmness)
    return np.asarray(np.where(is_lifted, np.maximum(part_g, whole_g), whole_g))


def cut(part_g: Floats, whole_g: Floats, *, part_firmness: Ranks, whole_firmness: Ranks) -> Floats:
    """The part, cut to the whole in hours in which it does not stand more firmly; two measured values that contradict each other both stand.

    part_g, whole_g: values (rows) by hour, NaN where there is none.
    """
    is_cut = _both_known(part_g, whole_g) & (part_firmness <= whole_firmness) & (part_firmness < MEASURED)
    return np.asarray(np.where(is_cut, np.minimum(part_g, whole_g), part_g))


def _both_known(part_g: Floats, whole_g: Floats) -> Flags:
    return np.asarray(~np.isnan(part_g[0]) & ~np.isnan(whole_g[0]))
