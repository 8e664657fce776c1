"""The rebound of a scenario: what its lines make up after the event, within their capacity.

Belongs here: from cut days to added emission by line, pollutant and hour. Does not: reading (rebound_basis).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats
from bigdata_emis.codes import MovedOutcome
from bigdata_emis.control.moved.rebound_basis import ReboundBasis
from bigdata_emis.control.scenario.day_plan import DayPlan
from bigdata_emis.equations.control import added_emission_g, free_capacity_share, free_emission_g, moved_emission_g


@dataclass(frozen=True)
class ReboundEmission:
    """Emission that lines make up, (lines, pollutants, hours); and all that was moved by outcome, (pollutants,)."""

    added_g: Floats
    by_outcome_g: dict[MovedOutcome, Floats]


def make_up(share: float, basis: ReboundBasis, plans: Sequence[DayPlan]) -> ReboundEmission:
    """What is made up of the cut of each line in the hours after the event, in proportion to its free capacity.

    plans: of the days of the event, after all their rows were cut.
    """
    moved = moved_emission_g(_cut_of_lines(basis.line_ids, plans), share)
    is_known = np.isfinite(basis.capacity_per_h)[:, None] & np.isfinite(basis.emission_factor_g_per_unit)
    is_usable = np.isfinite(basis.emission_g) & basis.is_free
    free = free_emission_g(
        basis.capacity_per_h[:, None, None], basis.emission_factor_g_per_unit[:, :, None], emission_g=basis.emission_g
    )
    free = np.where(is_known[:, :, None] & is_usable, free, 0.0)
    all_free = free.sum(axis=2)
    used = np.zeros(moved.shape)
    has_free = all_free > 0
    used[has_free] = free_capacity_share(moved[has_free], all_free[has_free])
    added = added_emission_g(free, used[:, :, None])
    left = np.maximum(moved - added.sum(axis=2), 0.0)
    left[used < 1] = np.where(has_free, 0.0, left)[used < 1]  # what is left of a sum that fits is rounding
    has_hour = is_usable.any(axis=2)
    outcomes = {
        MovedOutcome.ADDED: added.sum(axis=(0, 2)),
        MovedOutcome.OVER_CAPACITY: np.where(is_known & has_hour, left, 0.0).sum(axis=0),
        MovedOutcome.CAPACITY_UNKNOWN: np.where(~is_known, left, 0.0).sum(axis=0),
        MovedOutcome.NO_FREE_HOUR: np.where(is_known & ~has_hour, left, 0.0).sum(axis=0),
    }
    return ReboundEmission(added, outcomes)


def _cut_of_lines(line_ids: Sequence[str], plans: Sequence[DayPlan]) -> Floats:
    """The cut of each line and pollutant over the event, (lines, pollutants)."""
    lines = pa.array(line_ids, pa.string())
    cut = np.zeros((len(lines), len(schema.codes()["pollutant"])))
    for plan in plans:
        place = pc.fill_null(pc.index_in(lines, plan.source_ids), -1).to_numpy().astype(np.intp)
        cut[place >= 0] += plan.totals.cut_g[place[place >= 0]].sum(axis=2)
    return cut
