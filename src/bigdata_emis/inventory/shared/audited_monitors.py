"""Monitors of a part and of its whole, once an audit has moved one of them: the other goes with it, within its own error.

Belongs here: hours in which both were measured. Does not: what yields where only one was (line_parts), how far an audit moves (audit_parts).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats

ESTIMATE, P05, P95 = range(3)
Pairs = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Monitors:
    """Pollutants of one line by hour, before any audit: estimate, 5th and 95th percentile (told_g), which were measured, which an audit moves."""

    told_g: Floats
    is_measured: Flags
    is_audited: Flags

    def agree(self, part: int, whole: int) -> Flags:
        """Hours in which both were measured, and the part at no more than the whole; where it was more, the monitors contradict each other."""
        return np.asarray(
            self.is_measured[part]
            & self.is_measured[whole]
            & (self.told_g[ESTIMATE, part] <= self.told_g[ESTIMATE, whole])
        )

    def limits_g(self, one: int, pairs: Pairs) -> tuple[Floats, Floats]:
        """What monitors without an audit leave to an audited hour: the 5th percentile of its parts below, the 95th of its wholes above."""
        lower_g, upper_g = np.zeros(self.is_measured.shape[1]), np.full(self.is_measured.shape[1], np.inf)
        for part, whole in pairs:
            if one in (part, whole):
                both = self.agree(part, whole) & self.is_audited[one]
                if one == whole:
                    lower_g = np.where(both & ~self.is_audited[part], np.fmax(lower_g, self.told_g[P05, part]), lower_g)
                else:
                    upper_g = np.where(
                        both & ~self.is_audited[whole], np.fmin(upper_g, self.told_g[P95, whole]), upper_g
                    )
        return lower_g, upper_g


def in_step(stands_g: Floats, monitors: Monitors, pairs: Pairs) -> Floats:
    """The measured hours after the audits, no part above its whole where it was not above it before.

    stands_g: the estimate, or the estimate with its percentiles, by pollutant and hour, as each audit by itself moves them; pairs: every
    part and each of its wholes, the largest parts first. An audited hour stays between the percentiles of monitors without an audit; of
    two audited hours the part is cut; then a monitor without an audit is cut to its audited whole, or lifted to its audited part.
    """
    held_g = stands_g.copy()
    for one in range(held_g.shape[1]):
        lower_g, upper_g = monitors.limits_g(one, pairs)
        # The limits are those of the estimate; the percentiles only give way to it.
        held_g[:, one] = np.maximum(held_g[:, one], np.stack([lower_g, np.zeros_like(lower_g), lower_g])[: len(held_g)])
        held_g[:, one] = np.minimum(
            held_g[:, one], np.stack([upper_g, upper_g, np.full_like(upper_g, np.inf)])[: len(held_g)]
        )
    for part, whole in pairs:
        both = monitors.agree(part, whole) & monitors.is_audited[part] & monitors.is_audited[whole]
        held_g[:, part] = np.where(both, np.minimum(held_g[:, part], held_g[:, whole]), held_g[:, part])
    for part, whole in pairs:
        is_lifted = monitors.agree(part, whole) & monitors.is_audited[part] & ~monitors.is_audited[whole]
        held_g[:, whole] = np.where(is_lifted, np.maximum(held_g[:, whole], held_g[:, part]), held_g[:, whole])
    for part, whole in pairs:
        is_cut = monitors.agree(part, whole) & monitors.is_audited[whole] & ~monitors.is_audited[part]
        held_g[:, part] = np.where(is_cut, np.minimum(held_g[:, part], held_g[:, whole]), held_g[:, part])
    return held_g
