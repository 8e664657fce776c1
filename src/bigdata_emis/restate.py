"""A month made again when its audited totals have arrived: settled once, then each of its days anchored, gridded and published anew.

Belongs here: which stages and days are run again. Does not: running a stage (run.py), or what an audit does to an hour (inventory).
"""

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow.compute as pc

from bigdata_emis import database, schema
from bigdata_emis.day import Progress, run_flow
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.run import lake
from bigdata_emis.store import Store
from bigdata_emis.window import Window, day_window

SETTLE = ("settle_audit",)
SETTLEMENT = "audit_settlement"
MOVING = ("settled", "contradicts")
AGAIN = ("anchor_emission", "combine", "allocate", "total_emission", "publish")
MADE = "emission_fused_hourly"
G_PER_KG = 1000.0


def restate(
    region: Region, month: str, *, known_utc: datetime, progress: Progress | None = None, again: tuple[str, ...] = AGAIN
) -> dict[str, Any]:  # fmt: skip
    """Register the audits of the region folder, settle those of the month, and write the days that are in the lake as new versions.

    The versions before stay in history, with the time from which they were known. Monitors and models are not run again; `again`
    names the stages that are. Where no audit moves an hour, and none did before, no day is made again.

    Raises InputError when the month is not one, or no day of it has been made.
    """
    days = _days_of(month)
    store = lake(region)
    made = [day for day in store.days(MADE) if day in days]
    if not made:
        raise InputError(f"region {region.region_id}: no day of {month} has been made", f"emis day --region {region.region_id} --date {days[0]}")
    whole = Window(day_window(days[0], region.time_zone).from_utc, day_window(days[-1], region.time_zone).to_utc)
    results = [run_flow(region, whole, known_utc=known_utc, progress=progress, only=())]
    if _has_audit(region, days[0]) or store.read(SETTLEMENT, days[:1]).num_rows:
        results.append(run_flow(region, whole, known_utc=known_utc, progress=progress, only=SETTLE))
    settled = store.read(SETTLEMENT, days[:1])
    is_moved = bool(set(settled["audit_status_code"].to_pylist()) & set(MOVING)) or _is_anchored(store, made)
    for number, day in enumerate(made if is_moved else []):
        results.append(run_flow(region, day_window(day, region.time_zone), known_utc=known_utc, only=again))
        if progress:
            progress(f"restated {day}", number + 1, len(made))
    return {
        "region": region.region_id, "month": month, "run": results[0].run_id, "days": [day.isoformat() for day in made if is_moved],
        "receipts": [vars(receipt) for result in results for receipt in result.receipts], "audits": _audits(settled.to_pylist()),
    }  # fmt: skip


def restated_lines(document: dict[str, Any]) -> list[str]:
    """What became of each audit, for a person."""
    if not document["audits"] and not document["days"]:
        return [f"no audited total of {document['month']} is in registry/audited_emission_monthly: nothing to settle, nothing was written"]
    lines = [
        f"{row['source']:<20}{row['pollutant']:<8}{row['made_kg']:>14,.1f} kg made {row['audited_kg']:>14,.1f} kg audited  {row['status']}: {row['reason']}"
        for row in document["audits"]
    ]
    count = len(document["days"])
    return [*lines, f"{count} days restated" if count else "no audit moves an hour: no day is made again"]


def _has_audit(region: Region, first: date) -> bool:
    return first in database.read("audited_emission_monthly", region.region_id)["month_start"].to_pylist()


def _is_anchored(store: Store, made: list[date]) -> bool:
    """Whether an audit moved an hour of the days before, which then has to be given back or moved anew."""
    return bool(pc.any(store.read("emission_industry_hourly", made, columns=["is_anchored"])["is_anchored"]).as_py())


def _days_of(month: str) -> list[date]:
    try:
        first = datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007
    except ValueError:
        raise InputError(f"'{month}' is not a month", "write it as 2015-11") from None
    following = (first + timedelta(days=31)).replace(day=1)
    return [first + timedelta(days=number) for number in range((following - first).days)]


def _audits(settled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row an audit; its methods share all that is told here."""
    found = {
        (row["source_id"], row["pollutant_code"]): {
            "source": row["source_id"], "pollutant": row["pollutant_code"], "audited_kg": row["audited_emission_g"] / G_PER_KG,
            "made_kg": row["made_emission_g"] / G_PER_KG, "status": row["audit_status_code"],
            "reason": schema.codes()["audit_status"][row["audit_status_code"]].title_en,
        }
        for row in settled
    }  # fmt: skip
    return [found[key] for key in sorted(found)]
