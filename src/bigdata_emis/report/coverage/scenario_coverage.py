"""That the ledger of a scenario is partial: which share of source-hours it has, and which hours it lacks, in words.

Belongs here: ledgers. Does not: the inventory of one day (inventory_coverage).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow.compute as pc

from bigdata_emis.codes import BaseSource
from bigdata_emis.report.coverage.inventory_coverage import join_hours, span_words, whole_percent
from bigdata_emis.report.sheet.report_sheet import Words, words
from bigdata_emis.schema.target_words import unknown_target_words, unknown_targets
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window

Row = Mapping[str, Any]
INVENTORY = "emission_hourly"
PROJECTED = (BaseSource.PROJECTED, BaseSource.PROJECTED_IN_PART)


def scenario_notices(scenario: Row, ledger: Iterable[Row], lake: Store) -> list[Words]:
    """That targets cannot be judged, and where the ledger lacks hours or sources; nothing where it is whole.

    ledger: rows of control_ledger of the scenario.
    """
    rows = list(ledger)
    return [*_unknown_targets(scenario, rows), *_missing_hours(scenario, rows, lake)]


def _unknown_targets(scenario: Row, rows: list[Row]) -> list[Words]:
    in_force = json.loads(scenario["parameters_json"] or "{}").get("in_force", []) if unknown_targets(rows) else []
    texts = unknown_target_words(unknown_targets(rows), in_force)
    return [words(f"{texts[0]}.", f"{texts[1]}。")] if texts else []


def _missing_hours(scenario: Row, rows: list[Row], lake: Store) -> list[Words]:
    share = min((row["complete_share"] for row in rows if row["complete_share"] is not None), default=1.0)
    if share >= 1:
        return []
    window = Window(scenario["from_utc"], scenario["to_utc"])
    is_projected = any(row["base_source_code"] in PROJECTED for row in rows)
    missing = [] if is_projected else hours_without_inventory(scenario, lake)
    spans, percent = span_words(missing, lake.time_zone), whole_percent(share)
    return [
        words(
            f"PARTIAL: the ledger of the scenario has {percent} of the source-hours of its {window.hours} h"
            + (f"; no inventory of {spans}." if missing else "."),
            f"不完整：情景台账（{window.hours}小时）的源小时完整率为{percent}"
            + (f"；缺 {spans}。" if missing else "。"),
        )
    ]


def hours_without_inventory(scenario: Row, lake: Store) -> list[Window]:
    """The hours of a scenario of which it had no inventory: those of days that it does not name, or without rows."""
    window = Window(scenario["from_utc"], scenario["to_utc"])
    days = window.days(lake.time_zone)
    named = json.loads(scenario["parameters_json"] or "{}").get("inputs", {}).get(INVENTORY)
    read = days if named is None else [day for day in days if str(day) in named]
    present = _hours_of_days(lake, read)
    return join_hours(hour for hour in window.hour_starts_utc() if hour not in present)


def _hours_of_days(lake: Store, days: list[date]) -> set[Any]:
    return set(pc.unique(lake.read(INVENTORY, days, columns=["hour_utc"])["hour_utc"]).to_pylist()) if days else set()
