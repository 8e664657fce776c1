"""The moved emission of one recalculation: what is read before it is named, and what is computed when all is cut.

Belongs here: order of the steps. Does not: their arithmetic (rebound, detour), the tables (moved_emission).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import MovedKind
from bigdata_emis.control.documents import DetourParameters, MovedParameters
from bigdata_emis.control.inventory_versions import INVENTORY, InventoryVersions
from bigdata_emis.control.moved.detour import leave_links
from bigdata_emis.control.moved.moved_emission import (
    MovedEmission,
    MovedKindSums,
    detour_rows,
    detour_sums,
    join_rows,
    rebound_rows,
)
from bigdata_emis.control.moved.moved_options import DETOUR, NOTHING_MOVED, REBOUND, Detour, MovedOptions
from bigdata_emis.control.moved.rebound import make_up
from bigdata_emis.control.moved.rebound_basis import ReboundBasis, read_basis, window_after
from bigdata_emis.control.scenario.day_plan import DayPlan
from bigdata_emis.control.scenario_days import OrderInForce, ScenarioEvent
from bigdata_emis.control.scenarios_in_force import hours_held
from bigdata_emis.errors import InputError
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window

ChooseVersions = Callable[[Store, Sequence[date]], InventoryVersions]
OrdersInForce = Callable[[date], Sequence[OrderInForce]]


@dataclass(frozen=True)
class Moving:
    """The options of a recalculation with what its rebound rests on."""

    options: MovedOptions = NOTHING_MOVED
    basis: ReboundBasis | None = None
    after: InventoryVersions | None = None

    def parameters(self) -> MovedParameters:
        """What decides the moved emission; empty without options."""
        listed: MovedParameters = {}
        rebound, detour = self.options.rebound, self.options.detour
        if rebound is not None and self.basis is not None and self.after is not None:
            listed["rebound"] = {
                "share": rebound.share,
                "hours": rebound.hours,
                "inventory": {day: one.version for day, one in self.after.inputs()[INVENTORY].items()},
                "projected": [str(day) for day in self.after.projected_days],
                "basis_sha256": self.basis.digest(),
            }
        if detour is not None:
            listed["detour"] = _detour_parameters(detour)
        return listed

    def compute(
        self, event: ScenarioEvent, lake: ScenarioStore, plans: Mapping[date, DayPlan], in_force: OrdersInForce
    ) -> MovedEmission:
        """What is moved, once all days are cut.

        Raises:
            InputError: an option moves nothing.
        """
        rebound, detour = self.options.rebound, self.options.detour
        rows, kinds, added = [], dict[MovedKind, MovedKindSums](), dict[int, Floats]()
        if rebound is None and detour is None:
            return MovedEmission()
        if rebound is not None and self.basis is not None:
            made_up = make_up(rebound.share, self.basis, [plans[day] for day in sorted(plans)])
            kinds[MovedKind.REBOUND] = MovedKindSums(self.basis.window, made_up.by_outcome_g)
            rows.append(rebound_rows(self.basis, made_up, lake.scenario_id))
            _require_moved(kinds[MovedKind.REBOUND], REBOUND, "no production line is cut")
        if detour is not None:
            days = [leave_links(detour, day, event, lake, in_force(day)) for day in sorted(plans)]
            kinds[MovedKind.DETOUR], added = detour_sums(detour, days, event.window)
            rows += detour_rows(detour, days, lake.scenario_id)
            listed = ", ".join(detour.vehicle_classes)
            _require_moved(kinds[MovedKind.DETOUR], DETOUR, f"no measure in force bans {listed} on these links")
        return MovedEmission(join_rows(rows), kinds, added)


NOT_MOVING = Moving()


def prepare_moving(
    options: MovedOptions, event: Window, store: Store, during: InventoryVersions, choose_versions: ChooseVersions
) -> Moving:
    """Read what a rebound rests on, with the inventory that is chosen for the hours after the event.

    Raises:
        InputError: no hour after the event has a published or projected inventory.
    """
    if options.rebound is None:
        return Moving(options)
    window = window_after(event, options.rebound)
    after = choose_versions(store, window.days(store.time_zone))
    if not (after.days or after.projected_days):
        raise InputError(
            f"{REBOUND}: no inventory is published or projected from {window.from_utc.isoformat()} "
            f"to {window.to_utc.isoformat()}, the hours after the event",
            "leave it out, or publish these days: emis day",
        )
    basis = read_basis(options.rebound, store, during, (window, after), hours_held(window, store))
    return Moving(options, basis, after)


def _require_moved(sums: MovedKindSums, option: str, why: str) -> None:
    if not any(grams.any() for grams in sums.by_outcome_g.values()):
        raise InputError(f"{option} moves nothing: {why}", "leave it out, or add a measure that it follows from")


def _detour_parameters(detour: Detour) -> DetourParameters:
    listed: DetourParameters = {
        "share": detour.share,
        "classes": list(detour.vehicle_classes),
        "to": detour.destination,
    }
    if detour.links is not None:
        listed["links"] = dict(sorted(detour.links.group_of.items()))
        listed["receivers"] = [dict(taking) for taking in detour.links.receivers]
    return listed
