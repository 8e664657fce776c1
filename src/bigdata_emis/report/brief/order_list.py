"""The orders of a day (措施清单) by enterprise and line, from planned cuts and emission.

Belongs here: what each line is asked to cut, and when. Does not: measures (control), wording (brief_sheet).
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.window import HOUR

Row = dict[str, Any]
KEYS = ["source_id", "hour_utc", "pollutant_code"]
SHARE_DIGITS = 2
"""Digits in which shares of one part of an order agree: it is written in whole percent."""


@dataclass(frozen=True)
class HourShares:
    """What a line is asked in an hour: the share of its output; where that is 0, the share of each pollutant."""

    output: float
    by_pollutant: dict[str, float]

    def is_like(self, other: "HourShares") -> bool:
        """Whether both ask for the same in whole percent."""
        return self.percent() == other.percent()

    def percent(self) -> tuple[float, dict[str, float]]:
        """Both to the whole percent in which an order is written."""
        return round(self.output, SHARE_DIGITS), {
            pollutant: round(share, SHARE_DIGITS) for pollutant, share in self.by_pollutant.items()
        }


NO_SHARES = HourShares(0.0, {})


class OrderStep(TypedDict):
    """A part of an order: hours one after the other in which a line is asked to cut the same share of its activity.

    cut_share: 0 when only some of its pollutants are cut, by pollutant_share. to_utc: the end of its last hour. cut_g:
    by pollutant.
    """

    from_utc: datetime
    to_utc: datetime
    cut_share: float
    pollutant_share: dict[str, float]
    cut_g: dict[str, float]


class LineOrder(TypedDict):
    """What one line is asked on a day: one part, or several where the order changes or pauses."""

    enterprise_en: str
    enterprise_zh: str
    city: str
    county: str
    line: str
    line_name: str
    industry: str
    steps: list[OrderStep]


def list_orders(
    cuts: pa.Table, emission: pa.Table, production_lines: Iterable[Row], enterprises: Iterable[Row]
) -> list[LineOrder]:
    """The orders of the day in order of enterprise and line; only of registered production lines.

    The share of a line in an hour is the smallest one of the pollutants that it emits, as it is when orders are judged:
    a measure for one pollutant alone does not ask for less output. An hour without emission continues the order of the
    hour before.

    cuts, emission: control_hourly of one scenario and emission_hourly of the same hours.
    """
    lines = {row["production_line_id"]: row for row in production_lines}
    owners = {row["enterprise_id"]: row for row in enterprises}
    is_own = pc.is_in(cuts["source_id"], pa.array(list(lines), pa.string()))
    own = cuts.filter(pc.and_(is_own, pc.greater(cuts["cut_emission_g"], 0)))
    shares = _hourly_shares(own, emission)
    steps = {source: order_steps(hours, shares.get(source, {})) for source, hours in _hours_with_cut(own).items()}
    _add_cuts(steps, own)
    orders = [_order(lines[source], owners, of_line) for source, of_line in steps.items()]
    return sorted(orders, key=lambda order: (order["city"], order["county"], order["enterprise_zh"], order["line"]))


def order_steps(hours_with_cut: Set[datetime], shares: Mapping[datetime, HourShares]) -> list[OrderStep]:
    """The parts of the order of one line, from its first hour with a cut to its last; their cuts are not added yet.

    shares: of the hours in which the line emits something.
    """
    steps: list[OrderStep] = []
    hour, last, is_ordered, state = min(hours_with_cut), max(hours_with_cut), False, NO_SHARES
    while hour <= last:
        is_before, before, is_cut = is_ordered, state, hour in hours_with_cut
        if hour in shares or is_cut:
            is_ordered, state = is_cut, shares.get(hour, NO_SHARES)
        if is_ordered and not (is_before and state.is_like(before)):
            share, by_pollutant = state.output, state.by_pollutant
            steps.append(
                {"from_utc": hour, "to_utc": hour, "cut_share": share, "pollutant_share": by_pollutant, "cut_g": {}}
            )
        if is_ordered:
            steps[-1]["to_utc"] = hour + HOUR
        hour += HOUR
    return steps


def _hourly_shares(cuts: pa.Table, emission: pa.Table) -> dict[str, dict[datetime, HourShares]]:
    """By source and hour the smallest share cut of a pollutant that it emits; where it is 0, that of each pollutant."""
    ordered = emission.filter(pc.is_in(emission["source_id"], pc.unique(cuts["source_id"])))
    ordered = ordered.select([*KEYS, "emission_g"])
    stated = cuts.select([*KEYS, "cut_emission_g", "baseline_emission_g"])
    joined = ordered.join(stated, keys=KEYS, join_type="left outer")
    joined = joined.append_column("base_g", pc.coalesce(joined["baseline_emission_g"], joined["emission_g"]))
    joined = joined.filter(pc.greater(joined["base_g"], 0))
    share = pc.divide(pc.fill_null(joined["cut_emission_g"], 0.0), joined["base_g"])
    shared = joined.append_column("share", share).select([*KEYS, "share"])
    by_hour = shared.group_by(KEYS[:2]).aggregate([("share", "min")])
    shares: dict[str, dict[datetime, HourShares]] = {}
    for row in by_hour.to_pylist():
        shares.setdefault(row["source_id"], {})[row["hour_utc"]] = HourShares(min(row["share_min"], 1.0), {})
    of_pollutants = by_hour.filter(pc.less_equal(by_hour["share_min"], 0)).drop_columns("share_min")
    some = shared.filter(pc.greater(shared["share"], 0)).join(of_pollutants, keys=KEYS[:2], join_type="inner")
    for row in some.sort_by("pollutant_code").to_pylist():
        shares[row["source_id"]][row["hour_utc"]].by_pollutant[row["pollutant_code"]] = min(row["share"], 1.0)
    return shares


def _hours_with_cut(cuts: pa.Table) -> dict[str, set[datetime]]:
    hours: dict[str, set[datetime]] = {}
    for row in cuts.group_by(["source_id", "hour_utc"]).aggregate([]).to_pylist():
        hours.setdefault(row["source_id"], set()).add(row["hour_utc"])
    return hours


def _add_cuts(steps: Mapping[str, list[OrderStep]], cuts: pa.Table) -> None:
    """Add to each part what is cut in its hours."""
    listed = [(source, number, step) for source, of_line in steps.items() for number, step in enumerate(of_line)]
    hours = [
        {"source_id": source, "step": number, "hour_utc": step["from_utc"] + count * HOUR}
        for source, number, step in listed
        for count in range((step["to_utc"] - step["from_utc"]) // HOUR)
    ]
    fields = [("source_id", pa.string()), ("step", pa.int64()), ("hour_utc", cuts.schema.field("hour_utc").type)]
    of_hour = pa.Table.from_pylist(hours, pa.schema(fields))
    rows = cuts.select([*KEYS, "cut_emission_g"]).join(of_hour, keys=KEYS[:2], join_type="inner")
    sums = rows.group_by(["source_id", "step", "pollutant_code"]).aggregate([("cut_emission_g", "sum")])
    for row in sums.sort_by("pollutant_code").to_pylist():
        steps[row["source_id"]][row["step"]]["cut_g"][row["pollutant_code"]] = row["cut_emission_g_sum"]


def _order(line: Row, owners: dict[str, Row], steps: list[OrderStep]) -> LineOrder:
    owner = owners.get(line["enterprise_id"], {})
    return {
        "enterprise_en": owner.get("name_en") or line["enterprise_id"],
        "enterprise_zh": owner.get("name_zh") or owner.get("name_en") or line["enterprise_id"],
        "city": owner.get("city_name") or "",
        "county": owner.get("county_id") or "",
        "line": line["production_line_id"],
        "line_name": line.get("name_zh") or line.get("name_en") or "",
        "industry": line["industry_code"],
        "steps": steps,
    }
