"""Which days of a window are projected, and from which published days: the choice of versions of `emis recalc`.

Belongs here: published days only, none with a scenario in force. Does not: the projection (projected_hours).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bigdata_emis.control.inventory_versions import (
    AHEAD,
    INVENTORY,
    InventoryVersions,
    ProjectionBasis,
    published_versions,
)
from bigdata_emis.control.scenarios_in_force import has_scenario_in_force
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import LONGEST_LEAD_D

RECENT_DAYS = 14
"""Days before the first projected one that are looked at: older ones would weigh less than a thousandth."""


def published_or_projected_versions(store: Store, days: Sequence[date]) -> InventoryVersions:
    """What the manifests of the published days name; days after the last published one are projected from recent ones.

    A day that was computed and not published is neither. Without a recent published day nothing is projected.

    Raises as published_versions, InputError when the window reaches beyond what can be projected, and RefusedError when
    every recent day is left out and no day is published.
    """
    published = published_versions(store, days)
    absent = [day for day in days if day not in {*published.days, *published.unpublished_days}]
    if not absent or _has_published_after(store, absent[0]):
        return published
    before = [absent[0] - timedelta(days=count) for count in range(RECENT_DAYS, 0, -1)]
    recent = published_versions(store, before)
    left_out = [day for day in recent.days if has_scenario_in_force(store, day)]
    used = [day for day in recent.days if day not in left_out and str(day) in recent.by_table["control_source"]]
    last = max(recent.days, default=None)
    wanted = [day for day in absent if last is not None and (day - last).days <= LONGEST_LEAD_D]
    if last is not None and len(wanted) < len(absent):
        raise _beyond_projection(absent[-1], last)
    if wanted and not used and not published.days and recent.days:
        raise _nothing_to_project_from(wanted[0], recent.days, left_out)
    if not used or not wanted:
        return published
    by_table = {
        table: {str(day): versions[str(day)] for day in used if str(day) in versions}
        for table, versions in recent.by_table.items()
    }
    by_table[AHEAD] = {day: one for day, one in recent.by_table[AHEAD].items() if day == str(last)}
    return replace(published, projection=ProjectionBasis(wanted, by_table, left_out))


def _beyond_projection(day: date, last: date) -> InputError:
    end = last + timedelta(days=LONGEST_LEAD_D)
    return InputError(
        f"the window reaches {day}; inventories are published to {last} and projected to {end}",
        f"expected a window that ends with {end} at the latest",
    )


def _nothing_to_project_from(day: date, recent: Sequence[date], left_out: Sequence[date]) -> RefusedError:
    ordered, without = map(str, left_out), (str(one) for one in recent if one not in left_out)
    reasons = {"an order was in force on": ", ".join(ordered), "no control basis is stored of": ", ".join(without)}
    why = "; ".join(f"{reason} {days}" for reason, days in reasons.items() if days)
    return RefusedError(
        f"{day} has no published inventory and no recent day to project it from: {why}",
        "publish a day before the order: emis day",
    )


def _has_published_after(store: Store, day: date) -> bool:
    """Whether a later day is published: then a day without an inventory is a gap, and not in the future."""
    later = [computed for computed in store.days(INVENTORY) if computed > day]
    return bool(later) and bool(published_versions(store, later).days)
