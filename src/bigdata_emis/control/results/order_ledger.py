"""The ledger of each order of an event that changes: what is cut in its hours, against the target of its level.

Belongs here: sums of planned and cut days over the hours of an order. Does not: the orders themselves
(scenario/level_orders), the ledger of the whole window (scenario/ledger).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.arrays import Flags
from bigdata_emis.control.documents import OrderDocument, OrderParameters
from bigdata_emis.control.moved.moved_emission import NOTHING_IS_MOVED, MovedEmission
from bigdata_emis.control.scenario.day_plan import DayPlan
from bigdata_emis.control.scenario.ledger import is_base_known, judge_target, target_shares
from bigdata_emis.control.scenario_days import ScenarioEvent
from bigdata_emis.equations.control import gap_share, net_cut_share
from bigdata_emis.schema.arrow import conform
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.window import HOUR_US, MICROSECONDS_PER_S


def order_table(
    plans: Sequence[DayPlan], event: ScenarioEvent, scenario_id: str, moved: MovedEmission = NOTHING_IS_MOVED
) -> pa.Table:
    """Table control_order of an event that changes; no rows of one that does not.

    An order begins with a change of the measures in force, so that no segment of a day lies in two orders.

    plans: of days after all their rows were cut; moved: what a detour adds in the hours of an order is taken off its
    cut where it is judged.
    """
    declared = schema.table("control_order")
    rows = [row for number in range(len(event.orders)) for row in _rows(number, plans, event, scenario_id, moved)]
    return conform(pa.table({name: [row[name] for row in rows] for name in declared.names}), declared)


def describe_orders(table: pa.Table, orders: Sequence[OrderParameters]) -> list[OrderDocument]:
    """The orders as the command prints them, each with its ledger in kilograms, in the order of the code list."""
    documents: list[OrderDocument] = []
    for number, order in enumerate(orders, start=1):
        rows = {row["pollutant_code"]: row for row in table.to_pylist() if row["event_order_number"] == number}
        if not rows:
            continue
        one = next(iter(rows.values()))
        documents.append(
            {
                "order": number,
                "level": order["level"],
                "from_utc": one["order_from_utc"].isoformat(),
                "to_utc": one["order_to_utc"].isoformat(),
                "measures": order["measures"],
                "ledger": [
                    {
                        "pollutant": code,
                        "baseline_kg": rows[code]["baseline_emission_g"] / G_PER_KG,
                        "cut_kg": rows[code]["cut_emission_g"] / G_PER_KG,
                        "cut_share": rows[code]["cut_share"],
                        "net_cut_share": rows[code]["net_cut_share"],
                        "target_share": rows[code]["target_share"],
                        "met": rows[code]["is_met"],
                    }
                    for code in schema.codes()["pollutant"]
                    if code in rows
                ],
            }
        )
    return documents


def _rows(
    number: int, plans: Sequence[DayPlan], event: ScenarioEvent, scenario_id: str, moved: MovedEmission
) -> list[dict[str, Any]]:
    order, to_utc = event.orders[number], order_end(event, number)
    targets = target_shares(event.region, order.level)
    codes = schema.codes()["pollutant"]
    baseline, cut, obeyed = np.zeros((3, len(codes)))
    for plan in plans:
        is_in = segments_between(plan, order.from_utc, to_utc)
        baseline += plan.totals.baseline_g[:, :, is_in].sum(axis=(0, 2))
        cut += plan.totals.cut_g[:, :, is_in].sum(axis=(0, 2))
        obeyed += plan.totals.obeyed_g[:, is_in].sum(axis=1)
    rows, added_g = [], moved.added_in(order.from_utc, to_utc)
    columns = (baseline.tolist(), cut.tolist(), obeyed.tolist())
    for code, base_g, cut_g, obeyed_g in zip(codes, *columns, strict=True):
        if base_g <= 0:
            continue
        share, target = min(cut_g / base_g, 1.0), targets.get(code)
        added = None if added_g is None else added_g[code]
        net = share if added is None else net_cut_share(cut_g, added, baseline_emission_g=base_g)
        rows.append(
            {
                "scenario_id": scenario_id,
                "event_order_number": number + 1,
                "pollutant_code": code,
                "from_utc": event.window.from_utc,
                "order_from_utc": order.from_utc,
                "order_to_utc": to_utc,
                "alert_level_code": order.level,
                "baseline_emission_g": base_g,
                "cut_emission_g": cut_g,
                "cut_share": share,
                "added_emission_g": added,
                "net_cut_share": None if added is None else net,
                "target_share": target,
                "gap_share": None if target is None else gap_share(target, net),
                "is_met": judge_target(net, target, is_known=is_base_known(base_g, obeyed_g)),
            }
        )
    return rows


def order_end(event: ScenarioEvent, number: int) -> datetime:
    """The instant at which an order ends: that of the next one, or the end of the event."""
    return event.orders[number + 1].from_utc if number + 1 < len(event.orders) else event.window.to_utc


def segments_between(plan: DayPlan, from_utc: datetime, to_utc: datetime) -> Flags:
    """Which segments of a day begin between two instants; those of an order are all in it."""
    return np.array([from_utc <= _instant(plan, int(first)) < to_utc for first in plan.segments], dtype=bool)


def _instant(plan: DayPlan, hour: int) -> datetime:
    """The start of an hour of the window in a day."""
    return datetime.fromtimestamp((plan.start_us + (plan.hours.start + hour) * HOUR_US) / MICROSECONDS_PER_S, UTC)
