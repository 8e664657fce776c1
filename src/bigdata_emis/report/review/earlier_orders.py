"""The orders of an alert before the one that was in force last: what each planned and achieved in its own hours.

Belongs here: which hours of an outcome count, and the part of a plan that was in force. Does not: wording
(review_sheet), the scenario in force last (review_data).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.codes import Cause, Compliance
from bigdata_emis.report.review.measure_effects import (
    JudgedHours,
    PlannedPart,
    judged_hours,
    measure_effects,
    total_effects,
)
from bigdata_emis.report.review.review_subject import Row
from bigdata_emis.schema.row_times import select_between
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window

SUMS = ("counterfactual_emission_g", "emission_g", "cut_emission_g", "unseen_cut_emission_g", "achieved_emission_g")
KEYS = ("scenario_id", "sector_code", "pollutant_code")


@dataclass(frozen=True)
class EarlierOrder:
    """A scenario of an alert that another one replaced, in the hours in which it was in force.

    held: these hours; None where none is left. totals, judged, line_hours: as of the review. effects: measure_effect
    of these hours. has_ended_outcome: whether an outcome is stored of none of these hours.
    """

    scenario: Row
    held: Window | None
    totals: list[Row]
    judged: JudgedHours | None
    line_hours: dict[str, int]
    effects: pa.Table
    has_ended_outcome: bool


def earlier_order(
    scenario: Row, tables: Mapping[str, pa.Table], lake: Store, *, cause: Cause, time_zone: str
) -> EarlierOrder:
    """What an earlier order planned and achieved.

    tables: of the scenario, without later hours. lake: asked for the hours of its planned cuts.
    """
    start, end = scenario["in_force_from_utc"], scenario["in_force_to_utc"]
    held = Window(start, end) if start is not None and start < end else None
    own, level = ScenarioStore(lake, scenario["scenario_id"]), str(scenario["alert_level_code"])
    planned = Window(scenario["from_utc"], scenario["to_utc"])
    ledger, achieved = tables["control_ledger"], tables["achieved_cut"]
    judged = judged_hours(achieved)
    effects = measure_effects(
        tables["control_account"],
        achieved,
        ledger,
        cause=cause,
        level=level,
        window=held or planned,
        part=_part_in_force(own, lake, planned, held, time_zone),
    )
    return EarlierOrder(
        scenario=scenario,
        held=held,
        totals=total_effects(ledger, achieved),
        judged=judged,
        line_hours=line_hours(tables["compliance_hourly"]),
        effects=effects.slice(0, 0 if held is None else None),
        has_ended_outcome=judged is None and bool(own.versions("achieved_cut", planned.days(time_zone))),
    )


def line_hours(compliance_hourly: pa.Table) -> dict[str, int]:
    """Hours of lines by compliance code; none where nothing was judged."""
    if not compliance_hourly.num_rows:
        return {}
    counts = Counter(compliance_hourly["compliance_code"].to_pylist())
    return {code.value: counts.get(code.value, 0) for code in Compliance}


def without_later_hours(tables: dict[str, pa.Table], scenario: Row) -> dict[str, pa.Table]:
    """The tables without what an earlier outcome said of hours in which the scenario is in force no more.

    Where the whole span of the outcome has such hours its days are left, and joined.
    """
    until = scenario["in_force_to_utc"]
    if until is None:
        return tables
    achieved, compliance = tables["achieved_cut"], tables["compliance_hourly"]
    left = achieved.filter(pc.less_equal(achieved["to_utc"], until))
    return {
        **tables,
        "achieved_cut": left if left.num_rows == achieved.num_rows else _with_joined_days(left),
        "compliance_hourly": compliance.filter(pc.less(compliance["hour_utc"], until)),
    }


def _with_joined_days(days: pa.Table) -> pa.Table:
    """The rows of days with one more of all of them for each sector and pollutant.

    Half widths of intervals add up, as if the days had one error: the interval is rather too wide than too narrow.
    """
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in days.to_pylist():
        groups.setdefault(tuple(row[name] for name in KEYS), []).append(row)
    joined = [_joined(rows) for rows in groups.values() if len(rows) > 1]
    return pa.concat_tables([days, pa.Table.from_pylist(joined, days.schema)]) if joined else days


def _joined(rows: list[dict[str, Any]]) -> dict[str, Any]:
    sums = {name: sum(row[name] for row in rows) for name in SUMS}
    base, achieved, planned = (sums[f"{name}_emission_g"] for name in ("counterfactual", "achieved", "cut"))
    bounds = {
        f"achieved_emission_g_{side}": sum(row[f"achieved_emission_g_{side}"] for row in rows)
        for side in ("p05", "p95")
    }
    counts = [row["judged_hour_count"] for row in rows if row["judged_hour_count"] is not None]
    return {
        **{name: rows[0][name] for name in KEYS},
        "from_utc": min(row["from_utc"] for row in rows),
        "to_utc": max(row["to_utc"] for row in rows),
        **sums,
        **bounds,
        "achieved_share": achieved / base if base > 0 else None,
        "execution_share": achieved / planned if planned > 0 else None,
        "judged_hour_count": sum(counts) if counts else None,
    }


def _part_in_force(
    own: ScenarioStore, lake: Store, planned: Window, held: Window | None, time_zone: str
) -> PlannedPart | None:
    """By sector and pollutant the part of the planned cut that is of the hours in force; None: all hours are."""
    if held is None or held == planned:
        return None
    days = planned.days(time_zone)
    cuts = own.read("control_hourly", days).select(["source_id", "pollutant_code", "hour_utc", "cut_emission_g"])
    sectors = lake.read("control_source", days, columns=["source_id", "sector_code"])
    of_source = dict(zip(*(sectors[name].to_pylist() for name in ("source_id", "sector_code")), strict=True))
    sums: list[dict[tuple[str, str], float]] = []
    for rows in (cuts, select_between(cuts, "hour_utc", held.from_utc, held.to_utc)):
        of_key: dict[tuple[str, str], float] = {}
        grouped = rows.group_by(["source_id", "pollutant_code"], use_threads=False)
        for row in grouped.aggregate([("cut_emission_g", "sum")]).to_pylist():
            key = (of_source.get(row["source_id"], ""), row["pollutant_code"])
            of_key[key] = of_key.get(key, 0.0) + row["cut_emission_g_sum"]
        sums.append(of_key)
    whole, part = sums
    return {key: part.get(key, 0.0) / grams for key, grams in whole.items() if grams > 0}
