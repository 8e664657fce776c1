"""Rows of a scenario that is over, for tests of reviews: two measures of industry, one of traffic, two pollutants."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from bigdata_emis.codes import AlertEvent
from bigdata_emis.report.review.review_subject import ReviewSubject
from bigdata_emis.storage.registries.alert_record import StandingAlert
from bigdata_emis.window import Window
from tests.report.stores import declared_table

START = datetime(2015, 12, 20, 16, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WINDOW = Window(START, START + DAY)
KG = 1000.0


def account_row(measure: str, sector: str, base_kg: float, cut_kg: float, **more: Any) -> dict[str, Any]:
    return {
        "scenario_id": "s",
        "sector_code": sector,
        "county_id": "",
        "measure_id": measure,
        "pollutant_code": "NOx",
        "from_utc": START,
        "baseline_emission_g": base_kg * KG,
        "cut_emission_g": cut_kg * KG,
        **more,
    }


def account(*more: dict[str, Any]) -> pa.Table:
    """Kiln orders of 30 and 10 kg in two counties, a ban of 20 kg, and emission that nothing cuts."""
    rows = [
        account_row("kiln", "industrial_process", 60, 30),
        account_row("kiln", "industrial_process", 20, 10, county_id="110101"),
        account_row("mill", "industrial_process", 40, 10),
        account_row("trucks", "mobile", 20, 20),
        account_row("", "dust", 60, 0),
        *more,
    ]
    return declared_table("control_account", rows)


def ledger(**more: Any) -> pa.Table:
    row = {
        "scenario_id": "s",
        "pollutant_code": "NOx",
        "alert_level_code": "orange",
        "from_utc": START,
        "to_utc": START + DAY,
        "baseline_emission_g": 200 * KG,
        "cut_emission_g": 70 * KG,
        "cut_share": 0.35,
        "target_share": 0.2,
        "is_met": True,
        "complete_share": 1.0,
    }
    return declared_table("control_ledger", [{**row, **more}])


def achieved_row(sector: str, planned_kg: float, achieved_kg: float, **more: Any) -> dict[str, Any]:
    return {
        "scenario_id": "s",
        "sector_code": sector,
        "pollutant_code": "NOx",
        "from_utc": START,
        "to_utc": START + DAY,
        "counterfactual_emission_g": 200 * KG,
        "emission_g": 200 * KG - achieved_kg * KG,
        "cut_emission_g": planned_kg * KG,
        "unseen_cut_emission_g": 0.0,
        "achieved_emission_g": achieved_kg * KG,
        "achieved_emission_g_p05": (achieved_kg - 5) * KG,
        "achieved_emission_g_p95": (achieved_kg + 5) * KG,
        "achieved_share": achieved_kg / 200,
        "execution_share": achieved_kg / planned_kg,
        **more,
    }


def achieved(*rows: dict[str, Any]) -> pa.Table:
    """Industry achieved 40 of 50 kg, traffic 5 of 20."""
    own = rows or (
        achieved_row("industrial_process", 50, 40),
        achieved_row("mobile", 20, 5),
        achieved_row("all", 70, 45),
    )
    return declared_table("achieved_cut", list(own))


def nothing(table: str) -> pa.Table:
    return declared_table(table, [])


def standing(**more: Any) -> StandingAlert:
    about: dict[str, Any] = {
        "alert_id": "town-issue-1",
        "kind": "issue",
        "level": "orange",
        "cities": (),
        "from_utc": START,
        "to_utc": START + DAY,
        "issued_utc": START - 6 * HOUR,
        "actor": "Li",
    }
    return StandingAlert(**{**about, **more})


def event(kind: AlertEvent, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "standing_alert_id": "town-issue-1",
        "alert_event_code": kind.value,
        "alert_level_code": "orange",
        "actor": "Li",
        "note": "",
        "known_utc": at,
        "scenario_id": None,
        **more,
    }


def subject(**more: Any) -> ReviewSubject:
    events = [
        event(AlertEvent.ISSUE, START - 6 * HOUR),
        event(AlertEvent.LIFT, START + DAY, actor="Wang", note="clean air"),
    ]
    about: dict[str, Any] = {"alert": standing(), "events": events, "scenario": None, "window": WINDOW}
    return ReviewSubject(**{**about, **more})


def proposal(level: str, issued: datetime, **more: Any) -> dict[str, Any]:
    return {
        "alert_level_code": level,
        "rule_version": "2017",
        "from_utc": START,
        "to_utc": START + DAY,
        "issued_utc": issued,
        "known_utc": issued,
        **more,
    }
