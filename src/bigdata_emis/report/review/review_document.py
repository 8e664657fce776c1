"""The review of an alert as a document for programs; masses in kilogram, what cannot be known is null.

Belongs here: its keys. Does not: wording (review_sheet), the numbers (review_data).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bigdata_emis.report.names.measure_names import measure_words
from bigdata_emis.report.review.earlier_orders import EarlierOrder
from bigdata_emis.report.review.measure_effects import is_execution_known, planned_share
from bigdata_emis.report.review.review_data import ReviewData
from bigdata_emis.report.review.review_sheet import NO_COST, NO_EFFECT_ON_AIR, unknown_words
from bigdata_emis.report.sheet.report_sheet import Words
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.window import Window


def review_document(review: ReviewData, changes: Sequence[Words]) -> dict[str, Any]:
    """The review for programs; masses in kilogram. What cannot be known is null."""
    subject = review.subject
    return {
        "region": review.region.region_id,
        "alert": subject.alert.alert_id if subject.alert else None,
        "scenario": subject.scenario["scenario_id"] if subject.scenario else None,
        "level": subject.level,
        "levels": [
            {"level": one.level, "from_utc": one.from_utc.isoformat(), "to_utc": one.to_utc.isoformat()}
            for one in review.levels
        ],
        "cause": review.cause.value,
        "from_utc": subject.window.from_utc.isoformat(),
        "to_utc": subject.window.to_utc.isoformat(),
        "timeline": [
            {**entry, "at_utc": entry["at_utc"].isoformat(), "event": entry["event"]["en"]} for entry in review.timeline
        ],
        "lead_times": review.lead_times,
        "totals": [_total(row) for row in review.totals],
        "orders": [_order(row) for row in review.orders],
        "measures": [_measure(row, review.measure_names) for row in review.effects.to_pylist()],
        "earlier_orders": [_earlier(one) for one in review.earlier],
        "planned_hours": _describe_hours(review.planned_window, None),
        "judged_hours": _describe_hours(review.judged.window, review.judged.hours) if review.judged else None,
        "judged_to_utc": review.judged.window.to_utc.isoformat() if review.judged else None,
        "line_hours": review.line_hours or None,
        "cases": len(review.cases),
        "air": [
            {**one, "forecast_issued_utc": one["forecast_issued_utc"] and one["forecast_issued_utc"].isoformat()}
            for one in review.air
        ],
        "effect_on_air": None,
        "cost": None,
        "unknown": [text["en"] for text in (*unknown_words(review), NO_EFFECT_ON_AIR, NO_COST)],
        "rules_to_change": [text["en"] for text in changes],
    }


def _earlier(one: EarlierOrder) -> dict[str, Any]:
    """An order before that of the scenario, of its hours in force."""
    return {
        "scenario": one.scenario["scenario_id"],
        "level": one.scenario["alert_level_code"],
        "hours_in_force": _describe_hours(one.held, None),
        "judged_hours": _describe_hours(one.judged.window, one.judged.hours) if one.judged else None,
        "totals": [_total(row) for row in one.totals] if one.held else [],
    }


def _total(row: dict[str, Any]) -> dict[str, Any]:
    achieved = row["achieved"] or {}
    return {
        "pollutant": row["pollutant_code"],
        "base_kg": row["baseline_emission_g"] / G_PER_KG,
        "base_source": row["base_source_code"],
        "planned_kg": row["cut_emission_g"] / G_PER_KG,
        "planned_share": row["cut_share"],
        "target_share": row["target_share"],
        "met": row["is_met"],
        "judged": _judged(row["achieved"]),
        "achieved_kg": _kilogram(achieved.get("achieved_emission_g")),
        "achieved_kg_p05": _kilogram(achieved.get("achieved_emission_g_p05")),
        "achieved_kg_p95": _kilogram(achieved.get("achieved_emission_g_p95")),
        "achieved_share": achieved.get("achieved_share"),
        "execution_share": achieved["execution_share"] if achieved and is_execution_known(achieved) else None,
    }


def _judged(achieved: dict[str, Any] | None) -> dict[str, Any] | None:
    """Base and plan of the hours judged alone, with which the achieved cut is compared."""
    if achieved is None:
        return None
    return {
        "without_control_kg": achieved["counterfactual_emission_g"] / G_PER_KG,
        "planned_kg": achieved["cut_emission_g"] / G_PER_KG,
        "planned_share": planned_share(achieved),
    }


def _describe_hours(window: Window | None, hours: int | None) -> dict[str, Any] | None:
    """A span, and how many of its hours are in the sums."""
    if window is None:
        return None
    count = window.hours if hours is None else hours
    return {"from_utc": window.from_utc.isoformat(), "to_utc": window.to_utc.isoformat(), "hours": count}


def _order(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "order": row["event_order_number"],
        "level": row["alert_level_code"],
        "from_utc": row["order_from_utc"].isoformat(),
        "to_utc": row["order_to_utc"].isoformat(),
        "pollutant": row["pollutant_code"],
        "planned_kg": row["cut_emission_g"] / G_PER_KG,
        "planned_share": row["cut_share"],
        "target_share": row["target_share"],
        "met": row["is_met"],
    }


def _measure(row: dict[str, Any], names: Mapping[str, Words]) -> dict[str, Any]:
    name = measure_words(names, row["measure_id"])
    return {
        "measure": row["measure_id"],
        "name_en": name["en"],
        "name_zh": name["zh"],
        "sector": row["sector_code"],
        "pollutant": row["pollutant_code"],
        "reached_kg": _kilogram(row["baseline_emission_g"]),
        "planned_kg": _kilogram(row["cut_emission_g"]),
        "planned_share": row["cut_share"],
        "achieved_kg": _kilogram(row["achieved_emission_g"]),
        "execution_share": row["execution_share"],
        "basis": row["effect_basis_code"],
    }


def _kilogram(value_g: float | None) -> float | None:
    return None if value_g is None else value_g / G_PER_KG
