"""The orders of a day (措施清单) by enterprise and line, from planned cuts and emission.

Belongs here: what each line is asked to cut, and when. Does not: measures (control), wording (brief_sheet).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict

import pyarrow as pa
import pyarrow.compute as pc

Row = dict[str, Any]
KEYS = ["source_id", "hour_utc", "pollutant_code"]


class LineOrder(TypedDict):
    """What one line is asked on a day.

    cut_share: of its activity, in the strictest hour; 0 when only some of its pollutants are cut. from_utc, to_utc: the
    first and the last hour with a cut. cut_g: over the day, by pollutant.
    """

    enterprise_en: str
    enterprise_zh: str
    city: str
    county: str
    line: str
    line_name: str
    industry: str
    cut_share: float
    from_utc: datetime
    to_utc: datetime
    cut_g: dict[str, float]


def list_orders(
    cuts: pa.Table, emission: pa.Table, production_lines: Iterable[Row], enterprises: Iterable[Row]
) -> list[LineOrder]:
    """The orders of the day in order of enterprise and line; only of registered production lines.

    The share of a line in an hour is the smallest one of the pollutants that it emits, as it is when orders are judged:
    a measure for one pollutant alone does not ask for less output.

    cuts, emission: control_hourly of one scenario and emission_hourly of the same hours.
    """
    lines = {row["production_line_id"]: row for row in production_lines}
    owners = {row["enterprise_id"]: row for row in enterprises}
    own = cuts.filter(pc.is_in(cuts["source_id"], pa.array(list(lines), pa.string())))
    shares = _strictest_shares(own, emission)
    orders = [
        _order(lines[source], owners, rows, shares.get(source, 0.0))
        for source, rows in _by_source(own).items()
        if sum(row["cut_emission_g"] for row in rows) > 0
    ]
    return sorted(orders, key=lambda order: (order["city"], order["county"], order["enterprise_zh"], order["line"]))


def _strictest_shares(cuts: pa.Table, emission: pa.Table) -> dict[str, float]:
    """By source the largest over the hours of the smallest share cut of a pollutant."""
    ordered = emission.filter(
        pc.and_(pc.is_in(emission["source_id"], pc.unique(cuts["source_id"])), pc.greater(emission["emission_g"], 0))
    ).select([*KEYS, "emission_g"])
    stated = cuts.select([*KEYS, "cut_emission_g", "baseline_emission_g"])
    joined = ordered.join(stated, keys=KEYS, join_type="left outer")
    base = pc.coalesce(joined["baseline_emission_g"], joined["emission_g"])
    share = pc.divide(pc.fill_null(joined["cut_emission_g"], 0.0), base)
    by_hour = joined.append_column("share", share).group_by(["source_id", "hour_utc"]).aggregate([("share", "min")])
    by_source = by_hour.group_by(["source_id"]).aggregate([("share_min", "max")])
    return {row["source_id"]: min(row["share_min_max"], 1.0) for row in by_source.to_pylist()}


def _by_source(cuts: pa.Table) -> dict[str, list[Row]]:
    """Day sums with the first and last hour with a cut, by source."""
    positive = cuts.filter(pc.greater(cuts["cut_emission_g"], 0))
    sums = positive.group_by(["source_id", "pollutant_code"]).aggregate(
        [("cut_emission_g", "sum"), ("hour_utc", "min"), ("hour_utc", "max")]
    )
    rows: dict[str, list[Row]] = {}
    for row in sums.to_pylist():
        rows.setdefault(row["source_id"], []).append({**row, "cut_emission_g": row["cut_emission_g_sum"]})
    return rows


def _order(line: Row, owners: dict[str, Row], rows: list[Row], cut_share: float) -> LineOrder:
    owner = owners.get(line["enterprise_id"], {})
    return {
        "enterprise_en": owner.get("name_en") or line["enterprise_id"],
        "enterprise_zh": owner.get("name_zh") or owner.get("name_en") or line["enterprise_id"],
        "city": owner.get("city_name") or "",
        "county": owner.get("county_id") or "",
        "line": line["production_line_id"],
        "line_name": line.get("name_zh") or line.get("name_en") or "",
        "industry": line["industry_code"],
        "cut_share": cut_share,
        "from_utc": min(row["hour_utc_min"] for row in rows),
        "to_utc": max(row["hour_utc_max"] for row in rows),
        "cut_g": {
            row["pollutant_code"]: row["cut_emission_g"] for row in sorted(rows, key=lambda r: r["pollutant_code"])
        },
    }
