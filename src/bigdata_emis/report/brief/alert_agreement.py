"""Whether the alerts of a day and the orders in force on it say the same, as one sentence where they do not.

Belongs here: levels and hours compared. Does not: what is in force (storage), the tables of both (brief_sheet).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from bigdata_emis.codes import AlertEvent
from bigdata_emis.report.sheet.report_sheet import Words, code_words, time_words, words
from bigdata_emis.storage.registries.alert_record import StandingAlert
from bigdata_emis.window import Window


def disagreement_words(
    alerts: Iterable[StandingAlert],
    scenario: dict[str, Any] | None,
    orders: Sequence[dict[str, Any]],
    *,
    day: Window,
    held: Window | None,
    time_zone: str,
) -> list[Words]:
    """One sentence where alert and orders differ in level or hours, or one of them is missing; else none.

    A regional prompt and a temporary control are no alerts. orders: rows of control_order of a scenario whose level
    changes. held: the hours of the day in which the scenario is in force.
    """
    issued = [alert for alert in alerts if alert.kind == AlertEvent.ISSUE]
    if scenario is None or held is None:
        return [_no_orders(issued)] if issued else []
    levels = _ordered_levels(scenario, orders, held)
    if not issued:
        return [_no_alert(scenario, levels)]
    called = list(dict.fromkeys(alert.level for alert in issued))
    if set(called) != set(levels) and not (orders and called[-1] == levels[-1]):
        return [_other_level(called, levels)]
    window = Window(
        max(min(alert.from_utc for alert in issued), day.from_utc),
        min(max(alert.to_utc or day.to_utc for alert in issued), day.to_utc),
    )
    return [] if window == held else [_other_hours(window, held, time_zone)]


def _ordered_levels(scenario: dict[str, Any], orders: Sequence[dict[str, Any]], held: Window) -> list[str]:
    of_day = [
        row["alert_level_code"]
        for row in orders
        if row["order_from_utc"] < held.to_utc and row["order_to_utc"] > held.from_utc
    ]
    return list(dict.fromkeys(of_day)) or [scenario["alert_level_code"]]


def _titles(levels: Iterable[str]) -> Words:
    titles = [code_words("alert_level", level) for level in levels]
    return words(", then ".join(title["en"] for title in titles), "转".join(title["zh"] for title in titles))


def _no_alert(scenario: dict[str, Any], levels: Sequence[str]) -> Words:
    name, title = scenario["scenario_id"], _titles(levels)
    return words(
        f"NO ALERT is issued for this day, and the orders of {name} ({title['en']}) are in force: issue it with "
        "emis alert issue, or end the orders with emis scenario lift.",
        f"当日未发布预警，而情景 {name}（{title['zh']}）的指令生效：请发布预警（emis alert issue）"
        "或解除情景（emis scenario lift）。",
    )


def _no_orders(issued: Sequence[StandingAlert]) -> Words:
    title = _titles(dict.fromkeys(alert.level for alert in issued))
    return words(
        f"NO ORDERS are in force on this day, and an alert ({title['en']}) is: approve a scenario with emis approve, "
        "or lift the alert with emis alert lift.",
        f"当日{title['zh']}生效，而无生效情景，即无任何指令：请批准情景（emis approve）或解除预警（emis alert lift）。",
    )


def _other_level(called: Sequence[str], levels: Sequence[str]) -> Words:
    alert, orders = _titles(called), _titles(levels)
    return words(
        f"ALERT AND ORDERS DIFFER: the alert is {alert['en']}, the orders in force are of {orders['en']}.",
        f"预警与指令不一致：已发布{alert['zh']}，生效指令为{orders['zh']}。",
    )


def _other_hours(window: Window, held: Window, time_zone: str) -> Words:
    alert, orders = (
        " – ".join(time_words(instant, time_zone)["en"] for instant in (one.from_utc, one.to_utc))
        for one in (window, held)
    )
    return words(
        f"ALERT AND ORDERS DIFFER in hours of this day: the alert is in force {alert}, the orders {orders}.",
        f"预警与指令的当日时段不一致：预警 {alert}，指令 {orders}。",
    )
