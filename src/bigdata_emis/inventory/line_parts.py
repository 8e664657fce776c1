"""Lines of which a pollutant that contains others is known better (by a monitor, by an audit): the parts go with it, in every hour.

Belongs here: the series of many lines, each part beside its whole. Does not: one part and one whole (parts), or why a whole is known better.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from bigdata_emis.inventory.monitor_memory import Flags, Floats, Integers
from bigdata_emis.inventory.parts import contained, following
from bigdata_emis.reference.containment import Containment


@dataclass(frozen=True)
class Lines:
    """Series (a line and a pollutant each): line and pollutant, emission as it was told with its parts, which hours are known better, which series."""

    line_of: Integers
    pollutant_of: list[str]
    told_g: Floats
    is_firm: Flags
    is_moved: Flags


def with_parts(stands: Floats, lines: Lines, containment: Containment) -> tuple[Floats, Flags]:
    """What stands once the parts go with a whole that was moved, and which series were concerned.

    stands: estimate, 5th and 95th percentile by series and hour, moved or as told. A part that was not moved itself goes with the
    smallest whole that was, or that goes with one. Then no part exceeds its whole: a firm hour stands, any other yields; a part
    and a whole that are both firm and contradict each other both stand.
    """
    stands, touched = stands.copy(), np.zeros(len(lines.line_of), dtype=bool)
    for series in _by_line(lines, containment):
        pairs = [(series[part], series[whole]) for part, whole in containment.pairs(set(series))]
        moved = {int(one) for one in series.values() if lines.is_moved[one]}
        for part, whole in pairs:
            if whole in moved and part not in moved:
                stands[:, part] = following(stands[:, part], lines.told_g[whole], stands[:, whole])
                moved.add(part)
        # Upwards what is firm lifts what is not, downwards what is not yields.
        for part, whole in [*reversed(pairs), *pairs]:
            told = {"is_part_firm": lines.is_firm[part], "is_whole_firm": lines.is_firm[whole]}
            stands[:, part], stands[:, whole] = contained(stands[:, part], stands[:, whole], **told)
        touched[list(series.values())] = True
    return stands, touched


def _by_line(lines: Lines, containment: Containment) -> list[dict[str, int]]:
    """The series by pollutant of each line of which one that contains others or is contained was moved."""
    codes = set(containment.codes)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for one in np.flatnonzero([code in codes for code in lines.pollutant_of]):
        found[int(lines.line_of[one])][lines.pollutant_of[one]] = int(one)
    return [series for series in found.values() if len(series) > 1 and any(lines.is_moved[one] for one in series.values())]
