"""A day against what was published before: vanished sources and sectors, totals and feeds against the last 28 days.

Belongs here: the facts from earlier manifests, and their checks. Does not: facts of the day itself (day_facts), reading
manifests (manifest.py).
"""

from collections.abc import Collection, Mapping, Sequence
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.publish.gate.checks import Check, Severity, expect_between, expect_zero

HISTORY_DAYS = 28
DAYS_NEEDED = 7
"""With fewer published days nothing is compared: a new region has no history."""
REFUSED_RATIO = 30.0
"""A value thirty times its usual one is another unit, not another day."""
ALARM_RATIO = 3.0
LEAST_VOLUME_RATIO = 0.5
LARGEST_NULL_RISE_SHARE = 0.3
STEADY_RATIO = 10.0
"""Rain or open burning differ by more than this from day to day: such values have no usual size."""

Manifest = Mapping[str, Any]


def vanished_check(before: pa.Table, now: pa.Table, registered: Collection[str]) -> Check:
    """Sources and sectors of the version published before that this version of the same day does not have.

    before, now: emission_hourly. Sources that are no longer registered may vanish.
    """
    gone = _codes(before, "source_id") - _codes(now, "source_id")
    facts = [{"what": f"source {name}", "vanished": 1, "left_registry": 0} for name in sorted(gone & set(registered))]
    facts += [{"what": f"source {name}", "vanished": 0, "left_registry": 1} for name in sorted(gone - set(registered))]
    sectors = _codes(
        before.filter(pc.is_in(before["source_id"], pa.array(sorted(registered), pa.string()))), "sector_code"
    )
    facts += [
        {"what": f"sector {name}", "vanished": 1, "left_registry": 0}
        for name in sorted(sectors - _codes(now, "sector_code"))
    ]
    return Check(
        "against the version published before",
        _table(facts, {"what": pa.string(), "vanished": pa.int64(), "left_registry": pa.int64()}),
        ("what",),
        (
            expect_zero(
                "vanished", "a registered source or a sector must not vanish from a day that is published again"
            ),
            expect_zero("left_registry", "a source left the registry", severity=Severity.WARNING),
        ),
    )


def total_check(sector_kg: Mapping[str, Mapping[str, float]], manifests: Sequence[Manifest]) -> Check:
    """Mass by sector and pollutant against the median of the days before; a sector that is gone has ratio 0."""
    usual = _usual_totals(manifests)
    facts = [
        {"what": f"{sector} {pollutant}", "ratio": sector_kg.get(sector, {}).get(pollutant, 0.0) / kg}
        for (sector, pollutant), kg in usual.items()
        if kg > 0
    ]
    return _ratio_check("totals against the last 28 days", facts)


def feed_check(feeds: Mapping[str, Mapping[str, Any]], manifests: Sequence[Manifest]) -> Check:
    """Volume, mean and gaps of each feed against the median of the published days before."""
    facts = []
    for feed, facts_of_feed in feeds.items():
        for item, now in facts_of_feed.get("items", {}).items():
            past = [m["feeds"][feed]["items"][item] for m in manifests if item in _items(m, feed)]
            if len(past) >= DAYS_NEEDED:
                facts.append({"what": f"{feed} {item}", **_against(now, past)})
    columns = {name: pa.float64() for name in ("volume_ratio", "ratio", "null_rise_share")}
    check = _ratio_check("feeds against the last 28 days", facts, {"what": pa.string(), **columns})
    more = (
        expect_between(
            "volume_ratio", LEAST_VOLUME_RATIO, None, "a feed brings at least half of its usual rows", Severity.WARNING
        ),
        expect_between(
            "null_rise_share", None, LARGEST_NULL_RISE_SHARE, "values are not missing more than usual", Severity.WARNING
        ),
    )
    return Check(check.name, check.facts, check.key, (*check.expectations, *more))


def _ratio_check(name: str, facts: list[dict[str, Any]], columns: dict[str, pa.DataType] | None = None) -> Check:
    table = _table(facts, columns or {"what": pa.string(), "ratio": pa.float64()})
    judged = table.append_column("ratio_unless_zero", pc.if_else(pc.equal(table["ratio"], 0.0), None, table["ratio"]))
    other_unit = f"a value is within {REFUSED_RATIO:.0f} times its usual one (a factor of 1000 is another unit)"
    unusual = f"a value is within {ALARM_RATIO:.0f} times its usual one"
    return Check(
        name,
        judged,
        ("what",),
        (
            expect_between("ratio_unless_zero", 1 / REFUSED_RATIO, REFUSED_RATIO, other_unit),
            expect_between("ratio", 1 / ALARM_RATIO, ALARM_RATIO, unusual, Severity.WARNING),
        ),
    )


def _against(now: Mapping[str, Any], past: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    means = [item["mean"] for item in past if item["mean"] is not None]
    rows = median(item["rows"] for item in past)
    return {
        "volume_ratio": now["rows"] / rows if rows else None,
        "ratio": now["mean"] / median(means) if now["mean"] is not None and _is_steady(means) else None,
        "null_rise_share": now["null_share"] - median(item["null_share"] for item in past),
    }


def _usual_totals(manifests: Sequence[Manifest]) -> dict[tuple[str, str], float]:
    """The median kg by sector and pollutant; empty with too few days."""
    totals: dict[tuple[str, str], list[float]] = {}
    known = [m["sector_kg"] for m in manifests if "sector_kg" in m]
    for sectors in known:
        for sector, pollutants in sectors.items():
            for pollutant, kg in pollutants.items():
                totals.setdefault((sector, pollutant), []).append(kg)
    return {key: median(kg) for key, kg in totals.items() if len(kg) >= DAYS_NEEDED and _is_steady(kg)}


def _is_steady(values: Sequence[float]) -> bool:
    """Whether the values of earlier days are positive and within a factor of ten of their median."""
    return (
        bool(values)
        and min(values) > 0
        and max(values) <= STEADY_RATIO * median(values) <= STEADY_RATIO**2 * min(values)
    )


def _items(manifest: Manifest, feed: str) -> Mapping[str, Any]:
    items: Mapping[str, Any] = manifest.get("feeds", {}).get(feed, {}).get("items", {})
    return items


def _codes(frame: pa.Table, name: str) -> set[str]:
    return set(pc.unique(frame[name]).to_pylist())


def _table(rows: list[dict[str, Any]], columns: Mapping[str, pa.DataType]) -> pa.Table:
    return pa.Table.from_pylist(rows, pa.schema(list(columns.items())))
